"""How waivers and supplied documents are rebuilt from the journal."""

from tracker.journal.projections import By, First, Number, Projection, Side, Through, When
from tracker.ledger.models import (
    SuppliedDocument,
    SuppliedText,
    Waiver,
    WaiverDecision,
    WaiverDecisionText,
    WaiverText,
)

PLACE = "the ledger"

WAIVERS = [
    Projection(
        "waiver",
        Waiver,
        ("waiver",),
        {name: First(name) for name in ("voucher", "requirement", "category", "expires_on")}
        | {"requested_by": By(), "requested_at": When(), "entry": Number()},
        sides=(Side("text", WaiverText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "decision on a waiver",
        WaiverDecision,
        ("waiver_decision",),
        {"waiver": First("waiver"), "verdict": First("verdict")}
        | {"decided_by": By(), "decided_at": When(), "entry": Number()},
        sides=(Side("text", WaiverDecisionText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "supplied document",
        SuppliedDocument,
        ("supplied_document",),
        {
            "voucher": First("voucher"),
            "file": Through("sha256", First("file")),
            "document_type": First("document_type"),
            "document_date": First("document_date"),
        }
        | {"supplied_by": By(), "supplied_at": When(), "entry": Number()},
        sides=(Side("text", SuppliedText, {"file_name": First("file_name")}),),
        place=PLACE,
    ),
]
