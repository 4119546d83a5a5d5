"""Waivers: the list for staff and auditors, asking for one, and the second person's decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.forms import add_refusal
from tracker.accounts.models import User
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import WaiverFilter
from tracker.ledger.forms import WaiverDecisionForm, WaiverForm
from tracker.ledger.models import Voucher, Waiver, WaiverStatus
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import WAIVER_TONES, WaiverTable
from tracker.ledger.views.evidence import load_voucher
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import why_not


@require_GET
def waiver_list(request: StaffRequest) -> HttpResponseBase:
    day = queries.today_of(request.user)
    rows = queries.with_standing(Waiver.objects.visible_to(request.user), day)
    return table_page(
        request,
        "ledger/waiver_list.html",
        filterset=WaiverFilter(request.GET, queryset=queries.for_list(rows), request=request),
        table_class=WaiverTable,
        csv_name="waivers",
        trail=[("Vouchers", "/desk/vouchers/"), ("Waivers", "")],
    )


def waivers_context(found: Voucher, user: User) -> dict[str, Any]:
    """The waivers of a voucher, each with how it stands and whether this person may decide on it; if not, why."""
    pairs = []
    for waiver in queries.waivers_of(found, found.organisation.today()):
        status = WaiverStatus(waiver.standing)  # type: ignore[attr-defined]
        said: dict[str, Any] = {"tone": WAIVER_TONES[status], "label": status.label, "open": False}
        if status == WaiverStatus.ASKED:
            reason = why_not(policies.check_can_decide_waiver, user, waiver)
            said |= {"open": True, "may": reason is None, "why_not": reason}
        pairs.append((waiver, said))
    return {"waivers": pairs}


@require_http_methods(["GET", "POST"])
def voucher_waiver(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Ask for a waiver of a document that the voucher requires and lacks."""
    found = load_voucher(request, uid)
    page = reverse("ledger:voucher", args=[found.uid])
    try:
        policies.check_can_ask_waiver(request.user, found)
        missing = queries.can_be_waived(found)
        if not missing:
            raise Refused(
                "Nothing is missing that no waiver was asked for: there is nothing to waive."
            )
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
        return redirect(page)
    form = WaiverForm(request.POST or None, missing=missing)
    if form.is_valid():
        try:
            actions.ask_waiver(voucher=found, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(
                request, "The waiver is asked for. It counts once an approver grants it."
            )
            return redirect(page)
    trail = [("Vouchers", "/desk/vouchers/"), (f"Voucher {found.number}", page), ("Waiver", "")]
    context = {"voucher": found, "form": form, "cancel": page, "trail": trail}
    return TemplateResponse(request, "ledger/waiver_form.html", context)


@require_POST
@recently_authenticated
def waiver_decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    related = ("voucher__organisation", "voucher__program__owner", "decision")
    seen = Waiver.objects.visible_to(request.user).select_related(*related)
    waiver = get_object_or_404(seen, uid=uid)
    form = WaiverDecisionForm(request.POST)
    try:
        policies.check_can_decide_waiver(request.user, waiver)
        if not form.is_valid():
            raise Refused("It is unclear what you decided: press grant or decline.")
        grant = form.cleaned_data["verdict"] == "grant"
        actions.decide_waiver(
            waiver=waiver, grant=grant, reason=form.cleaned_data["reason"], by=request.user
        )
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        said = "granted, and counts until its last day" if grant else "declined"
        messages.success(request, f"The waiver is {said}.")
    return redirect("ledger:voucher", waiver.voucher.uid)
