"""What the public pages show, put together from the readers of the release tables.

Every page costs the same number of queries, whatever it shows, and no table but the release tables is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import floor
from typing import Any
from uuid import UUID

from django.db.models.fields.json import KeyTextTransform, KeyTransform

from tracker.public import words
from tracker.public.beside import beside
from tracker.public.certified import Quarter, quarters_of
from tracker.public.money import FindingMoney, money_in
from tracker.public.releases.past import Past, pasts
from tracker.public.rows import Row, row_of, rows_of
from tracker.public.views_said import View, views_in
from tracker.publishing import history, released
from tracker.publishing.content.lines import Line, Total, hidden_rows, lines_of
from tracker.publishing.models import (
    PublishedFinding,
    PublishedProgram,
    PublishedReport,
    Release,
    ReleaseItem,
)

LATEST = 10
NEWEST_RELEASES = 10
DAY = KeyTextTransform("value", KeyTransform("value_date", "cells"))
NEWEST = DAY.desc(nulls_last=True)  # a row whose day is withheld comes last, on either engine
FOLLOWED_UP = ("finding", "recommendation")


# --- Programs --------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """A released finding as other pages name it: the money it doubts, and where its recommendations stand."""

    published: PublishedFinding
    row: Row
    recommendations: list["Recommendation"]

    @property
    def uid(self) -> UUID:
        return self.published.uid

    @property
    def payments(self) -> list[Mapping[str, str]]:
        return self.row.code("payments") or []


@dataclass(frozen=True)
class Recommendation:
    """A recommendation and how its state is shown: closed, open, or open beyond its due date."""

    row: Row
    tone: str
    mark: str
    state: str


def recommended(rows: Iterable[Row]) -> list[Recommendation]:
    return [_recommendation(row) for row in rows]


def _recommendation(row: Row) -> Recommendation:
    state = row.said("state_label") or row.said("state") or "not stated"
    late = row.code("overdue_days") or 0
    if row.code("state") == "closed_implemented":
        return Recommendation(row, "good", "✓", state)
    if row.code("closed"):
        return Recommendation(row, "", "–", state)
    if late > 0:
        days = "day" if late == 1 else "days"
        return Recommendation(row, "bad", "!", f"{state}, {late:,} {days} overdue")
    return Recommendation(row, "warn", "~", state)


def with_rows(findings: Iterable[PublishedFinding]) -> list[Finding]:
    """Findings with their released rows, in one query for all of them."""
    kept = list(findings)
    items = ReleaseItem.objects.filter(
        release__in=[finding.release_id for finding in kept], kind__in=FOLLOWED_UP
    )
    found: dict[int, dict[str, list[Row]]] = {}
    for item in items.select_related("row").order_by("release_id", "kind", "position"):
        kinds = found.setdefault(item.release_id, {kind: [] for kind in FOLLOWED_UP})
        kinds[item.kind].append(row_of(item.row))
    return [
        Finding(finding, rows["finding"][0], recommended(rows["recommendation"]))
        for finding in kept
        if (rows := found[finding.release_id])
    ]


@dataclass(frozen=True)
class Objective:
    """An objective with what is measured for it. `serves` is the objective above it."""

    row: Row | None
    serves: str
    indicators: list["Indicator"]


@dataclass(frozen=True)
class Indicator:
    row: Row
    history: list[Row]
    tone: str
    mark: str
    rating: str


@dataclass(frozen=True)
class Discrepancy:
    """Where both sides state different figures, and how that stands on the day of the release."""

    row: Row
    tone: str
    state: str


def differing(rows: Iterable[Row], day: date) -> list[Discrepancy]:
    return [_discrepancy(row, day) for row in rows]


def _discrepancy(row: Row, day: date) -> Discrepancy:
    state, due = row.code("state"), row.code("due_on")
    tone, said = words.DISCREPANCY_TONES.get(state, ""), row.said("state") or "not stated"
    late = (day - date.fromisoformat(due)).days if due else 0
    if state in ("open", "disputed") and late > 0:
        return Discrepancy(row, "bad", f"{said}, {late:,} {'day' if late == 1 else 'days'} overdue")
    return Discrepancy(row, tone, said)


@dataclass(frozen=True)
class ProgramPage:
    program: PublishedProgram
    row: Row
    lines: list[Line]
    amounts_withheld: int
    parties: list[tuple[str, list[Row]]]
    objectives: list[Objective]
    figures: list[Row]
    payments: list[Row]
    payment_count: int
    discrepancies: list["Discrepancy"]
    findings: list[Finding]
    reports: list[PublishedReport]
    releases: list[Past]
    summary: Row | None
    revaluations: list[Row]  # the newest decision first
    alternatives: list[Row]
    emergencies: Row | None = None
    quarters: list[Quarter] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)  # the totals: what is withheld of them
    differing: list[tuple[str, Row]] = field(default_factory=list)

    @property
    def delay(self) -> dict[str, Any] | None:
        return delayed(self.row.code("delay"))

    @property
    def gaps(self) -> list[str]:
        return self.row.code("gaps") or []

    @property
    def waivers(self) -> dict[str, Any] | None:
        """What is posted without a document that it requires; None for a release from before this was told."""
        told = self.row.code("waivers")
        if told is None:
            return None
        named = [
            {**one, "category": words.WAIVERS.get(one["category"], one["category"])}
            for one in told["by_category"]
        ]
        return {**told, "by_category": named}


def program_page(uid: UUID) -> ProgramPage | None:
    """A public program, in eleven queries; None when it is not public or does not exist, in one."""
    page = released.program_page(uid)
    if page is None:
        return None
    totals = totals_of(page.program)
    latest = released.rows(page.release, released.TRANSACTION).order_by(NEWEST, "-pk")
    return ProgramPage(
        program=page.program,
        row=Row(str(uid), "program", page.cells),
        lines=lines_of(totals, "transactions/"),
        amounts_withheld=hidden_rows(totals),
        parties=_parties(rows_of(page.of("participant"))),
        objectives=_objectives(page),
        figures=rows_of(page.of("figure")),
        payments=rows_of(latest[:LATEST]),
        payment_count=page.transactions,
        discrepancies=differing(rows_of(page.of("discrepancy")), page.release.data_until),
        findings=with_rows(page.findings),
        reports=page.reports,
        releases=pasts(history.releases(uid)[:NEWEST_RELEASES]),
        summary=next(iter(rows_of(page.of("withheld_summary"))), None),
        revaluations=rows_of(reversed(page.of("revaluation"))),
        alternatives=rows_of(page.of("alternative_value")),
        emergencies=next(iter(rows_of(page.of("emergencies"))), None),
        quarters=quarters_of(rows_of(page.of("certification"))),
        beside=beside((one.kind, one.withheld_rows, one.hidden) for one in totals),
        differing=[(_place(row), row) for row in rows_of(page.of("difference"))],
    )


def _place(row: Row) -> str:
    """The total that differs, in words: “Disbursements FY2024 in USD”."""
    year, kind, currency = str(row.code("place")).split(" ")
    return f"{words.TRANSACTION_KINDS.get(kind, kind).capitalize()}s FY{year} in {currency}"


def delayed(told: dict[str, Any] | None) -> dict[str, Any] | None:
    """How payments are held back, in words."""
    if told is None:
        return None
    return {**told, "category": words.CATEGORIES.get(told["category"], told["category"])}


def totals_of(program: PublishedProgram) -> list[Total]:
    rows = program.totals.order_by("fiscal_year", "kind", "off", "currency", "pk")
    return [
        Total(
            row.fiscal_year,
            row.kind,
            row.amount,
            row.withheld_rows,
            row.off,
            row.partly_withheld,
            row.withheld_amount,
        )
        for row in rows
    ]


def _parties(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Who takes part, by role, the roles in the order of the words."""
    return [
        (label, found)
        for code, label in words.ROLES.items()
        if (found := [row for row in rows if row.code("role") == code])
    ]


