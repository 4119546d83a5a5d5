"""The filters of the ledger's lists."""

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from tracker.accounts.models import Organisation
from tracker.ledger import queries
from tracker.ledger.models import (
    BASES,
    Authority,
    AuthorityKind,
    ChangeStatus,
    Delegation,
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyStatus,
    EmergencyStatus,
    InterestDeclaration,
    InterestEnd,
    InterestKind,
    Period,
    PeriodStatus,
    Purpose,
    RefusedAttempt,
    Requirement,
    Revaluation,
    Transaction,
    TransactionKind,
    Turnover,
    ValuationBasis,
    Voucher,
    VoucherKind,
    VoucherStatus,
    WaiverCategory,
    WaiverStatus,
)
from tracker.programs.models import Program
from tracker.shared.money import LARGEST_MINOR, digits_by_currency


def _programs(request: Any) -> QuerySet[Program]:
    if request is None:
        return Program.objects.none()
    return Program.objects.visible_to(request.user).order_by("title", "pk")


def _program_filter() -> filters.ModelChoiceFilter:
    return filters.ModelChoiceFilter(
        queryset=_programs, to_field_name="uid", label="Program", empty_label="All programs"
    )


def _drafters(request: Any) -> QuerySet:
    seen = Voucher.objects.none() if request is None else Voucher.objects.visible_to(request.user)
    return queries.drafters_of(seen)


class VoucherFilter(filters.FilterSet):
    """Vouchers by words, state, kind, program and person."""

    q = filters.CharFilter(method="search", label="Number, payee, reference or words")
    status = filters.ChoiceFilter(choices=VoucherStatus.choices, label="State", empty_label="All")
    kind = filters.ChoiceFilter(choices=VoucherKind.choices, label="Kind", empty_label="All")
    program = _program_filter()
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
        columns = ("number", "payee", "reference", "description")
        found = Q(program__title__icontains=value) | Q(program__identifier__icontains=value)
        for column in columns:
            found |= Q(**{f"{column}__icontains": value})
        return rows.filter(found)

    def by_who(self, rows: QuerySet[Voucher], name: str, value: str) -> QuerySet[Voucher]:
        user = self.request.user
        if value == "mine":
            return rows.filter(created_by=user)
        return rows.filter(pk__in=queries.waiting_for(user).values("pk"))


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


class DispatchFilter(filters.FilterSet):
    """Dispatches by words, program and whether the recipient has spoken."""

    q = filters.CharFilter(method="search", label="Reference, payee or words")
    program = _program_filter()
    word = filters.ChoiceFilter(
        choices=[("waits", "waits for the recipient's word"), ("mine", "waits for mine")],
        method="by_word",
        label="Word",
        empty_label="All",
    )

    def search(self, rows: QuerySet[Transaction], name: str, value: str) -> QuerySet[Transaction]:
        found = Q()
        for column in ("payee", "reference", "description"):
            found |= Q(**{f"text__{column}__icontains": value})
        return rows.filter(found)

    def by_word(self, rows: Any, name: str, value: str) -> QuerySet[Transaction]:
        if value == "mine":
            return rows.filter(pk__in=queries.waiting_for_word_of(self.request.user).values("pk"))
        return rows.filter(waits=True)


class DiscrepancyFilter(filters.FilterSet):
    """Discrepancies by words, state, kind, program and clock."""

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
        queryset=_programs,
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
        words = Q(about__text__reference__icontains=value)
        return rows.filter(words | Q(about__text__payee__icontains=value))

    def by_clock(self, rows: Any, name: str, value: str) -> QuerySet[Discrepancy]:
        if value == "overdue":
            return rows.overdue(self.day)
        if value == "answer":
            return rows.unsettled().filter(state__proposal__isnull=False)
        if value == "write_off":
            return rows.filter(state__status=DiscrepancyStatus.LOSS, state__settled_by=None)
        return rows.unsettled()


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
        queryset=_programs,
        to_field_name="uid",
        label="Program",
        empty_label="All programs",
    )


class YearFilter(filters.NumberFilter):
    field_class = forms.IntegerField


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


class RevaluationFilter(filters.FilterSet):
    """Revaluations by words, program, where they stand, and basis."""

    q = filters.CharFilter(method="search", label="Reference, payee or reason")
    program = filters.ModelChoiceFilter(
        field_name="transaction__program",
        queryset=_programs,
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
        columns = ("transaction__text__reference", "transaction__text__payee", "text__reason")
        found = Q(transaction__version__voucher__number__iexact=value)
        for column in columns:
            found |= Q(**{f"{column}__icontains": value})
        return rows.filter(found)

    def by_state(self, rows: QuerySet[Revaluation], name: str, value: str) -> QuerySet[Revaluation]:
        if value == "mine":
            mine = queries.revaluations_waiting_for(self.request.user)
            return rows.filter(pk__in=mine.order_by().values("pk"))
        if value == ChangeStatus.PROPOSED:
            return rows.filter(decision=None)
        return rows.filter(decision__verdict=value)


class TransactionFilter(filters.FilterSet):
    """Transactions by words, program, kind, year, currency, dates and amounts."""

    q = filters.CharFilter(method="search", label="Payee, reference or words")
    program = _program_filter()
    kind = filters.ChoiceFilter(choices=TransactionKind.choices, label="Kind", empty_label="All")
    fiscal_year = YearFilter(label="Fiscal year", min_value=1, max_value=9999)
    currency = filters.ChoiceFilter(label="Currency", empty_label="All")
    date_after = filters.DateFilter(
        field_name="value_date",
        lookup_expr="gte",
        label="From day",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    date_before = filters.DateFilter(
        field_name="value_date",
        lookup_expr="lte",
        label="To day",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    amount = filters.RangeFilter(method="by_amount", label="Amount")
    late = filters.ChoiceFilter(
        choices=[("yes", "late entries only")],
        method="by_lateness",
        label="Late",
        empty_label="All",
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any):
        super().__init__(data, *args, **kwargs)
        visible = Turnover.objects.filter(program__in=_programs(self.request).values("pk"))
        codes = visible.order_by("currency").values_list("currency", flat=True).distinct()
        self.filters["currency"].extra["choices"] = [(code, code) for code in codes]

    def search(self, rows: QuerySet[Transaction], name: str, value: str) -> QuerySet[Transaction]:
        found = Q(version__voucher__number__iexact=value)
        for column in ("payee", "reference", "description"):
            found |= Q(**{f"text__{column}__icontains": value})
        return rows.filter(found)

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
