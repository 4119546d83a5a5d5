"""Populations that samples are drawn from: every source gives candidates in canonical order, one at a time.

Canonical order is ascending order of the public identifier (its 16 bytes): the same on both engines, for ever.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from tracker.audits import policies
from tracker.audits.models import Engagement
from tracker.audits.policies import BY_AMOUNT, MOST_STRATA, SampleSpec
from tracker.audits.queries.findings import payments_in_scope
from tracker.audits.sampling import Frozen
from tracker.ledger.models import TransactionKind, TransactionQuerySet
from tracker.shared.dates import DatePrecision
from tracker.shared.errors import Refused
from tracker.shared.money import Money

AT_ONCE = 2000
REASONS = {
    "scope": "outside the scope of the engagement",
    "unvalued": "no amount is stated",
    "zero": "an amount of zero cannot be hit by a monetary unit",
    "negative": "a negative amount (a reversal) cannot be hit by a monetary unit",
}


@dataclass(frozen=True)
class Candidate:
    """One item of a source. `values` holds what strata can be made of; `inside` is false outside the scope."""

    uid: UUID
    minor: int | None
    currency: str
    values: dict[str, str]
    inside: bool = True


class Source(Protocol):
    """What a population is made of. Deliveries and measurements can be further ones."""

    name: str
    words: str
    filters: str

    def candidates(self) -> Iterator[Candidate]: ...

    def outside(self) -> int:
        """How many of the list the scope left out before they became candidates."""
        ...


@dataclass
class Payments:
    """Transactions of a list, as far as the engagement looks at them. `rows` None is everything in scope."""

    engagement: Engagement
    rows: TransactionQuerySet | None = None
    words: str = ""
    filters: str = ""
    name: str = field(default="transactions", init=False)

    def _in_scope(self) -> TransactionQuerySet:
        rows = payments_in_scope(self.engagement).select_related(None)
        if self.rows is None:
            return rows
        return rows.filter(pk__in=self.rows.order_by().values("pk"))

    def outside(self) -> int:
        return 0 if self.rows is None else self.rows.count() - self._in_scope().count()

    def candidates(self) -> Iterator[Candidate]:
        scope = {part.program.pk: part for part in policies.scope_of(self.engagement)}
        titles = {pk: part.program.title for pk, part in scope.items()}

        @cache
        def inside(program: int, day: Any, precision: str) -> bool:
            part = scope[program]
            return policies.within(part, *policies.days_of(day, precision, part.program))

        columns = ("uid", "amount", "currency", "program_id", "kind", "fiscal_year", "value_date")
        rows = self._in_scope().order_by("uid")
        for row in rows.values_list(*columns, "date_precision", "text__payee").iterator(AT_ONCE):
            uid, amount, currency, program, kind, year, day, precision, payee = row
            yield Candidate(
                uid,
                amount,
                currency,
                {
                    "kind": TransactionKind(kind).label,
                    "program": titles[program],
                    "payee": payee or "no payee stated",
                    "year": f"FY{year}",
                },
                precision == DatePrecision.DAY or inside(program, day, precision),
            )


@dataclass
class StratumOf:
    """What a stratum holds. Squares are kept for how much its amounts vary."""

    name: str
    items: int = 0
    recorded: int = 0
    squares: int = 0

    @property
    def variance(self) -> Fraction:
        if self.items < 2:
            return Fraction(0)
        middle = Fraction(self.recorded * self.recorded, self.items)
        return (self.squares - middle) / (self.items - 1)


@dataclass
class Survey:
    """A population as one pass over it found it. Sums by currency, in minor units."""

    items: int = 0
    recorded: dict[str, int] = field(default_factory=dict)
    unvalued: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    strata: list[StratumOf] = field(default_factory=list)
    digest: str = ""

    @property
    def currency(self) -> str:
        """Its one currency, or nothing where there are several or none."""
        return next(iter(self.recorded)) if len(self.recorded) == 1 else ""

    @property
    def total(self) -> int:
        return self.recorded.get(self.currency, 0)

    def leave_out(self, reason: str, count: int = 1) -> None:
        self.excluded[reason] = self.excluded.get(reason, 0) + count

    def sums(self) -> list[Money]:
        return [Money(minor, currency) for currency, minor in sorted(self.recorded.items())]


def survey(
    source: Source, spec: SampleSpec, write: Callable[[bytes], object] | None = None
) -> Survey:
    """Read the population once: count, add up, divide, and hand its canonical lines to `write`.

    Memory does not grow with it. Refuses an empty one, and one of several currencies where amounts are needed.
    """
    found, hasher = Survey(), sha256()
    divide = _divider(spec, found)
    if left_out := source.outside():
        found.leave_out("scope", left_out)
    for candidate in source.candidates():
        reason = _why_not(candidate, spec)
        if reason:
            found.leave_out(reason)
            continue
        stratum = divide(candidate)
        _count(found, candidate, stratum)
        if spec.needs_amounts and len(found.recorded) > 1:
            policies.check_one_currency(found.recorded, spec)
        line = Frozen(candidate.uid, candidate.minor, candidate.currency, stratum).line
        hasher.update(line)
        if write is not None:
            write(line)
    found.digest = hasher.hexdigest()
    if not found.items:
        raise Refused(
            "The population is empty: nothing of the list lies in the scope of the engagement and can be drawn. "
            "Widen the list."
        )
    policies.check_one_currency(found.recorded, spec)
    return found


def _why_not(candidate: Candidate, spec: SampleSpec) -> str:
    if not candidate.inside:
        return "scope"
    if spec.needs_amounts and candidate.minor is None:
        return "unvalued"
    if spec.monetary and candidate.minor == 0:
        return "zero"
    if spec.monetary and (candidate.minor or 0) < 0:
        return "negative"
    return ""


def _count(found: Survey, candidate: Candidate, stratum: int) -> None:
    found.items += 1
    held = found.strata[stratum]
    held.items += 1
    if candidate.minor is None:
        found.unvalued += 1
        return
    found.recorded[candidate.currency] = found.recorded.get(candidate.currency, 0) + candidate.minor
    held.recorded += candidate.minor
    held.squares += candidate.minor * candidate.minor


def _divider(spec: SampleSpec, found: Survey) -> Callable[[Candidate], int]:
    """To which stratum an item belongs. Strata of a field are numbered in the order in which they first appear."""
    if spec.method != "stratified":
        found.strata.append(StratumOf("everything"))
        return lambda candidate: 0
    if spec.stratify == BY_AMOUNT:
        return _bands(spec, found)
    known: dict[str, int] = {}

    def divide(candidate: Candidate) -> int:
        value = candidate.values[spec.stratify]
        if value not in known:
            if len(known) == MOST_STRATA:
                raise Refused(
                    {
                        "stratify": f"That makes more than {MOST_STRATA} strata: divide by something else."
                    }
                )
            known[value] = len(known)
            found.strata.append(StratumOf(value))
        return known[value]

    return divide


def _bands(spec: SampleSpec, found: Survey) -> Callable[[Candidate], int]:
    bounds = [bound.minor for bound in spec.bounds]
    names = [f"below {spec.bounds[0]}"]
    for low, high in zip(spec.bounds, spec.bounds[1:], strict=False):
        names.append(f"{low} to below {high}")
    names.append(f"{spec.bounds[-1]} and more")
    found.strata.extend(StratumOf(name) for name in names)

    def band(candidate: Candidate) -> int:
        assert candidate.minor is not None
        return sum(1 for bound in bounds if candidate.minor >= bound)

    return band
