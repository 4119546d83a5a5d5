"""Vouchers: who may decide, what happened, what differs between versions, what comes next."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tracker.accounts.models import User
from tracker.journal import queries as journal
from tracker.ledger import policies
from tracker.ledger.models import (
    EDITABLE,
    Approval,
    Return,
    Transaction,
    VersionEvidence,
    Voucher,
    VoucherStatus,
    VoucherVersion,
    WaiverDecision,
)
from tracker.ledger.queries.histories import said_events
from tracker.ledger.queries.signing import Signatures, signatures_of, signers_missing
from tracker.shared.dates import say_date
from tracker.shared.policies import permits
from tracker.shared.sealing import Veil


def drafters_of(vouchers: QuerySet[Voucher]) -> QuerySet[User]:
    """Those who drafted one of the vouchers, for a filter."""
    people = User.objects.filter(pk__in=vouchers.order_by().values("created_by"))
    return people.order_by("name", "pk")


# --- History ---------------------------------------------------------------


def history(voucher: Voucher, sealed: bool = False) -> list[dict[str, Any]]:
    """What happened to the voucher, its versions, decisions, waivers and transaction, the newest first. `sealed`: something of it
    is sealed from the reader, and a sentence could tell it.
    """
    of = {"version__voucher": voucher}
    records = [voucher.uid, *voucher.versions.values_list("uid", flat=True)]
    for model in (Approval, Return):
        records += model.objects.filter(**of).values_list("uid", flat=True)
    records += voucher.waivers.values_list("uid", flat=True)
    decisions = WaiverDecision.objects.filter(waiver__voucher=voucher)
    records += decisions.values_list("uid", flat=True)
    records += voucher.supplied.values_list("uid", flat=True)
    if voucher.program_id:  # a batch has too many; each shows its own
        records += Transaction.objects.filter(**of).values_list("uid", flat=True)
    return said_events(journal.history_of(*records), plain=sealed)


# --- Versions --------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One line of a version beside the same line of the version before it."""

    label: str
    was: Any
    now: Any


def _says(version: VoucherVersion) -> dict[str, Any]:
    parent = version.draws_on
    files = sorted(_say_document(row) for row in version.evidence.all())
    return {
        "Amount": version.amount,
        "Value date": say_date(version.value_date, version.date_precision),
        "Booked on": version.booked_on,
        "Draws on": None if parent is None else policies.say_transaction(parent),
        "Payee": version.text.payee,
        "Reference": version.text.reference,
        "Provider": version.provider,
        "Receiver": version.receiver,
        "Authority": version.authority,
        "Valuation": version.get_valuation_basis_display(),
        "Description": version.text.description,
        "Evidence": "; ".join(files),
        "Batch digest": version.batch_digest[:12],
    }


def _say_document(row: VersionEvidence) -> str:
    day = say_date(row.document_date, "day") if row.document_date else "date not stated"
    return f"{row.get_document_type_display()}, {day}, SHA-256 {row.file.sha256[:12]}"


def compared(voucher: Voucher, veil: Veil) -> list[tuple[VoucherVersion, list[Change]]]:
    """The versions, the newest first, each with what differs from the one before it; what is sealed never differs."""
    related = (
        "text",
        "submitted_by",
        "provider",
        "receiver",
        "authority",
        "draws_on__text",
        "draws_on__version__voucher",
    )
    versions = list(
        veil.over(voucher.versions.select_related(*related))
        .prefetch_related("evidence__file", "approvals__approver", "returns__text")
        .prefetch_related("approvals__delegation__delegator")
        .prefetch_related("returns__returned_by")
        .order_by("number")
    )
    said = [_says(version) for version in versions]
    pairs = []
    for position, version in enumerate(versions):
        before = said[position - 1] if position else said[position]
        now = said[position]
        changes = [Change(k, before[k], now[k]) for k in now if before[k] != now[k]]
        pairs.append((version, changes))
    return pairs[::-1]


# --- What comes next -------------------------------------------------------


@dataclass(frozen=True)
class NextStep:
    """What has to happen to a voucher now, and who has to do it."""

    what: str
    who: str
    mine: bool
    follows: str = ""


STAGES = ("Draft", "Submitted", "Approved", "Posted")


def steps(voucher: Voucher, signatures: Signatures | None = None) -> list[dict[str, str]]:
    """The four stages of a voucher and where it stands; with its signatures, how many of them it has."""
    reached = {VoucherStatus.SUBMITTED: 2, VoucherStatus.POSTED: 4}.get(
        VoucherStatus(voucher.status), 0
    )
    shown = [{"label": s, "state": "done" if i < reached else ""} for i, s in enumerate(STAGES)]
    if voucher.status == VoucherStatus.WITHDRAWN:
        shown[0] |= {"state": "stopped", "note": "withdrawn"}
    elif voucher.status == VoucherStatus.RETURNED:
        shown[0] |= {"state": "current", "note": "returned, to be corrected"}
    elif reached < len(STAGES):
        shown[reached]["state"] = "current"
        if signatures is not None and signatures.needed > 1:
            shown[reached]["note"] = signatures.said
    return shown


def next_step(voucher: Voucher, user: User) -> NextStep | None:
    """What happens next, and who must do it; None when the voucher's way is over."""
    if voucher.status in EDITABLE:
        return _officers_step(voucher, user)
    if voucher.status == VoucherStatus.SUBMITTED:
        return _approvers_step(voucher, user)
    return None


def _officers_step(voucher: Voucher, user: User) -> NextStep:
    verb = (
        "Correct it and submit it again."
        if voucher.status == VoucherStatus.RETURNED
        else ("Complete it, attach the evidence and submit it.")
    )
    follows = "Then an approver who had no hand in it decides."
    mine = permits(policies.check_can_edit, user, voucher)
    return NextStep(verb, "a program officer" if mine else str(voucher.created_by), mine, follows)


def _approvers_step(voucher: Voucher, user: User) -> NextStep:
    version = voucher.versions.order_by("-number").first()
    found = signatures_of(voucher, version)
    assert version is not None and found is not None  # it was submitted
    if found.refused:
        return NextStep(found.refused, "an administrator", mine=False)
    if not found.people:
        return _nobody_can_sign(found)
    mine = user in found.people or (found.more and signers_missing(version).contains(user))
    who = "an approver" if mine else found.names
    what = "Read it, compare it with its evidence, then approve or return it."
    last = len(found.given) + 1 >= found.needed
    follows = (
        "With the approval it is posted, for ever."
        if last
        else "Two signatures are needed: after this one it waits for another approver."
    )
    return NextStep(what, who, mine, follows)


def _nobody_can_sign(found: Signatures) -> NextStep:
    if not found.given:
        what = "Nobody can approve it: every approver of this organisation had a hand in it, or there is none."
        return NextStep(what, "an administrator, who appoints another approver", mine=False)
    role = "a senior approver" if found.only_senior else "another approver"
    what = f"It has {found.said}, and nobody can give the next: {role} is missing who had no hand in it."
    return NextStep(what, f"an administrator, who appoints {role}", mine=False)
