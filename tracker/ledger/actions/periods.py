"""Closing a period and opening it again: two persons, each time."""

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger import policies, queries
from tracker.ledger.actions.books import hold_books
from tracker.ledger.models import (
    Certification,
    ChangeStatus,
    Period,
    PeriodChange,
    PeriodChangeKind,
    PeriodChangeText,
    PeriodDecision,
    PeriodDecisionText,
)
from tracker.shared.errors import Refused
from tracker.shared.refusals import Sentence, check_fields, refused_if

PERIOD_RULES: dict[str, Sentence] = {
    "period_change_fits_its_period": "Somebody closed the period, or opened it again, at the same moment.",
    "period_change_one_at_a_time": "Another change of this period waits for its second person.",
    "period_decision_by_a_second_person": "You proposed this: another person decides on it.",
    "period_closes_once_it_has_ended": "The period goes on: it can be closed once it has ended.",
    "period_closes_in_order": "Quarters close in order: close the one before first.",
    "period_closes_with_nothing_in_flight": "A voucher with a booking day in this period waits for approval: "
    "have it approved or returned first.",
    "period_opens_from_the_newest": "A later period is closed: open that one again first.",
    "tracker_perioddecision": "Somebody decided on this at the same moment.",
}


@transaction.atomic
def propose_closing(
    *, organisation: Organisation, day: date, reason: str = "", by: User
) -> PeriodChange:
    """Propose to close the quarter of the organisation's fiscal year that holds the day.

    Refuses a quarter that goes on, is closed or is not the next in order, and one with vouchers on their way into it.
    """
    policies.check_can_change_periods(by, organisation)
    hold_books(organisation)
    try:
        quarter = organisation.calendar().quarter_of(day)
    except Refused as refusal:
        raise Refused({"quarter": refusal.sentence}) from refusal
    period = policies.period_of(organisation, quarter)
    policies.check_nothing_is_proposed(period)
    policies.check_can_be_closed(period)
    if period.pk is None:
        _record_period(period, by)
    return _propose(period, PeriodChangeKind.CLOSE, reason.strip(), by)


def _record_period(period: Period, by: User) -> None:
    check_fields(period)
    period.save(force_insert=True)
    named = (
        *("organisation", "name", "fiscal_year", "quarter"),
        *("day_before", "first_day", "last_day"),
    )
    fields = {name: getattr(period, name) for name in named}
    journal.record("period", record=period, op="create", by=by, fields=fields)


@transaction.atomic
def propose_reopening(*, period: Period, reason: str, by: User) -> PeriodChange:
    """Propose to open a closed period again; the newest closed one only. The reason is required and stays."""
    policies.check_can_change_periods(by, period.organisation)
    period = _locked(period)
    policies.check_nothing_is_proposed(period)
    policies.check_can_be_reopened(period)
    if not reason.strip():
        raise Refused({"reason": "Say why it is opened again: the reason stays with it."})
    return _propose(period, PeriodChangeKind.REOPEN, reason.strip(), by)


def _locked(period: Period) -> Period:
    """With its organisation's books held: what is checked stays true until the end."""
    hold_books(period.organisation)
    Period.objects.select_for_update(no_key=True).get(pk=period.pk)
    return Period.objects.select_related("organisation").get(pk=period.pk)


def _propose(period: Period, kind: PeriodChangeKind, reason: str, by: User) -> PeriodChange:
    text = PeriodChangeText.objects.create(reason=reason)
    change = PeriodChange(
        period=period, kind=kind, text=text, text_digest=text.digest, proposed_by=by
    )
    fields = {"period": period, "kind": kind, "reason": reason}
    change.entry_id = journal.record(
        "period_change", record=change, op="create", by=by, fields=fields
    )
    with refused_if(PERIOD_RULES):
        change.save(force_insert=True)
    said = f"The {kind.label} of {period.name} ({period.organisation.label}) waits for your confirmation."
    for person in queries.deciders_of_period(change):
        notify(person=person, sentence=said, path=_page(period))
    return change


def _page(period: Period) -> str:
    return reverse("ledger:period", args=[period.uid])


@transaction.atomic
def decide_period(
    *, change: PeriodChange, confirm: bool, reason: str = "", by: User
) -> PeriodDecision:
    """Confirm a closing or re-opening, from when on it counts, or decline it with a reason. By another person.

    What was possible when it was proposed is checked again, while nobody can post. A confirmed re-opening supersedes
    the certifications of the period: its entry names them.
    """
    period = _locked(change.period)
    related = ("period__organisation", "decision", "proposed_by")
    change = PeriodChange.objects.select_related(*related).get(pk=change.pk)
    policies.check_can_decide_period(by, change)
    if confirm:
        policies.check_change_is_possible(period, change.kind)
    elif not reason.strip():
        raise Refused({"reason": "Say why it is declined: the reason stays with it."})
    superseded = _superseded(change) if confirm else []
    text = PeriodDecisionText.objects.create(reason=reason.strip())
    decision = PeriodDecision(
        change=change,
        verdict=ChangeStatus.CONFIRMED if confirm else ChangeStatus.DECLINED,
        text=text,
        text_digest=text.digest,
        decided_by=by,
    )
    fields: dict[str, Any] = {"change": change, "verdict": decision.verdict, "reason": text.reason}
    fields["supersedes"] = [one.uid for one in superseded]
    decision.entry_id = journal.record(
        "period_decision", record=decision, op="create", by=by, fields=fields
    )
    with refused_if(PERIOD_RULES):
        decision.save(force_insert=True)
    _tell(change, decision, superseded)
    return decision


def _superseded(change: PeriodChange) -> list[Certification]:
    """What no longer holds once the period is open again."""
    if change.kind != PeriodChangeKind.REOPEN:
        return []
    standing = Certification.objects.filter(period=change.period).standing()
    return list(standing.select_related("signed_by").order_by("pk"))


def _tell(change: PeriodChange, decision: PeriodDecision, superseded: list[Certification]) -> None:
    """The proposer hears what was decided; who may sign that there is something to sign; who signed that it is void."""
    period, by = change.period, decision.decided_by
    name = f"{period.name} ({period.organisation.label})"
    said = f"The {change.get_kind_display()} of {name} was {decision.verdict}."
    notify(person=change.proposed_by, sentence=said, path=_page(period))
    if decision.verdict != ChangeStatus.CONFIRMED:
        return
    for person in {one.signed_by for one in superseded} - {by}:
        said = f"{name} was opened again: what you certified of it no longer holds."
        notify(person=person, sentence=said, path="/desk/")
    if change.kind == PeriodChangeKind.CLOSE:
        said = f"{name} is closed: certify its figures."
        for person in queries.certifiers_of(period).exclude(pk=by.pk):
            notify(person=person, sentence=said, path="/desk/")
