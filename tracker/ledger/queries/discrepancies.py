"""Discrepancies: what waits for whom, what could settle one, what happened to it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from tracker.accounts.models import Role, User
from tracker.journal import queries as journal
from tracker.ledger import policies
from tracker.ledger.models import (
    UNSETTLED,
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyQuerySet,
    DiscrepancyStatus,
    DiscrepancyStep,
    Side,
    Transaction,
    TransactionKind,
)
from tracker.programs.models import Program
from tracker.shared.clock import today
from tracker.shared.policies import permits


def today_of(user: User) -> date:
    """The person's day: that of the organisation they work for."""
    return user.organisation.today() if user.organisation is not None else today()


def _ours(user: User, *roles: str) -> DiscrepancyQuerySet:
    programs = Program.objects.held_as(user, *roles).values("pk")
    return Discrepancy.objects.filter(about__program__in=programs)


def _theirs(user: User) -> DiscrepancyQuerySet:
    about = Transaction.objects.filter(policies.represented(user)).values("pk")
    return Discrepancy.objects.filter(about__in=about)


def to_settle(user: User) -> QuerySet[Discrepancy]:
    """Unsettled ones of the officer's programs without an explanation of ours that waits; the first due first."""
    rows = _ours(user, Role.OFFICER).unsettled().exclude(state__proposal__side=Side.OURS)
    return rows.for_table().order_by("due_on", "pk")


def to_write_off(user: User) -> QuerySet[Discrepancy]:
    """Declared losses whose write-off nobody named yet."""
    rows = _ours(user, Role.OFFICER).filter(
        state__status=DiscrepancyStatus.LOSS, state__settled_by=None
    )
    return rows.for_table().order_by("state__since", "pk")


def to_answer(user: User) -> QuerySet[Discrepancy]:
    """Explanations of the donor's side that wait for the recipient's answer."""
    rows = _theirs(user).unsettled().filter(state__proposal__side=Side.OURS)
    return rows.for_table().order_by("due_on", "pk")


def standing_of(discrepancy: Discrepancy, day: date) -> str:
    """Where it stands, in a word and its clock: for lists and badges."""
    late = discrepancy.days_overdue(day)
    said = discrepancy.state.get_status_display()
    if late:
        return f"{said}, {late} {'day' if late == 1 else 'days'} overdue"
    return said


def could_settle(discrepancy: Discrepancy) -> QuerySet[Transaction]:
    """What draws on the same dispatch and came after the report: a later receipt, a refund, a write-off."""
    about = discrepancy.about_id
    rows = Transaction.objects.filter(Q(draws_on=about) | Q(draws_on__draws_on=about)).in_force()
    kinds = [TransactionKind.RECEIPT, TransactionKind.REFUND, TransactionKind.WRITE_OFF]
    rows = rows.filter(kind__in=kinds).exclude(pk=discrepancy.receipt_id)
    if discrepancy.receipt_id is not None:
        rows = rows.filter(pk__gt=discrepancy.receipt_id)
    return rows.select_related("text", "version__voucher", "program").order_by("-pk")


def write_offs_of(discrepancy: Discrepancy) -> QuerySet[Transaction]:
    return could_settle(discrepancy).filter(kind=TransactionKind.WRITE_OFF)


def steps_of(discrepancy: Discrepancy) -> QuerySet[DiscrepancyStep]:
    rows = discrepancy.steps.select_related("text", "evidence", "taken_by", "settled_by__text")
    return rows.select_related("settled_by__version__voucher").order_by("pk")


def discrepancy_history(discrepancy: Discrepancy, *, with_names: bool) -> list[dict[str, Any]]:
    """What happened, as the journal has it, the newest first. Names of staff are for the staff."""
    records = [discrepancy.uid]
    if discrepancy.statement is not None:
        records.append(discrepancy.statement.uid)
    events = journal.history_of(*records)
    names = {}
    if with_names:
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


# --- What comes next -------------------------------------------------------


@dataclass(frozen=True)
class Next:
    """What can be done with a discrepancy now, and by whom."""

    what: str
    who: str


def what_comes_next(discrepancy: Discrepancy) -> list[Next]:
    status, proposal = discrepancy.state.status, discrepancy.state.proposal
    either = "an officer of the program, or the recipient's representative"
    if status in UNSETTLED:
        if proposal is not None:
            other = Side.RECIPIENT if proposal.side == Side.OURS else Side.OURS
            steps = [
                Next(
                    "Accept or dispute the explanation.",
                    f"{other.label}: somebody who did not report the arrival",
                )
            ]
        else:
            steps = [Next("Explain the difference.", either)]
        if discrepancy.kind != DiscrepancyKind.SURPLUS:
            steps.append(Next("Declare it a loss.", "an officer who did not report the arrival"))
        return steps
    if status == DiscrepancyStatus.LOSS and discrepancy.state.settled_by_id is None:
        return [Next("Name the write-off, once it is posted.", "an officer of the program")]
    if status == DiscrepancyStatus.WITHDRAWN:
        return []
    return [Next("Nothing, unless it turns out otherwise: then reopen it.", either)]


VERBS = {
    "explain": policies.check_can_explain,
    "accept": policies.check_can_accept,
    "dispute": policies.check_can_dispute,
    "lose": policies.check_can_declare_loss,
    "write_off": policies.check_can_name_write_off,
    "reopen": policies.check_can_reopen,
}


def verbs_of(discrepancy: Discrepancy, user: User) -> list[str]:
    """The steps that this person may take now."""
    return [verb for verb, check in VERBS.items() if permits(check, user, discrepancy)]
