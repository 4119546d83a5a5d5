"""How limits, delegations and the decisions on them are rebuilt from the journal."""

from tracker.journal.projections import By, First, Number, Projection, Side, When
from tracker.ledger.models import (
    Delegation,
    DelegationEnd,
    SigningDecision,
    SigningDecisionText,
    SigningLimit,
)

PLACE = "the ledger"

SIGNING = [
    Projection(
        "signing limit",
        SigningLimit,
        ("signing_limit",),
        {
            name: First(name)
            for name in (
                *("organisation", "level", "kind", "currency", "up_to"),
                *("valid_from", "valid_until", "legal_reference"),
            )
        }
        | {"proposed_by": By(), "proposed_at": When(), "entry": Number()},
        place=PLACE,
    ),
    Projection(
        "delegation",
        Delegation,
        ("delegation",),
        {
            name: First(name)
            for name in ("organisation", "delegator", "delegate", "valid_from", "valid_until")
        }
        | {"proposed_at": When(), "entry": Number()},
        place=PLACE,
    ),
    Projection(
        "end of a delegation",
        DelegationEnd,
        ("delegation_end",),
        {"delegation": First("delegation"), "ended_on": First("ended_on")}
        | {"ended_by": By(), "ended_at": When(), "entry": Number()},
        place=PLACE,
    ),
    Projection(
        "decision on signing",
        SigningDecision,
        ("signing_decision",),
        {name: First(name) for name in ("limit", "delegation", "verdict")}
        | {"decided_by": By(), "decided_at": When(), "entry": Number()},
        sides=(Side("text", SigningDecisionText, {"reason": First("reason")}),),
        place=PLACE,
    ),
]
