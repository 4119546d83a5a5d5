"""The annual plan, computed from money × risk: what is asked of the coverage of each program, and how far it is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import rfc8785
from django.db.models import Exists, Max, OuterRef, Prefetch, QuerySet

from tracker.accounts.models import Organisation, User
from tracker.audits.models import (
    AuditPlan,
    Engagement,
    EngagementScope,
    EngagementStatus,
    PlannedEngagement,
    RiskJudgement,
    RiskLevel,
)
from tracker.audits.policies import office as policies
from tracker.audits.queries.coverage import (
    REACHED,
    REPORTED,
    Key,
    Share,
    part_of,
    payments,
    percent_of,
    sums,
)
from tracker.audits.queries.risk import (
    Measure,
    Records,
    Rule,
    Weight,
    level_of,
    rules_on,
    score_of,
    weights_on,
)
from tracker.journal.queries import entries_of_op
from tracker.programs.models import Program, ProgramQuerySet
from tracker.shared.calendars import FiscalPeriod
from tracker.shared.errors import Refused
from tracker.shared.money import Money


@dataclass(frozen=True)
class PlanRow:
    """A program's money in one currency in a year, its risk, and what of it is covered. `rank` is within the currency, by
    money × points; a program without money in the year has neither."""

    program: Program
    year: int
    payments: int  # of the year, valued or not
    points: Decimal
    measures: tuple[Measure, ...]
    rule: Rule
    since: int
    money: Money | None = None
    share: Decimal | None = None
    rank: int | None = None
    base: Money | None = None
    covered: Money | None = None
    judged: RiskJudgement | None = None

    @property
    def covered_percent(self) -> Decimal | None:
        if self.base is None or self.covered is None:
            return None
        return percent_of(self.covered.minor, self.base.minor)

    @property
    def state(self) -> str:
        """void: nothing of the money is in scope; partial: less than is asked for; complete; none: no money."""
        if self.base is None or self.covered is None or not self.base.minor:
            return "none"
        if not self.covered.minor:
            return "void"
        asked = self.base.minor * self.rule.percent
        return "complete" if self.covered.minor * 100 >= asked else "partial"

    @property
    def exposure(self) -> Decimal:
        """Money × risk: what a rank compares, in one currency only."""
        return self.points * (self.money.minor if self.money else 0)

    @property
    def heaviest(self) -> tuple[Measure, ...]:
        """The factors that count, the heaviest first."""
        return tuple(sorted((m for m in self.measures if m.part), key=lambda m: -m.points))


@dataclass(frozen=True)
class Reckoned:
    """The plan of a year as it comes out of the records today."""

    office: Organisation
    year: int
    weights: tuple[Weight, ...]
    rules: tuple[Rule, ...]
    rows: tuple[PlanRow, ...]
    unvalued: int = 0

    def canonical(self) -> str:
        """What a version keeps of it: JSON by RFC 8785, amounts in minor units, points as decimal text."""
        said: dict[str, Any] = {
            "fiscal_year": self.year,
            "weights": [[w.factor, w.weight, w.full_at] for w in self.weights],
            "rules": [[r.level, r.from_points, r.every_years, r.percent] for r in self.rules],
            "rows": [_said(row) for row in self.rows],
        }
        return rfc8785.dumps(said).decode()

    @property
    def void_and_high(self) -> list[PlanRow]:
        """The programs about which an office should do something first."""
        return [r for r in self.rows if r.rule.level == RiskLevel.HIGH and r.state == "void"]


def _said(row: PlanRow) -> dict[str, Any]:
    return {
        "program": str(row.program.uid),
        "title": row.program.title,
        "currency": row.money.currency if row.money else "",
        "disbursed": str(row.money.minor) if row.money else None,
        "points": str(row.points),
        "level": row.rule.level,
        "rank": row.rank,
        "covered_percent": None if row.covered_percent is None else str(row.covered_percent),
        "asked_percent": row.rule.percent,
        "since": row.since,
        "state": row.state,
    }


def fiscal_year_of(office: Organisation, year: int) -> FiscalPeriod:
    """The office's fiscal year of that number. Refuses one that its calendar does not have."""
    policies.check_year(year)
    return office.calendar().period_of_year(year)


