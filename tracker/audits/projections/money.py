"""How the money of findings, decisions, plans and asks are rebuilt from the journal."""

from typing import Any

from tracker.audits.models import (
    Ask,
    AskAnswer,
    AskAnswerText,
    AskText,
    BetterUse,
    CorrectivePlan,
    CostEvent,
    CostEventText,
    FindingRecord,
    ManagementDecision,
    ManagementDecisionText,
    PlanText,
    QuestionedLine,
)
from tracker.journal.projections import (
    By,
    First,
    Last,
    Number,
    Part,
    Projection,
    Says,
    Side,
    Story,
    Through,
    When,
)


class BlankReason(Says):
    """Why one element is blank. Older entries state one reason for all of a finding's blank elements."""

    def __init__(self, element: str):
        self.element, self.fields = element, (element, "blank_reason")

    def of(self, story: Story) -> Any:
        told = story.entries[-1]
        said = told.value("blank_reason")
        if isinstance(said, dict):
            return said.get(self.element, "")
        if not isinstance(said, str):
            return said
        written = told.value(self.element)
        return said if written == "" else ""


FINDING_PARTS = (
    Part(
        QuestionedLine,
        "finding",
        ("position", "kind", "transaction", "currency", "known", "likely", "basis"),
        Last("lines"),
        numbered=True,
    ),
    Part(
        BetterUse,
        "finding",
        ("position", "kind", "currency", "amount", "basis"),
        Last("better_use"),
        numbered=True,
    ),
    Part(
        FindingRecord,
        "finding",
        ("kind", "record"),
        Last("records"),
        unmapped={
            "program": "whose the record is, as its own row says",
            "organisation": "whose the record is, as its own row says",
        },
    ),
)

MONEY = [
    Projection(
        "cost event",
        CostEvent,
        ("cost_event",),
        {
            name: First(name)
            for name in (
                *("finding", "step", "outcome", "answers", "currency", "amount", "transaction"),
                "taken_on",
            )
        }
        | {"evidence": Through("sha256", First("evidence"))}
        | {"taken_by": By(), "taken_at": When(), "entry": Number()},
        sides=(Side("text", CostEventText, {n: First(n) for n in ("note", "evidence_name")}),),
    ),
    Projection(
        "management decision",
        ManagementDecision,
        ("management_decision",),
        {
            name: First(name)
            for name in (
                *("finding", "revises", "sustained", "currency", "questioned", "allowed"),
                *("disallowed", "better_currency", "better_use", "agreed", "not_agreed"),
                *("act_by", "decided_on"),
            )
        }
        | {"decided_by": By(), "decided_at": When(), "entry": Number()},
        sides=(
            Side(
                "text",
                ManagementDecisionText,
                {n: First(n) for n in ("reasons", "action", "timetable", "appeal")},
            ),
        ),
    ),
    Projection(
        "corrective action plan",
        CorrectivePlan,
        ("corrective_plan",),
        {name: First(name) for name in ("recommendation", "version", "anticipated_on", "stated_on")}
        | {"stated_by": By(), "stated_at": When(), "entry": Number()},
        sides=(
            Side("text", PlanText, {n: First(n) for n in ("contact", "action", "disagreement")}),
        ),
    ),
    Projection(
        "ask",
        Ask,
        ("ask",),
        {name: First(name) for name in ("recommendation", "kind", "until")}
        | {"asked_by": By(), "asked_at": When(), "entry": Number()},
        sides=(Side("text", AskText, {"reason": First("reason")}),),
    ),
    Projection(
        "answer to an ask",
        AskAnswer,
        ("ask_answer",),
        {name: First(name) for name in ("ask", "verdict")}
        | {"answered_by": By(), "answered_at": When(), "entry": Number()},
        sides=(Side("text", AskAnswerText, {"reason": First("reason")}),),
    ),
]
