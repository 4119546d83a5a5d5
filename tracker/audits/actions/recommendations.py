"""Recommendations: the owner answers and claims, the auditors verify, close, reopen and extend. Every step stays."""

from datetime import date

from django.db import transaction
from django.db.models import Max

from tracker.accounts.models import Organisation, User
from tracker.audits import policies
from tracker.audits.actions.steps import (
    NewFile,
    Said,
    lock,
    on_the_claim,
    record_change,
    take_step,
    tell_auditors,
    tell_owner,
    with_file,
    write_step,
)
from tracker.audits.models import (
    CLOSED,
    Finding,
    Recommendation,
    RecommendationState,
    Response,
)
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields, refused_if

S = RecommendationState
ANSWERS: dict[str, str] = {
    Response.CONCUR: S.OPEN_RESOLVED,
    Response.PARTIAL: S.OPEN_RESOLVED,
    Response.NON_CONCUR: S.OPEN_UNRESOLVED,
    Response.NO_COMMENT: S.OPEN_UNRESOLVED,
}
OWN_CLAIM = "You said yourself that it is implemented: another auditor verifies it."


@transaction.atomic
def draft_recommendation(
    *,
    finding: Finding,
    text: str,
    owner: Organisation,
    due_on: date,
    significant: bool = False,
    by: User,
) -> Recommendation:
    """Draft what shall be done, by whom and by when. It is issued with its finding.

    `significant` is the office's own mark: a priority, or significant in the sense of its semiannual report.
    """
    finding = Finding.objects.select_for_update().get(pk=finding.pk)
    policies.check_can_draft_recommendation(by, finding)
    policies.check_due(due_on, finding.engagement.office.today())
    last = finding.recommendations.aggregate(last=Max("number"))["last"] or 0
    recommendation = Recommendation(
        finding=finding,
        number=last + 1,
        text=text.strip(),
        owner=owner,
        original_due_on=due_on,
        due_on=due_on,
        significant=significant,
    )
    check_fields(recommendation)
    recommendation.save()
    record_change(recommendation, "create", by)
    return recommendation


@transaction.atomic
def change_recommendation(
    *,
    recommendation: Recommendation,
    text: str,
    owner: Organisation,
    due_on: date,
    significant: bool = False,
    by: User,
) -> Recommendation:
    """Rewrite a draft."""
    recommendation = lock(recommendation)
    policies.check_can_change_recommendation(by, recommendation)
    policies.check_due(due_on, recommendation.finding.engagement.office.today())
    recommendation.text, recommendation.owner = text.strip(), owner
    recommendation.significant = significant
    recommendation.original_due_on = recommendation.due_on = due_on
    check_fields(recommendation)
    recommendation.save()
    record_change(recommendation, "change", by)
    return recommendation


@transaction.atomic
def remove_recommendation(*, recommendation: Recommendation, by: User) -> None:
    """Take a draft away. What was issued is closed with a reason instead."""
    recommendation = lock(recommendation)
    policies.check_can_change_recommendation(by, recommendation)
    record_change(recommendation, "remove", by)
    recommendation.delete()


def issue_drafts_of(finding: Finding, today: date, by: User) -> list[Recommendation]:
    """Issue the draft recommendations of a finding. Part of issuing the finding, whose action checks who may."""
    drafts = Recommendation.objects.select_for_update().filter(finding=finding, state=S.DRAFT)
    issued = []
    for recommendation in drafts.order_by("number"):
        recommendation.issued_on = today
        issued.append(take_step(recommendation, S.ISSUED, "issue", Said(""), by))
    return issued


@transaction.atomic
def respond(
    *, recommendation: Recommendation, response: str, note: str, by: User
) -> Recommendation:
    """The owner concurs, concurs in part, or does not; whoever does not concur fully says why in `note`."""
    recommendation = lock(recommendation)
    policies.check_can_respond(by, recommendation)
    if response not in ANSWERS:
        raise Refused(
            {
                "response": "Choose an answer: concur, concur partially, do not concur, or no comment."
            }
        )
    if response not in (Response.CONCUR, Response.NO_COMMENT):
        policies.check_said(note, "note", "Say what you do not agree with, and why.")
    if ANSWERS[response] == recommendation.state:
        raise Refused(
            {
                "response": f"It is {recommendation.get_state_display()} already: "
                "answer otherwise, or say what was done."
            }
        )
    said = Said(note, fields={"answer": Response(response).label})
    recommendation.response = response
    recommendation = take_step(recommendation, ANSWERS[response], "respond", said, by)
    label = Response(response).label
    tell_auditors(recommendation, f"{recommendation.owner} {label} on", by)
    return recommendation


@transaction.atomic
def claim_implementation(
    *, recommendation: Recommendation, note: str, file: NewFile | None = None, by: User
) -> Recommendation:
    """The owner says that it is done and how. That closes nothing: the auditors verify it."""
    recommendation = lock(recommendation)
    policies.check_can_claim(by, recommendation)
    policies.check_said(note, "note", "Say what was done, and how the auditors can see it.")
    said = with_file(note, file, by)
    recommendation = take_step(recommendation, S.IMPLEMENTATION_CLAIMED, "claim", said, by)
    tell_auditors(recommendation, f"{recommendation.owner} says it is implemented: verify", by)
    return recommendation