def _objectives(page: released.ProgramPage) -> list[Objective]:
    """Impact, outcomes, outputs, each with its indicators; last the indicators that serve none."""
    objectives, indicators = rows_of(page.of("objective")), rows_of(page.of("indicator"))
    dated = [*rows_of(page.of("target")), *sorted(rows_of(page.of("measurement")), key=_by_day)]
    history: dict[str, list[Row]] = {}
    for row in dated:
        history.setdefault(str(row.code("indicator")), []).append(row)
    titles = {row.uid: row.said("title") or "" for row in objectives}
    levels = list(words.LEVELS)
    objectives.sort(key=lambda row: levels.index(row.code("level") or levels[-1]))

    def measured(objective: str | None) -> list[Indicator]:
        return [
            rated(row, history.get(row.uid, []))
            for row in indicators
            if row.code("objective") == objective
            or (objective is None and row.code("objective") not in titles)
        ]

    found = [
        Objective(row, titles.get(str(row.code("parent")), ""), measured(row.uid))
        for row in objectives
    ]
    loose = measured(None)
    return [*found, Objective(None, "", loose)] if loose else found


def _by_day(measurement: Row) -> tuple[bool, str]:
    """Those whose day is withheld come last, as they were recorded: among the others they would tell it."""
    day = measurement.code("measured_on")
    return day is None, day or ""


def rated(row: Row, history: list[Row] | None = None) -> Indicator:
    """An indicator with its rating. What nobody verified is never shown as reached, and nothing is rounded up."""
    percent = _percent(row.code("achievement"))
    reached = f"{floor(percent)} % of the way" if percent is not None else ""
    if row.code("actual") is None:
        rating = ("", "–", "No measurement")
    elif row.code("verification") == "not_verified":
        rating = ("", "?", _both("Not verified", reached))
    elif row.code("verification") == "self_reported":
        rating = ("info", "i", _both("By the recipient's account", reached))
    elif percent is None:
        rating = ("", "–", "Verified, no target to compare with")
    elif percent >= 100:
        rating = ("good", "✓", "Reached")
    elif percent >= 90:
        rating = ("good", "✓", f"Nearly reached, {floor(percent)} %")
    elif percent >= 70:
        rating = ("warn", "~", f"On the way, {floor(percent)} %")
    else:
        rating = ("bad", "!", f"Behind, {floor(percent)} %")
    return Indicator(row, history or [], *rating)


