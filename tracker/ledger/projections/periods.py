"""How periods, their changes and certifications are rebuilt from the journal."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.journal.projections import (
    Accepted,
    By,
    First,
    Number,
    Projection,
    Row,
    Side,
    Story,
    When,
)
from tracker.ledger.models import (
    Certification,
    CertificationText,
    ChangeStatus,
    Period,
    PeriodChange,
    PeriodChangeKind,
    PeriodChangeText,
    PeriodDecision,
    PeriodDecisionText,
)

PLACE = "the ledger"


def _closed(rows: Sequence[Row], stories: Mapping[Any, Story]) -> Accepted:
    """A period is what its newest confirmed change made it; without one it is open."""
    found: dict[int, list[bool]] = {row["id"]: [False] for row in rows}
    confirmed = PeriodDecision.objects.filter(
        change__period__in=list(found), verdict=ChangeStatus.CONFIRMED
    )
    for key, kind in confirmed.order_by("pk").values_list("change__period", "change__kind"):
        found[key] = [kind == PeriodChangeKind.CLOSE]
    return found


PERIODS = [
    Projection(
        "period",
        Period,
        ("period",),
        {
            name: First(name)
            for name in (
                *("organisation", "name", "fiscal_year", "quarter"),
                *("day_before", "first_day", "last_day"),
            )
        },
        reckoned={"closed": _closed},
        place=PLACE,
    ),
    Projection(
        "change of a period",
        PeriodChange,
        ("period_change",),
        {"period": First("period"), "kind": First("kind")}
        | {"proposed_by": By(), "proposed_at": When(), "entry": Number()},
        sides=(Side("text", PeriodChangeText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "decision on a period",
        PeriodDecision,
        ("period_decision",),
        {"change": First("change"), "verdict": First("verdict")}
        | {"decided_by": By(), "decided_at": When(), "entry": Number()},
        sides=(Side("text", PeriodDecisionText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "certification",
        Certification,
        ("certification",),
        {
            name: First(name)
            for name in (
                *("program", "period", "closing", "side", "organisation"),
                *("figures", "figures_digest"),
            )
        }
        | {"signed_by": By(), "signed_at": When(), "entry": Number()},
        sides=(
            Side(
                "text",
                CertificationText,
                {"statement": First("statement"), "remark": First("remark")},
            ),
        ),
        place=PLACE,
    ),
]
