"""The reports of an audit office: its year in figures, what an engagement's report says, and what others state of theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from tracker.accounts.models import Organisation, User
from tracker.audits.models import (
    CostKind,
    Engagement,
    Finding,
    FindingStatus,
    ManagementDecision,
    OfficeReport,
    Recommendation,
)
from tracker.audits.policies import Scope, scope_of
from tracker.audits.queries import rates
from tracker.audits.queries.coverage import percent_of
from tracker.audits.queries.rates import Days, OwnerAges, Rate
from tracker.audits.queries.recommendations import BUCKETS, Bucket
from tracker.audits.queries.semiannual import Half, half_of
from tracker.programs.models import StatedFigure
from tracker.shared.errors import Refused
from tracker.shared.money import Money


@dataclass(frozen=True)
class OfficeFigures:
    """What an office reports of its recommendations on a day."""

    day: date
    ages: tuple[Bucket, ...]
    owners: tuple[OwnerAges, ...]
    rates: tuple[Rate, ...]
    means: tuple[Days, ...]

    @property
    def open(self) -> int:
        return sum(bucket.count for bucket in self.ages)

    @property
    def oldest_share(self) -> Decimal | None:
        """Per cent of the open ones that are five years old or older; None of nothing."""
        return percent_of(self.ages[-1].count, self.open)


def office_figures(office: Organisation) -> OfficeFigures:
    """Ages, owners and rates. The number of queries does not grow with the recommendations."""
    day = office.today()
    rows = rates.of_office(office)
    calendar = office.calendar()
    now = calendar.period_of(day).year
    by_owner = tuple(rates.by_owner(rows, day))
    return OfficeFigures(
        day,
        tuple(rates.ages(rows, day)),
        by_owner,
        (
            *_implementation(office, rows, now),
            rates.acceptance(rows),
            rates.overdue(rows, day),
            *rates.money_rates(office),
        ),
        rates.means(office),
    )


def _implementation(office: Organisation, rows: Any, now: int) -> list[Rate]:
    try:
        before = office.calendar().period_of_year(now - rates.HORIZON)
    except Refused:
        return []  # the office's calendar does not reach back so far
    return [rates.implementation(rows, before)]


# --- Semiannual periods ----------------------------------------------------


def halves_of(office: Organisation, number: int = 8) -> list[Half]:
    """The period that runs and those before it, the newest first."""
    found = [half_of(office.today())]
    while len(found) < number:
        found.append(found[-1].before)
    return found


def issued_reports(office: Organisation) -> QuerySet[OfficeReport]:
    rows = OfficeReport.objects.filter(office=office).select_related("issued_by")
    return rows.order_by("-period_end", "-pk")


# --- The report of an engagement -------------------------------------------


@dataclass(frozen=True)
class ReportedRecommendation:
    """What was asked of whom, and where it stands."""

    uid: UUID
    label: str
    text: str
    owner: str
    response: str
    state: str
    native_status: str
    original_due_on: date
    due_on: date


@dataclass(frozen=True)
class ReportedDecision:
    """The management decision in force: sustained or not, and how the amounts divide. Its words stay in the record."""

    sustained: bool
    decided_on: date
    allowed: Money | None
    disallowed: Money | None
    agreed: Money | None
    not_agreed: Money | None


@dataclass(frozen=True)
class ReportedFinding:
    """An issued finding with its elements; blank ones are empty texts, and `blank_reason` says why."""

    uid: UUID
    label: str
    title: str
    severity: str
    elements: tuple[tuple[str, str], ...]
    blank_reason: str
    kind: str
    questioned: Money | None
    unsupported: Money | None
    better_use: Money | None
    decision: ReportedDecision | None
    payments: int
    issued_on: date | None
    recommendations: tuple[ReportedRecommendation, ...]


@dataclass(frozen=True)
class EngagementReport:
    """What the report of an engagement says, for the office's page, for publishing and for the office's stream."""

    uid: UUID
    number: str
    title: str
    office: str
    kind: str
    standard: str
    status: str
    objectives: str
    as_of: date
    scope: tuple[Scope, ...]
    findings: tuple[ReportedFinding, ...]

    @property
    def questioned(self) -> list[Money]:
        """Questioned costs of its findings, each currency on its own."""
        return _by_currency(finding.questioned for finding in self.findings)

    @property
    def unsupported(self) -> list[Money]:
        """The part of them that no adequate document supports, where its kind is stated."""
        return _by_currency(finding.unsupported for finding in self.findings)

    @property
    def better_use(self) -> list[Money]:
        return _by_currency(finding.better_use for finding in self.findings)

    @property
    def disallowed(self) -> list[Money]:
        """What management decided is not to be charged."""
        found = (f.decision.disallowed for f in self.findings if f.decision)
        return _by_currency(found)

    @property
    def recommendations(self) -> int:
        return sum(len(finding.recommendations) for finding in self.findings)


def _by_currency(amounts: Iterable[Money | None]) -> list[Money]:
    sums: dict[str, Money] = {}
    for amount in amounts:
        if amount is not None:
            sums[amount.currency] = sums.get(amount.currency, Money(0, amount.currency)) + amount
    return [sums[code] for code in sorted(sums)]


def report_of(engagement: Engagement) -> EngagementReport:
    """The issued findings of an engagement as of today, with their recommendations and money. Eight queries."""
    issued = Recommendation.objects.filter(issued_on__isnull=False).select_related("owner")
    findings = (
        engagement.findings.filter(status=FindingStatus.ISSUED)
        .select_related("engagement")
        .prefetch_related(
            *("links", "lines", "better_use"),
            Prefetch("recommendations", issued.order_by("number", "pk")),
            Prefetch("decisions", ManagementDecision.objects.filter(revised_by=None)),
        )
        .order_by("number")
    )
    return EngagementReport(
        uid=engagement.uid,
        number=engagement.number,
        title=engagement.title,
        office=engagement.office.name,
        kind=engagement.get_kind_display(),
        standard=engagement.get_standard_display(),
        status=engagement.get_status_display(),
        objectives=engagement.objectives,
        as_of=engagement.office.today(),
        scope=tuple(scope_of(engagement)),
        findings=tuple(_reported(finding) for finding in findings),
    )


ELEMENTS = (
    ("criteria", "Criteria: how it should be"),
    ("condition", "Condition: how it is"),
    ("cause", "Cause: why there is a difference"),
    ("effect", "Effect: what follows from it"),
)


def _reported(finding: Finding) -> ReportedFinding:
    return ReportedFinding(
        uid=finding.uid,
        label=finding.label,
        title=finding.title,
        severity=finding.severity,
        elements=tuple((label, getattr(finding, name)) for name, label in ELEMENTS),
        blank_reason=finding.blank_reason,
        kind=finding.kind_label,
        questioned=finding.questioned,
        unsupported=_unsupported(finding),
        better_use=next(iter(_by_currency(line.amount for line in finding.better_use.all())), None),
        decision=next((_decision(row) for row in finding.decisions.all()), None),
        payments=len(finding.links.all()),
        issued_on=finding.issued_on,
        recommendations=tuple(
            ReportedRecommendation(
                row.uid,
                f"{finding.label}.{row.number}",
                row.text,
                row.owner.name,
                row.get_response_display(),
                row.get_state_display(),
                row.native_status,
                row.original_due_on,
                row.due_on,
            )
            for row in finding.recommendations.all()
        ),
    )


def _unsupported(finding: Finding) -> Money | None:
    """Of lines; a finding without lines does not state it."""
    lines = list(finding.lines.all())
    found = [line.known for line in lines if line.kind == CostKind.UNSUPPORTED]
    if not lines:
        return None
    return next(iter(_by_currency(found)), Money(0, lines[0].currency))


def _decision(row: ManagementDecision) -> ReportedDecision:
    return ReportedDecision(
        row.sustained, row.decided_on, row.allowed, row.disallowed, row.agreed, row.not_agreed
    )


def engagements_with_reports(user: User, office: Organisation) -> QuerySet[Engagement]:
    """The engagements of the office that the person sees, the newest number first."""
    rows = Engagement.objects.visible_to(user).filter(office=office)
    return rows.order_by("-number", "pk")


# --- What others state of theirs -------------------------------------------

OPEN_ONES = "Open recommendations"
OLD_ONES = "Open recommendations, five years old or older"
REPORTS = "Reports with open recommendations"
BENEFITS = "Potential monetary benefits of open recommendations"


@dataclass(frozen=True)
class Stated:
    """What another office states of a day. Every figure may be missing: then it is not stated."""

    organisation: str
    as_of: date
    figures: dict[str, StatedFigure]

    @property
    def open(self) -> Any:
        return self._value(OPEN_ONES)

    @property
    def old(self) -> Any:
        return self._value(OLD_ONES)

    @property
    def reports(self) -> Any:
        return self._value(REPORTS)

    @property
    def benefits(self) -> Any:
        return self._value(BENEFITS)

    def _value(self, label: str) -> Any:
        figure = self.figures.get(label)
        return None if figure is None else figure.value

    @property
    def old_share(self) -> Decimal | None:
        """Reckoned by us from two figures that they state."""
        if self.open is None or self.old is None:
            return None
        return percent_of(int(self.old), int(self.open))

    @property
    def citations(self) -> list[str]:
        return sorted({figure.citation for figure in self.figures.values()})

    @property
    def grades(self) -> str:
        return ", ".join(sorted({figure.grade for figure in self.figures.values()}))


def stated_by_others() -> list[Stated]:
    """Figures of other offices about their open recommendations, by office and day. One query."""
    rows = StatedFigure.objects.filter(
        organisation__isnull=False, label__in=[OPEN_ONES, OLD_ONES, REPORTS, BENEFITS]
    )
    found: dict[tuple[str, date], dict[str, StatedFigure]] = {}
    for row in _in_force(rows):
        assert row.organisation is not None and row.as_of is not None
        found.setdefault((row.organisation.label, row.as_of), {})[row.label] = row
    return [Stated(name, day, figures) for (name, day), figures in sorted(found.items(), key=_when)]


def _when(item: tuple[tuple[str, date], Any]) -> tuple[str, date]:
    return item[0]


def _in_force(rows: Any) -> Iterable[StatedFigure]:
    listed = rows.in_force().filter(as_of__isnull=False)
    return listed.select_related("organisation").order_by("pk")


LABELS_OF_AGE = tuple(label for label, _ in BUCKETS)
