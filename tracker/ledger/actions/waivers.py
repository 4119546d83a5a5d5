"""Waivers of a required document, asked for by one person and granted by another; and the document that comes later."""

from datetime import date

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.evidence import safe_name
from tracker.ledger.models import (
    EvidenceFile,
    SuppliedDocument,
    SuppliedText,
    Voucher,
    VoucherEdit,
    Waiver,
    WaiverCategory,
    WaiverDecision,
    WaiverDecisionText,
    WaiverText,
    WaiverVerdict,
)
from tracker.shared.errors import Refused
from tracker.shared.refusals import Sentence, check_fields, refused_if

WAIVER_RULES: dict[str, Sentence] = {
    "waiver_ends_within_a_year": {"expires_on": "A waiver lasts a year at most: choose a day."},
    "waiver_decided_by_a_second_person": "You asked for this waiver or edited its voucher: another person decides.",
    "tracker_waiverdecision": "Somebody decided on this waiver at the same moment.",
}
SUPPLY_RULES: dict[str, Sentence] = {
    "supplied_once_per_voucher": {"file": "This very file was supplied already."},
    "tracker_supplieddocument.voucher_id": {"file": "This very file was supplied already."},
    "supplied_to_what_is_posted": "Only to a posted voucher a document is supplied later.",
    "supplied_not_dated_ahead": {"document_date": "This day has not come yet."},
}


def _locked(voucher: Voucher) -> Voucher:
    Voucher.objects.select_for_update(no_key=True).get(pk=voucher.pk)
    return Voucher.objects.select_related("organisation", "program__owner").get(pk=voucher.pk)


def _path(voucher: Voucher) -> str:
    return reverse("ledger:voucher", args=[voucher.uid])


@transaction.atomic
def ask_waiver(
    *,
    voucher: Voucher,
    requirement: str,
    category: str,
    reason: str,
    expires_on: date,
    by: User,
) -> Waiver:
    """Ask to post a voucher without a required document until `expires_on`, that day included.

    `category` becomes public in its own words, `reason` does not. Whoever asks has had a hand in the voucher and
    never approves it. Refuses what is not required or is there, and a day that has passed or lies too far ahead.
    """
    voucher = _locked(voucher)
    policies.check_can_ask_waiver(by, voucher)
    policies.check_can_be_waived(voucher, requirement, expires_on)
    if category not in WaiverCategory.values:
        raise Refused({"category": "Choose why the document is missing."})
    if not reason.strip():
        raise Refused({"reason": "Say why: the reason stays with the waiver."})
    text = WaiverText.objects.create(reason=reason.strip())
    waiver = Waiver(
        voucher=voucher,
        requirement=requirement,
        category=category,
        expires_on=expires_on,
        text=text,
        text_digest=text.digest,
        requested_by=by,
    )
    check_fields(waiver, exclude=("entry",))
    named = ("voucher", "requirement", "category", "expires_on")
    fields = {name: getattr(waiver, name) for name in named} | {"reason": text.reason}
    waiver.entry_id = journal.record("waiver", record=waiver, op="create", by=by, fields=fields)
    with refused_if(WAIVER_RULES):
        waiver.save(force_insert=True)
    VoucherEdit.objects.create(voucher=voucher, person=by, entry_id=waiver.entry_id)
    sentence = f"Voucher {voucher.number} asks for a waiver of {waiver.get_requirement_display()}: grant or decline it."
    for person in queries.deciders_of_waiver(voucher):
        notify(person=person, sentence=sentence, path=_path(voucher))
    return waiver


@transaction.atomic
def decide_waiver(*, waiver: Waiver, grant: bool, reason: str = "", by: User) -> WaiverDecision:
    """Grant a waiver, from when on it counts until its last day, or decline it with a reason.

    By an approver who neither asked for it nor edited the voucher. Its day is never moved: another day is another
    waiver, with a decision of its own.
    """
    _locked(waiver.voucher)
    related = ("voucher__organisation", "voucher__program__owner", "decision", "requested_by")
    waiver = Waiver.objects.select_related(*related).get(pk=waiver.pk)
    policies.check_can_decide_waiver(by, waiver)
    if grant:
        policies.check_can_be_granted(waiver)
    elif not reason.strip():
        raise Refused({"reason": "Say why it is declined: the reason stays with it."})
    text = WaiverDecisionText.objects.create(reason=reason.strip())
    decision = WaiverDecision(
        waiver=waiver,
        verdict=WaiverVerdict.GRANTED if grant else WaiverVerdict.DECLINED,
        text=text,
        text_digest=text.digest,
        decided_by=by,
    )
    fields = {"waiver": waiver, "verdict": decision.verdict, "reason": text.reason}
    decision.entry_id = journal.record(
        "waiver_decision", record=decision, op="create", by=by, fields=fields
    )
    with refused_if(WAIVER_RULES):
        decision.save(force_insert=True)
    said = f"The waiver of {waiver.get_requirement_display()} for voucher {waiver.voucher.number} was {decision.verdict}."
    notify(person=waiver.requested_by, sentence=said, path=_path(waiver.voucher))
    return decision


@transaction.atomic
def supply_document(
    *,
    voucher: Voucher,
    file: EvidenceFile,
    name: str,
    document_type: str,
    document_date: date | None = None,
    by: User,
) -> SuppliedDocument:
    """Add a stored file to a posted voucher. What was approved, and its hash, stay as they were.

    It settles the waivers of every requirement that its type meets; whoever granted one is told. Refuses a file that
    the voucher has already, under whatever name.
    """
    voucher = _locked(voucher)
    policies.check_can_supply(by, voucher)
    shown = safe_name(name)
    policies.check_document(voucher, document_type, document_date, shown)
    if file in queries.files_of(voucher):
        raise Refused(
            {"file": "This very file is with the voucher already: supply the missing one."}
        )
    supplied = _supply(voucher, file, shown, document_type, document_date, by)
    label = supplied.get_document_type_display()
    sentence = f"A {label} was supplied to voucher {voucher.number}: you granted a waiver of it."
    for person in queries.grantors_settled_by(supplied):
        notify(person=person, sentence=sentence, path=_path(voucher))
    return supplied


def _supply(
    voucher: Voucher,
    file: EvidenceFile,
    name: str,
    document_type: str,
    document_date: date | None,
    by: User,
) -> SuppliedDocument:
    text = SuppliedText.objects.create(file_name=name)
    told = {"document_type": document_type, "document_date": document_date}
    supplied = SuppliedDocument(
        voucher=voucher,
        file=file,
        **told,
        text=text,
        text_digest=text.digest,
        supplied_by=by,
    )
    fields = {"voucher": voucher, "file": file.sha256, "file_name": name} | told
    supplied.entry_id = journal.record(
        "supplied_document", record=supplied, op="create", by=by, fields=fields
    )
    with refused_if(SUPPLY_RULES):
        supplied.save(force_insert=True)
    return supplied
