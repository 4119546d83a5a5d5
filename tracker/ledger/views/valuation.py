"""Pages of valuations: the list, one revaluation with what it changes, proposing one, and values on another basis."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction as database
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.forms import add_refusal
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import RevaluationFilter
from tracker.ledger.forms import AlternativeForm, ChangeDecisionForm, RevaluationForm
from tracker.ledger.models import ChangeStatus, Revaluation, Transaction
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import CHANGE_TONES, RevaluationTable
from tracker.ledger.views.evidence import hand_out, refuse_sealed
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import why_not
from tracker.shared.sealing import LEFT_OUT, veil_for

HOME = ("Revaluations", "/desk/revaluations/")
OF = "transaction__uid"
REFUSED = "It cannot be confirmed as it is. Why would tell something that is withheld from you."
RELATED = (
    *("program__owner", "text", "version__voucher", "provider", "receiver"),
    *("draws_on__text", "authority"),
)


def _load(request: StaffRequest, uid: UUID) -> Revaluation:
    seen = Revaluation.objects.visible_to(request.user).for_table()
    related = ("transaction__program__owner", "transaction__authority", "transaction__draws_on")
    return get_object_or_404(seen.select_related(*related), uid=uid)


def _transaction(request: StaffRequest, uid: UUID) -> Transaction:
    seen = Transaction.objects.visible_to(request.user).select_related(*RELATED)
    return get_object_or_404(seen, uid=uid)


@require_GET
def revaluation_list(request: StaffRequest) -> HttpResponseBase:
    rows = Revaluation.objects.visible_to(request.user)
    filterset = RevaluationFilter(request.GET, queryset=rows.for_table(), request=request)
    veil, lines = filterset.veil, queries.changed_by(rows)
    filterset.queryset = veil.over(filterset.queryset)
    sealed = veil.among(rows, uid=OF) | veil.among(lines, uid=OF)
    understood = filterset.is_valid()
    counted = filterset.qs if understood and request.GET.get("format") != "csv" else rows.none()
    return table_page(
        request,
        "ledger/valuation/list.html",
        filterset=filterset,
        table_class=RevaluationTable,
        csv_name="revaluations",
        totals=queries.changes_by_kind(
            veil.without(queries.changed_by(counted), "amount", "excess", uid=OF)
        ),
        sealing=veil.notice(sealed, sums=LEFT_OUT),
        trail=[("Ledger", reverse("ledger:transactions")), ("Revaluations", "")],
    )


@require_GET
def revaluation(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    status = ChangeStatus(found.status)
    is_open = status == ChangeStatus.PROPOSED
    lines = queries.lines_of_decision(found)
    preview = queries.preview_of(found) if is_open else None
    refused = (
        why_not(policies.check_can_decide_revaluation, request.user, found) if is_open else None
    )
    veil, hangs = veil_for(request.user), queries.within(found.transaction)
    sealed, above = veil.among(hangs), found.transaction.draws_on
    telling = bool(sealed) or (above is not None and veil.covers(above))
    # From here on what is sealed from the reader is covered: nothing is checked with it.
    veil.cover(found, *lines)
    if preview is not None and preview.consequences is not None:
        veil.cover(*(change.transaction for change in preview.consequences.changes))
    if preview is not None and preview.refused and telling:
        preview = replace(preview, refused=REFUSED)
    context: dict[str, Any] = {
        "telling": telling,
        "sealing": veil.notice(sealed),
        "revaluation": found,
        "transaction": found.transaction,
        "trail": [HOME, (found.transaction.label, "")],
        "tone": CHANGE_TONES[status],
        "is_open": is_open,
        "lines": lines,
        "may_see_voucher": False,
        "preview": preview,
        "why_not": refused,
    }
    return TemplateResponse(request, "ledger/valuation/revaluation.html", context)


@require_POST
@recently_authenticated
def revaluation_decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    form = ChangeDecisionForm(request.POST)
    try:
        policies.check_can_decide_revaluation(request.user, found)
        if not form.is_valid():
            raise Refused("It is unclear what you decided: press confirm or decline.")
        confirm = form.cleaned_data["verdict"] == "confirm"
        actions.decide_revaluation(
            revaluation=found,
            confirm=confirm,
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        said = "confirmed and counts" if confirm else "declined"
        messages.success(request, f"The revaluation is {said}.")
    return redirect("ledger:revaluation", found.uid)


@require_GET
def revaluation_document(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    found = _load(request, uid)
    refuse_sealed(request, found.transaction)
    return hand_out(found.document, found.text.document_name or "document")


@require_http_methods(["GET", "POST"])
def revalue(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Propose a new value. What it would bring with it is shown before, by a button or while one types."""
    found = _transaction(request, uid)
    policies.check_can_value(request.user, found)
    worth = policies.worth_of(found)
    currency = worth.amount.currency if worth.amount is not None else ""
    previewing = request.POST.get("act") == "preview"
    form = RevaluationForm(
        request.POST or None, request.FILES or None, currency=currency, previewing=previewing
    )
    preview = queries.preview(found, form.asked()) if form.is_valid() else None
    if preview is not None and not previewing:
        made = _propose(request, found, form)
        if made is not None:
            messages.success(request, "The revaluation is proposed. It counts once confirmed.")
            return redirect("ledger:revaluation", made.uid)
    context = _about(found, "Propose a value") | {
        "form": form,
        "preview": preview,
        "worth": worth,
        "refused": why_not(policies.check_can_propose_revaluation, request.user, found),
    }
    template = "ledger/valuation/propose.html"
    part = "#preview" if getattr(request, "htmx", False) and previewing else ""
    return TemplateResponse(request, template + part, context)


