"""Filters of waivers and revaluations: what is decided about vouchers and values besides approving them."""

import django_filters as filters
from django.db.models import Q, QuerySet

from tracker.ledger import queries
from tracker.ledger.filters.fields import programs_seen
from tracker.ledger.filters.sealed import Sealing
from tracker.ledger.models import (
    BASES,
    ChangeStatus,
    Requirement,
    Revaluation,
    ValuationBasis,
    WaiverCategory,
    WaiverStatus,
)


class WaiverFilter(filters.FilterSet):
    """Waivers by voucher, state, missing document and program."""

    q = filters.CharFilter(field_name="voucher__number", lookup_expr="icontains", label="Voucher")
    standing = filters.ChoiceFilter(choices=WaiverStatus.choices, label="State", empty_label="All")
    requirement = filters.ChoiceFilter(
        choices=Requirement.choices, label="Missing document", empty_label="All"
    )
    category = filters.ChoiceFilter(choices=WaiverCategory.choices, label="Why", empty_label="All")
    program = filters.ModelChoiceFilter(
        field_name="voucher__program",
        queryset=programs_seen,
        to_field_name="uid",
        label="Program",
        empty_label="All programs",
    )


VALUED = {"sort:reference": ("reference",), "sort:worth": ("amount", "excess")}


class RevaluationFilter(Sealing, filters.FilterSet):
    """Revaluations by words, program, where they stand, and basis."""

    compares = VALUED
    uids = ("transaction__uid",)

    q = filters.CharFilter(method="search", label="Reference, payee or reason")
    program = filters.ModelChoiceFilter(
        field_name="transaction__program",
        queryset=programs_seen,
        to_field_name="uid",
        label="Program",
        empty_label="All programs",
    )
    state = filters.ChoiceFilter(
        choices=[*ChangeStatus.choices, ("mine", "waiting for my decision")],
        method="by_state",
        label="State",
        empty_label="All",
    )
    old_basis = filters.ChoiceFilter(
        choices=ValuationBasis.choices, label="From basis", empty_label="All"
    )
    new_basis = filters.ChoiceFilter(choices=BASES, label="To basis", empty_label="All")

    def search(self, rows: QuerySet[Revaluation], name: str, value: str) -> QuerySet[Revaluation]:
        words = {name: f"transaction__text__{name}" for name in ("reference", "payee")}
        found = self.words(value, **words) | Q(text__reason__icontains=value)
        return rows.filter(found | Q(transaction__version__voucher__number__iexact=value))

    def by_state(self, rows: QuerySet[Revaluation], name: str, value: str) -> QuerySet[Revaluation]:
        if value == "mine":
            mine = queries.revaluations_waiting_for(self.request.user)
            return rows.filter(pk__in=mine.order_by().values("pk"))
        if value == ChangeStatus.PROPOSED:
            return rows.filter(decision=None)
        return rows.filter(decision__verdict=value)
