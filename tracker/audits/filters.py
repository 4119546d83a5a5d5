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
    Response,
    SampleItem,
    Severity,
    WorkingPaper,
)
from tracker.audits.queries import AGES, HIGHLIGHTS, aged, highlighted, late_on, today_for

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


def _offices(request: Any) -> QuerySet[Organisation]:
    """Only offices whose recommendations the person sees."""
    if request is None:
        return Organisation.objects.none()
    seen = Recommendation.objects.visible_to(request.user)
    offices = seen.values("finding__engagement__office")
    return Organisation.objects.filter(pk__in=offices).order_by("name", "pk")


class RecommendationFilter(filters.FilterSet):
    more = ("age", "severity", "office", "response", "highlight")

    q = filters.CharFilter(method="search", label="Words, finding or engagement")
    state = filters.ChoiceFilter(choices=STATES, method="in_state", label="State")
    owner = filters.ModelChoiceFilter(queryset=_owners, to_field_name="uid", label="Owner")
    overdue = filters.ChoiceFilter(
        choices=[("yes", "overdue only")], method="late", label="Due date"
    )

    age = filters.ChoiceFilter(choices=AGES, method="of_age", label="Age, if open")
    severity = filters.ChoiceFilter("finding__severity", choices=Severity.choices, label="Severity")
    office = filters.ModelChoiceFilter(
        "finding__engagement__office", queryset=_offices, to_field_name="uid", label="Audit office"
    )
    response = filters.ChoiceFilter(choices=Response.choices, label="Response")
    highlight = filters.ChoiceFilter(
        choices=[(name.value, label) for name, label in HIGHLIGHTS.items()],
        method="standing_out",
        label="Standing out",
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

    def of_age(self, rows: Rows, name: str, bucket: str) -> Rows:
        day = today_for(self.request.user)
        return rows.filter(aged(int(bucket), day), state__in=OPEN)

    def standing_out(self, rows: Rows, name: str, wanted: str) -> Rows:
        return rows.filter(highlighted(wanted, today_for(self.request.user)))

    def late(self, rows: Rows, name: str, wanted: str) -> Rows:
        return rows.filter(late_on(today_for(self.request.user)), state__in=OPEN)


class PaperFilter(filters.FilterSet):
    """The index of an engagement's working papers."""

    q = filters.CharFilter(method="search", label="Index or title")
    review = filters.ChoiceFilter(
        method="reviewed",
        label="Review",
        choices=[("open", "not reviewed"), ("questions", "with open notes"), ("done", "reviewed")],
    )

    class Meta:
        model = WorkingPaper
        fields: list[str] = []

    def search(self, rows: Rows, name: str, words: str) -> Rows:
        return rows.filter(Q(index__icontains=words) | Q(title__icontains=words))

    def reviewed(self, rows: Rows, name: str, state: str) -> Rows:
        if state == "questions":
            return rows.filter(questions__gt=0)
        return rows.filter(reviewer__isnull=state == "open")
