"""How risky a program is in a fiscal year, from its records: each factor with its weight, so that it can be reckoned
by hand. A fixed number of queries for any number of programs.

The plan of an internal audit is based on a documented assessment of risks, at least once a year (IIA, International
Standards for the Professional Practice of Internal Auditing 2017, standard 2010, “Planning”). Which factors, and what
they weigh, is each office's own decision: dated rows that only its head sets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce, TruncDate

from tracker.accounts.models import Organisation
from tracker.audits.models import COUNTED_FACTORS as COUNTED
from tracker.audits.models import (
    OPEN,
    CoverageRule,
    EngagementScope,
    Finding,
    FindingStatus,
    RiskFactor,
    RiskJudgement,
    RiskLevel,
    RiskWeight,
)
from tracker.audits.queries.coverage import REACHED, payments
from tracker.ledger.models import (
    Discrepancy,
    DiscrepancyStatus,
    EmergencyPosting,
    Form,
    Waiver,
    WaiverVerdict,
)
from tracker.ledger.queries.sums import halves, whole

F_ = RiskFactor
WHOLE = 10_000  # a measure is a part of ten thousand
SINCE_ALWAYS = date(1, 1, 1)


@dataclass(frozen=True)
class Weight:
    """What a factor weighs on a day. `row`: the head's own row; None is what the house begins with."""

    factor: str
    weight: int
    full_at: int | None
    valid_from: date | None = None
    row: RiskWeight | None = None

    @property
    def label(self) -> str:
        return RiskFactor(self.factor).label


@dataclass(frozen=True)
class Rule:
    """What a level of risk asks for on a day."""

    level: str
    from_points: int
    every_years: int
    percent: int
    valid_from: date | None = None
    row: CoverageRule | None = None

    @property
    def label(self) -> str:
        return RiskLevel(self.level).label


# What an office begins with, until its head decides otherwise.
FIRST_WEIGHTS = (
    Weight(F_.UNCONFIRMED, 25, None),
    Weight(F_.UNVALUED, 10, None),
    Weight(F_.LATE, 5, None),
    Weight(F_.EMERGENCY, 10, 3),
    Weight(F_.WAIVED, 10, 5),
    Weight(F_.DISCREPANCY, 10, 5),
    Weight(F_.FINDINGS, 5, 5),
    Weight(F_.REPEATED, 5, 2),
    Weight(F_.NOT_AUDITED, 10, 4),
    Weight(F_.JUDGEMENT, 10, None),
)
FIRST_RULES = (
    Rule(RiskLevel.HIGH, 50, 1, 50),
    Rule(RiskLevel.MEDIUM, 25, 2, 50),
    Rule(RiskLevel.LOW, 0, 4, 50),
)


def weights_on(office: Organisation, day: date) -> dict[str, Weight]:
    """Each factor's weight in force on the day, in the order of the factors. One query."""
    found = {weight.factor: weight for weight in FIRST_WEIGHTS}
    rows = RiskWeight.objects.filter(office=office, valid_from__lte=day)
    for row in rows.order_by("valid_from", "pk"):  # the newest of the latest day comes last
        found[row.factor] = Weight(row.factor, row.weight, row.full_at, row.valid_from, row)
    return found


def rules_on(office: Organisation, day: date) -> tuple[Rule, ...]:
    """Each level's rule in force on the day, the highest first. One query."""
    found = {rule.level: rule for rule in FIRST_RULES}
    rows = CoverageRule.objects.filter(office=office, valid_from__lte=day)
    for row in rows.order_by("valid_from", "pk"):
        found[row.level] = Rule(
            row.level, row.from_points, row.every_years, row.percent, row.valid_from, row
        )
    return tuple(found[level] for level in RiskLevel.values)


@dataclass(frozen=True)
class Dated:
    """A row that the head set, whatever it is about: from when, what, and who set it."""

    valid_from: date
    what: str
    says: str
    by: str
    entry: int


