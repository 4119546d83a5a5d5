"""Corrective action plans, more time, accepted risks: stated or asked by the owner, answered by another person."""

from datetime import date
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.audits import policies, queries
from tracker.audits.actions.steps import (
    Said,
    lock,
    take_step,
    tell_auditors,
    tell_owner,
    write_step,
)
from tracker.audits.models import (
    Ask,
    AskAnswer,
    AskAnswerText,
    AskKind,
    AskText,
    AskVerdict,
    CorrectivePlan,
    PlanText,
    Recommendation,
    RecommendationState,
)
from tracker.journal import actions as journal
from tracker.shared.clock import today as utc_today
from tracker.shared.dates import say_day
from tracker.shared.refusals import refused_if

S = RecommendationState


@transaction.atomic
def state_plan(
    *,
    recommendation: Recommendation,
    contact: str,
    action: str,
    anticipated_on: date | None,
    disagreement: str = "",
    by: User,
) -> CorrectivePlan:
    """The owner says who (by role) does what until when, or why it disagrees. A changed plan is its next version."""
    recommendation = lock(recommendation)
    policies.check_can_plan_action(by, recommendation)
    policies.check_said(contact, "contact", "Name the role that can be asked: no person's name.")
    policies.check_said(action, "action", "Say what will be done, or what was decided instead.")
    policies.check_plan(recommendation, anticipated_on, disagreement)
    last = recommendation.plans.aggregate(last=Max("version"))["last"] or 0
    words = {
        "contact": contact.strip(),
        "action": action.strip(),
        "disagreement": disagreement.strip(),
    }
    text = PlanText.objects.create(**words)
    plan = CorrectivePlan(
        uid=uuid4(),
        recommendation=recommendation,
        version=last + 1,
        anticipated_on=anticipated_on,
        text=text,
        text_digest=text.digest,
        stated_by=by,
        stated_on=recommendation.finding.engagement.office.today(),
    )
    names = ("recommendation", "version", "anticipated_on", "stated_on")
    said = {name: getattr(plan, name) for name in names}
    plan.entry_id = journal.record(
        "corrective_plan", record=plan, op="create", by=by, fields={**said, **words}
    )
    plan.save()
    tell_auditors(recommendation, f"{recommendation.owner} states a plan for", by)
    return plan


@transaction.atomic
def ask_for_more_time(*, recommendation: Recommendation, until: date, reason: str, by: User) -> Ask:
    """The owner asks for a later due date. An auditor grants or declines it; until then nothing changes."""
    recommendation = lock(recommendation)
    policies.check_can_ask_for_time(by, recommendation)
    ask = _ask(recommendation, AskKind.EXTENSION, until, reason, by)
    tell_auditors(
        recommendation, f"{recommendation.owner} asks for time until {say_day(until)} for", by
    )
    return ask


@transaction.atomic
def ask_to_accept_risk(
    *, recommendation: Recommendation, until: date, reason: str, by: User
) -> Ask:
    """The owner's officer asks the owner's approver to live with the risk until a day, instead of acting now."""
    recommendation = lock(recommendation)
    policies.check_can_ask_risk(by, recommendation)
    ask = _ask(recommendation, AskKind.RISK, until, reason, by)
    for person in queries.signers_of(recommendation):
        if person.pk != by.pk:
            sentence = f"Accept or decline the risk of recommendation {recommendation.label}."
            notify(person=person, sentence=sentence, path=recommendation.get_absolute_url())
    return ask


@transaction.atomic
def answer_ask(*, ask: Ask, grant: bool, reason: str, by: User) -> AskAnswer:
    """Another person says yes or no, with the reason. A yes moves the due date, or accepts the risk until its day.

    The original due date stays. A risk closes nothing: on the day after its last it is reopened.
    """
    recommendation = lock(ask.recommendation)
    ask = Ask.objects.select_related("answer").get(pk=ask.pk)
    today = recommendation.finding.engagement.office.today()
    if grant:
        policies.check_can_grant(by, ask, today)
    else:
        policies.check_can_answer_ask(by, ask)
    policies.check_said(reason, "reason", "Say why it is granted or declined.")
    answer = _write_answer(ask, AskVerdict.GRANTED if grant else AskVerdict.DECLINED, reason, by)
    if not grant:
        tell_owner(recommendation, "Not granted:", by)
    elif ask.kind == AskKind.EXTENSION:
        recommendation.due_on = ask.until
        write_step(recommendation, recommendation.state, "extend", Said(reason), by)
        tell_owner(recommendation, f"Due on {say_day(ask.until)} now:", by)
    else:
        recommendation.accepted_until = ask.until
        take_step(recommendation, S.RISK_ACCEPTED, "accept_risk", Said(reason), by)
        told = f"{recommendation.owner} accepts the risk until {say_day(ask.until)} of"
        tell_auditors(recommendation, told, by)
    return answer


def expire_risks() -> int:
    """Reopen what was accepted as a risk until a day that has passed where its office is. For the periodic round.

    Each in its own transaction; returns how many. The system itself does it, no person.
    """
    soonest = utc_today()
    rows = Recommendation.objects.filter(
        state=S.RISK_ACCEPTED, accepted_until__lte=soonest
    ).order_by("pk")
    return sum(_expire(pk) for pk in list(rows.values_list("pk", flat=True)))


@transaction.atomic
def _expire(pk: int) -> bool:
    recommendation = Recommendation.objects.select_for_update().get(pk=pk)
    day = recommendation.finding.engagement.office.today()
    if recommendation.state != S.RISK_ACCEPTED or not recommendation.risk_expired(day):
        return False
    last = say_day(recommendation.accepted_until)
    said = Said(f"The risk was accepted until {last}; that day has passed.")
    take_step(recommendation, S.REOPENED, "expire", said, None)
    tell_owner(recommendation, "The accepted risk expired, respond or say what was done:", None)
    tell_auditors(recommendation, "The accepted risk expired, it is open again:", None)
    return True


def _ask(recommendation: Recommendation, kind: str, until: date, reason: str, by: User) -> Ask:
    today = recommendation.finding.engagement.office.today()
    policies.check_asked_until(recommendation, kind, until, today)
    policies.check_said(reason, "reason", "Say why you ask for it.")
    text = AskText.objects.create(reason=reason.strip())
    ask = Ask(
        uid=uuid4(),
        recommendation=recommendation,
        kind=kind,
        until=until,
        text=text,
        text_digest=text.digest,
        asked_by=by,
    )
    fields = {"recommendation": recommendation, "kind": kind, "until": until}
    ask.entry_id = journal.record(
        "ask", record=ask, op="create", by=by, fields={**fields, "reason": reason.strip()}
    )
    ask.save()
    return ask


def _write_answer(ask: Ask, verdict: str, reason: str, by: User) -> AskAnswer:
    text = AskAnswerText.objects.create(reason=reason.strip())
    answer = AskAnswer(
        uid=uuid4(),
        ask=ask,
        verdict=verdict,
        text=text,
        text_digest=text.digest,
        answered_by=by,
    )
    fields = {"ask": ask, "verdict": verdict, "reason": reason.strip()}
    answer.entry_id = journal.record("ask_answer", record=answer, op="create", by=by, fields=fields)
    rules = {"ask_nobody_answers_their_own": "You asked for it yourself: another person answers."}
    with refused_if(rules):
        answer.save()
    return answer
