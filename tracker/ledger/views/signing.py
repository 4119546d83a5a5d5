"""Pages of who may sign: an organisation's delegation of authority, and delegations from person to person."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.forms import add_refusal
from tracker.accounts.models import Organisation, User
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import DelegationFilter
from tracker.ledger.forms import DelegationForm, LimitForm, SigningDecisionForm
from tracker.ledger.models import (
    ChangeStatus,
    Delegation,
    DelegationStatus,
    SigningLevel,
    SigningLimit,
    organisations_signing_for,
)
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import CHANGE_TONES, DELEGATION_TONES, DelegationTable
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not

HOME = ("Who may sign", "/desk/signing/")
DELEGATIONS = ("Delegations", "/desk/delegations/")


# --- The table of an organisation ------------------------------------------


@require_GET
def signing(request: StaffRequest) -> HttpResponse:
    """The organisations whose delegation of authority one may read; the only one at once."""
    found = list(organisations_signing_for(request.user).order_by("name", "pk")[:200])
    if len(found) == 1:
        return redirect("ledger:signing_table", found[0].uid)
    context = {"organisations": found, "trail": [(HOME[0], "")]}
    return TemplateResponse(request, "ledger/signing.html", context)


def _organisation(request: StaffRequest, uid: UUID) -> Organisation:
    return get_object_or_404(organisations_signing_for(request.user), uid=uid)


@require_GET
def signing_table(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, user = _organisation(request, uid), request.user
    table = policies.Table.of(found)
    limits = list(queries.limits_of(found)[:200])
    context = {
        "organisation": found,
        "trail": [HOME, (found.label, "")],
        "today": table.day,
        "levels": [level.label for level in SigningLevel],
        "lines": queries.lines_of(table),
        "lapsed_on": table.lapsed_on,
        "limits": [(limit, _standing(user, limit)) for limit in limits],
        "may_propose": permits(policies.check_can_propose_limit, user, found),
    }
    return TemplateResponse(request, "ledger/signing_table.html", context)


def _standing(user: User, limit: SigningLimit) -> dict[str, Any]:
    """How the limit stands, and whether this person may decide on it; if not, why."""
    status = ChangeStatus(limit.status)
    said: dict[str, Any] = {"tone": CHANGE_TONES[status], "label": status.label, "open": False}
    if status == ChangeStatus.PROPOSED:
        reason = why_not(policies.check_can_decide_limit, user, limit)
        said |= {"open": True, "may": reason is None, "why_not": reason}
    return said


@require_http_methods(["GET", "POST"])
def signing_limit(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _organisation(request, uid)
    policies.check_can_propose_limit(request.user, found)
    page = reverse("ledger:signing_table", args=[uid])
    initial = {"valid_from": found.today()}
    form = LimitForm(request.POST or None, initial=initial)
    return form_page(
        request,
        form,
        lambda: actions.propose_limit(organisation=found, **form.says(), by=request.user),
        page=page,
        trail=[HOME, (found.label, page), ("New limit", "")],
        title="Propose a limit",
        lead=f"Up to which amount whose signatures suffice for vouchers of {found}. It counts once a second "
        "administrator confirms it.",
        submit="Propose the limit",
        done="The limit is proposed. It counts once a second administrator confirms it.",
    )


def form_page(
    request: StaffRequest, form: forms.Form, act: Callable[[], object], **words: Any
) -> HttpResponse:
    """A form: done and on to its page, or shown again with its errors."""
    if form.is_valid():
        try:
            act()
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, words["done"])
            return redirect(words["page"])
    context = {"form": form, "cancel": words["page"], **words}
    return TemplateResponse(request, "ledger/signing/form.html", context)


def first_error(form: forms.Form) -> str:
    """What is wrong with a form that has no page of its own, in a sentence."""
    return str(next(iter(form.errors.values()))[0])


def decided(request: StaffRequest) -> dict[str, Any]:
    """The verdict that was pressed, and why."""
    form = SigningDecisionForm(request.POST)
    if not form.is_valid():
        raise Refused("It is unclear what you decided: press confirm or decline.")
    said = form.cleaned_data
    return {"confirm": said["verdict"] == "confirm", "reason": said["reason"]}


@require_POST
@recently_authenticated
def signing_limit_decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    seen = SigningLimit.objects.visible_to(request.user).select_related("organisation", "decision")
    limit = get_object_or_404(seen, uid=uid)
    try:
        policies.check_can_decide_limit(request.user, limit)
        made = actions.decide_limit(limit=limit, **decided(request), by=request.user)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"The limit is {made.verdict}.")
    return redirect("ledger:signing_table", limit.organisation.uid)


# --- Delegations -----------------------------------------------------------


@require_GET
def delegation_list(request: StaffRequest) -> HttpResponseBase:
    rows = queries.delegations_for_table(Delegation.objects.visible_to(request.user))
    return table_page(
        request,
        "ledger/delegation_list.html",
        filterset=DelegationFilter(request.GET, queryset=rows, request=request),
        table_class=DelegationTable,
        csv_name="delegations",
        trail=[(DELEGATIONS[0], "")],
        may_delegate=queries.organisations_to_sign_for(request.user).exists(),
    )


@require_http_methods(["GET", "POST"])
def delegation_new(request: StaffRequest) -> HttpResponse:
    organisations = queries.organisations_to_sign_for(request.user)
    if not organisations.exists():
        raise NotAllowed("Only an approver has approving to hand over.")
    colleagues = queries.could_stand_in(organisations, request.user)
    form = DelegationForm(request.POST or None, organisations=organisations, colleagues=colleagues)
    return form_page(
        request,
        form,
        lambda: actions.propose_delegation(**form.says(), by=request.user),
        page=reverse("ledger:delegations"),
        trail=[DELEGATIONS, ("New delegation", "")],
        title="Hand your approving over",
        lead="For some days somebody else signs in your place, as the approver that you are. It counts once a third "
        "person confirms it, and the two of you never both sign one voucher.",
        submit="Propose the delegation",
        done="The delegation is proposed. It counts once a third person confirms it.",
    )


def _delegation(request: StaffRequest, uid: UUID) -> Delegation:
    seen = queries.delegations_for_table(Delegation.objects.visible_to(request.user))
    return get_object_or_404(seen, uid=uid)


@require_GET
def delegation(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, user = _delegation(request, uid), request.user
    status = DelegationStatus(found.status)
    context = {
        "delegation": found,
        "trail": [DELEGATIONS, (f"{found.delegator} to {found.delegate}", "")],
        "tone": DELEGATION_TONES[status],
        "label": status.label,
        "in_force": found.holds_on(found.organisation.today()),
        "open": status == DelegationStatus.PROPOSED,
        "why_not": why_not(policies.check_can_decide_delegation, user, found),
        "may_end": permits(policies.check_can_end_delegation, user, found),
        "history": queries.history_of_delegation(found),
    }
    return TemplateResponse(request, "ledger/delegation.html", context)


def _do(
    request: StaffRequest, found: Delegation, act: Callable[[], object], done: str
) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done)
    return redirect("ledger:delegation", found.uid)


@require_POST
@recently_authenticated
def delegation_decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _delegation(request, uid)

    def act() -> None:
        policies.check_can_decide_delegation(request.user, found)
        actions.decide_delegation(delegation=found, **decided(request), by=request.user)

    return _do(request, found, act, "Your decision on the delegation is recorded.")


@require_POST
def delegation_end(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _delegation(request, uid)
    return _do(
        request,
        found,
        lambda: actions.end_delegation(delegation=found, by=request.user),
        "The delegation is ended.",
    )
