"""How statements and discrepancies are rebuilt from the journal, and where a discrepancy stands from its steps."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db.models import Exists, OuterRef

from tracker.journal.projections import (
    By,
    Difference,
    First,
    Number,
    Occasion,
    Projection,
    Reckoning,
    Side,
    Subject,
    Through,
    When,
    in_order,
)
from tracker.ledger.events import OPENED, STATED, STEPS
from tracker.ledger.models import (
    LEADS_TO,
    Discrepancy,
    DiscrepancyState,
    DiscrepancyStatus,
    DiscrepancyStep,
    DiscrepancyStepText,
    Statement,
    StatementText,
    StepKind,
)

PLACE = "the ledger"
_STANDS = ("status", "since", "proposal", "settled_by")


def _states(keys: Sequence[int]) -> Iterator[Difference]:
    """Every state, worked out again from the opening and the steps in their order."""
    opened = Discrepancy.objects.filter(pk__in=keys).values("pk", "uid", "entry", "opened_on")
    reckoned: dict[int, dict[str, Any]] = {
        row["pk"]: {
            "status": DiscrepancyStatus.OPEN.value,
            "since": row["opened_on"],
            "proposal": None,
            "settled_by": None,
        }
        for row in opened
    }
    told: dict[int, Any] = {}
    steps = DiscrepancyStep.objects.filter(discrepancy__in=keys).order_by("pk")
    for step in steps.values("pk", "discrepancy", "step", "settled_by", "taken_on"):
        told[step["pk"]] = step["settled_by"]
        _move(reckoned[step["discrepancy"]], step, told)
    kept = {
        row.pop("discrepancy"): row
        for row in DiscrepancyState.objects.filter(pk__in=keys).values("discrepancy", *_STANDS)
    }
    for row in opened:
        is_now, should = kept.pop(row["pk"], None), reckoned[row["pk"]]
        if is_now != should:
            yield _differs(row, is_now, should)
    for pk in kept:
        said = f"State of discrepancy {pk}: {PLACE} has it, and there is no such discrepancy."
        yield Difference("state of a discrepancy", None, None, said)


def _strays() -> Iterator[list[int]]:
    """States that belong to nothing: somebody added them by hand."""
    own = Discrepancy.objects.filter(pk=OuterRef("pk"))
    keys = list(DiscrepancyState.objects.exclude(Exists(own)).values_list("pk", flat=True)[:1000])
    if keys:
        yield keys


def _move(state: dict[str, Any], step: Mapping[str, Any], told: dict[int, Any]) -> None:
    kind = step["step"]
    if kind == StepKind.ACCEPTED:
        state["settled_by"] = told.get(state["proposal"])
    elif kind in (StepKind.LOSS, StepKind.WRITTEN_OFF):
        state["settled_by"] = step["settled_by"]
    elif kind == StepKind.REOPENED:
        state["settled_by"] = None
    if kind == StepKind.EXPLAINED:
        state["proposal"] = step["pk"]
    elif kind != StepKind.WRITTEN_OFF:
        state |= {"proposal": None, "status": LEADS_TO[kind].value, "since": step["taken_on"]}


def _differs(row: Mapping[str, Any], is_now: dict[str, Any] | None, should: Any) -> Difference:
    named = f"State of discrepancy {row['uid']} (entry {row['entry']})"
    now = "nothing" if is_now is None else f"{is_now['status']} since {is_now['since']}"
    then = f"{should['status']} since {should['since']}"
    if now == then:
        said = f"{named}: {PLACE} names another explanation or settlement than its steps."
    else:
        said = f"{named}: {PLACE} says {now}, its steps lead to {then}."
    return Difference("state of a discrepancy", row["uid"], row["entry"], said)


STATEMENTS = [
    Projection(
        "statement",
        Statement,
        ("statement",),
        {name: First(name) for name in STATED}
        | {
            "evidence": Through("sha256", First("evidence")),
            "stated_by": By(),
            "stated_at": When(),
            "entry": Number(),
        },
        sides=(Side("text", StatementText, {n: First(n) for n in ("remark", "evidence_name")}),),
        place=PLACE,
    ),
    Projection(
        "discrepancy",
        Discrepancy,
        ("discrepancy",),
        {name: First(name) for name in OPENED}
        | {"opened_by": By(), "opened_at": When(), "entry": Number()},
        place=PLACE,
    ),
    Projection(
        "step of a discrepancy",
        DiscrepancyStep,
        ("discrepancy",),
        {
            "uid": First("step"),
            "discrepancy": Subject(),
            "step": Occasion({op: kind.value for op, kind in STEPS.items()}),
            "side": First("side"),
            "settled_by": First("named"),
            "taken_on": First("taken_on"),
            "evidence": Through("sha256", First("evidence")),
            "taken_by": By(),
            "taken_at": When(),
        },
        key="entry",
        ops=tuple(STEPS),
        sides=(
            Side("text", DiscrepancyStepText, {n: First(n) for n in ("reason", "evidence_name")}),
        ),
        place=PLACE,
    ),
    Reckoning(
        "state of a discrepancy",
        DiscrepancyState,
        ("discrepancy", *_STANDS),
        lambda: chain(in_order(Discrepancy), _strays()),
        _states,
    ),
]
