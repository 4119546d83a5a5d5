"""How limits, delegations, interests, emergencies and refused attempts are rebuilt from the journal."""

from tracker.journal.projections import By, First, Number, Projection, Side, When
from tracker.ledger.models import (
    Delegation,
    DelegationEnd,
    EmergencyPosting,
    EmergencyReview,
    EmergencyReviewText,
    EmergencyText,
    InterestDeclaration,
    InterestEnd,
    InterestEndText,
    InterestText,
    RefusedAttempt,
    RefusedAttemptText,
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
        {name: First(name) for name in ("limit", "delegation", "interest_end", "verdict")}
        | {"decided_by": By(), "decided_at": When(), "entry": Number()},
        sides=(Side("text", SigningDecisionText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "declaration of interest",
        InterestDeclaration,
        ("interest",),
        {name: First(name) for name in ("person", "kind", "concerns")}
        | {"declared_at": When(), "entry": Number()},
        sides=(Side("text", InterestText, {name: First(name) for name in ("payee", "note")}),),
        place=PLACE,
    ),
    Projection(
        "end of an interest",
        InterestEnd,
        ("interest_end",),
        {"declaration": First("declaration"), "proposed_at": When(), "entry": Number()},
        sides=(Side("text", InterestEndText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "emergency posting",
        EmergencyPosting,
        ("emergency_posting",),
        {name: First(name) for name in ("version", "approval", "review_due_on")}
        | {"posted_by": By(), "posted_at": When(), "entry": Number()},
        sides=(Side("text", EmergencyText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "review of an emergency posting",
        EmergencyReview,
        ("emergency_review",),
        {"posting": First("posting"), "verdict": First("verdict")}
        | {"reviewed_by": By(), "reviewed_at": When(), "entry": Number()},
        sides=(Side("text", EmergencyReviewText, {"words": First("words")}),),
        place=PLACE,
    ),
    Projection(
        "refused attempt",
        RefusedAttempt,
        ("refused_attempt",),
        {name: First(name) for name in ("organisation", "noun", "verb", "what")}
        | {"person": By(), "attempted_at": When(), "entry": Number()},
        sides=(Side("text", RefusedAttemptText, {"sentence": First("sentence")}),),
        place=PLACE,
    ),
]