def _propose(
    request: StaffRequest, found: Transaction, form: RevaluationForm
) -> Revaluation | None:
    sent: UploadedFile = form.cleaned_data["document"]
    name = sent.name or ""
    try:
        with database.atomic():
            stored = actions.store_file(
                file=sent, name=name, content_type=sent.content_type or "", by=request.user
            )
            return actions.propose_revaluation(
                transaction=found,
                asked=form.asked(),
                reason=form.cleaned_data["reason"],
                document=stored,
                document_name=name,
                by=request.user,
            )
    except Refused as refusal:
        note_refusal(request, refusal)
        told = refusal.message_dict if hasattr(refusal, "error_dict") else {}
        add_refusal(form, Refused({"document": told["file"]}) if "file" in told else refusal)
        return None


def _about(found: Transaction, title: str) -> dict[str, Any]:
    """What both forms show beside themselves."""
    page = reverse("dashboards:transaction", args=[found.uid])
    ledger = ("Ledger", reverse("ledger:transactions"))
    return {
        "transaction": found,
        "page": page,
        "title": title,
        "trail": [ledger, (found.label, page), (title, "")],
        "may_see_voucher": True,
    }


@require_http_methods(["GET", "POST"])
def alternative(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Record what a source says the same goods are worth on another basis."""
    found = _transaction(request, uid)
    policies.check_can_value(request.user, found)
    initial = {"currency": policies.currency_of(found)}
    form = AlternativeForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            actions.state_alternative(transaction=found, **form.says(), by=request.user)
        except Refused as refusal:
            note_refusal(request, refusal)
            told = refusal.message_dict if hasattr(refusal, "error_dict") else {}
            known = {"new_basis": "basis", "new_amount": "amount"}
            moved = {known.get(name, name): sentences for name, sentences in told.items()}
            add_refusal(form, Refused(moved) if moved else refusal)
        else:
            messages.success(
                request, "The value is recorded. It stands beside, and is not counted."
            )
            return redirect("dashboards:transaction", found.uid)
    context = _about(found, "State a value on another basis") | {
        "form": form,
        "refused": why_not(policies.check_is_in_kind, found),
    }
    return TemplateResponse(request, "ledger/valuation/alternative.html", context)
