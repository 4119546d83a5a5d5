"""Discrepancies: opened by a report, moved by both sides, withdrawn with a reversal. Nothing takes one away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.handed import NewFile, take_in
from tracker.ledger.events import OPENED, STEPS
from tracker.ledger.models import (
    LEADS_TO,
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyState,
    DiscrepancyStatus,
    DiscrepancyStep,
    DiscrepancyStepText,
    Side,
    Statement,
    StepKind,
    Transaction,
    TransactionKind,
    Verdict,
)
from tracker.ledger.policies import Figures
from tracker.shared.errors import Refused
from tracker.shared.refusals import Sentence, refused_if

OPENING_RULES: dict[str, Sentence] = {
    "discrepancy_is_of_its_report": "The discrepancy does not belong to the report that opened it.",
    "discrepancy_is_what_was_reported": "The discrepancy is not what both sides state.",
}
STEP_RULES: dict[str, Sentence] = {
    "discrepancy_step_follows_its_state": "Somebody else took a step at this moment: look again.",
    "discrepancy_answered_by_the_other_side": "Your own side gave this explanation: the other side answers it.",
    "discrepancy_never_closed_by_who_reported_it": "You reported what arrived: "
    "who confirms a delivery never closes its discrepancy.",
    "discrepancy_loss_is_declared_by_the_donor": "A loss is the donor's to declare, and a surplus is none.",
    "discrepancy_settled_by_its_own_chain": {
        "settled_by": "Choose what settles it among what draws on the same dispatch and is in force."
    },
    "discrepancy_withdrawn_with_its_report": "Only the reversal of its report withdraws a discrepancy.",
}


# --- Opening ---------------------------------------------------------------


def open_discrepancies(
    *, about: Transaction, report: Transaction | None, statement: Statement | None, by: User
) -> list[Discrepancy]:
    """Open what the newest report of a dispatch differs in. Part of stating and of posting, after the row is posted."""
    return [
        _open(about, report, statement, kind, figures, by)
        for kind, figures in _differences(about, report, statement)
    ]


def _differences(
    about: Transaction, report: Transaction | None, statement: Statement | None
) -> list[tuple[DiscrepancyKind, Figures]]:
    left = policies.figures_left(about)
    if report is None:
        return [(DiscrepancyKind.DISPUTED, _above_zero(left))]
    if statement is not None and report.amount is None and report.quantity is None:
        return _without_figures(statement)
    found = [
        (DiscrepancyKind.SHORT, _missing(about, report, left)),
        (DiscrepancyKind.SURPLUS, _surplus(report, left)),
    ]
    if statement is not None and statement.verdict == Verdict.DAMAGED:
        damaged = Figures(statement.damaged_amount, statement.damaged_quantity)
        found.append((DiscrepancyKind.DAMAGED, damaged))
    return [(kind, figures) for kind, figures in found if not figures.is_empty]


def _without_figures(statement: Statement) -> list[tuple[DiscrepancyKind, Figures]]:
    """Neither side states a figure: the difference is in the recipient's words."""
    if statement.verdict not in DiscrepancyKind.values:
        return []
    return [(DiscrepancyKind(statement.verdict), Figures())]


def _above_zero(left: Figures) -> Figures:
    counted = left.quantity if left.quantity is not None and left.quantity > 0 else None
    return Figures(left.amount or None, counted)


def _missing(about: Transaction, report: Transaction, left: Figures) -> Figures:
    """What nothing accounts for after a receipt, by the measures that it states. While an earlier shortage of the same
    dispatch is unsettled, that one stands for it: the same crate is not missing twice."""
    if report.kind != TransactionKind.RECEIPT:
        return (
            Figures()
        )  # what was received is used over time: less than all of it is no difference
    if about.discrepancies.filter(kind=DiscrepancyKind.SHORT).unsettled().exists():
        return Figures()
    missing = _above_zero(left)
    return Figures(missing.amount, missing.quantity if report.quantity is not None else None)


