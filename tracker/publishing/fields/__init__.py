"""What may become public: every field of every table is declared here, or the build fails (DESIGN §6, 7).

*Public*: the field is released under a kind and a name. *Withholdable*: it is public unless a disclosure officer
withholds it with a reason. *Internal*: it never leaves, for the reason given.
"""

from collections.abc import Mapping

from tracker.audits.models import ELEMENTS
from tracker.publishing.fields.audits import MONEY, VIEWS
from tracker.publishing.fields.declaring import CLOCK as _CLOCK
from tracker.publishing.fields.declaring import HASH as _HASH
from tracker.publishing.fields.declaring import KEY as _KEY
from tracker.publishing.fields.declaring import PERSON as _PERSON
from tracker.publishing.fields.declaring import PLACE as _PLACE
from tracker.publishing.fields.declaring import TEXT as _TEXT
from tracker.publishing.fields.declaring import UID as _UID
from tracker.publishing.fields.declaring import WORK as _WORK
from tracker.publishing.fields.declaring import Declared, Internal, Public
from tracker.publishing.fields.declaring import internal as _internal
from tracker.publishing.fields.declaring import public as _public
from tracker.publishing.fields.declaring import withholdable as _withholdable
from tracker.publishing.fields.internal import INTERNAL_TABLES

ACCOUNTS: dict[str, Declared] = {
    "Organisation": _KEY
    | _internal(_UID, "uid")
    | _withholdable("participant", "country", name="organisation")
    | _internal("the full name is released", "short_name")
    | _internal("kept for the open-data formats, which decide on it", "kind", "identifier")
    | _internal("how we reckon days; released dates are reckoned already", "time_zone"),
    "FiscalEra": _KEY
    | _internal(
        "how we reckon years; released rows carry their fiscal year",
        *("organisation", "begins_on", "start_month", "named_after_end", "transition"),
    ),
}

PROGRAMS: dict[str, Declared] = {
    "Program": _KEY
    | _public("program", "identifier", "title", "status", "nature", "kind_of_aid", "owner")
    | _withholdable("program", "summary", "starts_on", "ends_on", "legal_authority")
    | _internal(_UID, "uid")
    | _internal(_CLOCK, "created_at"),
    "ProgramSector": _KEY
    | _internal(_PLACE, "program")
    | _withholdable("program", code="sectors", name="sectors", percent="sectors"),
    "Participation": _KEY
    | _internal(_PLACE, "program")
    | _withholdable("participant", organisation="organisation")
    | _public("participant", "role"),
    "Objective": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program", "position")
    | _public("objective", "parent", "level")
    | _withholdable("objective", "title"),
    "StatedFigure": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program", "entry", "replaces")
    | _internal("what is stated of an office stands in the audit office's reports", "organisation")
    | _public("figure", "label", "kind", "qualifier", "amount", "quantity", "unit", "words")
    | _public("figure", "period_start", "period_end", "as_of", "period_text", currency="amount")
    | _public("figure", "citation", "source_url", "grade", "note"),
    "Gap": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program", "position")
    | _public("program", sentence="gaps"),
}

RESULTS: dict[str, Declared] = {
    "Indicator": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program")
    | _internal(_CLOCK, "created_at")
    | _public("indicator", "objective", "unit", "direction")
    | _withholdable("indicator", "title", "definition"),
    "Target": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "replaces", "entry")
    | _internal(_PERSON, "recorded_by")
    | _internal(_CLOCK, "recorded_at")
    | _public("target", "indicator", "kind", "period_start", "period_end")
    | _withholdable("target", "value"),
    "MeasurementText": _TEXT
    | _withholdable("measurement", "source")
    | _internal("a remark among staff", "comment"),
    "Measurement": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "replaces", "entry", "text")
    | _internal(_HASH, "text_digest")
    | _internal(_PERSON, "recorded_by")
    | _internal(_CLOCK, "recorded_at")
    | _public("measurement", "indicator", "verification")
    | _withholdable("measurement", "measured_on", "value"),
}

