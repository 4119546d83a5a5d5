"""Drafting, editing, submitting and withdrawing vouchers."""

from collections.abc import Sequence
from dataclasses import fields as fields_of
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.books import share_books
from tracker.ledger.actions.evidence import safe_name
from tracker.ledger.content import (
    CONTENT_FORM,
    TEXTS,
    Draft,
    content_hash,
    details_of,
    said_sums,
    voucher_fields,
)
from tracker.ledger.models import (
    DRAWS_ON,
    Attachment,
    EvidenceFile,
    Transaction,
    TransactionKind,
    VersionEvidence,
    VersionSum,
    VersionText,
    Voucher,
    VoucherEdit,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import Sentence, check_fields, refused_if

NUMBER_USED = {"number": "This voucher number is already used: choose the next free one."}
RULES: dict[str, Sentence] = {
    "voucher_number_once": NUMBER_USED,
    "tracker_voucher.number": NUMBER_USED,  # SQLite names the columns, not the constraint
    "version_of_an_open_voucher": "This voucher is posted or withdrawn: nothing can be submitted any more.",
    "version_without_an_interest": "You declared an interest that concerns this voucher: somebody else submits it.",
    "version_numbered_once": "Somebody submitted this voucher at the same moment.",
}


@transaction.atomic
def create_voucher(
    *, program: Program, kind: str, draft: Draft | None = None, number: str = "", by: User
) -> Voucher:
    """Draft a voucher for one transaction of the program. Without a number it gets the next free one.

    Refuses, at the field, whatever does not fit together; what is missing may stay so until it is submitted.
    """
    policies.check_can_draft(by, program)
    if kind not in DRAWS_ON:
        known = ", ".join(TransactionKind(one).label for one in DRAWS_ON)
        raise Refused({"kind": f"Choose one of {known}; a reversal starts at its row."})
    voucher = Voucher(organisation=program.owner, program=program, kind=kind, created_by=by)
    return _begin(voucher, draft or Draft(), number, by)


@transaction.atomic
def create_batch_voucher(
    *, organisation: Organisation, description: str = "", number: str = "", by: User
) -> Voucher:
    """Draft the one voucher that stands for all rows of an uploaded file."""
    policies.check_can_draft_batch(by, organisation)
    voucher = Voucher(organisation=organisation, kind=VoucherKind.BATCH, created_by=by)
    return _begin(voucher, Draft(description=description), number, by)


@transaction.atomic
def draft_reversal(
    *,
    transaction: Transaction,
    reason: str,
    value_date: date,
    booked_on: date | None = None,
    number: str = "",
    by: User,
) -> Voucher:
    """Draft the voucher that takes a transaction back: the same facts, the opposite amount.

    It goes through the same approvals. `value_date` is the day of the correction; its fiscal year may differ. In a
    closed period it needs a booking day in an open one.
    """
    original = _locked_original(transaction)
    policies.check_can_reverse(by, original)
    if not reason.strip():
        raise Refused({"reason": "Say why it is taken back: the reason stays with the reversal."})
    voucher = Voucher(
        organisation=original.program.owner,
        program=original.program,
        kind=VoucherKind.REVERSAL,
        reverses=original,
        created_by=by,
    )
    return _begin(
        voucher, Draft(description=reason, value_date=value_date, booked_on=booked_on), number, by
    )


def _locked_original(original: Transaction) -> Transaction:
    """Two people who draft the same reversal at once come one after the other."""
    Transaction.objects.select_for_update(no_key=True).get(pk=original.pk)
    related = ("program__owner", "text", "version__voucher")
    return Transaction.objects.select_related(*related).get(pk=original.pk)


def _begin(voucher: Voucher, draft: Draft, number: str, by: User) -> Voucher:
    voucher.number = number.strip() or next_number(voucher.organisation)
    if Voucher.objects.filter(organisation=voucher.organisation, number=voucher.number).exists():
        raise Refused(NUMBER_USED)
    _fill(voucher, draft)
    with refused_if(RULES):
        voucher.save(force_insert=True)
    _record(voucher, "create", by)
    return voucher


def next_number(organisation: Organisation) -> str:
    """The next free number of an organisation's year: 2026-0007. Holds the organisation until the draft is saved."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    prefix = f"{organisation.today().year}-"
    numbers = Voucher.objects.filter(organisation=organisation, number__startswith=prefix)
    for taken in numbers.order_by("-pk").values_list("number", flat=True)[:200]:
        if taken.removeprefix(prefix).isdecimal():
            start = int(taken.removeprefix(prefix)) + 1
            break
    else:
        start = 1
    while numbers.filter(number=f"{prefix}{start:04d}").exists():
        start += 1
    return f"{prefix}{start:04d}"


def _fill(voucher: Voucher, draft: Draft) -> None:
    """Put the draft's words and figures into the voucher; a reversal takes all but date and reason from its row."""
    if voucher.reverses is not None:
        draft = _mirrored(voucher.reverses, draft)
    # The currency first: an amount knows no other currency than its row's.
    voucher.amount = None
    voucher.currency = draft.amount.currency if draft.amount is not None else draft.currency.strip()
    for name in (f.name for f in fields_of(Draft) if f.name != "currency"):
        value = getattr(draft, name)
        setattr(voucher, name, value.strip() if isinstance(value, str) else value)
    policies.check_fits(voucher)
    check_fields(voucher)


def _mirrored(original: Transaction, draft: Draft) -> Draft:
    """The exact opposite, on a day of its own."""
    taken: dict[str, Any] = details_of(original)
    for name in ("amount", "quantity"):
        taken[name] = None if taken[name] is None else -taken[name]
    taken["booked_on"] = draft.booked_on
    taken |= {"payee": original.text.payee, "reference": original.text.reference}
    taken |= {"value_date": draft.value_date, "date_precision": draft.date_precision}
    return Draft(**taken, description=draft.description)


def _record(voucher: Voucher, op: str, by: User, **more: Any) -> None:
    """Every touch is in the journal, and its person never approves the voucher."""
    entry = journal.record(
        "voucher", record=voucher, op=op, by=by, fields=voucher_fields(voucher, **more)
    )
    VoucherEdit.objects.create(voucher=voucher, person=by, entry_id=entry)


def _record_files(voucher: Voucher, op: str, attachment: Attachment, by: User) -> None:
    """What was attached or taken off, and every file that the voucher had or has."""
    rows = voucher.attachments.select_related("file", "attached_by").order_by("pk")
    files = [[a.uid, a.file.sha256, a.name, a.attached_by, a.removed] for a in rows]
    told = {"file": attachment.file.sha256, "file_name": attachment.name}
    _record(voucher, op, by, **told, attachments=files)


def _locked(voucher: Voucher) -> Voucher:
    Voucher.objects.select_for_update(no_key=True).get(pk=voucher.pk)
    related = ("organisation", "program__owner", "reverses__text", "draws_on", "authority")
    return Voucher.objects.select_related(*related).get(pk=voucher.pk)


@transaction.atomic
def edit_voucher(*, voucher: Voucher, draft: Draft, by: User) -> Voucher:
    """Replace what a draft or returned voucher says. Of a reversal only date and reason can change."""
    voucher = _locked(voucher)
    policies.check_can_edit(by, voucher)
    if voucher.kind == VoucherKind.BATCH:
        raise Refused(
            "A batch says what its file says: discard the upload and send the right file."
        )
    _fill(voucher, draft)
    voucher.changed_at = database_now()
    with refused_if(RULES):
        voucher.save()
    _record(voucher, "change", by)
    return voucher


@transaction.atomic
def attach_file(*, voucher: Voucher, file: EvidenceFile, name: str, by: User) -> Attachment:
    """Put a stored file on a draft, under the name it came with."""
    voucher = _locked(voucher)
    policies.check_can_edit(by, voucher)
    if voucher.attachments.filter(file=file, removed=False).exists():
        raise Refused({"file": "This very file is attached already."})
    attachment = Attachment(voucher=voucher, file=file, name=safe_name(name), attached_by=by)
    attachment.save()
    _record_files(voucher, "attach", attachment, by)
    return attachment


@transaction.atomic
def remove_attachment(*, attachment: Attachment, by: User) -> Attachment:
    """Take a file off a draft. Versions that were submitted with it keep it."""
    voucher = _locked(attachment.voucher)
    attachment = Attachment.objects.select_related("file").get(pk=attachment.pk)
    policies.check_can_edit(by, voucher)
    if attachment.removed:
        raise Refused("This file is taken off already.")
    attachment.removed = True
    attachment.save(update_fields=["removed"])
    _record_files(voucher, "remove", attachment, by)
    return attachment


@transaction.atomic
def submit_voucher(
    *, voucher: Voucher, batch_digest: str = "", batch_sums: Sequence[Money] = (), by: User
) -> VoucherVersion:
    """Freeze what the voucher says as its next version and ask the approvers.

    `batch_digest` (of a batch only) is the SHA-256 of the file, its mapping, its rows and totals; `batch_sums` what
    its rows come to in each currency, by which the signatures are chosen. Refuses, at the field, what is missing, and
    an amount that is more than the commitment has left.
    """
    voucher = _locked(voucher)
    policies.check_can_submit(by, voucher)
    share_books(voucher.organisation)
    if voucher.kind != VoucherKind.BATCH:
        policies.check_complete(voucher)
    elif not batch_digest:
        raise Refused("A batch is submitted with the digest of its rows.")
    version = _freeze(voucher, batch_digest, batch_sums, by)
    _move(voucher, VoucherStatus.SUBMITTED)
    _ask_approvers(voucher, by)
    return version


def _freeze(voucher: Voucher, batch_digest: str, sums: Sequence[Money], by: User) -> VoucherVersion:
    texts = {name: getattr(voucher, name) for name in TEXTS}
    text = VersionText.objects.create(**texts)
    files = [a.file for a in voucher.attachments.filter(removed=False).select_related("file")]
    evidence = sorted(file.sha256 for file in files)
    last = voucher.versions.order_by("-number").values_list("number", flat=True).first()
    version = VoucherVersion(
        voucher=voucher,
        number=(last or 0) + 1,
        kind=voucher.kind,
        program=voucher.program,
        reverses=voucher.reverses,
        batch_digest=batch_digest,
        text=text,
        text_digest=text.digest,
        content_form=CONTENT_FORM,
        submitted_by=by,
        **details_of(voucher),
    )
    version.content_hash = content_hash(version, text, evidence, sums)
    version.entry_id = journal.record(
        "voucher_version",
        record=version,
        op="create",
        by=by,
        fields=_version_fields(version, texts, evidence) | {"sums": said_sums(sums)},
    )
    with refused_if(RULES):
        version.save(force_insert=True)
    VersionSum.objects.bulk_create(
        VersionSum(version=version, currency=one.currency, amount=one) for one in sums
    )
    VersionEvidence.objects.bulk_create(VersionEvidence(version=version, file=f) for f in files)
    VoucherEdit.objects.create(voucher=voucher, person=by, entry_id=version.entry_id)
    return version


def _version_fields(
    version: VoucherVersion, texts: dict[str, str], evidence: list[str]
) -> dict[str, Any]:
    return {
        "voucher": version.voucher,
        "number": version.number,
        "kind": version.kind,
        "program": version.program,
        "reverses": version.reverses,
        "batch_digest": version.batch_digest,
        **texts,
        **details_of(version),
        "evidence": evidence,
        "content_hash": version.content_hash,
        "content_form": version.content_form,
    }


def _move(voucher: Voucher, status: str) -> None:
    voucher.status = status
    voucher.changed_at = database_now()
    voucher.save(update_fields=["status", "changed_at"])


def _ask_approvers(voucher: Voucher, by: User) -> None:
    path = reverse("ledger:voucher", args=[voucher.uid])
    sentence = f"Voucher {voucher.number} of {voucher.organisation.label} waits for your approval."
    for person in queries.approvers_of(voucher):
        notify(person=person, sentence=sentence[:300], path=path)


@transaction.atomic
def withdraw_voucher(*, voucher: Voucher, by: User) -> Voucher:
    """Give up a draft or a returned voucher. It stays readable, its number stays used."""
    voucher = _locked(voucher)
    policies.check_can_withdraw(by, voucher)
    _move(voucher, VoucherStatus.WITHDRAWN)
    _record(voucher, "withdraw", by)
    return voucher
