"""The filters of the public lists. They search released text only: a withheld cell has no value to be found."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from tracker.public import words
from tracker.publishing import released
from tracker.publishing.models import (
    PublishedEngagement,
    PublishedFinding,
    PublishedProgram,
    PublishedReport,
    ReleasedRow,
)

SEARCHED = ("payee", "receiver", "provider", "description", "reference")
LONGEST = 200  # a longer pattern is no search, and SQLite refuses it


def _choices(labels: words.Labels) -> list[tuple[str, str]]:
    return [(code, label[:1].upper() + label[1:]) for code, label in labels.items()]


class Search(filters.CharFilter):
    """Every word must be there."""

    def __init__(self, label: str = "Search", **kwargs: Any):
        widget = forms.TextInput({"type": "search"})
        super().__init__(label=label, max_length=LONGEST, widget=widget, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return released.search(qs, value) if value else qs


class ProgramFilter(filters.FilterSet):
    q = Search()
    nature = filters.ChoiceFilter(
        label="Figures", choices=_choices(words.NATURES), empty_label="All"
    )
    kind_of_aid = filters.ChoiceFilter(
        label="Kind of aid", choices=_choices(words.KINDS_OF_AID), empty_label="All"
    )
    status = filters.ChoiceFilter(
        label="Status", choices=_choices(words.STATUSES), empty_label="All"
    )
    donor = filters.CharFilter("donors", "icontains", label="Donor", max_length=LONGEST)
    recipient = filters.CharFilter("recipients", "icontains", label="Recipient", max_length=LONGEST)

    class Meta:
        model = PublishedProgram
        fields: list[str] = []


class PaymentFilter(filters.FilterSet):
    """Rows of one program. `row` shows one of them, with its reversal and what draws on it."""

    q = filters.CharFilter(
        label="Search",
        method="search",
        max_length=LONGEST,
        widget=forms.TextInput({"type": "search"}),
    )
    kind = filters.ChoiceFilter(
        "cells__kind__value",
        label="Kind",
        choices=_choices(words.TRANSACTION_KINDS),
        empty_label="All",
    )
    year = filters.ChoiceFilter(label="Fiscal year", method="of_year", empty_label="All")
    row = filters.UUIDFilter(label="Row", method="one_row", widget=forms.HiddenInput)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["year"].extra["choices"] = [(str(year), f"FY{year}") for year in years]

    def search(self, rows: QuerySet[ReleasedRow], _name: str, value: str) -> QuerySet[ReleasedRow]:
        for word in value.split():
            found = Q()
            for field in SEARCHED:
                found |= Q(**{f"cells__{field}__value__icontains": word})
            rows = rows.filter(found)
        return rows

    def of_year(self, rows: QuerySet[ReleasedRow], _name: str, value: str) -> QuerySet[ReleasedRow]:
        return rows.filter(cells__fiscal_year__value=int(value))

    def one_row(self, rows: QuerySet[ReleasedRow], _name: str, value: Any) -> QuerySet[ReleasedRow]:
        named = str(value)
        return rows.filter(
            Q(subject=value) | Q(cells__reverses__value=named) | Q(cells__draws_on__value=named)
        )

    class Meta:
        model = ReleasedRow
        fields: list[str] = []


class WithheldFilter(filters.FilterSet):
    category = filters.ChoiceFilter(
        "cells__category__value",
        label="Reason",
        choices=_choices(words.CATEGORIES),
        empty_label="All",
    )

    class Meta:
        model = ReleasedRow
        fields: list[str] = []


class ReportFilter(filters.FilterSet):
    q = Search()
    kind = filters.ChoiceFilter(
        label="Kind", choices=_choices(words.REPORT_KINDS), empty_label="All"
    )
    until = filters.DateFilter(
        "period_end",
        "gte",
        label="Period ends on or after",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = PublishedReport
        fields: list[str] = []


class FindingFilter(filters.FilterSet):
    q = Search()
    severity = filters.ChoiceFilter(
        label="Severity", choices=_choices(words.SEVERITIES), empty_label="All"
    )
    state = filters.ChoiceFilter(
        label="Recommendations",
        choices=[("open", "At least one open"), ("closed", "All closed")],
        method="by_state",
        empty_label="All",
    )
    office = filters.CharFilter("office", "icontains", label="Audit office", max_length=LONGEST)

    def by_state(
        self, rows: QuerySet[PublishedFinding], _name: str, value: str
    ) -> QuerySet[PublishedFinding]:
        if value == "open":
            return rows.filter(open_recommendations__gt=0)
        return rows.filter(open_recommendations=0)

    class Meta:
        model = PublishedFinding
        fields: list[str] = []


class EngagementFilter(filters.FilterSet):
    q = Search()
    status = filters.ChoiceFilter(
        label="State", choices=_choices(words.ENGAGEMENT_STATES), empty_label="All"
    )
    kind = filters.ChoiceFilter(
        label="Kind", choices=_choices(words.ENGAGEMENT_KINDS), empty_label="All"
    )

    class Meta:
        model = PublishedEngagement
        fields: list[str] = []
