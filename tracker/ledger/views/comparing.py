"""Pages that compare: statements of account, and two parties' figures side by side."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from tracker.accounts.requests import StaffRequest
from tracker.journal import queries as journal
from tracker.ledger import queries
from tracker.ledger.filters import AccountFilter, AccountListFilter, ReconciliationFilter
from tracker.ledger.models import Transaction, TransactionQuerySet
from tracker.ledger.tables import AccountListTable, AccountTable, ReconciliationTable
from tracker.ledger.views.places import places
from tracker.shared.pages import table_page
from tracker.shared.sealing import LEFT_OUT, Notice, Veil, veil_for

SIDES = ("provider", "receiver")


@require_GET
def account_list(request: StaffRequest) -> HttpResponseBase:
    rows = queries.with_accounts(request.user)
    return table_page(
        request,
        "ledger/account_list.html",
        filterset=AccountListFilter(request.GET, queryset=rows),
        table_class=AccountListTable,
        csv_name="accounts",
        places=places("ledger:accounts"),
    )


@require_GET
def account(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    """One account of an organisation over a period: opening, every row with the balances after it, closing."""
    organisation = get_object_or_404(queries.with_accounts(request.user), uid=uid)
    accounts = queries.accounts_of(organisation, request.user)
    if not accounts:
        raise Http404
    held = _chosen(request, accounts)
    asked = AccountFilter(request.GET, queryset=Transaction.objects.none())
    period = asked.form.cleaned_data if asked.is_valid() else {}
    start, end = period.get("from"), period.get("to")
    books = queries.books_of(organisation, held, request.user, start, end)
    veil = veil_for(request.user)
    shown, sealing = _open_rows(books, veil)
    statement = None
    if sealing is None:
        statement = queries.statement_of(organisation, held, request.user, start, end)
    away = () if sealing is None else ("unconfirmed", "unused")
    return table_page(
        request,
        "ledger/account.html",
        filterset=AccountFilter(
            request.GET,
            queryset=veil.over(shown.for_table().with_lines().order_by("booking", "pk")),
        ),
        table_class=partial(AccountTable, books=books, exclude=away),
        csv_name=f"statement-{organisation.label}-{held.side}-{held.currency}",
        per_page=100,
        organisation=organisation,
        accounts=accounts,
        held=held,
        statement=statement,
        sealing=sealing,
        start=start,
        end=end,
        journal_size=journal.size(),
        made_on=queries.today_of(request.user),
        trail=[("Accounts", reverse("ledger:accounts")), (organisation.name, "")],
    )


def _open_rows(books: queries.Books, veil: Veil) -> tuple[TransactionQuerySet, Notice | None]:
    """The rows that may stand on the account, and a notice where a sealed value would be told by its balances."""
    telling = veil.among(books.rows, *queries.TELLING, *SIDES)
    sums = (
        "Opening, closing and running balances are not shown: they would tell it. Rows are left out of which the "
        "parties or the date are withheld."
    )
    shown = veil.without(books.rows, "value_date", *SIDES)
    return shown, veil.notice(telling, sums=sums)


def _chosen(request: StaffRequest, accounts: list[queries.Held]) -> queries.Held:
    """The account asked for, or the nearest that exists."""
    names = ("side", "nature", "currency", "purpose")

    def fits(held: queries.Held) -> int:
        return sum(request.GET.get(name) == getattr(held, name) for name in names)

    return max(accounts, key=fits)


@require_GET
def reconciliation(request: StaffRequest) -> HttpResponseBase:
    """Every payment beside what its recipient states of it."""
    rows = queries.payments(Transaction.objects.visible_to(request.user))
    plain = ReconciliationFilter(request.GET, queryset=rows, request=request)
    asked: dict[str, Any] = plain.form.cleaned_data if plain.is_valid() else {}
    seen = Transaction.objects.visible_to(request.user)
    veil = plain.veil = queries.telling_of(seen, plain.veil)
    counted = plain.qs if asked and request.GET.get("format") != "csv" else rows.none()
    both = ReconciliationFilter(
        request.GET, queryset=veil.over(queries.with_both_sides(rows)), request=request
    )
    both.veil = veil
    dates = {"order_by": ()} if veil.holds("value_date") else {}
    return table_page(
        request,
        "ledger/reconciliation.html",
        filterset=both,
        table_class=partial(ReconciliationTable, day=queries.today_of(request.user), **dates),
        csv_name="reconciliation",
        places=places("ledger:reconciliation"),
        sides=queries.sides_of(veil.without(counted, *queries.TELLING)),
        sealing=veil.notice(veil.among(rows), sums=LEFT_OUT),
    )
