"""What a finding's page says of its money, beside its words."""

from typing import Any

from tracker.audits import policies, queries
from tracker.audits.models import CostEvent, Finding
from tracker.shared.policies import permits
from tracker.shared.sealing import Veil, veil_for


def money_context(found: Finding, user: Any) -> dict[str, Any]:
    """What the finding's page says of its money, its decisions, and what this person can do about them."""
    decisions = list(queries.decisions_of(found))
    first, year = queries.first_found(found)
    veil = veil_for(user)
    return {
        "waterfall": queries.waterfall(found),
        "lines": veil.over(
            found.lines.select_related("transaction__text", "transaction__version__voucher")
        ),
        "better_use": found.better_use.order_by("position"),
        "better_total": queries.better_use_total(found),
        "cost_events": [_told(event, user, veil) for event in queries.cost_events_of(found)],
        "decisions": decisions,
        "final_action": queries.final_action_on(found),
        "first_found": first,
        "first_year": year,
        "may_claim": permits(policies.check_can_claim_cost, user, found),
        "may_decide": permits(policies.check_can_decide_finding, user, found),
        "sees_files": permits(policies.check_can_read_cost_evidence, user, found),
        "records": queries.records_seen(found, user),
    }


def _told(event: CostEvent, user: Any, veil: Veil) -> dict[str, Any]:
    told = {
        "event": event,
        "may_judge": permits(policies.check_can_judge_cost, user, event),
        "may_reverse": permits(policies.check_can_reverse_cost, user, event),
    }
    veil.cover(event)
    return told
