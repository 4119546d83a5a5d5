"""Filters that several lists share."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from tracker.accounts.models import Organisation
from tracker.ledger import queries
from tracker.ledger.models import TransactionQuerySet, Turnover
from tracker.programs.filters import taking_part
from tracker.programs.models import Participation, Program


def programs_seen(request: Any) -> QuerySet[Program]:
    if request is None:
        return Program.objects.none()
    return Program.objects.visible_to(request.user).order_by("title", "pk")


def program_filter() -> filters.ModelChoiceFilter:
    return filters.ModelChoiceFilter(
        queryset=programs_seen, to_field_name="uid", label="Program", empty_label="All programs"
    )


class YearFilter(filters.NumberFilter):
    field_class = forms.IntegerField


def day_filter(lookup: str, label: str, day: str = "value_date") -> filters.DateFilter:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return filters.DateFilter(day, lookup, label=label, widget=widget)


def party_filter(role: str, label: str) -> filters.ModelChoiceFilter:
    """Programs in which an organisation has a role: for addresses that lead here, so it has no control of its own."""

    def narrow(rows: QuerySet[Any], value: Organisation | None) -> QuerySet[Any]:
        if value is None:
            return rows
        part = Participation.objects.filter(
            program=OuterRef("program"), organisation=value, role=role
        )
        return rows.filter(Exists(part))

    found = filters.ModelChoiceFilter(
        queryset=taking_part(role), to_field_name="uid", label=label, widget=forms.HiddenInput
    )
    found.filter = narrow
    return found


def currency_filter() -> filters.ChoiceFilter:
    """By the currency that a row is stated in, or that it was first valued in. Its choices are the reader's."""

    def narrow(rows: TransactionQuerySet, name: str, value: str) -> TransactionQuerySet:
        return queries.valued_in(rows, value)

    return filters.ChoiceFilter(label="Currency", empty_label="All", method=narrow)


def currencies_of(request: Any) -> list[tuple[str, str]]:
    visible = Turnover.objects.filter(program__in=programs_seen(request).values("pk"))
    codes = visible.order_by("currency").values_list("currency", flat=True).distinct()
    return [(code, code) for code in codes]
