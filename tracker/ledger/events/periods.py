"""What the journal records of periods and their certifications."""

from tracker.journal.kinds import Kind

PERIODS: list[Kind] = [
    Kind(
        "period",
        (
            *("organisation", "name", "fiscal_year", "quarter"),
            *("day_before", "first_day", "last_day"),
        ),
        {"create": "{name} begins on {first_day} and ends on {last_day}."},
    ),
    Kind(
        "period_change",
        ("period", "kind", "reason"),
        {"create": "It was proposed to {kind} the period: “{reason}”."},
    ),
    Kind(
        "period_decision",
        ("change", "verdict", "reason", "supersedes"),
        {"create": "What was proposed was {verdict} by a second person."},
    ),
    Kind(
        "certification",
        (
            *("program", "period", "closing", "side", "organisation"),
            *("figures", "figures_digest", "statement", "remark"),
        ),
        {"create": "The figures were certified for the {side} (SHA-256 {figures_digest})."},
    ),
]