LEDGER: dict[str, Declared] = {
    "Authority": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "organisation")
    | _withholdable("transaction", title="authority")
    | _internal(
        "released with the authority in the open-data formats",
        *("legal_basis", "kind", "currency", "availability", "available_from", "available_to"),
    )
    | _internal("each transaction says whether it is aid or replenishment", "purpose"),
    "Transaction": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program", "text", "statement")
    | _internal("the voucher's way through the office is not public", "version")
    | _internal(_HASH, "text_digest", "import_key")
    | _internal(_CLOCK, "posted_at")
    | _public("transaction", "kind", "date_precision", "fiscal_year", "draws_on", "reverses")
    | _public("transaction", "provenance", "purpose", "entry")
    | _public("transaction", "form", "valuation_basis", "valuation_date", "booked_on")
    | _withholdable("transaction", "quantity", "unit", "delivery_point", "excess")
    | _withholdable("transaction", "value_date", "amount", "provider", "receiver", "authority")
    | _withholdable("transaction", currency="amount"),
    "Revaluation": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "text", "entry")
    | _internal(_HASH, "text_digest")
    | _internal(_PERSON, "proposed_by")
    | _internal(_CLOCK, "proposed_at")
    | _internal("evidence is shown to those who may see the voucher", "document")
    | _internal(
        "the value that follows from them is released",
        *("acquisition_cost", "salvage", "useful_life", "age"),
    )
    | _public("revaluation", "transaction", "old_basis", "new_basis", "valuation_date", "method")
    # Withheld with the amount of their transaction: alone they would stand in its worth and in every total.
    | _public("revaluation", "old_amount", "new_amount", currency="new_amount"),
    "RevaluationText": _TEXT
    | _withholdable("revaluation", "reason")
    | _internal("evidence is shown to those who may see the voucher", "document_name"),
    "RevaluationDecision": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "revaluation", "text", "entry")
    | _internal(_HASH, "text_digest")
    | _internal(_PERSON, "decided_by")
    | _internal("only what was confirmed is released", "verdict")
    | _public("revaluation", "rows", decided_at="decided_on"),
    "RevaluationLine": _KEY
    | _internal(_PLACE, "decision", "position", "transaction")
    | _internal("what it was worth before stands in the row itself and in older releases", "was")
    | _internal("the day of the decision is released", "booked_on", "fiscal_year")
    | _public("transaction", currency="worth", delta="worth"),
    "AlternativeValue": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "entry")
    | _internal(_PERSON, "recorded_by")
    | _internal(_CLOCK, "recorded_at")
    | _public("alternative_value", "transaction", "basis", "valuation_date")
    | _withholdable("alternative_value", "amount", "citation", currency="amount"),
    "TransactionText": _TEXT | _withholdable("transaction", "payee", "reference", "description"),
    "Statement": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "about", "text", "entry")
    | _public("transaction", "verdict")
    | _internal(
        "released as those of the transaction that it posts",
        *("currency", "amount", "quantity", "unit", "arrived_on", "delivery_point"),
    )
    | _internal("released with its discrepancy", "damaged_amount", "damaged_quantity")
    | _internal("evidence is shown to both sides and the auditors", "evidence")
    | _internal(_HASH, "text_digest")
    | _internal(_PERSON, "stated_by")
    | _internal(_CLOCK, "stated_at"),
    "Discrepancy": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "statement")
    | _internal(_PERSON, "opened_by")
    | _internal(_CLOCK, "opened_at")
    | _public("discrepancy", "about", "receipt", "kind", "entry")
    | _withholdable("discrepancy", "amount", "quantity", "unit", "opened_on", "due_on")
    | _withholdable("discrepancy", currency="amount"),
    "DiscrepancyState": _internal(_PLACE, "discrepancy")
    | _internal("an explanation that the other side has not accepted is no fact yet", "proposal")
    | _public("discrepancy", "settled_by", status="state")
    | _withholdable("discrepancy", "since"),
    "Waiver": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "entry", "text")
    | _internal("the voucher's way through the office is not public", "voucher", "requirement")
    | _internal(_HASH, "text_digest")
    | _internal(_PERSON, "requested_by")
    | _internal(_CLOCK, "requested_at")
    | _public("program", category="waivers", expires_on="waivers"),
    "Period": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "organisation")
    | _public("certification", "fiscal_year", "first_day", "last_day", name="period")
    | _internal("its name and days are released", "quarter", "day_before")
    | _internal("a certification is of a closed period, or says when that was opened", "closed"),
    "Certification": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program", "period", "closing", "text")
    | _internal(_HASH, "text_digest")
    | _internal(_PERSON, "signed_by")
    | _internal("the day of it is released", "signed_at")
    | _internal("the entry is released with the row", "entry")
    | _public("certification", "side", "organisation")
    | _withholdable("certification", "figures", figures_digest="digest"),
    "Turnover": _KEY
    | _internal(_PLACE, "program")
    | _internal(
        "the totals of a release are summed from its own rows and compared with these",
        *("fiscal_year", "kind", "purpose", "currency", "amount", "rows"),
    ),
}