@transaction.atomic
def note_partial_progress(
    *, recommendation: Recommendation, note: str, file: NewFile | None = None, by: User
) -> Recommendation:
    """The auditors found a part of it done; `note` says which part is left."""
    recommendation = lock(recommendation)
    policies.check_can_address(by, recommendation)
    policies.check_said(note, "note", "Say what is done and what is left to do.")
    said = with_file(note, file, by)
    recommendation = take_step(recommendation, S.PARTIALLY_ADDRESSED, "address", said, by)
    tell_owner(recommendation, "Partially addressed, something is left to do:", by)
    return recommendation


@transaction.atomic
def reject_claim(*, recommendation: Recommendation, reason: str, by: User) -> Recommendation:
    """The auditors looked and found it not done; it is open again, with the reason."""
    recommendation = lock(recommendation)
    policies.check_can_reject(by, recommendation)
    policies.check_said(reason, "reason", "Say what the auditors found instead.")
    recommendation = take_step(recommendation, S.OPEN_RESOLVED, "reject", Said(reason), by)
    tell_owner(recommendation, "Not accepted as implemented:", by)
    return recommendation


@transaction.atomic
def accept_implementation(
    *, recommendation: Recommendation, note: str, file: NewFile | None = None, by: User
) -> Recommendation:
    """An auditor verified it and closes it as implemented, on evidence.

    `file` is the auditor's own file; without one the file handed in with the claim counts. Neither: refused.
    """
    recommendation = lock(recommendation)
    policies.check_can_accept(by, recommendation)
    policies.check_said(note, "note", "Say how you verified it.")
    said = with_file(note, file, by) if file else on_the_claim(note, recommendation)
    with refused_if({"step_nobody_accepts_their_own_claim": OWN_CLAIM}):
        recommendation = take_step(recommendation, S.CLOSED_IMPLEMENTED, "accept", said, by)
    tell_owner(recommendation, "Closed as implemented:", by)
    return recommendation


@transaction.atomic
def close_recommendation(
    *, recommendation: Recommendation, state: str, reason: str, by: User
) -> Recommendation:
    """Close it without implementation: not implemented, overtaken or superseded, with a reason."""
    recommendation = lock(recommendation)
    policies.check_can_close(by, recommendation)
    policies.check_closing_state(state)
    policies.check_said(reason, "reason", "Say why it is closed without being implemented.")
    with refused_if({"step_nobody_accepts_their_own_claim": OWN_CLAIM}):
        recommendation = take_step(recommendation, state, "close", Said(reason), by)
    tell_owner(recommendation, f"{recommendation.get_state_display().capitalize()}:", by)
    return recommendation


@transaction.atomic
def reopen_recommendation(
    *, recommendation: Recommendation, reason: str, by: User
) -> Recommendation:
    """Open it again, with a reason. Its due dates stay as they were."""
    recommendation = lock(recommendation)
    policies.check_can_reopen(by, recommendation)
    policies.check_said(reason, "reason", "Say why it is opened again.")
    recommendation = take_step(recommendation, S.REOPENED, "reopen", Said(reason), by)
    tell_owner(recommendation, "Reopened, respond or say what was done:", by)
    return recommendation


@transaction.atomic
def extend_due_date(
    *, recommendation: Recommendation, due_on: date, reason: str, by: User
) -> Recommendation:
    """Give it until a later day, with a reason. The original due date stays beside it."""
    recommendation = lock(recommendation)
    policies.check_can_extend(by, recommendation)
    if due_on <= recommendation.due_on:
        raise Refused(
            {
                "due_on": f"It is due on {say_day(recommendation.due_on)} now: an extension is to a later day."
            }
        )
    policies.check_said(reason, "reason", "Say why the owner gets more time.")
    recommendation.due_on = due_on
    recommendation = write_step(recommendation, recommendation.state, "extend", Said(reason), by)
    tell_owner(recommendation, f"Due on {say_day(due_on)} now:", by)
    return recommendation


def reopen_repeated(finding: Finding, by: User) -> list[Recommendation]:
    """Open again what was closed about the finding that this one repeats. Part of issuing it, whose action checks
    who may."""
    if finding.repeats is None:
        return []
    rows = Recommendation.objects.select_for_update().filter(
        finding=finding.repeats, state__in=[*CLOSED, S.RISK_ACCEPTED]
    )
    said = Said(
        f"Finding {finding.label} of {finding.issued_on} repeats finding {finding.repeats.label}."
    )
    reopened = []
    for recommendation in rows.order_by("number"):
        reopened.append(take_step(recommendation, S.REOPENED, "reopen", said, by))
        tell_owner(recommendation, "Found again and reopened, respond or say what was done:", by)
    return reopened


def resolve_decided(finding: Finding, said: str, by: User) -> None:
    """A decision that sustains the finding resolves what was not agreed to (OMB A-50). Part of that decision."""
    rows = Recommendation.objects.select_for_update().filter(
        finding=finding, state=S.OPEN_UNRESOLVED
    )
    for recommendation in rows.order_by("number"):
        take_step(recommendation, S.OPEN_RESOLVED, "decide", Said(said), by)


@transaction.atomic
def mark_significant(
    *, recommendation: Recommendation, significant: bool, by: User
) -> Recommendation:
    """The office marks an issued recommendation as significant, or takes the mark away. Nothing else changes."""
    recommendation = lock(recommendation)
    policies.check_can_mark(by, recommendation)
    if recommendation.significant == significant:
        raise Refused("It is marked so already.")
    recommendation.significant = significant
    recommendation.save(update_fields=["significant"])
    record_change(recommendation, "mark" if significant else "unmark", by)
    return recommendation