def _both(first: str, second: str) -> str:
    return f"{first}, {second}" if second else first


def _percent(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def findings_by_payment(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Which findings point at a payment, by the payment's identifier."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        for payment in finding.payments:
            found.setdefault(payment["uid"], []).append(finding)
    return found


# --- Reports and findings --------------------------------------------------


@dataclass(frozen=True)
class Payment:
    """A payment that a finding points at: its public row, or None with the reason why there is none."""

    program: PublishedProgram | None
    row: Row | None


@dataclass(frozen=True)
class FindingPage:
    page: released.FindingPage
    row: Row
    recommendations: list[Recommendation]
    payments: list[Payment]
    withheld: list[str]
    releases: list[Release]
    money: FindingMoney
    views: list[View]


def finding_page(uid: UUID) -> FindingPage | None:
    page = released.finding_page(uid)
    if page is None:
        return None
    row = Row(str(uid), "finding", page.cells)
    public = {str(program.uid): program for program in page.programs}
    payments = [
        Payment(
            public.get(named["program"]),
            row_of(page.payments[named["uid"]]) if named["uid"] in page.payments else None,
        )
        for named in row.code("payments") or []
    ]
    return FindingPage(
        page=page,
        row=row,
        recommendations=recommended(rows_of(page.recommendations)),
        payments=payments,
        withheld=[_hidden(one) for one in rows_of(page.withheld)],
        releases=list(released.releases_of(uid, "audit")),
        money=money_in(row),
        views=views_in(row),
    )


def _hidden(row: Row) -> str:
    field = words.field_words(row.said("field") or "a field")
    return f"{field.capitalize()}: {row.said('category')}, {row.said('reason')}"


@dataclass(frozen=True)
class ReportPage:
    page: released.ReportPage
    row: Row
    program: Row
    totals: list[Row]
    indicators: list[Indicator]
    findings: list[Row]
    public_findings: set[str] = field(default_factory=set)
    public_engagement: bool = False

    @property
    def sections(self) -> list[dict[str, Any]]:
        return self.row.code("sections") or []


def report_page(uid: UUID) -> ReportPage | None:
    page = released.report_page(uid)
    if page is None:
        return None
    findings = rows_of(page.findings)
    named = [row.code("finding") for row in findings if row.code("finding")]
    public = released.findings().filter(uid__in=named)
    row = Row(str(uid), "report", page.cells)
    return ReportPage(
        page=page,
        row=row,
        public_engagement=released.is_public_engagement(row.code("engagement")),
        program=Row(str(page.about), "program", page.program),
        totals=rows_of(page.totals),
        indicators=[rated(row) for row in rows_of(page.indicators)],
        findings=findings,
        public_findings={str(finding.uid) for finding in public},
    )


# --- Overview --------------------------------------------------------------


@dataclass(frozen=True)
class Nature:
    """The programs of one nature: how many, and what their figures are."""

    code: str
    programs: int
    lines: list[Line]
    amounts_withheld: int
    beside: list[str]


@dataclass(frozen=True)
class Overview:
    figures: released.Overview
    natures: dict[str, Nature]
    newest: list[PublishedProgram]
    findings: list[Finding]
    unpublished: list[tuple[str, int, date | None]]

    @property
    def public_programs(self) -> int:
        return sum(self.figures.programs.values())


def overview() -> Overview:
    found = released.overview()
    newest = released.programs().order_by("-release__published_at", "-pk")
    worrying = released.findings().order_by("-open_recommendations", "-issued_on", "-pk")
    return Overview(
        figures=found,
        natures={code: _nature(code, found) for code in words.NATURES},
        newest=list(newest[:6]),
        findings=with_rows(worrying.filter(open_recommendations__gt=0)[:5]),
        unpublished=[
            (words.CATEGORIES.get(row.category, row.category), row.programs, row.next_review_on)
            for row in found.unpublished
            if row.programs
        ],
    )


def _nature(code: str, found: released.Overview) -> Nature:
    own = [
        Total(
            total.fiscal_year or 0,
            total.kind,
            total.amount,
            total.withheld_rows,
            total.off,
            total.partly_withheld,
        )
        for total in found.by_year
        if total.nature == code
    ]
    hidden = sum(n for (nature, _), n in found.amounts_withheld.items() if nature == code)
    said = beside((one.kind, one.rows, one.amount) for one in found.hidden if one.nature == code)
    return Nature(code, found.programs.get(code, 0), lines_of(own), hidden, said)
