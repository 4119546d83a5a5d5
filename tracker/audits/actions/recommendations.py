"""Recommendations: the owner answers and claims, the auditors verify, close, reopen and extend. Every step stays."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.audits import policies, queries
from tracker.audits.models import (
    Finding,
    Recommendation,
    RecommendationState,
    RecommendationStep,
    Response,
    StepText,
    native_status,
)
from tracker.journal import actions as journal
from tracker.ledger.actions.evidence import safe_name, store_file
from tracker.ledger.models import EvidenceFile
from tracker.shared import onward
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields, refused_if

S = RecommendationState
ANSWERS: dict[str, str] = {
    Response.CONCUR: S.OPEN_RESOLVED,
    Response.PARTIAL: S.OPEN_RESOLVED,
    Response.NON_CONCUR: S.OPEN_UNRESOLVED,
}
OWN_CLAIM = "You said yourself that it is implemented: another auditor verifies it."


@dataclass(frozen=True)
class NewFile:
    """A file that somebody hands in with a step: the open file, its name and its content type."""

    file: Any
    name: str
    content_type: str


@dataclass(frozen=True)
class Said:
    """What comes with a step: words, and perhaps the file that proves them."""

    note: str
    evidence: EvidenceFile | None = None
    evidence_name: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def draft_recommendation(
    *, finding: Finding, text: str, owner: Organisation, due_on: date, by: User
) -> Recommendation:
    """Draft what shall be done, by whom and by when. It is issued with its finding."""
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
    )
    check_fields(recommendation)
    recommendation.save()
    _record(recommendation, "create", by)
    return recommendation


@transaction.atomic
def change_recommendation(
    *, recommendation: Recommendation, text: str, owner: Organisation, due_on: date, by: User
) -> Recommendation:
    """Rewrite a draft."""
    recommendation = _lock(recommendation)
    policies.check_can_change_recommendation(by, recommendation)
    policies.check_due(due_on, recommendation.finding.engagement.office.today())
    recommendation.text, recommendation.owner = text.strip(), owner
    recommendation.original_due_on = recommendation.due_on = due_on
    check_fields(recommendation)
    recommendation.save()
    _record(recommendation, "change", by)
    return recommendation


@transaction.atomic
def remove_recommendation(*, recommendation: Recommendation, by: User) -> None:
    """Take a draft away. What was issued is closed with a reason instead."""
    recommendation = _lock(recommendation)
    policies.check_can_change_recommendation(by, recommendation)
    _record(recommendation, "remove", by)
    recommendation.delete()


def issue_drafts_of(finding: Finding, today: date, by: User) -> list[Recommendation]:
    """Issue the draft recommendations of a finding. Part of issuing the finding, whose action checks who may."""
    drafts = Recommendation.objects.select_for_update().filter(finding=finding, state=S.DRAFT)
    issued = []
    for recommendation in drafts.order_by("number"):
        recommendation.issued_on = today
        issued.append(_step(recommendation, S.ISSUED, "issue", Said(""), by))
    return issued


@transaction.atomic
def respond(
    *, recommendation: Recommendation, response: str, note: str, by: User
) -> Recommendation:
    """The owner concurs, concurs in part, or does not; whoever does not concur fully says why in `note`."""
    recommendation = _lock(recommendation)
    policies.check_can_respond(by, recommendation)
    if response not in ANSWERS:
        raise Refused({"response": "Choose an answer: concur, concur partially or do not concur."})
    if response != Response.CONCUR:
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
    recommendation = _step(recommendation, ANSWERS[response], "respond", said, by)
    label = Response(response).label
    _tell_auditors(recommendation, f"{recommendation.owner} {label} on", by)
    return recommendation


@transaction.atomic
def claim_implementation(
    *, recommendation: Recommendation, note: str, file: NewFile | None = None, by: User
) -> Recommendation:
    """The owner says that it is done and how. That closes nothing: the auditors verify it."""
    recommendation = _lock(recommendation)
    policies.check_can_claim(by, recommendation)
    policies.check_said(note, "note", "Say what was done, and how the auditors can see it.")
    said = _with_file(note, file, by)
    recommendation = _step(recommendation, S.IMPLEMENTATION_CLAIMED, "claim", said, by)
    _tell_auditors(recommendation, f"{recommendation.owner} says it is implemented: verify", by)
    return recommendation


@transaction.atomic
def note_partial_progress(
    *, recommendation: Recommendation, note: str, file: NewFile | None = None, by: User
) -> Recommendation:
    """The auditors found a part of it done; `note` says which part is left."""
    recommendation = _lock(recommendation)
    policies.check_can_address(by, recommendation)
    policies.check_said(note, "note", "Say what is done and what is left to do.")
    said = _with_file(note, file, by)
    recommendation = _step(recommendation, S.PARTIALLY_ADDRESSED, "address", said, by)
    _tell_owner(recommendation, "Partially addressed, something is left to do:", by)
    return recommendation


@transaction.atomic
def reject_claim(*, recommendation: Recommendation, reason: str, by: User) -> Recommendation:
    """The auditors looked and found it not done; it is open again, with the reason."""
    recommendation = _lock(recommendation)
    policies.check_can_reject(by, recommendation)
    policies.check_said(reason, "reason", "Say what the auditors found instead.")
    recommendation = _step(recommendation, S.OPEN_RESOLVED, "reject", Said(reason), by)
    _tell_owner(recommendation, "Not accepted as implemented:", by)
    return recommendation


@transaction.atomic
def accept_implementation(
    *, recommendation: Recommendation, note: str, file: NewFile | None = None, by: User
) -> Recommendation:
    """An auditor verified it and closes it as implemented, on evidence.

    `file` is the auditor's own file; without one the file handed in with the claim counts. Neither: refused.
    """
    recommendation = _lock(recommendation)
    policies.check_can_accept(by, recommendation)
    policies.check_said(note, "note", "Say how you verified it.")
    said = _with_file(note, file, by) if file else _on_the_claim(note, recommendation)
    with refused_if({"step_nobody_accepts_their_own_claim": OWN_CLAIM}):
        recommendation = _step(recommendation, S.CLOSED_IMPLEMENTED, "accept", said, by)
    _tell_owner(recommendation, "Closed as implemented:", by)
    return recommendation


@transaction.atomic
def close_recommendation(
    *, recommendation: Recommendation, state: str, reason: str, by: User
) -> Recommendation:
    """Close it without implementation: not implemented, overtaken or superseded, with a reason."""
    recommendation = _lock(recommendation)
    policies.check_can_close(by, recommendation)
    policies.check_closing_state(state)
    policies.check_said(reason, "reason", "Say why it is closed without being implemented.")
    recommendation = _step(recommendation, state, "close", Said(reason), by)
    _tell_owner(recommendation, f"{recommendation.get_state_display().capitalize()}:", by)
    return recommendation


@transaction.atomic
def reopen_recommendation(
    *, recommendation: Recommendation, reason: str, by: User
) -> Recommendation:
    """Open it again, with a reason. Its due dates stay as they were."""
    recommendation = _lock(recommendation)
    policies.check_can_reopen(by, recommendation)
    policies.check_said(reason, "reason", "Say why it is opened again.")
    recommendation = _step(recommendation, S.REOPENED, "reopen", Said(reason), by)
    _tell_owner(recommendation, "Reopened, respond or say what was done:", by)
    return recommendation


@transaction.atomic
def extend_due_date(
    *, recommendation: Recommendation, due_on: date, reason: str, by: User
) -> Recommendation:
    """Give it until a later day, with a reason. The original due date stays beside it."""
    recommendation = _lock(recommendation)
    policies.check_can_extend(by, recommendation)
    if due_on <= recommendation.due_on:
        raise Refused(
            {
                "due_on": f"It is due on {say_day(recommendation.due_on)} now: an extension is to a later day."
            }
        )
    policies.check_said(reason, "reason", "Say why the owner gets more time.")
    recommendation.due_on = due_on
    recommendation = _write_step(recommendation, recommendation.state, "extend", Said(reason), by)
    _tell_owner(recommendation, f"Due on {say_day(due_on)} now:", by)
    return recommendation


# --- What every step does --------------------------------------------------


def _lock(recommendation: Recommendation) -> Recommendation:
    return Recommendation.objects.select_for_update().get(pk=recommendation.pk)


def _with_file(note: str, file: NewFile | None, by: User) -> Said:
    if file is None:
        return Said(note)
    stored = store_file(file=file.file, name=file.name, content_type=file.content_type, by=by)
    return Said(note, stored, safe_name(file.name))


def _on_the_claim(note: str, recommendation: Recommendation) -> Said:
    """The file that came with the last claim, if one did."""
    claim = queries.last_claim(recommendation)
    if claim is None or claim.evidence is None:
        raise Refused(
            {"file": "Attach the evidence on which you close it: no file came with the claim."}
        )
    return Said(note, claim.evidence, claim.text.evidence_name)


def _step(
    recommendation: Recommendation, after: str, op: str, said: Said, by: User
) -> Recommendation:
    """Move it to another state, if that may follow."""
    policies.check_step(recommendation, after)
    return _write_step(recommendation, after, op, said, by)


def _write_step(
    recommendation: Recommendation, after: str, op: str, said: Said, by: User
) -> Recommendation:
    """Journal entry, step, then the recommendation itself: triggers hold the state to its last step."""
    before = recommendation.state
    recommendation.state = after
    standard = recommendation.finding.engagement.standard
    recommendation.native_status = native_status(standard, after)
    step = uuid4()
    entry = _record(
        recommendation,
        op,
        by,
        step=step,
        before=before,
        note=said.note.strip(),
        evidence=said.evidence and said.evidence.sha256,
        evidence_name=said.evidence_name,
        **said.fields,
    )
    text = StepText.objects.create(note=said.note.strip(), evidence_name=said.evidence_name)
    RecommendationStep.objects.create(
        uid=step,
        recommendation=recommendation,
        before=before,
        after=after,
        response=recommendation.response if op == "respond" else "",
        due_on=recommendation.due_on if op in ("issue", "extend") else None,
        evidence=said.evidence,
        text=text,
        text_digest=text.digest,
        taken_by=by,
        entry_id=entry,
    )
    recommendation.save()
    finding = recommendation.finding
    onward.happened(onward.AUDIT_MOVED, engagement=finding.engagement, finding=finding)
    return recommendation


def _record(recommendation: Recommendation, op: str, by: User, **said: object) -> int:
    fields = {
        "finding": recommendation.finding,
        "number": recommendation.number,
        "text": recommendation.text,
        "owner": recommendation.owner,
        "original_due_on": recommendation.original_due_on,
        "due_on": recommendation.due_on,
        "state": recommendation.state,
        "response": recommendation.response,
        "native_status": recommendation.native_status,
        "issued_on": recommendation.issued_on,
    }
    return journal.record(
        "recommendation", record=recommendation, op=op, by=by, fields={**fields, **said}
    )


def _tell(people: Iterable[User], recommendation: Recommendation, opening: str, by: User) -> None:
    for person in people:
        if person.pk != by.pk:
            sentence = f"{opening} recommendation {recommendation.label}."[:300]
            notify(person=person, sentence=sentence, path=recommendation.get_absolute_url())


def _tell_owner(recommendation: Recommendation, opening: str, by: User) -> None:
    _tell(queries.officers_of(recommendation), recommendation, opening, by)


def _tell_auditors(recommendation: Recommendation, opening: str, by: User) -> None:
    _tell(queries.team_of(recommendation.finding.engagement), recommendation, opening, by)
