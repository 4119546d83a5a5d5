"""Words for codes, and what they mean. The public site does not import the rooms that own the codes; a test
compares both, so that a new code cannot reach the public without words."""

from collections.abc import Mapping
from typing import NamedTuple

Labels = Mapping[str, str]

NATURES: Labels = {
    "operational": "kept here",
    "documented": "documented from the public record",
    "illustrative": "illustrative",
}
KINDS_OF_AID: Labels = {
    "equipment": "equipment",
    "training": "training",
    "joint_exercise": "joint exercise",
    "peacekeeping_support": "peacekeeping support",
    "capacity_building": "capacity building",
    "infrastructure": "infrastructure",
    "humanitarian": "humanitarian and disaster relief",
    "counter_terrorism": "counter-terrorism",
    "cyber": "cyber",
    "health": "health",
    "climate_resilience": "climate resilience",
}
STATUSES: Labels = {
    "1": "in preparation",
    "2": "under way",
    "3": "being completed",
    "4": "closed",
    "5": "cancelled",
    "6": "suspended",
}
ROLES: Labels = {
    "donor": "Donor",
    "recipient": "Recipient",
    "implementing": "Carried out by",
    "accountable": "Accountable",
    "partner": "Partner",
}
LEVELS: Labels = {"impact": "Impact", "outcome": "Outcome", "output": "Output"}
DIRECTIONS: Labels = {"up": "higher is better", "down": "lower is better"}
VERIFICATIONS: Labels = {
    "not_verified": "not verified",
    "self_reported": "reported by the recipient",
    "verified": "verified by a third party",
}
TARGET_KINDS: Labels = {"baseline": "baseline", "target": "target"}
TRANSACTION_KINDS: Labels = {
    "pledge": "pledge",
    "commitment": "commitment",
    "disbursement": "disbursement",
    "receipt": "receipt",
    "expenditure": "expenditure",
    "refund": "refund",
    "write_off": "write-off",
}
PROVENANCES: Labels = {
    "voucher": "entered as a voucher",
    "upload": "uploaded from a file",
    "opening": "opening commitment for history without one",
    "reported": "reported by the recipient",
}
VERDICTS: Labels = {
    "confirmed": "confirmed",
    "short": "short",
    "surplus": "surplus",
    "damaged": "damaged",
    "disputed": "disputed",
    "used": "used",
}
DISCREPANCIES: Labels = {
    "short": "short",
    "surplus": "surplus",
    "damaged": "damaged",
    "disputed": "disputed",
}
DISCREPANCY_STATES: Labels = {
    "open": "open",
    "explained": "explained",
    "loss": "declared a loss",
    "disputed": "disputed",
    "withdrawn": "withdrawn with its report",
}
DISCREPANCY_TONES: Labels = {
    "open": "warn",
    "explained": "good",
    "loss": "bad",
    "disputed": "bad",
    "withdrawn": "",
}
PURPOSES: Labels = {
    "aid": "aid",
    "replenishment": "replenishment of own stocks, in no total of aid",
}
SIDES: Labels = {"donor": "donor", "recipient": "recipient"}
VALUATIONS: Labels = {
    "money": "money",
    "acquisition_cost": "acquisition cost",
    "net_book_value": "net book value",
    "inventory_cost": "inventory cost",
    "replacement_cost": "replacement cost",
    "market_value": "market value",
    "deemed_cost": "deemed cost",
    "donor_stated": "stated by the donor",
    "unvalued": "unvalued",
    "not_stated": "not stated",
}
METHODS: Labels = {
    "document": "as the document says",
    "straight_line": "straight-line depreciation",
}
QUALIFIERS: Labels = {
    "exactly": "",
    "about": "about",
    "more_than": "more than",
    "nearly": "nearly",
    "up_to": "up to",
    "at_least": "at least",
}
GRADES: Labels = {"A": "stated on an official page", "B": "good secondary source"}
SEVERITIES: Labels = {"low": "low", "medium": "medium", "high": "high", "critical": "critical"}
ENGAGEMENT_KINDS: Labels = {
    "financial": "financial statement audit",
    "attestation": "attestation (examination, review or agreed procedures)",
    "performance": "performance audit",
    "compliance": "compliance audit",
    "inspection": "inspection or evaluation",
    "advisory": "management advisory",
    "spot_check": "spot check",
    "end_use_check": "end-use check",
    "special": "special or forensic audit",
    "follow_up": "follow-up",
    "investigation": "investigation",
    "single_audit": "single audit",
    "internal_audit": "internal audit",
}
ENGAGEMENT_STATES: Labels = {
    "planned": "planned",
    "announced": "announced",
    "fieldwork": "fieldwork",
    "draft_issued": "draft sent",
    "agency_comment": "comments received",
    "final": "final report issued",
    "follow_up": "follow-up",
    "closed": "closed",
    "terminated": "terminated",
}
STANCES: Labels = {
    "agree": "agrees",
    "partly": "agrees in part",
    "disagree": "disagrees",
    "no_comment": "has no comment",
}
STANDARDS: Labels = {"gagas": "GAGAS", "issai": "ISSAI", "iia": "IIA", "cigie": "CIGIE"}
RESPONSES: Labels = {
    "none": "no response yet",
    "concur": "concurs",
    "partial": "partially concurs",
    "non_concur": "does not concur",
    "no_comment": "has no comment",
}
STATES: Labels = {
    "draft": "draft",
    "issued": "issued, no response yet",
    "open_unresolved": "open, not agreed",
    "open_resolved": "open, agreed",
    "partially_addressed": "open, partially addressed",
    "implementation_claimed": "open, said to be implemented",
    "closed_implemented": "closed, implemented and verified",
    "closed_not_implemented": "closed, not implemented",
    "closed_overtaken": "closed, overtaken by events",
    "closed_superseded": "closed, superseded",
    "reopened": "reopened",
    "risk_accepted": "open, risk accepted by the owner for a time",
}
WAIVERS: Labels = {
    "not_issued": "not issued yet",
    "elsewhere": "held by another office",
    "lost": "lost or destroyed",
    "urgent": "acted before the papers were ready",
    "restricted": "must not leave the place where it is kept",
}
CATEGORIES: Labels = {
    "international_relations": "international relations",
    "safety": "safety or harm",
    "personal": "personal information",
    "commercial": "commercially sensitive",
    "operational_security": "operational security",
    "classified": "classified",
    "investigation": "ongoing investigation",
}
REPORT_KINDS: Labels = {
    "progress": "progress report",
    "annual": "annual report",
    "audit": "audit report",
    "special": "special report",
}

