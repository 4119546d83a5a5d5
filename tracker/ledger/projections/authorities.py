"""How authorities are rebuilt from the journal."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
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
from tracker.ledger.events import AVAILABILITY
from tracker.ledger.models import (
    Authority,
    AuthorityChange,
    AuthorityChangeText,
    AuthorityDecision,
    AuthorityDecisionText,
    AuthorityStage,
    ChangeKind,
    ChangeStatus,
)

PLACE = "the ledger"


def _dates(name: str) -> Callable[[Sequence[Row], Mapping[Any, Story]], Accepted]:
    """An authority's dates are those that it was recorded with, until a second person confirmed others."""

    def right(rows: Sequence[Row], stories: Mapping[Any, Story]) -> Accepted:
        confirmed = AuthorityDecision.objects.filter(
            change__authority__in=[row["id"] for row in rows],
            change__kind=ChangeKind.AVAILABILITY,
            verdict=ChangeStatus.CONFIRMED,
        )
        found: dict[int, list[Any]] = {
            key: [value]
            for key, value in confirmed.order_by("pk").values_list(
                "change__authority", f"change__{name}"
            )
        }
        for row in rows:
            story = stories.get(row["uid"])
            if row["id"] not in found and story is not None:
                found[row["id"]] = [_as_stored(name, First(name).of(story))]
        return found

    return right


def _as_stored(name: str, said: Any) -> Any:
    return date.fromisoformat(said) if isinstance(said, str) and name != "availability" else said


AUTHORITIES = [
    Projection(
        "authority",
        Authority,
        ("authority",),
        {
            name: First(name)
            for name in ("organisation", "title", "legal_basis", "kind", "purpose", "currency")
        },
        reckoned={name: _dates(name) for name in AVAILABILITY},
        place=PLACE,
    ),
    Projection(
        "change of an authority",
        AuthorityChange,
        ("authority_change",),
        {
            name: First(name)
            for name in (
                *("authority", "kind", "fiscal_year", "currency", "amount"),
                *(*AVAILABILITY, "legal_reference", "stated_on"),
            )
        }
        | {"proposed_by": By(), "proposed_at": When(), "entry": Number()},
        sides=(Side("text", AuthorityChangeText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "decision on an authority",
        AuthorityDecision,
        ("authority_decision",),
        {"change": First("change"), "verdict": First("verdict")}
        | {"decided_by": By(), "decided_at": When(), "entry": Number()},
        sides=(Side("text", AuthorityDecisionText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "stage of an authority",
        AuthorityStage,
        ("authority_stage",),
        {
            name: First(name)
            for name in (
                *("authority", "fiscal_year", "stage", "currency", "amount"),
                *("stated_on", "citation"),
            )
        }
        | {"recorded_by": By(), "recorded_at": When(), "entry": Number()},
        place=PLACE,
    ),
]
