"""What every step of a recommendation does: its entry, its row, then the recommendation itself, and who is told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.audits import policies, queries
from tracker.audits.models import (
    Recommendation,
    RecommendationState,
    RecommendationStep,
    StepText,
    native_status,
)
from tracker.journal import actions as journal
from tracker.ledger.actions.evidence import safe_name, store_file
from tracker.ledger.models import EvidenceFile
from tracker.shared.errors import Refused

S = RecommendationState


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


def lock(recommendation: Recommendation) -> Recommendation:
    return Recommendation.objects.select_for_update().get(pk=recommendation.pk)


def with_file(note: str, file: NewFile | None, by: User) -> Said:
    if file is None:
        return Said(note)
    stored = store_file(file=file.file, name=file.name, content_type=file.content_type, by=by)
    return Said(note, stored, safe_name(file.name))


def on_the_claim(note: str, recommendation: Recommendation) -> Said:
    """The file that came with the last claim, if one did."""
    claim = queries.last_claim(recommendation)
    if claim is None or claim.evidence is None:
        raise Refused(
            {"file": "Attach the evidence on which you close it: no file came with the claim."}
        )
    return Said(note, claim.evidence, claim.text.evidence_name)


def take_step(
    recommendation: Recommendation, after: str, op: str, said: Said, by: User | None
) -> Recommendation:
    """Move it to another state, if that may follow."""
    policies.check_step(recommendation, after)
    return write_step(recommendation, after, op, said, by)


def write_step(
    recommendation: Recommendation, after: str, op: str, said: Said, by: User | None
) -> Recommendation:
    """Journal entry, step, then the recommendation itself: triggers hold the state to its last step."""
    before = recommendation.state
    recommendation.state = after
    if after != S.RISK_ACCEPTED:
        recommendation.accepted_until = None
    standard = recommendation.finding.engagement.standard
    recommendation.native_status = native_status(standard, after)
    step = uuid4()
    entry = record_change(
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
    return recommendation


def record_change(recommendation: Recommendation, op: str, by: User | None, **said: object) -> int:
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
        "significant": recommendation.significant,
        "accepted_until": recommendation.accepted_until,
    }
    return journal.record(
        "recommendation", record=recommendation, op=op, by=by, fields={**fields, **said}
    )


def _tell(
    people: Iterable[User], recommendation: Recommendation, opening: str, by: User | None
) -> None:
    for person in people:
        if by is None or person.pk != by.pk:
            sentence = f"{opening} recommendation {recommendation.label}."[:300]
            notify(person=person, sentence=sentence, path=recommendation.get_absolute_url())


def tell_owner(recommendation: Recommendation, opening: str, by: User | None) -> None:
    _tell(queries.officers_of(recommendation), recommendation, opening, by)


def tell_auditors(recommendation: Recommendation, opening: str, by: User | None) -> None:
    _tell(queries.team_of(recommendation.finding.engagement), recommendation, opening, by)
