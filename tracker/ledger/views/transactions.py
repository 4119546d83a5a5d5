"""Pages of transactions: the ledger's list, and asking for a reversal."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse as address
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.forms import add_refusal
from tracker.accounts.models import Role
from tracker.accounts.policies import holds
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import TransactionFilter
from tracker.ledger.forms import ReversalForm
from tracker.ledger.models import Purpose, Transaction
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import UNDISBURSED, TransactionTable
from tracker.ledger.views.places import places
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.sealing import LEFT_OUT, Veil


@require_GET
def transaction_list(request: StaffRequest) -> HttpResponseBase:
    rows = Transaction.objects.visible_to(request.user)
    filterset = TransactionFilter(
        request.GET, queryset=rows.for_table().with_lines(), request=request
    )
    understood = filterset.is_valid()
    veil = filterset.veil
    filterset.queryset = veil.over(filterset.queryset)
    counted = filterset.qs if understood and request.GET.get("format") != "csv" else rows.none()
    account, said = _account(request, filterset) if understood else (None, "")
    veil.cover(filterset.root if understood else None)
    one_program = understood and bool(filterset.form.cleaned_data["program"] or filterset.root)
    return table_page(
        request,
        "ledger/transaction_list.html",
        filterset=filterset,
        table_class=partial(
            TransactionTable, account=account, one_program=one_program, **_order(veil)
        ),
        csv_name="transactions",
        totals=queries.turnover_of(veil.without(counted, "amount", "excess")),
        sealing=veil.notice(veil.among(rows), sums=LEFT_OUT),
        balance_said=said,
        root=filterset.root if understood else None,
        places=places("ledger:transactions"),
        may_sample=holds(request.user, Role.AUDITOR),
    )


def _order(veil: Veil) -> dict[str, str]:
    """A row between its neighbours in time would tell a date that is sealed."""
    return {"order_by": "-entry"} if veil.holds("value_date") else {}


def _account(
    request: StaffRequest, filterset: TransactionFilter
) -> tuple[queries.Account | None, str]:
    """The account whose balance the list shows, and a sentence that says which, or why none."""
    asked, root = filterset.form.cleaned_data, filterset.root
    program, currency = asked["program"], asked["currency"]
    own = policies.currency_of(root) if root is not None else ""
    if root is not None and own and currency in ("", own):
        account, of = queries.account_of_chain(root, own), f"this chain, in {own}"
    elif root is None and program is not None and currency:
        purpose = asked["purpose"] or Purpose.AID
        account = queries.account_of_program(program, currency, purpose)
        of = f"“{program.title}”, {Purpose(purpose).label}, in {currency}"
    else:
        return None, "Choose one program and one currency, and each row shows the balance after it."
    program_rows = Transaction.objects.filter(program=program if root is None else root.program)
    if filterset.veil.among(program_rows, "amount", "excess", "value_date"):
        return None, (
            "The running balance is not shown: it would tell an amount or a date that is withheld from you."
        )
    if request.GET.get("sort", "").lstrip("-") not in ("", "value_date"):
        return None, (
            "The running balance is not shown, because the list is not in the order of dates: after each row it would "
            "stand beside the wrong one. Sort by date to see it."
        )
    return account, (
        f"“{UNDISBURSED}” is the balance of {of}, after each row in the order of date and posting. It runs over all "
        "rows of that account, also those that the filters hide: a commitment adds, a disbursement takes off, a "
        "refund and a reversal give back; no other kind moves it. What was revalued counts with its row or, where that "
        "lies in a closed quarter, from the day of the decision."
    )


@require_http_methods(["GET", "POST"])
def reverse(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Ask for a reversal: the voucher that this drafts goes the way of every voucher."""
    related = (
        "program__owner",
        "text",
        "version__voucher",
        "provider",
        "receiver",
        "draws_on__text",
    )
    seen = Transaction.objects.visible_to(request.user).select_related(*related)
    found = get_object_or_404(seen, uid=uid)
    policies.check_can_draft(request.user, found.program)
    initial = {"value_date": found.program.owner.today()}
    form = ReversalForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            names = ("reason", "value_date", "booked_on", "number")
            said = {name: form.cleaned_data[name] for name in names}
            made = actions.draft_reversal(transaction=found, by=request.user, **said)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Voucher {made.number} is drafted. Submit it for approval.")
            return redirect("ledger:voucher", made.uid)
    page = address("dashboards:transaction", args=[found.uid])
    context = {
        "transaction": found,
        "form": form,
        "page": page,
        "lines": list(queries.revaluation_lines_of([found.pk])),
        "trail": [
            ("Ledger", address("ledger:transactions")),
            (found.label, page),
            ("Reverse", ""),
        ],
    }
    try:
        policies.check_can_reverse(request.user, found)
    except Refused as refusal:
        context["refused"] = refusal.sentence
    return TemplateResponse(request, "ledger/reverse.html", context)
