"""The money of a finding for the public: what is questioned and why, what settled it, what management decided."""

from typing import Any

from tracker.audits.models import Finding, ManagementDecision, Recommendation
from tracker.audits.queries import decisions_of, waterfall
from tracker.publishing.content.cells import Cells, bare, cells_of, is_withheld
from tracker.shared.money import Money

# Where the total is withheld, nothing that it could be added up from is told.
OUTCOMES = ("refunded", "documented", "justified", "written_off")
ADDS_UP_TO_QUESTIONED = ("questioned_lines", "unsupported", "waterfall")


def cells(finding: Finding) -> Cells:
    """Unsupported is a part of what is questioned and is never added to it; the outcomes and what is left come to it."""
    fall = waterfall(finding)
    lines = finding.lines.order_by("position")
    better = finding.better_use.order_by("position")
    return cells_of(
        type=finding.kind_label,
        control_class=finding.get_control_class_display() if finding.control_class else "",
        repeats=finding.repeats.uid if finding.repeats else None,
        materiality=finding.materiality,
        decision_due_on=finding.decision_due_on,
        final_action_due_on=finding.final_action_due_on,
        records=[{"kind": one.kind} for one in finding.records.order_by("pk")],
        questioned_lines=[
            {
                "kind": line.kind,
                "label": line.get_kind_display(),
                "known": line.known,
                "likely": line.likely,
                "basis": line.basis,
            }
            for line in lines
        ],
        unsupported=fall.unsupported if fall and lines else None,
        waterfall=_fallen(fall) if fall else None,
        better_use=[
            {
                "kind": one.kind,
                "label": one.get_kind_display(),
                "amount": one.amount,
                "basis": one.basis,
            }
            for one in better
        ],
        decision=_decided(decisions_of(finding).first()),
    )


def _fallen(fall: Any) -> dict[str, Money]:
    return {name: getattr(fall, name) for name in (*OUTCOMES, "left")}


def _decided(decision: ManagementDecision | None) -> dict[str, Any] | None:
    """The newest decision, which counts. Never who decided."""
    if decision is None:
        return None
    names = ("sustained", "decided_on", "act_by", "allowed", "disallowed", "agreed", "not_agreed")
    words = ("reasons", "action", "timetable", "appeal")
    said = {name: getattr(decision, name) for name in names}
    return said | {name: getattr(decision.text, name) for name in words}


def covered(cells: Cells) -> Cells:
    """A withheld total covers what it could be reckoned from; withheld lines cover the unsupported part of them."""
    found = dict(cells)
    if is_withheld(cells["questioned"]):
        found |= dict.fromkeys(ADDS_UP_TO_QUESTIONED, bare(cells["questioned"]))
        if not is_withheld(cells["decision"]) and cells["decision"]["state"] == "stated":
            kept = {**cells["decision"]["value"], "allowed": None, "disallowed": None}
            found["decision"] = {"state": "stated", "value": kept}
    elif is_withheld(cells["questioned_lines"]):
        found["unsupported"] = bare(cells["questioned_lines"])
    return found


def plan_of(recommendation: Recommendation) -> dict[str, Any] | None:
    """What the owner plans, by which day. Whom to ask there is not public."""
    plan = recommendation.plans.select_related("text").order_by("-version").first()
    if plan is None:
        return None
    return {
        "version": plan.version,
        "stated_on": plan.stated_on,
        "anticipated_on": plan.anticipated_on,
        "action": plan.text.action,
        "disagreement": plan.text.disagreement,
    }