AUDITS: dict[str, Declared] = {
    "Engagement": _KEY
    | _internal(_UID, "uid")
    | _public("engagement", "number", "title", "kind", "standard", "office", "status")
    | _withholdable("engagement", "objectives", "criteria")
    | _internal("the auditors' plan", "unannounced_because", "uncommented_because")
    | _internal("the days of its states are released as moves", "moved_at", "announced_on")
    | _internal(_PERSON, "lead")
    | _internal(_CLOCK, "created_at"),
    "EngagementScope": _KEY
    | _internal(_PLACE, "engagement")
    | _withholdable("engagement", program="scope", period_start="scope", period_end="scope"),
    "Finding": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "engagement", "number")
    | _internal("only issued findings are released", "status")
    | _internal(_PERSON, "written_by", "issued_by")
    | _internal(_CLOCK, "issued_at")
    | _public("finding", "title", "severity", "issued_on", "control_class", "repeats")
    | _public("finding", "decision_due_on", "final_action_due_on", "materiality")
    | _public("finding", materiality_currency="materiality", kind="type", kind_words="type")
    | _public("finding", **{f"{element}_blank": "blank_reason" for element in ELEMENTS})
    | _withholdable("finding", "criteria", "condition", "cause", "effect", "questioned")
    | _withholdable("finding", currency="questioned"),
    "FindingLink": _KEY
    | _internal(_PLACE, "finding")
    | _withholdable("finding", transaction="payments"),
    "Recommendation": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "finding")
    | _public("recommendation", "number", "owner", "original_due_on", "due_on", "state")
    | _public("recommendation", "response", "native_status")
    | _withholdable("recommendation", "text")
    | _internal("the finding's day of issue is released", "issued_on")
    | _public("recommendation", "significant", "accepted_until"),
    "RecommendationStep": _KEY
    | _internal(_UID, "uid")
    | _internal("letters between the auditors and the audited", "text", "evidence")
    | _internal(_HASH, "text_digest")
    | _internal(_PERSON, "taken_by")
    | _public("recommendation_state", "recommendation", "before", "after", "response", "due_on")
    | _public("recommendation_state", "entry", taken_at="taken_on"),
}

PUBLISHING: dict[str, Declared] = {
    "Report": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program", "release")
    | _internal(_PERSON, "drafted_by")
    | _internal(_WORK, "status", "changed_at")
    | _internal("the audit office's own release names it", "engagement")
    | _public("report", "kind", "title", "period_start", "period_end"),
    "ReportSection": _KEY
    | _internal(_PLACE, "report", "position")
    | _public("report", heading="sections", body="sections", shows="sections")
    | _public("report", description="sections", image="sections", image_description="sections"),
    "ReportImage": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "report", "entry")
    | _internal(_PERSON, "added_by")
    | _public("report", sha256="sections", media="sections", size="sections")
    | _public("report", width="sections", height="sections"),
    "Withholding": _KEY
    | _internal(_UID, "uid")
    | _internal(_PLACE, "program", "record")
    | _public("withheld", "scope", "stand_in", "in_sums", "days")
    | _internal("the rule's own bound; each stand-in shows what came of it", "minimum_percent")
    | _internal(_PERSON, "proposed_by", "decided_by", "reviewed_by", "lifted_by")
    | _internal(_CLOCK, "proposed_at", "decided_at", "reviewed_at", "lifted_at")
    | _internal("only what is in force is released", "status")
    | _public("withheld", "record_kind", "field", "category", "reason", "legal_basis")
    | _public("withheld", "review_on", office="decided_by"),
    "NotPublished": _KEY
    | _internal(_UID, "uid")
    | _internal("that a program exists is not public; it is counted", "program")
    | _internal("a reason in words could name the program; its category is counted", "reason")
    | _internal(_PERSON, "decided_by", "lifted_by")
    | _internal(_CLOCK, "decided_at", "lifted_at")
    | _public("unpublished", "category", "review_on"),
}