NATURE_TONES: Labels = {"operational": "good", "documented": "info", "illustrative": "warn"}
NATURE_BADGES: Labels = {
    "operational": "Accounts kept here",
    "documented": "Documented from the public record",
    "illustrative": "Illustrative program",
}
SEVERITY_TONES: Labels = {"low": "", "medium": "warn", "high": "bad", "critical": "bad"}

KIND_WORDS: Labels = {
    "program": "The program",
    "participant": "Organisation taking part",
    "objective": "Objective",
    "indicator": "Indicator",
    "measurement": "Measurement",
    "target": "Target",
    "figure": "Stated figure",
    "transaction": "Payment or commitment",
    "revaluation": "Revaluation",
    "alternative_value": "Value on another basis",
    "discrepancy": "Discrepancy",
    "engagement": "Engagement",
    "finding": "Finding",
    "recommendation": "Recommendation",
}
# What the two sides certify of a quarter, in the order in which it is shown.
CERTIFIED: Labels = {
    "committed": "Committed",
    "disbursed": "Disbursed",
    "refunded": "Refunded",
    "received": "Received",
    "used": "Used",
    "written_off": "Written off",
    "unconfirmed": "Unconfirmed",
    "in_discrepancies": "In open discrepancies",
    "late_in": "Late entries of earlier quarters",
    "late_out": "Entries of this quarter booked later",
    "revalued_in": "Entries of earlier quarters revalued in this one",
    "revalued_out": "Entries of this quarter revalued later",
    "discrepancies": "Open discrepancies",
    "unvalued": "Rows without a value",
}
FIELD_WORDS: Labels = {
    "views": "views of responsible officials",
    "view_words": "words of the views of responsible officials",
    "value_date": "date",
    "starts_on": "start",
    "ends_on": "end",
    "kind_of_aid": "kind of aid",
    "draws_on": "what it draws on",
    "scope": "programs looked at, and the days of them",
    "native_status": "in the office’s own words",
    "valuation_basis": "what the amount means",
    "worth": "what it is worth now",
    "old_amount": "what it was worth",
    "new_amount": "what it is worth since",
    "provenance": "how it came in",
}


