"""Which withheld values somebody outside can reckon, and which further cells would have to be withheld besides."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from tracker.publishing.content.cells import Cell
from tracker.publishing.content.equations import facts_of
from tracker.publishing.content.equations.covering import covered_with
from tracker.publishing.content.equations.facts import (
    Facts,
    Ref,
    RowLike,
    Secret,
    Version,
    number_of,
    said,
)
from tracker.publishing.content.equations.periods import InPeriod, Span, spans_told
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.inference import Solution, solve

EXACT, WITHIN, CANDIDATE, NARROWED = "exact", "within", "candidate", "narrowed"
GRADES = (EXACT, WITHIN, CANDIDATE, NARROWED)
SHORT = 36  # days: a tenth of a year
ROUNDS = 4
MOST_LEAKS = 40  # for which something is proposed
MOST_BESIDES = 6


@dataclass(frozen=True)
class Leak:
    """A withheld cell that can be reckoned; `besides` are cells of which one, or with `all_of` every one, helps."""

    ref: Ref
    grade: str
    how: str
    besides: tuple[Ref, ...] = ()
    all_of: bool = False

    @property
    def is_value(self) -> bool:
        """The value itself, or to within 10 %: not only a guess or a narrower span."""
        return self.grade in (EXACT, WITHIN)


@dataclass
class Judged:
    leaks: list[Leak] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    proposed: dict[Ref, list[Ref]] = field(
        default_factory=dict
    )  # and solved again: then it is hidden

    def of(self, ref: Ref) -> Leak | None:
        return next((leak for leak in self.leaks if leak.ref == ref), None)


@dataclass(frozen=True)
class World:
    """All that is public together, and what the office knows of what it withholds."""

    versions: Sequence[Version]
    secrets: Mapping[Ref, Secret]
    texts: Mapping[Ref, str] = field(default_factory=dict)

    def judge(self, opened: Iterable[Ref] = ()) -> Judged:
        secrets = dict(self.secrets)
        for ref in opened:
            secrets.setdefault(ref, self._stated(ref))
        facts = facts_of(self.versions, secrets, self.texts, opened)
        solution = solve(facts.system, {*facts.withheld, *_in_periods(facts)})
        limits = [limit.why for limit in solution.limits if limit.unknowns] + facts.unsure
        return Judged(_strongest(_leaks(facts, solution)), list(dict.fromkeys(limits)))

    def _stated(self, ref: Ref) -> Secret:
        cell = self.cell(ref)
        value = cell.get("value")
        currency = value.get("currency", "") if isinstance(value, dict) else ""
        return Secret(number_of(value), currency)

    def cell(self, ref: Ref) -> Cell:
        row = self._newest.get((ref.kind, ref.record))
        return {} if row is None else row.cells.get(ref.field, {})

    @cached_property
    def _newest(self) -> dict[tuple[str, str], RowLike]:
        return {(row.kind, str(row.subject)): row for row in self.versions[0].rows}


def _in_periods(facts: Facts) -> list[InPeriod]:
    return [name for name in facts.system.unknowns if isinstance(name, InPeriod)]


def _leaks(facts: Facts, solution: Solution) -> list[Leak]:
    found = [_numeric(facts, solution, ref) for ref in facts.withheld]
    told = [Leak(one.ref, one.grade, one.how, one.remedies, all_of=True) for one in facts.told]
    days = ((part, solution.of(part)) for part in _in_periods(facts))
    solved = [(part, Fraction(k.interval.low or 0)) for part, k in days if k.is_determined]
    spans = [_span(facts, ref, span) for ref, span in spans_told(facts, solved)]
    return [leak for leak in [*told, *found, *spans] if leak is not None]


def _numeric(facts: Facts, solution: Solution, ref: Ref) -> Leak | None:
    known, secret = solution.of(ref), facts.secrets.get(ref)
    value = None if secret is None else secret.value
    if known.is_determined:
        grade = EXACT
    elif known.interval.near(value):
        grade = WITHIN
    else:
        return None
    besides = [
        one for source in known.sources for one in facts.remedies.get((source, ref), [])
    ] or [
        one
        for (source, _), ones in facts.remedies.items()
        if source in known.sources
        for one in ones
    ]
    how = "; ".join(known.sources[:4]) or "its bounds alone"
    return Leak(ref, grade, how, tuple(dict.fromkeys(besides)))


def _span(facts: Facts, ref: Ref, span: Span) -> Leak | None:
    stand_in = facts.withheld[ref].get("stand_in") or {}
    if stand_in.get("kind") == "month" and (span.last - span.first).days >= 27:
        return None  # no more than what stands in its place
    days = (span.last - span.first).days + 1
    grade = EXACT if days == 1 else WITHIN if days <= SHORT else NARROWED
    how = f"sums by period say that the day lies between {span.first} and {span.last}"
    return Leak(ref, grade, how)


def _strongest(leaks: Iterable[Leak]) -> list[Leak]:
    """One per cell."""
    found: dict[Ref, Leak] = {}
    for leak in leaks:
        before = found.get(leak.ref)
        if before is None or GRADES.index(leak.grade) < GRADES.index(before.grade):
            found[leak.ref] = leak
        elif before.how != leak.how and leak.grade == before.grade:
            found[leak.ref] = replace(before, how=f"{before.how}; {leak.how}")
    return sorted(found.values(), key=lambda one: (GRADES.index(one.grade), one.ref))


# --- What to withhold besides ----------------------------------------------


def propose(world: World, judged: Judged) -> Judged:
    """For each leak the fewest further cells that hide it, as far as a greedy search finds: judged again with them."""
    leaks = judged.leaks[:MOST_LEAKS]
    if len(judged.leaks) > MOST_LEAKS:
        judged.limits.append(f"proposals are made for the first {MOST_LEAKS} only")
    allowed = _allowed(world)
    chosen, open_ones = _chosen(world, leaks, allowed)
    for leak in leaks:
        mine = list(dict.fromkeys(chosen.get(leak.ref, [])))
        if mine and leak.ref not in open_ones:
            judged.proposed[leak.ref] = mine
    return judged


def _allowed(world: World) -> Callable[[Ref], bool]:
    """May it be withheld, and is it stated in the newest version alone? What an older one states hides nothing."""
    older = {(row.kind, str(row.subject)): row for one in world.versions[1:] for row in one.rows}

    def allowed(ref: Ref) -> bool:
        if ref.field not in WITHHOLDABLE.get(ref.kind, ()):
            return False
        row = older.get((ref.kind, ref.record))
        return row is None or said(row, ref.field) is None

    return allowed


def _chosen(
    world: World, leaks: list[Leak], allowed: Callable[[Ref], bool]
) -> tuple[dict[Ref, list[Ref]], set[Ref]]:
    """For each leak what was added for it, round by round, and the leaks that nothing closed."""
    chosen: dict[Ref, list[Ref]] = {}
    waiting, wanted = list(leaks), {leak.ref for leak in leaks}
    opened: set[Ref] = set()
    heirs: dict[Ref, set[Ref]] = {}  # a cell that was added leaks itself: for whom it was added
    for _ in range(ROUNDS):
        added = _add(world, waiting, allowed, opened)
        if not added:
            break
        for ref, ones in added.items():
            owners = heirs.get(ref, {ref})
            for owner in owners:
                chosen.setdefault(owner, []).extend(ones)
            for one in ones:
                for cell in covered_with(world.versions[0], one):
                    heirs.setdefault(cell, set()).update(owners)
                    opened.add(cell)
        waiting = [leak for leak in world.judge(opened).leaks if leak.ref in wanted | opened]
        if not waiting:
            break
    still = {owner for leak in waiting for owner in heirs.get(leak.ref, {leak.ref})}
    return chosen, still & wanted


def _add(
    world: World, leaks: list[Leak], allowed: Callable[[Ref], bool], opened: set[Ref]
) -> dict[Ref, list[Ref]]:
    added: dict[Ref, list[Ref]] = {}
    taken: set[Ref] = set()
    for leak in leaks:
        fitting = [one for one in leak.besides if one not in opened and allowed(one)]
        if leak.all_of:
            ones = fitting if len(fitting) == len(leak.besides) <= MOST_BESIDES else []
        else:
            shared = [one for one in fitting if one in taken]
            ones = shared[:1] or _nearest(world, leak.ref, fitting)
        if ones:
            added[leak.ref] = ones
            taken.update(ones)
    return added


def _nearest(world: World, ref: Ref, besides: list[Ref]) -> list[Ref]:
    """The cell whose value is nearest to the withheld one in size: a small one would leave narrow bounds, and so would a
    large one for itself."""
    secret = world.secrets.get(ref)
    value = abs(secret.value) if secret is not None and secret.value else Fraction(1)

    def apart(one: Ref) -> tuple[Fraction, Ref]:
        other = abs(number_of(world.cell(one).get("value")) or Fraction(0))
        ratio = max(other, value) / min(other, value) if other else Fraction(10**18)
        return ratio, one

    return [min(besides, key=apart)] if besides else []
