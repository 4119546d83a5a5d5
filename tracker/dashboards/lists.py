"""Lists whose filters can be saved under a name, and how many of their rows are new since somebody looked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

from django.db.models import Count, Exists, OuterRef, QuerySet, Value
from django.utils.datastructures import MultiValueDict
from django_filters import FilterSet

from tracker.accounts.models import User
from tracker.audits import filters as audits
from tracker.audits.models import Engagement, Finding, Recommendation, SavedSearch
from tracker.journal.queries import entries_about
from tracker.ledger import filters as ledger
from tracker.ledger.models import Transaction, Voucher
from tracker.programs import filters as programs
from tracker.programs.models import Program
from tracker.shared.errors import Refused

Rows = QuerySet[Any]
LEFT_OUT = ("page", "format", "per_page", "csrfmiddlewaretoken")
LONGEST = 500


@dataclass(frozen=True)
class List:
    """One list page: its address, its words, its filters, and the rows that a person sees in it."""

    address: str
    label: str
    filterset: type[FilterSet]
    rows: Callable[[User], Rows]


LISTS: dict[str, List] = {
    "ledger": List(
        "/desk/ledger/",
        "Ledger",
        ledger.TransactionFilter,
        lambda user: Transaction.objects.visible_to(user),
    ),
    "vouchers": List(
        "/desk/vouchers/",
        "Vouchers",
        ledger.VoucherFilter,
        lambda user: Voucher.objects.visible_to(user).for_table(),
    ),
    "programs": List(
        "/desk/programs/",
        "Programs",
        programs.ProgramFilter,
        lambda user: Program.objects.visible_to(user).for_table(),
    ),
    "engagements": List(
        "/desk/audits/",
        "Engagements",
        audits.EngagementFilter,
        lambda user: Engagement.objects.visible_to(user),
    ),
    "findings": List(
        "/desk/findings/",
        "Findings",
        audits.FindingFilter,
        lambda user: Finding.objects.visible_to(user),
    ),
    "recommendations": List(
        "/desk/recommendations/",
        "Recommendations",
        audits.RecommendationFilter,
        lambda user: Recommendation.objects.visible_to(user),
    ),
}
BY_ADDRESS = {one.address: name for name, one in LISTS.items()}


def page_and_query(address: str, query: str) -> tuple[str, str]:
    """Which list an address means, and its filters without the page that somebody was on."""
    name = BY_ADDRESS.get(address)
    if name is None:
        raise Refused("Searches of this list cannot be saved.")
    said = parse_qsl(query[:5000])
    kept = urlencode([(key, value) for key, value in said if value and key not in LEFT_OUT])
    if len(kept) > LONGEST:
        raise Refused("The filters are too long to be saved: take some of them away.")
    return name, kept


@dataclass(frozen=True)
class Saved:
    """A saved search; `new` rows were added or changed since the person looked, None where its filters no longer fit."""

    search: SavedSearch
    list: List
    new: int | None

    @property
    def href(self) -> str:
        return f"{self.list.address}?{self.search.query}"


def searches_of(user: User, request: Any) -> list[Saved]:
    """A person's searches, each with how much is new in it: all of them counted in one query."""
    kept = list(SavedSearch.objects.filter(person=user).order_by("name", "pk"))
    asked = {s.pk: rows for s in kept if (rows := _new_rows(s, user, request)) is not None}
    counted = _counted(asked.items())
    return [
        Saved(s, LISTS[s.page], counted.get(s.pk, 0) if s.pk in asked else None)
        for s in kept
        if s.page in LISTS
    ]


def _new_rows(search: SavedSearch, user: User, request: Any) -> Rows | None:
    """The rows that something happened to since the person looked."""
    found = LISTS.get(search.page)
    if found is None:
        return None
    rows = found.rows(user)
    filterset = found.filterset(_said(search.query), queryset=rows, request=request)
    if not filterset.is_valid():
        return None
    keys = filterset.qs.order_by().values("pk")
    happened = entries_about(OuterRef("uid"), after=search.seen)
    return rows.model._base_manager.filter(Exists(happened), pk__in=keys)


def _said(query: str) -> MultiValueDict[str, str]:
    return MultiValueDict(parse_qs(query))


def _counted(asked: Iterable[tuple[int, Rows]]) -> dict[int, int]:
    parts = [
        rows.order_by().annotate(search=Value(key)).values("search").annotate(n=Count("pk"))
        for key, rows in asked
    ]
    if not parts:
        return {}
    pairs = [part.values_list("search", "n") for part in parts]
    return dict(pairs[0].union(*pairs[1:], all=True))
