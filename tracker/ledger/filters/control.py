"""Filters of the lists by which the ledger is controlled: authorities, signing, interests, emergencies, periods."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from tracker.accounts.models import Organisation
from tracker.ledger import queries
from tracker.ledger.filters.fields import YearFilter
from tracker.ledger.models import (
    Authority,
    AuthorityKind,
    ChangeStatus,
    Delegation,
    EmergencyStatus,
    InterestDeclaration,
    InterestEnd,
    InterestKind,
    Period,
    PeriodStatus,
    Purpose,
    RefusedAttempt,
)


def _authority_owners(request: Any) -> QuerySet:
    seen = Authority.objects.none()
    if request is not None:
        seen = Authority.objects.visible_to(request.user)
    return queries.owners_of(seen)


class AuthorityFilter(filters.FilterSet):
    """Authorities by words, owner, kind, purpose and what is open about them."""

    q = filters.CharFilter(method="search", label="Title or legal basis")
    organisation = filters.ModelChoiceFilter(
        queryset=_authority_owners, to_field_name="uid", label="Owner", empty_label="All"
    )
    kind = filters.ChoiceFilter(choices=AuthorityKind.choices, label="Kind", empty_label="All")
    purpose = filters.ChoiceFilter(choices=Purpose.choices, label="Purpose", empty_label="All")
    state = filters.ChoiceFilter(
        choices=[
            ("waiting", "with a change that waits for confirmation"),
            ("without", "without a ceiling"),
        ],
        method="by_state",
        label="Ceiling",
        empty_label="All",
    )

    def search(self, rows: QuerySet[Authority], name: str, value: str) -> QuerySet[Authority]:
        return rows.filter(Q(title__icontains=value) | Q(legal_basis__icontains=value))

    def by_state(self, rows: QuerySet[Authority], name: str, value: str) -> QuerySet[Authority]:
        if value == "waiting":
            waiting = queries.open_changes(rows).order_by()
            return rows.filter(pk__in=waiting.values("authority"))
        return rows.exclude(years__ceiling__isnull=False)


class DelegationFilter(filters.FilterSet):
    """Delegations by person and by how they stand."""

    q = filters.CharFilter(method="search", label="Name of one of the two")
    state = filters.ChoiceFilter(
        choices=[("open", "waiting for a second person"), ("confirmed", "confirmed")],
        method="by_state",
        label="State",
        empty_label="All",
    )

    def search(self, rows: QuerySet[Delegation], name: str, value: str) -> QuerySet[Delegation]:
        return rows.filter(Q(delegator__name__icontains=value) | Q(delegate__name__icontains=value))

    def by_state(self, rows: QuerySet[Delegation], name: str, value: str) -> QuerySet[Delegation]:
        if value == "open":
            return rows.filter(decision=None, ending=None)
        return rows.filter(decision__verdict=ChangeStatus.CONFIRMED, ending=None)


class InterestFilter(filters.FilterSet):
    """Declarations by person, kind and by what still blocks."""

    q = filters.CharFilter(method="search", label="Person, organisation or payee")
    kind = filters.ChoiceFilter(choices=InterestKind.choices, label="What", empty_label="All")
    state = filters.ChoiceFilter(
        choices=[("in_force", "in force"), ("ending", "end waits for a second person")],
        method="by_state",
        label="State",
        empty_label="All",
    )

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        found = Q(person__name__icontains=value) | Q(concerns__name__icontains=value)
        return rows.filter(found | Q(text__payee__icontains=value))

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        in_force = InterestDeclaration.objects.all().in_force()
        if value == "ending":
            waiting = InterestEnd.objects.filter(decision=None)
            in_force = in_force.filter(pk__in=waiting.values("declaration"))
        return rows.filter(pk__in=in_force.values("pk"))


class EmergencyFilter(filters.FilterSet):
    """Emergency postings by words, program and review."""

    q = filters.CharFilter(method="search", label="Voucher, program or person")
    state = filters.ChoiceFilter(
        choices=EmergencyStatus.choices, method="by_state", label="Review", empty_label="All"
    )

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        found = Q(version__voucher__number__icontains=value) | Q(posted_by__name__icontains=value)
        return rows.filter(found | Q(version__program__title__icontains=value))

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == EmergencyStatus.WAITING:
            return rows.filter(review=None)
        return rows.filter(review__verdict=value)


def _audited(request: Any) -> QuerySet[Organisation]:
    if request is None:
        return Organisation.objects.none()
    seen = RefusedAttempt.objects.all().visible_to(request.user).order_by()
    return Organisation.objects.filter(pk__in=seen.values("organisation")).order_by("name", "pk")


class AttemptFilter(filters.FilterSet):
    """Refused attempts by person, organisation and day."""

    q = filters.CharFilter(method="search", label="Person or words of the refusal")
    organisation = filters.ModelChoiceFilter(
        queryset=_audited, to_field_name="uid", label="Organisation", empty_label="All"
    )
    since = filters.DateFilter(
        field_name="attempted_at",
        lookup_expr="date__gte",
        label="From day",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(person__name__icontains=value) | Q(text__sentence__icontains=value))


def _period_owners(request: Any) -> QuerySet:
    seen = Period.objects.none()
    if request is not None:
        seen = Period.objects.visible_to(request.user)
    return Organisation.objects.filter(pk__in=seen.values("organisation")).order_by("name", "pk")


class PeriodFilter(filters.FilterSet):
    """Periods by organisation, year and state. Give it rows `with_status()`."""

    organisation = filters.ModelChoiceFilter(
        queryset=_period_owners, to_field_name="uid", label="Organisation", empty_label="All"
    )
    fiscal_year = YearFilter(label="Fiscal year", min_value=1, max_value=9999)
    status = filters.ChoiceFilter(choices=PeriodStatus.choices, label="State", empty_label="All")
