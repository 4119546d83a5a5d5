"""Filters of what both sides say: dispatches and discrepancies."""

from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from tracker.ledger import queries
from tracker.ledger.filters.fields import program_filter, programs_seen
from tracker.ledger.filters.sealed import COMPARES, Sealing
from tracker.ledger.models import Discrepancy, DiscrepancyKind, DiscrepancyStatus, Transaction


class DispatchFilter(Sealing, filters.FilterSet):
    """Dispatches by words, program and whether the recipient has spoken."""

    compares = COMPARES

    q = filters.CharFilter(method="search", label="Reference, payee or words")
    program = program_filter()
    word = filters.ChoiceFilter(
        choices=[("waits", "waits for the recipient's word"), ("mine", "waits for mine")],
        method="by_word",
        label="Word",
        empty_label="All",
    )

    def search(self, rows: QuerySet[Transaction], name: str, value: str) -> QuerySet[Transaction]:
        words = {name: f"text__{name}" for name in ("payee", "reference", "description")}
        return rows.filter(self.words(value, **words))

    def by_word(self, rows: Any, name: str, value: str) -> QuerySet[Transaction]:
        if value == "mine":
            return rows.filter(pk__in=queries.waiting_for_word_of(self.request.user).values("pk"))
        return rows.filter(waits=True)


DIFFERING = {
    "sort:about": ("reference",),
    "sort:amount": Discrepancy.FIGURES,
    "sort:quantity": Discrepancy.FIGURES,
}


class DiscrepancyFilter(Sealing, filters.FilterSet):
    """Discrepancies by words, state, kind, program and clock."""

    compares = DIFFERING
    uids = ("about__uid", "receipt__uid")

    q = filters.CharFilter(method="search", label="Reference or payee")
    status = filters.ChoiceFilter(
        field_name="state__status",
        choices=DiscrepancyStatus.choices,
        label="State",
        empty_label="All",
    )
    kind = filters.ChoiceFilter(choices=DiscrepancyKind.choices, label="Kind", empty_label="All")
    program = filters.ModelChoiceFilter(
        field_name="about__program",
        queryset=programs_seen,
        to_field_name="uid",
        label="Program",
        empty_label="All programs",
    )
    clock = filters.ChoiceFilter(
        choices=[
            ("unsettled", "not settled"),
            ("overdue", "overdue"),
            ("answer", "with an explanation that waits"),
            ("write_off", "a loss without its write-off"),
        ],
        method="by_clock",
        label="Clock",
        empty_label="All",
    )

    def __init__(self, *args: Any, day: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.day = day

    def search(self, rows: QuerySet[Discrepancy], name: str, value: str) -> QuerySet[Discrepancy]:
        words = {name: f"about__text__{name}" for name in ("reference", "payee")}
        return rows.filter(self.words(value, **words))

    def by_clock(self, rows: Any, name: str, value: str) -> QuerySet[Discrepancy]:
        if value == "overdue":
            return rows.overdue(self.day)
        if value == "answer":
            return rows.unsettled().filter(state__proposal__isnull=False)
        if value == "write_off":
            return rows.filter(state__status=DiscrepancyStatus.LOSS, state__settled_by=None)
        return rows.unsettled()
