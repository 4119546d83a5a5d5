"""How lists of audits are narrowed."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from tracker.accounts.models import Organisation
from tracker.audits.models import (
    CLOSED,
    OPEN,
    Engagement,
    EngagementKind,
    EngagementStatus,
    Finding,
    FindingStatus,
    Recommendation,
    RecommendationState,
    SampleItem,
    Severity,
)
from tracker.audits.queries import today_for

Rows = QuerySet[Any]


class EngagementFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Number or title")
    status = filters.ChoiceFilter(choices=EngagementStatus.choices, label="State")
    kind = filters.ChoiceFilter(choices=EngagementKind.choices, label="Kind")

    class Meta:
        model = Engagement
        fields: list[str] = []

    def search(self, rows: Rows, name: str, words: str) -> Rows:
        return rows.filter(Q(number__icontains=words) | Q(title__icontains=words))


class SampleItemFilter(filters.FilterSet):
    """The items of a sample, by how far their test is."""

    state = filters.ChoiceFilter(
        choices=[("untested", "to be tested"), ("tested", "tested")],
        method="in_state",
        label="Test",
        empty_label="All",
    )
    certain = filters.ChoiceFilter(
        choices=[("yes", "certain to be in it")],
        method="in_top",
        label="Drawn",
        empty_label="All",
    )

    class Meta:
        model = SampleItem
        fields: list[str] = []

    def in_state(self, rows: Rows, name: str, state: str) -> Rows:
        return rows.filter(result__isnull=state == "untested")

    def in_top(self, rows: Rows, name: str, wanted: str) -> Rows:
        return rows.filter(certain=True)


class FindingFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Title, words or engagement")
    status = filters.ChoiceFilter(choices=FindingStatus.choices, label="State")
    severity = filters.ChoiceFilter(choices=Severity.choices, label="Severity")

    class Meta:
        model = Finding
        fields: list[str] = []

    def search(self, rows: Rows, name: str, words: str) -> Rows:
        return rows.filter(
            Q(title__icontains=words)
            | Q(condition__icontains=words)
            | Q(engagement__number__icontains=words)
            | Q(engagement__title__icontains=words)
        )


STATES = [
    ("open", "open, in any state"),
    ("closed", "closed, for any reason"),
    *RecommendationState.choices,
]


def _owners(request: Any) -> QuerySet[Organisation]:
    """Only owners of recommendations that the person sees."""
    if request is None:
        return Organisation.objects.none()
    seen = Recommendation.objects.visible_to(request.user)
    return Organisation.objects.filter(pk__in=seen.values("owner")).order_by("name", "pk")


class RecommendationFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Words, finding or engagement")
    state = filters.ChoiceFilter(choices=STATES, method="in_state", label="State")
    owner = filters.ModelChoiceFilter(queryset=_owners, to_field_name="uid", label="Owner")
    overdue = filters.ChoiceFilter(
        choices=[("yes", "overdue only")], method="late", label="Due date"
    )

    class Meta:
        model = Recommendation
        fields: list[str] = []

    def search(self, rows: Rows, name: str, words: str) -> Rows:
        return rows.filter(
            Q(text__icontains=words)
            | Q(finding__title__icontains=words)
            | Q(finding__engagement__number__icontains=words)
            | Q(owner__name__icontains=words)
        )

    def in_state(self, rows: Rows, name: str, state: str) -> Rows:
        groups = {"open": OPEN, "closed": CLOSED}
        return rows.filter(state__in=groups.get(state, {state}))

    def late(self, rows: Rows, name: str, wanted: str) -> Rows:
        return rows.filter(state__in=OPEN, due_on__lt=today_for(self.request.user))