WAY = (
    (
        "Voucher",
        "A program officer writes down who is paid, how much, from which commitment, and attaches the evidence.",
    ),
    (
        "Approval",
        "Another person reads exactly this version and approves it, or sends it back with a reason.",
    ),
    ("Posting", "It becomes a row that the database refuses to change, with a journal entry."),
    ("Audit", "Auditors, who had no part in it, may point a finding at exactly this row."),
    (
        "Release",
        "A disclosure officer publishes the program; single fields may be withheld with a reason.",
    ),
    ("This site", "You read the released row."),
)


class Meaning(NamedTuple):
    word: str
    meaning: str


GLOSSARY = (
    Meaning("Program", "One undertaking of aid with its donor, recipient, purpose and money."),
    Meaning(
        "Objective", "What a program wants to reach: outputs serve outcomes, outcomes an impact."
    ),
    Meaning("Indicator", "What is measured to know whether an objective is reached."),
    Meaning(
        "Baseline, target", "The value before the program, and the one it promised for a period."
    ),
    Meaning("Measurement", "An actual value on a day, with who says so."),
    Meaning("Authority", "The legal basis, and its ceiling, that money or stock comes from."),
    Meaning("Pledge", "What a donor announced. It binds nobody yet."),
    Meaning("Commitment", "What a donor has bound itself to pay."),
    Meaning("Disbursement", "What was paid out of a commitment."),
    Meaning(
        "Receipt",
        "What the recipient states has arrived. It stands beside what was dispatched, as stated; what is more than "
        "what was sent is in no total.",
    ),
    Meaning("Expenditure", "What the recipient says was used of what it received."),
    Meaning("Refund", "What came back of a disbursement; the commitment is free for it again."),
    Meaning(
        "Write-off", "What was lost or given up after it was sent. It is not aid that arrived."
    ),
    Meaning(
        "Unvalued",
        "Goods or services on which nobody has put a value. They are in no sum, and they are not 0.",
    ),
    Meaning("Remaining", "Committed and not yet disbursed."),
    Meaning(
        "Discrepancy",
        "The difference between what was dispatched and what the recipient states. It stays, with its state and the day by which it is due.",
    ),
    Meaning("Voucher", "The request that becomes a payment once a second person has approved it."),
    Meaning(
        "Waiver",
        "Two persons let a posting go ahead without a required document, with a reason and until a day. It is overdue if the document has not come by then.",
    ),
    Meaning(
        "Reversal",
        "A row that cancels another by the opposite amount. A mistake is corrected so; nothing is edited or deleted.",
    ),
    Meaning(
        "Revaluation",
        "A new value for goods or services, proposed by one person and confirmed by another. Totals count it; the row stays as it was stated.",
    ),
    Meaning("Engagement", "An audit with its scope, office and standard."),
    Meaning(
        "Finding",
        "What auditors found: the rule (criteria), what is (condition), why (cause), what follows (effect).",
    ),
    Meaning(
        "Questioned cost", "The amount that a finding doubts. Doubted is not the same as lost."
    ),
    Meaning("Recommendation", "What the auditors ask for, of whom and by when."),
    Meaning("Release", "What was published at one moment, numbered and frozen."),
    Meaning(
        "Withholding",
        "One field that the public does not see, with the reason, who decided, and when it is looked at again.",
    ),
    Meaning(
        "Stated figure",
        "A number from the public record with its period, source and grade. It is shown and never mixed with the accounts kept here.",
    ),
    Meaning(
        "Journal",
        "The numbered record of every step that was taken in the accounts. The check mark on a row names its entry.",
    ),
)
MEANINGS: Labels = {entry.word: entry.meaning for entry in GLOSSARY}


def field_words(name: str) -> str:
    return FIELD_WORDS.get(name) or name.replace("_", " ")
