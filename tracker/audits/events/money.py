"""What the journal records of the money of findings, of decisions and plans, and of what the owner asks."""

from typing import Any

from tracker.journal.kinds import Kind

# What findings and recommendations state since their money is followed, with what was true of older ones.
PARTICULARS: dict[str, Any] = {
    "kind": "",
    "kind_words": "",
    "control_class": "",
    "materiality_currency": "",
    "materiality": None,
    "repeats": None,
    "decision_due_on": None,
    "final_action_due_on": None,
    "lines": [],
    "better_use": [],
    "records": [],
}
FOLLOWED: dict[str, Any] = {"significant": False, "accepted_until": None}

MONEY: list[Kind] = [
    Kind(
        "cost_event",
        (
            *("finding", "step", "outcome", "answers", "currency", "amount", "transaction"),
            *("taken_on", "evidence", "note", "evidence_name"),
        ),
        {"create": "Of the questioned cost, {amount} {currency} as {outcome}: {step}."},
    ),
    Kind(
        "management_decision",
        (
            *("finding", "revises", "sustained", "currency", "questioned", "allowed", "disallowed"),
            *("better_currency", "better_use", "agreed", "not_agreed", "act_by", "decided_on"),
            *("reasons", "action", "timetable", "appeal"),
        ),
        {"create": "Management decided on the finding: “{reasons}”."},
    ),
    Kind(
        "corrective_plan",
        (
            *("recommendation", "version", "anticipated_on", "stated_on"),
            *("contact", "action", "disagreement"),
        ),
        {"create": "Version {version} of the corrective action plan was stated: “{action}”."},
    ),
    Kind(
        "ask",
        ("recommendation", "kind", "until", "reason"),
        {"create": "The owner asked ({kind}) until {until}: “{reason}”."},
    ),
    Kind(
        "ask_answer",
        ("ask", "verdict", "reason"),
        {"create": "What the owner asked was {verdict}: “{reason}”."},
    ),
]