def this_year(office: Organisation) -> int:
    return office.calendar().period_of(office.today()).year


def reckon(office: Organisation, programs: Iterable[Program], year: int) -> Reckoned:
    """Money, risk and coverage of the programs in a year: the same number of queries for one or a thousand.

    A program's year is the fiscal year of that number by its owner's calendar; the weights and rules are those in
    force on the last day of the office's year, or today if that comes first.
    """
    period = fiscal_year_of(office, year)
    until = min(office.today(), period.end)
    weights, rules = weights_on(office, until), rules_on(office, until)
    named = list(programs)
    keys = [program.pk for program in named]
    records = Records.read(office, keys, year, until)
    window = range(year - max(rule.every_years for rule in rules) + 1, year + 1)
    money, scope = sums(payments(keys, window)), part_of(Share.SCOPE, keys, window) or {}
    rows = [
        row
        for program in named
        for row in _rows(program, year, records, weights, rules, money, scope)
    ]
    unvalued = payments(keys, [year]).filter(balance__isnull=True).count()
    return Reckoned(office, year, tuple(weights.values()), rules, _ranked(rows), unvalued)


def _rows(
    program: Program,
    year: int,
    records: Records,
    weights: Mapping[str, Weight],
    rules: tuple[Rule, ...],
    money: Mapping[Key, int],
    scope: Mapping[Key, int],
) -> list[PlanRow]:
    """One for each currency in which something was disbursed in the cycle of its level; else one without money."""
    measures = records.measures(program.pk, weights)
    points = score_of(measures)
    rule = level_of(points, rules)
    since = year - rule.every_years + 1
    years = range(since, year + 1)
    plain = PlanRow(
        program=program,
        year=year,
        payments=records.payments_of(program.pk),
        points=points,
        measures=measures,
        rule=rule,
        since=since,
        judged=records.judged.get(program.pk),
    )

    def of(currency: str) -> PlanRow:
        keys = [(program.pk, y, currency) for y in years]
        own = money.get((program.pk, year, currency))
        return replace(
            plain,
            money=None if own is None else Money(own, currency),
            base=Money(sum(money.get(k, 0) for k in keys), currency),
            covered=Money(sum(scope.get(k, 0) for k in keys), currency),
        )

    currencies = sorted({c for p, y, c in money if p == program.pk and y in years})
    return [of(currency) for currency in currencies] or [plain]


def _ranked(rows: list[PlanRow]) -> tuple[PlanRow, ...]:
    """By currency, the largest money × risk first; then what has no money, the riskiest first. Illustrative figures
    and those of real programs are never added up."""
    groups: dict[tuple[str, str], list[PlanRow]] = {}
    for row in rows:
        if row.money:
            groups.setdefault((row.program.nature, row.money.currency), []).append(row)
    found: list[PlanRow] = []
    for key in sorted(groups):
        own = groups[key]
        total = sum(row.money.minor for row in own if row.money)
        own.sort(key=lambda row: (-row.exposure, row.program.title, row.program.pk))
        for rank, row in enumerate(own, start=1):
            assert row.money is not None
            share = percent_of(row.money.minor, total)
            found.append(replace(row, rank=rank, share=share))
    rest = [row for row in rows if not row.money]
    rest.sort(key=lambda row: (-row.points, row.program.title, row.program.pk))
    return (*found, *rest)


def programs_for_plan(user: User, office: Organisation) -> ProgramQuerySet:
    """The programs of which the person may see the plan, in the order of their titles."""
    return policies.programs_in_sight(user, office).select_related("owner").order_by("title", "pk")


# --- Versions --------------------------------------------------------------


def audit_plans_of(office: Organisation, year: int) -> QuerySet[AuditPlan]:
    """Every version of a year, the newest first, with its words and engagements."""
    named = PlannedEngagement.objects.select_related("engagement__lead").order_by(
        "engagement__number", "pk"
    )
    rows = AuditPlan.objects.filter(office=office, fiscal_year=year)
    rows = rows.select_related("text", "adopted_by", "office").prefetch_related(
        Prefetch("planned", named)
    )
    return rows.order_by("-version")


