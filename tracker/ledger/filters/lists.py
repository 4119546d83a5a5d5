"""The filters of the lists of vouchers and of transactions."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from tracker.accounts.models import Organisation
from tracker.ledger import queries
from tracker.ledger.filters.fields import (
    YearFilter,
    currencies_of,
    currency_filter,
    day_filter,
    party_filter,
    program_filter,
    programs_seen,
)
from tracker.ledger.filters.sealed import COMPARES, Sealing, open_parties
from tracker.ledger.models import (
    Form,
    Purpose,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherKind,
    VoucherStatus,
)
from tracker.programs.models import Nature, ParticipantRole
from tracker.shared.money import LARGEST_MINOR, digits_by_currency


def _drafters(request: Any) -> QuerySet:
    seen = Voucher.objects.none() if request is None else Voucher.objects.visible_to(request.user)
    return queries.drafters_of(seen)


class VoucherFilter(Sealing, filters.FilterSet):
    """Vouchers by words, state, kind, program and person."""

    compares = COMPARES

    q = filters.CharFilter(method="search", label="Number, payee, reference or words")
    status = filters.ChoiceFilter(choices=VoucherStatus.choices, label="State", empty_label="All")
    kind = filters.ChoiceFilter(choices=VoucherKind.choices, label="Kind", empty_label="All")
    program = program_filter()
    who = filters.ChoiceFilter(
        choices=[("mine", "drafted by me"), ("approval", "waiting for my approval")],
        method="by_who",
        label="Mine",
        empty_label="Everybody's",
    )
    by = filters.ModelChoiceFilter(
        field_name="created_by",
        queryset=_drafters,
        to_field_name="uid",
        label="Drafted by",
        empty_label="Anybody",
    )

    def search(self, rows: QuerySet[Voucher], name: str, value: str) -> QuerySet[Voucher]:
        found = Q(program__title__icontains=value) | Q(program__identifier__icontains=value)
        found |= Q(number__icontains=value)
        words = {name: name for name in ("payee", "reference", "description")}
        return rows.filter(found | self.words(value, **words))

    def by_who(self, rows: QuerySet[Voucher], name: str, value: str) -> QuerySet[Voucher]:
        user = self.request.user
        if value == "mine":
            return rows.filter(created_by=user)
        return rows.filter(pk__in=queries.waiting_for(user).values("pk"))


def _parties(request: Any) -> QuerySet[Organisation]:
    """Organisations that provide or receive in a program that the person sees."""
    seen = programs_seen(request).order_by().values("pk")
    rows = Transaction.objects.filter(program__in=seen)
    return queries.parties_of(open_parties(rows, request)).order_by("name", "pk")


class TransactionFilter(Sealing, filters.FilterSet):
    """Transactions by words, program, kind, form, party, year, currency, dates, amounts and what is special of them."""

    compares = COMPARES
    more = ("payee", "organisation", "form", "purpose", "nature", "state", "only", "late", "amount")

    q = filters.CharFilter(method="search", label="Payee, reference or words")
    program = program_filter()
    kind = filters.ChoiceFilter(choices=TransactionKind.choices, label="Kind", empty_label="All")
    currency = currency_filter()
    fiscal_year = YearFilter(label="Fiscal year", min_value=1, max_value=9999)
    date_after = day_filter("gte", "From day")
    date_before = day_filter("lte", "To day")
    payee = filters.CharFilter("text__payee", "icontains", label="Payee")
    organisation = filters.ModelChoiceFilter(
        queryset=_parties,
        to_field_name="uid",
        method="by_party",
        label="Provider or receiver",
        empty_label="All",
    )
    form = filters.ChoiceFilter(choices=Form.choices, label="What is given", empty_label="All")
    purpose = filters.ChoiceFilter(choices=Purpose.choices, label="Purpose", empty_label="All")
    nature = filters.ChoiceFilter(
        "program__nature", choices=Nature.choices, label="Figures", empty_label="All"
    )
    state = filters.ChoiceFilter(
        choices=[
            ("in_force", "in force"),
            ("reversed", "reversed"),
            ("reversal", "reversals"),
        ],
        method="by_state",
        label="State",
        empty_label="All",
    )
    only = filters.ChoiceFilter(
        choices=[
            ("unvalued", "without a value"),
            ("excess", "more than was there to report on"),
        ],
        method="by_speciality",
        label="Only those",
        empty_label="All",
    )
    amount = filters.RangeFilter(method="by_amount", label="Amount")
    recipient = party_filter(ParticipantRole.RECIPIENT, "Recipient of the program")
    donor = party_filter(ParticipantRole.DONOR, "Donor of the program")
    chain = filters.UUIDFilter(method="by_chain", label="Chain", widget=forms.HiddenInput)
    late = filters.ChoiceFilter(
        choices=[("yes", "late entries only")],
        method="by_lateness",
        label="Late",
        empty_label="All",
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any):
        super().__init__(data, *args, **kwargs)
        self.filters["currency"].extra["choices"] = currencies_of(self.request)

    @cached_property
    def root(self) -> Transaction | None:
        """The row whose chain was asked for, if the person sees it."""
        uid = self.form.cleaned_data.get("chain") if self.is_valid() else None
        seen = Transaction.objects.visible_to(self.request.user)
        return seen.select_related("program").filter(uid=uid).first() if uid else None

    def by_chain(self, rows: QuerySet[Transaction], name: str, value: Any) -> QuerySet[Transaction]:
        if self.root is None:
            return rows.none()
        return rows.filter(pk__in=queries.within(self.root).order_by().values("pk"))

    def by_party(
        self, rows: QuerySet[Transaction], name: str, value: Organisation
    ) -> QuerySet[Transaction]:
        return rows.filter(Q(provider=value) | Q(receiver=value))

    def by_state(self, rows: QuerySet[Transaction], name: str, value: str) -> QuerySet[Transaction]:
        if value == "reversal":
            return rows.filter(reverses__isnull=False)
        return rows.filter(reverses=None, reversal__isnull=value == "in_force")

    def by_speciality(
        self, rows: QuerySet[Transaction], name: str, value: str
    ) -> QuerySet[Transaction]:
        special = {
            "unvalued": Q(amount__isnull=True, lines__isnull=True),
            "excess": Q(excess__isnull=False),
        }
        return rows.filter(special[value])

    def search(self, rows: QuerySet[Transaction], name: str, value: str) -> QuerySet[Transaction]:
        words = {name: f"text__{name}" for name in ("payee", "reference", "description")}
        return rows.filter(Q(version__voucher__number__iexact=value) | self.words(value, **words))

    def by_lateness(
        self, rows: QuerySet[Transaction], name: str, value: str
    ) -> QuerySet[Transaction]:
        return rows.filter(booked_on__isnull=False)

    def by_amount(self, rows: QuerySet[Transaction], name: str, value: slice) -> QuerySet:
        """From and to in whole units of each row's own currency: 1000 is 1000.00 USD and 1000 JPY."""
        found = Q()
        for digits in sorted(set(digits_by_currency().values())):
            codes = [code for code, d in digits_by_currency().items() if d == digits]
            found |= Q(currency__in=codes, **_bounds(value, digits))
        return rows.filter(found)


def _bounds(value: slice, digits: int) -> dict[str, int]:
    bounds = {}
    if value.start is not None:
        bounds["amount__gte"] = _minor(value.start, digits, ROUND_CEILING)
    if value.stop is not None:
        bounds["amount__lte"] = _minor(value.stop, digits, ROUND_FLOOR)
    return bounds


def _minor(amount: Decimal, digits: int, rounding: str) -> int:
    if amount.adjusted() > 20:
        return LARGEST_MINOR if amount > 0 else -LARGEST_MINOR
    scaled = int(amount.scaleb(digits).to_integral_value(rounding))
    return max(-LARGEST_MINOR, min(LARGEST_MINOR, scaled))