def _surplus(report: Transaction, left: Figures) -> Figures:
    """What this report states beyond what was left: never more than it states itself."""
    counted = None
    if report.quantity is not None and left.quantity is not None and left.quantity < 0:
        counted = min(report.quantity, -left.quantity)
    return Figures(report.excess, counted)


def _open(
    about: Transaction,
    report: Transaction | None,
    statement: Statement | None,
    kind: str,
    figures: Figures,
    by: User,
) -> Discrepancy:
    today = about.program.owner.today()
    opened = Discrepancy(
        about=about,
        receipt=report,
        statement=statement,
        kind=kind,
        currency=about.currency,
        amount=figures.amount,
        quantity=figures.quantity,
        unit=about.unit,
        opened_on=today,
        due_on=today + timedelta(days=settings.DISCREPANCY_DAYS),
        opened_by=by,
    )
    fields = {name: getattr(opened, name) for name in OPENED}
    fields |= {"status": DiscrepancyStatus.OPEN, "since": today}
    opened.entry_id = journal.record(
        "discrepancy", record=opened, op="create", by=by, fields=fields
    )
    with refused_if(OPENING_RULES):
        opened.save(force_insert=True)
    return opened


# --- Steps -----------------------------------------------------------------


@dataclass(frozen=True)
class NewStep:
    """What somebody says with a step: why, what settles it, and perhaps a file."""

    reason: str = ""
    settled_by: Transaction | None = None
    file: NewFile | None = None


@transaction.atomic
def explain_discrepancy(*, discrepancy: Discrepancy, step: NewStep, by: User) -> Discrepancy:
    """Say why both figures differ, naming what settles it if something does. It counts once the other side accepts.

    A later explanation takes the place of one that still waits; both stay in the history.
    """
    found = _take(discrepancy, "explain", policies.check_can_explain, step, by)
    return _told(found, f"Accept or dispute an explanation: {_name(found)}.", by)


@transaction.atomic
def accept_explanation(*, discrepancy: Discrepancy, step: NewStep, by: User) -> Discrepancy:
    """The other side agrees: the discrepancy is explained. Never by whoever reported the arrival."""
    found = _take(discrepancy, "accept", policies.check_can_accept, step, by)
    return _told(found, f"Accepted: the explanation of {_name(found)}.", by)


@transaction.atomic
def dispute_discrepancy(*, discrepancy: Discrepancy, step: NewStep, by: User) -> Discrepancy:
    """Turn down the other side's explanation, or contradict the discrepancy itself. The reason stays."""
    found = _take(discrepancy, "dispute", policies.check_can_dispute, step, by)
    return _told(found, f"Disputed: {_name(found)}.", by)


@transaction.atomic
def declare_loss(*, discrepancy: Discrepancy, step: NewStep, by: User) -> Discrepancy:
    """What is missing is lost. The write-off, a voucher with its own approvals, is named now or later."""
    found = _take(discrepancy, "lose", policies.check_can_declare_loss, step, by)
    return _told(found, f"Declared a loss: {_name(found)}.", by)


@transaction.atomic
def name_write_off(*, discrepancy: Discrepancy, step: NewStep, by: User) -> Discrepancy:
    """Say which write-off gave up what was declared lost."""
    if step.settled_by is None:
        raise Refused({"settled_by": "Choose the write-off."})
    return _take(discrepancy, "write_off", policies.check_can_name_write_off, step, by)


@transaction.atomic
def reopen_discrepancy(*, discrepancy: Discrepancy, step: NewStep, by: User) -> Discrepancy:
    """What was settled turned out otherwise. Its first due date stays."""
    found = _take(discrepancy, "reopen", policies.check_can_reopen, step, by)
    return _told(found, f"Reopened: {_name(found)}.", by)


def _take(
    discrepancy: Discrepancy,
    op: str,
    check: Callable[[User, Discrepancy], None],
    step: NewStep,
    by: User,
) -> Discrepancy:
    found = _locked(discrepancy)
    check(by, found)
    if op != "accept" and not step.reason.strip():
        raise Refused({"reason": "Say why: the reason stays with the discrepancy."})
    if step.settled_by is not None:
        policies.check_settles(found, step.settled_by, STEPS[op])
    _add(found, op, policies.side_of(by, found), step, by)
    return _locked(found)


