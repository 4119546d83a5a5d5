"""Measurements and targets: an indicator repeats the newest of them, and its achievement is reckoned from them."""

from collections import defaultdict
from fractions import Fraction

from tracker.publishing.content.cells import is_withheld
from tracker.publishing.content.equations.facts import (
    Facts,
    RowLike,
    Sum,
    Version,
    cell_of,
    number_of,
    said,
)

PARTS = ("baseline", "target", "actual")
KINDS = ("indicator", "report_indicator")


def all_equations(facts: Facts) -> None:
    for version in facts.versions:
        repeated = _by_indicator(version)
        for kind in KINDS:
            for row in version.of(kind):
                _repeats(facts, row, repeated)
                _reached(facts, row, version)


def _by_indicator(version: Version) -> dict[tuple[str, str], list[RowLike]]:
    found: dict[tuple[str, str], list[RowLike]] = defaultdict(list)
    for kind in ("measurement", "target"):
        for row in version.of(kind):
            found[kind, str(said(row, "indicator"))].append(row)
    return found


def _repeats(facts: Facts, row: RowLike, repeated: dict[tuple[str, str], list[RowLike]]) -> None:
    """Where only one measurement, target or baseline can be meant, it is meant."""
    uid, day = str(row.subject), said(row, "measured_on")
    measured = repeated["measurement", uid]
    candidates = {
        "actual": [m for m in measured if day is None or said(m, "measured_on") in (None, day)],
        "target": [t for t in repeated["target", uid] if said(t, "kind") == "target"],
        "baseline": [t for t in repeated["target", uid] if said(t, "kind") == "baseline"],
    }
    for name, found in candidates.items():
        mine = facts.of(row, name)
        theirs = facts.of(found[0], "value") if len(found) == 1 else None
        if mine is not None and theirs is not None:
            facts.equal(mine, theirs, f"the indicator repeats its {name}", always=False)


def _reached(facts: Facts, row: RowLike, version: Version) -> None:
    """Achievement is (actual − baseline) over (target − baseline) in per cent, rounded down to one decimal."""
    share = number_of(said(row, "achievement"))
    actual, target = facts.of(row, "actual"), facts.of(row, "target")
    if share is None or actual is None or target is None:
        return
    start = facts.of(row, "baseline") or Sum()
    sign = -1 if said(row, "direction") == "down" else 1
    gone, way = Sum().add(actual, sign).add(start, -sign), Sum().add(target, sign).add(start, -sign)
    if any(facts.hides(row, name) and not is_withheld(cell_of(row, name)) for name in PARTS):
        return  # the achievement is withheld with each of them
    how = f"the achievement is reckoned from actual value and target ({version.named})"
    for end, times in ((share, 1), (share + Fraction(1, 10), -1)):
        least, most = Sum().add(way, end / 100 * times), Sum().add(gone, times)
        facts.at_most(least, most, how)
