"""What the journal records of audits."""

from tracker.journal.kinds import Kind

KINDS: list[Kind] = [
    Kind(
        "engagement",
        (
            "number",
            "title",
            "kind",
            "standard",
            "status",
            "office",
            "objectives",
            "lead",
            "scope",
            "team",
            "member",
            "reason",
        ),
        {
            "create": "The engagement {number} “{title}” was planned.",
            "change": "The plan of the engagement {number} was changed.",
            "join": "An auditor joined the team of the engagement {number}.",
            "leave": "An auditor left the team of the engagement {number}.",
            "start": "The fieldwork of the engagement {number} began.",
            "finalise": "The final report of the engagement {number} was issued.",
            "follow_up": "The follow-up of the engagement {number} began.",
            "close": "The engagement {number} was closed.",
            "terminate": "The engagement {number} was terminated: “{reason}”.",
        },
    ),
    Kind(
        "finding",
        (
            "engagement",
            "number",
            "title",
            "criteria",
            "condition",
            "cause",
            "effect",
            "blank_reason",
            "severity",
            "currency",
            "questioned",
            "status",
            "transactions",
            "issued_on",
            "reason",
        ),
        {
            "create": "Finding {number} “{title}” was drafted.",
            "change": "The draft of finding {number} was changed.",
            "link": "Payments were linked to the draft of finding {number}.",
            "unlink": "A payment was taken out of the draft of finding {number}.",
            "issue": "Finding {number} “{title}” was issued.",
            "drop": "The draft of finding {number} was dropped: “{reason}”.",
        },
    ),
    Kind(
        "recommendation",
        (
            "finding",
            "number",
            "text",
            "owner",
            "original_due_on",
            "due_on",
            "state",
            "response",
            "answer",
            "native_status",
            "issued_on",
            "before",
            "step",
            "note",
            "evidence",
            "evidence_name",
        ),
        {
            "create": "Recommendation {number} was drafted, due on {due_on}.",
            "change": "The draft of recommendation {number} was changed.",
            "remove": "The draft of recommendation {number} was removed.",
            "issue": "Recommendation {number} was issued, due on {original_due_on}.",
            "respond": "The owner of recommendation {number} responded: it {answer}.",
            "claim": "The owner says that recommendation {number} is implemented.",
            "address": "The auditors found recommendation {number} partially addressed.",
            "reject": "The auditors did not accept that recommendation {number} is implemented: “{note}”.",
            "accept": "The auditors verified recommendation {number} and closed it as implemented.",
            "close": "The auditors closed recommendation {number} ({native_status}): “{note}”.",
            "reopen": "The auditors reopened recommendation {number}: “{note}”.",
            "extend": "The due date of recommendation {number} was extended to {due_on}: “{note}”.",
        },
    ),
]

# The office's year: what its plan rests on, the plan, the reports.
KINDS += [
    Kind(
        "risk_weight",
        ("office", "factor", "weight", "full_at", "valid_from"),
        {"create": "The factor {factor} weighs {weight} points from {valid_from}."},
    ),
    Kind(
        "coverage_rule",
        ("office", "level", "from_points", "every_years", "percent", "valid_from"),
        {
            "create": "From {valid_from}, {level} risk asks for {percent} per cent of the money every {every_years} "
            "fiscal years."
        },
    ),
    Kind(
        "risk_judgement",
        ("office", "program", "fiscal_year", "percent", "reason"),
        {"create": "The auditors judge the risk in fiscal year {fiscal_year}: {percent} per cent."},
    ),
    Kind(
        "audit_plan",
        ("office", "fiscal_year", "version", "reckoned", "engagements", "reason"),
        {"adopt": "Version {version} of the audit plan for fiscal year {fiscal_year} was adopted."},
    ),
    Kind(
        "office_report",
        ("office", "period_start", "period_end", "figures"),
        {"issue": "The semiannual report of {period_start} to {period_end} was issued."},
    ),
]