def next_version(office: Organisation, year: int) -> int:
    found = AuditPlan.objects.filter(office=office, fiscal_year=year).aggregate(last=Max("version"))
    return (found["last"] or 0) + 1


def engagements_to_plan(office: Organisation) -> QuerySet[Engagement]:
    """What a plan may name: the office's engagements that were not terminated, the newest number first."""
    rows = Engagement.objects.filter(office=office).exclude(status=EngagementStatus.TERMINATED)
    return rows.select_related("office").order_by("-number", "pk")


@dataclass(frozen=True)
class Done:
    """A planned engagement and what became of it."""

    engagement: Engagement
    state: str  # done, under way, not begun, terminated
    programs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """What was planned against what was done."""

    planned: tuple[Done, ...] = ()
    outside: tuple[Done, ...] = ()
    added: tuple[Engagement, ...] = ()
    dropped: tuple[Engagement, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def _became(engagement: Engagement) -> str:
    if engagement.status == EngagementStatus.TERMINATED:
        return "terminated"
    if engagement.status in REPORTED:
        return "done"
    return "under way" if engagement.status in REACHED else "not begun"


def begun_in(office: Organisation, year: FiscalPeriod) -> QuerySet[Engagement]:
    """Whose fieldwork began on a day of the year, as the journal has it, in the office's time zone."""
    zone = office.zone()
    since = datetime.combine(year.start, time.min, zone)
    until = datetime.combine(year.end + timedelta(days=1), time.min, zone)
    begun = entries_of_op("engagement", "start", OuterRef("uid"))
    rows = Engagement.objects.filter(office=office, status__in=REACHED)
    return rows.filter(Exists(begun.filter(at__gte=since, at__lt=until)))


def compared(plan: AuditPlan, before: AuditPlan | None, year: FiscalPeriod) -> Compared:
    """Planned and done of one version, what it changed, and what was begun in the year without being in any plan.

    Read the plans with `audit_plans_of`: the number of queries stays the same.
    """
    named = [row.engagement for row in plan.planned.all()]
    earlier = [row.engagement for row in before.planned.all()] if before else []
    outside = begun_in(plan.office, year).filter(planned_in=None).order_by("number", "pk")
    loaded = [*named, *outside]
    titles = _titles_of(loaded)
    planned = tuple(Done(e, _became(e), titles.get(e.pk, ())) for e in named)
    counts: dict[str, int] = {}
    for one in planned:
        counts[one.state] = counts.get(one.state, 0) + 1
    keys, old = {e.pk for e in named}, {e.pk for e in earlier}
    return Compared(
        planned,
        tuple(Done(e, _became(e), titles.get(e.pk, ())) for e in loaded[len(named) :]),
        tuple(e for e in named if before and e.pk not in old),
        tuple(e for e in earlier if e.pk not in keys),
        counts,
    )


def _titles_of(engagements: list[Engagement]) -> dict[int, tuple[str, ...]]:
    rows = EngagementScope.objects.filter(engagement__in=[e.pk for e in engagements])
    found: dict[int, tuple[str, ...]] = {}
    for key, title in rows.order_by("program__title").values_list("engagement", "program__title"):
        found[key] = (*found.get(key, ()), title)
    return found


def plan_year(office: Organisation, asked: str | None) -> int:
    """The year that somebody asked for in an address, or the one that runs."""
    if not asked:
        return this_year(office)
    try:
        year = int(asked)
    except ValueError:
        raise Refused(f"“{asked[:20]}” is not a fiscal year: write four digits.") from None
    fiscal_year_of(office, year)
    return year


@dataclass(frozen=True)
class Kept:
    """A row as a version keeps it."""

    program: str
    currency: str
    money: Money | None
    points: str
    level: str
    rank: int | None
    covered: str | None
    asked: int
    state: str


def kept_rows(said: Mapping[str, Any], allowed: set[str]) -> list[Kept]:
    """The rows of an adopted version that concern programs which the reader may see."""
    return [
        Kept(
            row["title"],
            row["currency"],
            None if row["disbursed"] is None else Money(int(row["disbursed"]), row["currency"]),
            row["points"],
            row["level"],
            row["rank"],
            row["covered_percent"],
            row["asked_percent"],
            row["state"],
        )
        for row in said["rows"]
        if row["program"] in allowed
    ]
