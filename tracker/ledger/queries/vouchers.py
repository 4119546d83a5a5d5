"""Vouchers: who may decide, what happened, what differs between versions, what comes next."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from tracker.accounts.models import MembershipStatus, Role, User
from tracker.journal import queries as journal
from tracker.ledger import policies
from tracker.ledger.models import (
    EDITABLE,
    Approval,
    Return,
    Transaction,
    Voucher,
    VoucherStatus,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.dates import say_date
from tracker.shared.policies import permits

SHOWN = 3


def approvers_of(voucher: Voucher) -> QuerySet[User]:
    """Everybody who may approve it: approvers of its program or organisation who had no hand in it."""
    holder = Q(memberships__organisation=voucher.organisation_id)
    if voucher.program is not None:
        holder = Q(memberships__organisation=voucher.program.owner_id)
        holder |= Q(memberships__program=voucher.program_id)
    return (
        User.objects.filter(
            holder,
            memberships__role=Role.APPROVER,
            memberships__status=MembershipStatus.ACTIVE,
            is_active=True,
        )
        .exclude(pk__in=voucher.edits.values("person"))
        .distinct()
        .order_by("name", "pk")
    )


def waiting_for(user: User) -> QuerySet[Voucher]:
    """Submitted vouchers that this person may approve: an approver who had no hand in them."""
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role=Role.APPROVER)
    organisations = held.filter(organisation__isnull=False).values("organisation")
    programs = Program.objects.held_as(user, Role.APPROVER).values("pk")
    within = Q(program__in=programs) | Q(program=None, organisation__in=organisations)
    return Voucher.objects.waiting().filter(within).exclude(edits__person=user)


def drafters_of(vouchers: QuerySet[Voucher]) -> QuerySet[User]:
    """Those who drafted one of the vouchers, for a filter."""
    people = User.objects.filter(pk__in=vouchers.order_by().values("created_by"))
    return people.order_by("name", "pk")


# --- History ---------------------------------------------------------------


def history(voucher: Voucher) -> list[dict[str, Any]]:
    """What happened to the voucher, its versions, decisions and transaction, the newest first."""
    of = {"version__voucher": voucher}
    records = [voucher.uid, *voucher.versions.values_list("uid", flat=True)]
    for model in (Approval, Return):
        records += model.objects.filter(**of).values_list("uid", flat=True)
    if voucher.program_id:  # a batch has too many; each shows its own
        records += Transaction.objects.filter(**of).values_list("uid", flat=True)
    events = journal.history_of(*records)
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    names = dict(people.values_list("uid", "name"))
    return [
        {
            "what": event.sentence,
            "by": names.get(event.actor, "") if event.actor else "",
            "at": event.at,
            "entry": event.number,
        }
        for event in events
    ]


# --- Versions --------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One line of a version beside the same line of the version before it."""

    label: str
    was: Any
    now: Any


def _says(version: VoucherVersion) -> dict[str, Any]:
    parent = version.draws_on
    files = sorted(row.file.sha256[:12] for row in version.evidence.all())
    return {
        "Amount": version.amount,
        "Value date": say_date(version.value_date, version.date_precision),
        "Draws on": None if parent is None else policies.say_transaction(parent),
        "Payee": version.text.payee,
        "Reference": version.text.reference,
        "Provider": version.provider,
        "Receiver": version.receiver,
        "Authority": version.authority,
        "Valuation": version.get_valuation_basis_display(),
        "Description": version.text.description,
        "Evidence (SHA-256)": ", ".join(files),
        "Batch digest": version.batch_digest[:12],
    }


def compared(voucher: Voucher) -> list[tuple[VoucherVersion, list[Change]]]:
    """The versions, the newest first, each with what differs from the one before it."""
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
        voucher.versions.select_related(*related)
        .prefetch_related("evidence__file", "approvals__approver", "returns__text")
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


def steps(voucher: Voucher) -> list[dict[str, str]]:
    """The four stages of a voucher and where it stands."""
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
    people = list(approvers_of(voucher)[: SHOWN + 1])
    mine = user in people or (len(people) > SHOWN and approvers_of(voucher).contains(user))
    if not people:
        what = "Nobody can approve it: every approver of this organisation had a hand in it, or there is none."
        return NextStep(what, "an administrator, who appoints another approver", mine=False)
    names = ", ".join(person.name for person in people[:SHOWN])
    who = "an approver" if mine else f"{names}{' and others' if len(people) > SHOWN else ''}"
    what = "Read it, compare it with its evidence, then approve or return it."
    return NextStep(what, who, mine, "With the approval it is posted, for ever.")
