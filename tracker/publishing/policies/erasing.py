"""What may be erased, and who may do it."""

from uuid import UUID

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds
from tracker.publishing.models import (
    PublishedProgram,
    ReleasedRow,
)
from tracker.shared.errors import NotAllowed, Refused

# Words that may name a person, by the kind of entry that states them. Everything else is a fact of the ledger.
_WORDS = frozenset({"payee", "reference", "description"})
ERASABLE: dict[str, frozenset[str]] = {
    "voucher": _WORDS,
    "voucher_version": _WORDS,
    "transaction": _WORDS,
    "voucher_return": frozenset({"reason"}),
    "revaluation": frozenset({"reason", "document_name"}),
    "revaluation_decision": frozenset({"reason"}),
    "statement": frozenset({"remark", "evidence_name"}),
    "discrepancy": frozenset({"reason", "evidence_name"}),
    "waiver": frozenset({"reason"}),
    "waiver_decision": frozenset({"reason"}),
    "supplied_document": frozenset({"file_name"}),
    "measurement": frozenset({"source", "comment"}),
    "recommendation": frozenset({"note", "evidence_name"}),
    "period_change": frozenset({"reason"}),
    "period_decision": frozenset({"reason"}),
    "certification": frozenset({"remark"}),
    "glass": frozenset({"reason"}),
    "independence": frozenset({"note"}),
    "meeting": frozenset({"attended", "agreed"}),
    "draft_report": frozenset({"message", "content"}),
    "draft_comment": frozenset({"note"}),
    "comment_reply": frozenset({"note"}),
    "paper_version": frozenset({"title", "purpose", "source", "conclusion", "file_names"}),
    "review_note": frozenset({"note"}),
    "cost_event": frozenset({"note", "evidence_name"}),
    "management_decision": frozenset({"reasons", "action", "timetable", "appeal"}),
    "corrective_plan": frozenset({"contact", "action", "disagreement"}),
    "ask": frozenset({"reason"}),
    "ask_answer": frozenset({"reason"}),
    "risk_judgement": frozenset({"reason"}),
    "audit_plan": frozenset({"reason"}),
    "sample": frozenset(
        {"purpose", "population", "filters", "strata_names", "size_reason", "again_reason"}
    ),
    "sample_given_up": frozenset({"reason"}),
    "sample_result": frozenset({"reference", "note"}),
    "sample_evaluation": frozenset({"conclusion"}),
}


def check_can_erase(user: User, confirmed_by: User, basis: str, reason: str) -> None:
    """Two disclosure officers, a legal basis and a reason: what is erased cannot be brought back."""
    for person in (user, confirmed_by):
        check_holds(person, Role.DISCLOSURE, to="erase words from the record")
    if user.pk == confirmed_by.pk:
        raise NotAllowed("Erasing takes two disclosure officers: somebody else has to confirm it.")
    for name, text in (("basis", basis), ("reason", reason)):
        if not text.strip():
            raise Refused({name: f"State the {name}: the decision stays in the journal for ever."})


def check_is_erasable(kind: str, fields: list[str]) -> None:
    fixed = sorted(set(fields) - ERASABLE.get(kind, frozenset()))
    if fixed:
        names = ", ".join(sorted(ERASABLE.get(kind, ()))) or "nothing"
        raise Refused(
            f"{', '.join(fixed)} of a {kind.replace('_', ' ')} is a fact and stays; "
            f"what may be erased there: {names}."
        )


def check_not_public(records: list[UUID], fields: list[str]) -> None:
    """What the public reads today is first withheld and released anew. Older releases stay what they were."""
    current = PublishedProgram.objects.values("release")
    rows = ReleasedRow.objects.filter(subject__in=records, items__release__in=current)
    for row in rows.distinct():
        shown = [n for n in fields if row.cells.get(n, {}).get("state") == "stated"]
        if shown:
            raise Refused(
                f"The public reads {', '.join(shown)} of {row.subject} today: withhold it and release the program "
                "again, then erase it."
            )
