"""Pages of dispatches and of the recipient's word about them."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse as address
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.forms import add_refusal
from tracker.accounts.policies import holds
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import DispatchFilter
from tracker.ledger.forms import UseForm, WordForm
from tracker.ledger.models import Statement, Transaction, TransactionKind, Verdict
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import DispatchTable
from tracker.ledger.views.evidence import hand_out, refuse_sealed
from tracker.ledger.views.places import places
from tracker.programs.models import SEES_AS_STAFF
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import why_not
from tracker.shared.sealing import veil_for

HOME = ("Dispatches", "/desk/dispatches/")
RELATED = (
    *("program__owner", "text", "provider", "receiver", "authority", "version__voucher"),
    *("draws_on__text", "statement"),
)


IN_WORDS = ("unit", "delivery_point")  # a statement says the same
NO_ENDS = "Both sides, and what the recipient's side stated, are not shown: they would tell it."


def _load(request: StaffRequest, uid: UUID, kind: str) -> Transaction:
    seen = Transaction.objects.visible_to(request.user).filter(kind=kind, reverses=None)
    return get_object_or_404(seen.select_related(*RELATED), uid=uid)


@require_GET
def dispatch_list(request: StaffRequest) -> HttpResponseBase:
    seen = Transaction.objects.visible_to(request.user)
    rows = queries.dispatches().visible_to(request.user).for_table()  # type: ignore[attr-defined]
    filterset = DispatchFilter(request.GET, queryset=rows, request=request)
    veil = filterset.veil = queries.telling_of(seen, filterset.veil)
    filterset.queryset = veil.over(queries.with_word(rows))
    dates = {"order_by": ()} if veil.holds("value_date") else {}
    return table_page(
        request,
        "ledger/dispatch_list.html",
        filterset=filterset,
        sealing=veil.notice(veil.among(rows)),
        table_class=partial(DispatchTable, **dates),
        csv_name="dispatches",
        places=places("ledger:dispatches"),
    )


@require_http_methods(["GET", "POST"])
def dispatch(request: StaffRequest, uid: UUID) -> HttpResponse:
    """What was dispatched and what arrived, side by side; and, for the recipient's side, the form to say so."""
    found = _load(request, uid, TransactionKind.DISBURSEMENT)
    refused = why_not(policies.check_can_state, request.user, found)
    if request.method == "POST":
        policies.check_can_state(request.user, found)
    form = WordForm(request.POST or None, request.FILES or None, about=found)
    if form.is_valid():
        try:
            said = actions.give_word(
                about=found, word=form.word(), file=form.file_handed_in(), by=request.user
            )
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, _thanks(said))
            return redirect("ledger:dispatch", found.uid)
    context = _page(request, found) | {
        "form": form if refused is None else None,
        "why_not": refused,
    }
    return TemplateResponse(request, "ledger/dispatch.html", context)


def _page(request: StaffRequest, found: Transaction) -> dict[str, Any]:
    """What the page shows. From here on what is sealed from the reader is covered: nothing is checked with it."""
    ends, left = queries.both_ends(found), policies.figures_left(found)
    veil, hangs = veil_for(request.user), queries.within(found)
    telling = veil.among(hangs, *queries.TELLING, *IN_WORDS)
    veil.cover(found, ends.dispatch, *ends.reports, *ends.words)
    return {
        "dispatch": found,
        "ends": ends,
        "left": left,
        "telling": bool(telling),
        "sealing": veil.notice(telling or veil.among(hangs), sums=NO_ENDS if telling else ""),
        "as_staff": holds(request.user, *SEES_AS_STAFF, program=found.program),
        "trail": [HOME, (f"Dispatch {found.label}", "")],
    }


def _thanks(said: Statement) -> str:
    words = {
        Verdict.CONFIRMED: "Your confirmation is recorded.",
        Verdict.DISPUTED: "Your dispute is recorded and open. Nothing counts as received.",
    }
    other = "What you state is recorded. What differs from the dispatch is an open discrepancy."
    return words.get(Verdict(said.verdict), other)


@require_http_methods(["GET", "POST"])
def use(request: StaffRequest, uid: UUID) -> HttpResponse:
    """What the recipient's side used of what it received."""
    found = _load(request, uid, TransactionKind.RECEIPT)
    policies.check_can_state(request.user, found)
    form = UseForm(request.POST or None, request.FILES or None, about=found)
    page = address("dashboards:transaction", args=[found.uid])
    if form.is_valid():
        try:
            file = form.file_handed_in()
            actions.give_word(about=found, word=form.word(), file=file, by=request.user)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, "What was used is recorded.")
            return redirect(page)
    context = {
        "receipt": found,
        "form": form,
        "left": policies.figures_left(found),
        "page": page,
        "trail": [HOME, (f"Receipt of {found.program.title}", page), ("State what was used", "")],
    }
    return TemplateResponse(request, "ledger/use.html", context)


@require_GET
def statement_evidence(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    """The document that came with a statement, for both sides and the auditors."""
    seen = Statement.objects.visible_to(request.user).filter(evidence__isnull=False)
    found = get_object_or_404(
        seen.select_related("evidence", "text", "about", "transaction"), uid=uid
    )
    report = getattr(found, "transaction", None)  # a dispute reports nothing
    refuse_sealed(request, found.about, *([] if report is None else [report]))
    assert found.evidence is not None  # the look-up asked for it
    return hand_out(found.evidence, found.text.evidence_name or "document")
