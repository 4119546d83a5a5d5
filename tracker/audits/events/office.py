"""What the journal records of an audit office's year: what its plan rests on, the plan, the reports."""

from tracker.journal.kinds import Kind

KINDS: list[Kind] = [
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