def _locked(discrepancy: Discrepancy) -> Discrepancy:
    DiscrepancyState.objects.select_for_update(no_key=True).get(pk=discrepancy.pk)
    related = (
        "state__proposal__settled_by__draws_on",
        "state__settled_by",
        "about__program__owner",
    )
    more = ("about__text", "about__version__voucher", "receipt", "statement")
    return Discrepancy.objects.select_related(*related, *more).get(pk=discrepancy.pk)


def _add(discrepancy: Discrepancy, op: str, side: str, step: NewStep, by: User) -> None:
    stored, name = take_in(step.file, by)
    reason, today = step.reason.strip(), discrepancy.about.program.owner.today()
    text = DiscrepancyStepText.objects.create(reason=reason, evidence_name=name)
    kind = STEPS[op]
    taken = DiscrepancyStep(
        uid=uuid4(),
        discrepancy=discrepancy,
        step=kind,
        side=side,
        settled_by=step.settled_by,
        evidence=stored,
        taken_on=today,
        text=text,
        text_digest=text.digest,
        taken_by=by,
    )
    moves = kind in LEADS_TO
    fields: dict[str, Any] = {name: getattr(discrepancy, name) for name in OPENED}
    fields |= {
        "status": LEADS_TO[kind] if moves else discrepancy.state.status,
        "since": today if moves else discrepancy.state.since,
        "settled_by": _settled_by(discrepancy, kind, step),
        **{"step": taken.uid, "side": side, "named": step.settled_by, "taken_on": today},
        **{"reason": reason, "evidence_name": name},
        "evidence": stored and stored.sha256,
    }
    taken.entry_id = journal.record("discrepancy", record=discrepancy, op=op, by=by, fields=fields)
    with refused_if(STEP_RULES):
        taken.save(force_insert=True)


def _settled_by(discrepancy: Discrepancy, kind: str, step: NewStep) -> Transaction | None:
    """What settles it after this step: what an explanation names counts once it is accepted."""
    state = discrepancy.state
    if kind == StepKind.ACCEPTED:
        return state.proposal.settled_by if state.proposal is not None else None
    if kind in (StepKind.LOSS, StepKind.WRITTEN_OFF):
        return step.settled_by
    return None if kind == StepKind.REOPENED else state.settled_by


def _name(discrepancy: Discrepancy) -> str:
    what = policies.say_transaction(discrepancy.about)
    return f"{discrepancy.get_kind_display()}, {what}"


def _told(discrepancy: Discrepancy, sentence: str, by: User) -> Discrepancy:
    """Both sides hear of every step, but for who took it."""
    about = discrepancy.about
    path = reverse("ledger:discrepancy", args=[discrepancy.uid])
    people = {p.pk: p for p in queries.officers_of(about.program)}
    people |= {p.pk: p for p in queries.representatives_of(about)}
    for person in people.values():
        if person.pk != by.pk:
            notify(person=person, sentence=sentence, path=path)
    return discrepancy


# --- With a reversal -------------------------------------------------------


def follow_reversal(*, reversal: Transaction, by: User) -> None:
    """What a reversed report opened is withdrawn; what rested on the reversed row is open again. Part of posting."""
    original = reversal.reverses_id
    opened = Discrepancy.objects.filter(Q(receipt=original) | Q(about=original))
    for row in opened.exclude(state__status=DiscrepancyStatus.WITHDRAWN).order_by("pk"):
        _add(_locked(row), "withdraw", Side.OURS, NewStep("Its report was reversed."), by)
    settled = (DiscrepancyStatus.EXPLAINED, DiscrepancyStatus.LOSS)
    rested = Discrepancy.objects.filter(state__settled_by=original, state__status__in=settled)
    for row in rested.order_by("pk"):
        _add(_locked(row), "reopen", Side.OURS, NewStep("What settled it was reversed."), by)