FIELDS: dict[str, Declared] = (
    ACCOUNTS | PROGRAMS | RESULTS | LEDGER | AUDITS | MONEY | VIEWS | PUBLISHING
)

# What public pages read. They hold nothing but what the declarations above let out.
RELEASE_TABLES = frozenset(
    {
        "Release",
        "Tombstone",
        "TombstoneVerdict",
        "ReleasedRow",
        "ReleaseItem",
        "ReleasedEntry",
        "ReleasedFile",
        "PublishedProgram",
        "PublishedTotal",
        "PublishedReport",
        "PublishedEngagement",
        "PublishedFinding",
        "PublishedFindingProgram",
        "UnpublishedCount",
    }
)

OTHER_APPS: Mapping[str, str] = {
    "auth": "Django's own groups and permissions; we use neither",
    "contenttypes": "Django's list of tables",
    "sessions": "who is signed in",
    "account": "e-mail addresses and their confirmation",
}

# Fields of released rows that no table holds: they are reckoned when the release is made.
DERIVED: Mapping[str, frozenset[str]] = {
    "indicator": frozenset(
        {
            *("baseline", "target", "target_period", "actual", "measured_on"),
            *("verification", "achievement"),
        }
    ),
    "transaction": frozenset({"reversed"}),
    "revaluation": frozenset({"kind"}),
    "alternative_value": frozenset({"kind"}),
    "emergencies": frozenset({"postings", "not_reviewed", "objected"}),
    "certification": frozenset({"signed_on", "superseded_on"}),
    "total": frozenset(
        {
            *("fiscal_year", "kind", "off", "amount", "rows", "withheld_rows"),
            "partly_withheld",
        }
    ),
    "withheld_summary": frozenset({"fields_withheld", "fields_total", "rows"}),
    "engagement": frozenset({"office_uid", "status_label", "moves", "as_of"}),
    "finding": frozenset(
        {
            *("as_of", "office", "office_uid", "engagement", "engagement_uid"),
            *("engagement_number", "kind", "standard", "programs", "unsupported"),
        }
    ),
    "recommendation_state": frozenset({"before_label", "after_label", "native_status"}),
    "recommendation": frozenset({"state_label", "closed", "overdue_days", "as_of"}),
    "report": frozenset(
        {
            *("owner", "as_of", "office", "engagement", "engagement_number", "program"),
            "figures_from",
        }
    ),
    "report_total": frozenset(
        {"kind", "currency", "opening", "period", "closing", "rows", "withheld_rows"}
    ),
    "report_indicator": frozenset(
        {
            *("indicator", "title", "unit", "direction", "baseline", "target", "target_period"),
            *("actual", "measured_on", "verification", "achievement"),
        }
    ),
    "report_finding": frozenset(
        {
            *("finding", "title", "office", "severity", "issued_on", "recommendations"),
            *("open_recommendations", "as_of"),
        }
    ),
}


def _collect(wanted: bool) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for declared in FIELDS.values():
        for entry in declared.values():
            if isinstance(entry, Public) and (entry.withholdable or not wanted):
                found.setdefault(entry.kind, set()).add(entry.field)
    return {kind: frozenset(names) for kind, names in found.items()}


RELEASED: Mapping[str, frozenset[str]] = {
    kind: _collect(False).get(kind, frozenset()) | DERIVED.get(kind, frozenset())
    for kind in {*_collect(False), *DERIVED}
}
WITHHOLDABLE: Mapping[str, frozenset[str]] = _collect(True)


def declaration(app: str, model: str, field: str) -> Public | Internal | None:
    """What is declared about a field of a table; None when nobody decided yet."""
    if app != "tracker":
        return Internal(OTHER_APPS[app]) if app in OTHER_APPS else None
    if model in INTERNAL_TABLES:
        return Internal(INTERNAL_TABLES[model])
    return FIELDS.get(model, {}).get(field)
