"""How this room's lists are narrowed."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from tracker.audits.models import Engagement, EngagementStatus, Finding, Severity
from tracker.programs.models import Program
from tracker.publishing import queries
from tracker.publishing.models import (
    BrokenGlass,
    Category,
    Report,
    ReportStatus,
    Scope,
    Takedown,
    TakedownStatus,
    Withholding,
    WithholdingQuerySet,
    WithholdingStatus,
)
from tracker.shared.clock import today

PROGRAM_STATES = (
    ("published", "published"),
    ("changed", "published, changed since"),
    ("kept", "not published, decided"),
    ("withdrawn", "taken back, not released anew"),
    ("undecided", "not published, undecided"),
)


class ProgramReleaseFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search title, identifier and participants")
    state = filters.ChoiceFilter(label="State", choices=PROGRAM_STATES, method="in_state")

    class Meta:
        model = Program
        fields: list[str] = []

    def search(self, rows: Any, name: str, value: str) -> Any:
        return rows.matching(value)

    def in_state(self, rows: QuerySet[Program], name: str, value: str) -> QuerySet[Program]:
        return queries.by_state(rows, value)


class ReportFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search title and program")
    status = filters.ChoiceFilter(choices=ReportStatus.choices)

    class Meta:
        model = Report
        fields: list[str] = []

    def search(self, rows: QuerySet[Report], name: str, value: str) -> QuerySet[Report]:
        for word in value.split():
            rows = rows.filter(Q(title__icontains=word) | Q(program__title__icontains=word))
        return rows


class WithholdingFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search program, record, field and reason")
    status = filters.ChoiceFilter(choices=WithholdingStatus.choices)
    scope = filters.ChoiceFilter(label="How much", choices=Scope.choices)
    category = filters.ChoiceFilter(choices=Category.choices)
    review = filters.ChoiceFilter(
        label="Review", choices=[("overdue", "overdue")], method="by_review", empty_label="All"
    )

    class Meta:
        model = Withholding
        fields: list[str] = []

    def search(self, rows: QuerySet[Withholding], name: str, value: str) -> QuerySet[Withholding]:
        """`named` comes from `queries.with_names`."""
        for word in value.split():
            rows = rows.filter(
                Q(program__title__icontains=word)
                | Q(named__icontains=word)
                | Q(field__icontains=word)
                | Q(reason__icontains=word)
            )
        return rows

    def by_review(self, rows: WithholdingQuerySet, name: str, value: str) -> QuerySet[Withholding]:
        return rows.overdue(today())


class FindingReleaseFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search title and engagement")
    severity = filters.ChoiceFilter(choices=Severity.choices)

    class Meta:
        model = Finding
        fields: list[str] = []

    def search(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        for word in value.split():
            rows = rows.filter(Q(title__icontains=word) | Q(engagement__title__icontains=word))
        return rows


class EngagementReleaseFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search number and title")
    status = filters.ChoiceFilter(choices=EngagementStatus.choices)

    class Meta:
        model = Engagement
        fields: list[str] = []

    def search(self, rows: QuerySet[Engagement], name: str, value: str) -> QuerySet[Engagement]:
        for word in value.split():
            rows = rows.filter(Q(title__icontains=word) | Q(number__icontains=word))
        return rows


class GlassFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search program, person and reason")
    noted = filters.ChoiceFilter(
        choices=[("no", "not noted yet"), ("yes", "noted")], method="by_note", label="Noted"
    )

    class Meta:
        model = BrokenGlass
        fields: list[str] = []

    def search(self, rows: QuerySet[BrokenGlass], name: str, value: str) -> QuerySet[BrokenGlass]:
        for word in value.split():
            rows = rows.filter(
                Q(program__title__icontains=word)
                | Q(broken_by__name__icontains=word)
                | Q(text__reason__icontains=word)
            )
        return rows

    def by_note(self, rows: QuerySet[BrokenGlass], name: str, value: str) -> QuerySet[BrokenGlass]:
        return rows.filter(noted__isnull=value == "no")


class TakedownFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search program and reason")
    status = filters.ChoiceFilter(choices=TakedownStatus.choices)
    category = filters.ChoiceFilter(choices=Category.choices)

    class Meta:
        model = Takedown
        fields: list[str] = []

    def search(self, rows: QuerySet[Takedown], name: str, value: str) -> QuerySet[Takedown]:
        for word in value.split():
            rows = rows.filter(Q(program__title__icontains=word) | Q(reason__icontains=word))
        return rows
