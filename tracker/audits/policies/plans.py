"""Plans, and what the owner asks for: who states, who asks, and who of the others answers."""

from datetime import date

from tracker.accounts.models import SIGNERS, User
from tracker.accounts.policies import holds
from tracker.audits.models import OPEN, Ask, AskKind, Recommendation, RecommendationState
from tracker.audits.policies.recommendations import (
    check_audit_office,
    check_can_extend,
    check_owner,
    check_step,
)
from tracker.programs.models import Program
from tracker.shared.dates import say_day
from tracker.shared.errors import NotAllowed, Refused

S = RecommendationState


def check_can_plan_action(user: User, recommendation: Recommendation) -> None:
    check_owner(user, recommendation, to="state its corrective action plan")
    if recommendation.state not in OPEN:
        raise Refused("Only an open recommendation gets a corrective action plan.")


def check_plan(
    recommendation: Recommendation, anticipated_on: date | None, disagreement: str
) -> None:
    """A day, unless it is disagreed with; and no day before the issue."""
    if anticipated_on is None and not disagreement.strip():
        raise Refused(
            {
                "anticipated_on": "State the day on which it will be done, or why you disagree with it."
            }
        )
    if anticipated_on and recommendation.issued_on and anticipated_on < recommendation.issued_on:
        raise Refused({"anticipated_on": "The day lies before the issue: state a later one."})


def _check_nothing_asked(recommendation: Recommendation, kind: str) -> None:
    if recommendation.asks.filter(kind=kind, answer=None).exists():
        raise Refused("It was asked for already: wait for the answer.")


def check_can_ask_for_time(user: User, recommendation: Recommendation) -> None:
    check_owner(user, recommendation, to="ask for more time")
    if recommendation.state not in OPEN or recommendation.state == S.RISK_ACCEPTED:
        raise Refused("Only an open recommendation, whose risk is not accepted, can get more time.")
    _check_nothing_asked(recommendation, AskKind.EXTENSION)


def check_can_ask_risk(user: User, recommendation: Recommendation) -> None:
    check_owner(user, recommendation, to="ask its senior to accept the risk")
    check_step(recommendation, S.RISK_ACCEPTED)
    _check_nothing_asked(recommendation, AskKind.RISK)


def check_asked_until(recommendation: Recommendation, kind: str, until: date, today: date) -> None:
    if kind == AskKind.EXTENSION and until <= recommendation.due_on:
        due = say_day(recommendation.due_on)
        raise Refused({"until": f"It is due on {due} now: ask for a later day."})
    if kind == AskKind.RISK and until <= today:
        raise Refused({"until": "A risk is accepted until a day that lies ahead: set a later one."})


def _signs_for_owner(user: User, recommendation: Recommendation) -> bool:
    if holds(user, *SIGNERS, organisation=recommendation.owner):
        return True
    engagement = recommendation.finding.engagement_id
    audited = Program.objects.filter(
        owner=recommendation.owner_id, audited_in__engagement=engagement
    )
    return any(holds(user, *SIGNERS, program=program) for program in audited)


def check_can_answer_ask(user: User, ask: Ask) -> None:
    """More time: an auditor. A risk: an approver of the owner. Neither by who asked, whatever roles they hold."""
    recommendation = ask.recommendation
    if ask.kind == AskKind.EXTENSION:
        check_audit_office(user, recommendation, to="grant more time")
    elif not _signs_for_owner(user, recommendation):
        raise NotAllowed(
            f"Only an approver of {recommendation.owner}, which owns the recommendation, "
            "may accept its risk."
        )
    if ask.asked_by_id == user.pk:
        raise NotAllowed("You asked for it yourself: another person answers.")
    if hasattr(ask, "answer"):
        raise Refused(f"It is {ask.answer.get_verdict_display()} already.")


def check_can_grant(user: User, ask: Ask, today: date) -> None:
    check_can_answer_ask(user, ask)
    recommendation = ask.recommendation
    if ask.kind == AskKind.EXTENSION:
        check_can_extend(user, recommendation)
    else:
        check_step(recommendation, S.RISK_ACCEPTED)
    check_asked_until(recommendation, ask.kind, ask.until, today)


def check_can_mark(user: User, recommendation: Recommendation) -> None:
    """The office's own mark on what it asks for."""
    check_audit_office(user, recommendation, to="mark it as significant")
    if recommendation.state == S.DRAFT:
        raise Refused("Mark it when the draft is written; afterwards it is marked here.")
