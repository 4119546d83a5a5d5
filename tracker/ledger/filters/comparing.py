"""Filters of the pages that compare."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from tracker.accounts.models import Organisation
from tracker.ledger import queries
from tracker.ledger.filters.fields import (
    currencies_of,
    day_filter,
    party_filter,
    program_filter,
)
from tracker.ledger.filters.sealed import COMPARES, Sealing, open_parties
from tracker.ledger.models import Purpose, Transaction, TransactionKind, TransactionQuerySet
from tracker.programs.models import Nature, ParticipantRole


class AccountListFilter(filters.FilterSet):
    """Organisations by name and side."""

    q = filters.CharFilter(method="search", label="Organisation")
    side = filters.ChoiceFilter(
        choices=[("receives", "receives"), ("gives", "gives")],
        method="by_side",
        label="Side",
        empty_label="Both",
    )

    def search(self, rows: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        return rows.filter(Q(name__icontains=value) | Q(short_name__icontains=value))

    def by_side(
        self, rows: QuerySet[Organisation], name: str, value: str
    ) -> QuerySet[Organisation]:
        return rows.filter(**{value: True})


class PeriodForm(forms.Form):
    """Two days, the first not after the second."""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        start, end = said.get("from"), said.get("to")
        if start and end and start > end:
            self.add_error("to", "The period ends before it begins: choose a later day.")
        return said


class AccountFilter(filters.FilterSet):
    """The period of an account's statement, both days included, by booking day."""

    # `from` is a word of Python's, and what the address says.
    vars()["from"] = day_filter("gte", "From day", "booking")
    to = day_filter("lte", "To day", "booking")

    class Meta:
        form = PeriodForm


def _receivers(request: Any) -> QuerySet[Organisation]:
    """Organisations to which a payment went that the person sees."""
    seen = Transaction.objects.none()
    if request is not None:
        seen = Transaction.objects.visible_to(request.user).filter(
            kind=TransactionKind.DISBURSEMENT
        )
    return queries.receivers_of(open_parties(seen, request)).order_by("name", "pk")


class ReconciliationFilter(Sealing, filters.FilterSet):
    """Payments to be compared, by program, recipient, currency, date and how they stand."""

    compares = COMPARES

    program = program_filter()
    receiver = filters.ModelChoiceFilter(
        queryset=_receivers,
        to_field_name="uid",
        label="Recipient",
        empty_label="All",
    )
    show = filters.ChoiceFilter(
        choices=[
            ("differences", "only differences"),
            ("open", "not confirmed as received"),
            ("beyond", "more than was sent"),
            ("given_up", "written off"),
            ("unsettled", "discrepancies that are not settled"),
        ],
        method="by_standing",
        label="Show",
        empty_label="Everything",
    )
    currency = filters.ChoiceFilter(label="Currency", empty_label="All")
    purpose = filters.ChoiceFilter(choices=Purpose.choices, label="Purpose", empty_label="All")
    nature = filters.ChoiceFilter(
        "program__nature", choices=Nature.choices, label="Figures", empty_label="All"
    )
    date_after = day_filter("gte", "From day")
    date_before = day_filter("lte", "To day")
    recipient = party_filter(ParticipantRole.RECIPIENT, "Recipient of the program")
    donor = party_filter(ParticipantRole.DONOR, "Donor of the program")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any):
        super().__init__(data, *args, **kwargs)
        self.filters["currency"].extra["choices"] = currencies_of(self.request)

    def by_standing(
        self, rows: TransactionQuerySet, name: str, value: str
    ) -> QuerySet[Transaction]:
        return queries.standing_as(rows, value)