def dated_rows(office: Organisation) -> list[Dated]:
    """Every weight and rule that the head ever set, the newest first. Two queries."""
    weights = RiskWeight.objects.filter(office=office).select_related("set_by")
    rules = CoverageRule.objects.filter(office=office).select_related("set_by")
    found = [
        Dated(
            row.valid_from,
            row.get_factor_display(),
            f"{row.weight} points" + (f", all of them at {row.full_at}" if row.full_at else ""),
            str(row.set_by),
            row.entry_id,
        )
        for row in weights
    ]
    found += [
        Dated(
            row.valid_from,
            f"{row.get_level_display()} risk",
            f"from {row.from_points} points: {row.percent}% of the money every {row.every_years} fiscal years",
            str(row.set_by),
            row.entry_id,
        )
        for row in rules
    ]
    return sorted(found, key=lambda one: (one.valid_from, one.entry), reverse=True)


def level_of(points: Decimal, rules: Iterable[Rule]) -> Rule:
    """The highest level whose points are reached."""
    ordered = list(rules)
    return next((rule for rule in ordered if points >= rule.from_points), ordered[-1])


@dataclass(frozen=True)
class Measure:
    """A factor of a program: what was found, as a part of ten thousand of its weight, and in words."""

    factor: str
    part: int
    said: str
    weight: int

    @property
    def label(self) -> str:
        return RiskFactor(self.factor).label

    @property
    def points(self) -> Decimal:
        return (Decimal(self.weight * self.part) / WHOLE).quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def score_of(measures: Iterable[Measure]) -> Decimal:
    """The sum of the exact products, rounded once to one decimal, halves to even."""
    exact = sum(Decimal(one.weight * one.part) for one in measures) / WHOLE
    return Decimal(exact).quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def _share(part: int, of: int) -> int:
    return min(WHOLE, max(0, part * WHOLE // of)) if of > 0 else 0


def _counted(number: int, full_at: int | None) -> int:
    return min(number, full_at or 1) * WHOLE // (full_at or 1)


# --- What the records say --------------------------------------------------

Found = Mapping[int, Any]


def _unconfirmed(programs: Any, year: int) -> dict[int, tuple[int, int]]:
    """What is left of each program's disbursements, of the currency with the largest open share: never added up."""
    rows = payments(programs, [year]).filter(balance__isnull=False).order_by()
    value, left = F("balance__value"), F("balance__value") - F("balance__drawn")
    found = rows.values("program", "balance__currency").annotate(
        **halves(value, "value_"), **halves(left, "left_")
    )
    worst: dict[int, tuple[int, int]] = {}
    for row in found:
        pair = (whole(row, "left_"), whole(row, "value_"))
        known = worst.get(row["program"])
        if known is None or _share(*pair) > _share(*known):
            worst[row["program"]] = pair
    return worst


def _kinds(programs: Any, year: int) -> dict[int, Mapping[str, Any]]:
    rows = payments(programs, [year]).order_by().values("program")
    in_kind = ~Q(form=Form.MONEY)
    found = rows.annotate(
        rows=Count("pk"),
        late=Count("pk", filter=Q(booked_on__isnull=False)),
        in_kind=Count("pk", filter=in_kind),
        unvalued=Count("pk", filter=in_kind & Q(balance__isnull=True)),
    )
    return {row["program"]: dict(row) for row in found}


def _tally(rows: Any, path: str) -> dict[int, int]:
    found = rows.order_by().values(path).annotate(n=Count("pk", distinct=True))
    return {row[path]: row["n"] for row in found if row[path] is not None}


def _emergencies(programs: Any, year: int) -> dict[int, int]:
    path = "version__transactions__program"
    rows = EmergencyPosting.objects.filter(
        version__transactions__program__in=programs, version__transactions__fiscal_year=year
    )
    return _tally(rows, path)


def _waivers(programs: Any, year: int) -> dict[int, int]:
    path = "voucher__versions__transactions"
    rows = Waiver.objects.filter(
        decision__verdict=WaiverVerdict.GRANTED,
        **{f"{path}__program__in": programs, f"{path}__fiscal_year": year},
    )
    return _tally(rows, f"{path}__program")


def _discrepancies(programs: Any) -> dict[int, int]:
    settled = [DiscrepancyStatus.EXPLAINED, DiscrepancyStatus.LOSS, DiscrepancyStatus.WITHDRAWN]
    rows = Discrepancy.objects.filter(about__program__in=programs)
    return _tally(rows.exclude(state__status__in=settled), "about__program")


def _findings(programs: Any, *, repeated: bool = False) -> dict[int, int]:
    """Issued, with a recommendation that is open; `repeated`: those that repeat an earlier finding."""
    rows = Finding.objects.filter(
        status=FindingStatus.ISSUED,
        recommendations__state__in=OPEN,
        links__transaction__program__in=programs,
    )
    rows = rows.filter(repeats__isnull=False) if repeated else rows
    return _tally(rows, "links__transaction__program")


def _last_audited(programs: Any) -> dict[int, date]:
    """The last day in the scope of an engagement that reached its fieldwork; without an end, the day of its plan."""
    rows = EngagementScope.objects.filter(program__in=programs, engagement__status__in=REACHED)
    last = Max(Coalesce("period_end", TruncDate("engagement__created_at")))
    found = rows.order_by().values("program").annotate(last=last)
    return {row["program"]: row["last"] for row in found}


def judgements(office: Organisation, programs: Any, year: int) -> dict[int, RiskJudgement]:
    """The newest of each program. One query."""
    rows = RiskJudgement.objects.filter(office=office, program__in=programs, fiscal_year=year)
    listed = rows.select_related("text", "stated_by").order_by("pk")
    return {row.program_id: row for row in listed}


def _years_between(last: date, day: date) -> int:
    """Whole years from one day to a later one."""
    return max(0, day.year - last.year - ((day.month, day.day) < (last.month, last.day)))


@dataclass(frozen=True)
class Records:
    """Everything that the factors are read from. Eleven queries."""

    unconfirmed: Found
    kinds: Found
    counted: Mapping[str, Found]
    audited: Found
    judged: Mapping[int, RiskJudgement]
    until: date

    @classmethod
    def read(cls, office: Organisation, programs: Any, year: int, until: date) -> "Records":
        counted = {
            F_.EMERGENCY.value: _emergencies(programs, year),
            F_.WAIVED.value: _waivers(programs, year),
            F_.DISCREPANCY.value: _discrepancies(programs),
            F_.FINDINGS.value: _findings(programs),
            F_.REPEATED.value: _findings(programs, repeated=True),
        }
        return cls(
            _unconfirmed(programs, year),
            _kinds(programs, year),
            counted,
            _last_audited(programs),
            judgements(office, programs, year),
            until,
        )

    def payments_of(self, program: int) -> int:
        """How many disbursements of the year the program has, valued or not."""
        return int(self.kinds.get(program, {}).get("rows", 0))

    def measures(self, program: int, weights: Mapping[str, Weight]) -> tuple[Measure, ...]:
        """Every factor of a program, in the order of the factors."""
        return tuple(
            Measure(
                factor, *self._of(program, factor, weights[factor].full_at), weights[factor].weight
            )
            for factor in RiskFactor.values
        )

    def _of(self, program: int, factor: str, full_at: int | None) -> tuple[int, str]:
        if factor == F_.NOT_AUDITED:
            return self._since_audit(program, full_at)
        if factor in COUNTED:
            number = self.counted[factor].get(program, 0)
            return _counted(number, full_at), f"{number}, full weight at {full_at}"
        if factor == F_.JUDGEMENT:
            judged = self.judged.get(program)
            return (judged.percent * 100, f"{judged.percent}%") if judged else (0, "not judged")
        return self._share_of(program, factor)

    def _share_of(self, program: int, factor: str) -> tuple[int, str]:
        if factor == F_.UNCONFIRMED:
            pair = self.unconfirmed.get(program)
            part = _share(*pair) if pair else 0
            return part, f"{Decimal(part) / 100:.1f}% of the money" if pair else "no money"
        row = self.kinds.get(program, {})
        name, of = ("late", "rows") if factor == F_.LATE else ("unvalued", "in_kind")
        some, all_ = row.get(name, 0), row.get(of, 0)
        words = "payments" if of == "rows" else "payments in kind"
        return _share(some, all_), f"{some} of {all_} {words}"

    def _since_audit(self, program: int, full_at: int | None) -> tuple[int, str]:
        last = self.audited.get(program)
        if last is None:
            return WHOLE, "never audited here"
        years = _years_between(last, self.until)
        return _counted(years, full_at), f"{years}, full weight at {full_at}"
