"""What administrators see and do: people, invitations, organisations."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts import actions, policies, queries
from tracker.accounts.filters import InvitationFilter, OrganisationFilter, PersonFilter
from tracker.accounts.forms import (
    FindForm,
    GrantForm,
    InvitationForm,
    OrganisationForm,
    add_refusal,
)
from tracker.accounts.models import MEMBERSHIP_TRANSITIONS, WHAT_IT_DOES, Membership, Role, User
from tracker.accounts.requests import StaffRequest
from tracker.accounts.tables import InvitationTable, OrganisationTable, PersonTable
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not

View = Callable[..., HttpResponseBase]


def administrators_only(view: View) -> View:
    """403 for everybody else; of which organisations somebody sees the rows, the queries say (404)."""

    @wraps(view)
    def wrapper(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        policies.check_is_administrator(request.user)
        return view(request, *args, **kwargs)

    return wrapper


# --- People ----------------------------------------------------------------


@require_GET
@administrators_only
def people(request: StaffRequest) -> HttpResponseBase:
    rows = queries.people_for_table(request.user)
    return table_page(
        request,
        "accounts/people.html",
        filterset=PersonFilter(request.GET, queryset=rows, request=request),
        table_class=PersonTable,
        csv_name="people",
        proposals=_proposals(request.user),
        alone=queries.lacking_a_second_administrator(request.user),
    )


def _proposals(user: User) -> list[dict[str, Any]]:
    """What waits for a second administrator, the oldest first: for me, or for somebody else."""
    return [
        {
            "membership": proposal,
            "mine": permits(policies.check_is_the_second, user, proposal),
        }
        for proposal in queries.proposals_for(user)[:10]
    ]


@require_GET
@administrators_only
def person(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(queries.people_administered_by(request.user), uid=uid)
    return person_page(request, found, GrantForm(by=request.user))


def person_page(request: StaffRequest, found: User, form: GrantForm) -> HttpResponse:
    """One person: roles, what may be done about them, and what the journal says."""
    visible = queries.memberships_visible_to(request.user).filter(person=found)
    memberships = list(queries.memberships_for_table(visible).order_by("-changed_at", "-pk"))
    switch = (policies.check_can_switch_account, request.user, found, not found.is_active)
    context = {
        "person": found,
        "form": form,
        "roles": [_row(request.user, membership) for membership in memberships],
        "may_switch": permits(*switch),
        "why_not_switch": why_not(*switch),
        "what_it_does": [(Role(r).label, does) for r, does in WHAT_IT_DOES.items()],
        "history": queries.history_of_person(found, memberships),
    }
    return TemplateResponse(request, "accounts/person.html", context)


def _row(user: User, membership: Membership) -> dict[str, Any]:
    if not MEMBERSHIP_TRANSITIONS[membership.status]:
        return {"membership": membership}  # it is over: nobody can do anything about it
    return {
        "membership": membership,
        "may_confirm": permits(policies.check_can_confirm, user, membership),
        "may_decline": permits(policies.check_can_decline, user, membership),
        "may_end": permits(policies.check_can_end, user, membership),
    }


@require_http_methods(["GET", "POST"])
@administrators_only
def find(request: StaffRequest) -> HttpResponse:
    """Give a role to somebody who works for another organisation, by their whole e-mail address."""
    form = FindForm(request.POST or None)
    grant = GrantForm(request.POST or None, by=request.user)
    if form.is_valid() and grant.is_valid():
        found = User.objects.filter(email=form.cleaned_data["email"].lower()).first()
        if found is None:
            form.add_error("email", "Nobody signs in with this address here: invite them.")
        elif give(request, found, grant):
            return redirect("accounts:person", found.uid)
    context = {"form": form, "grant": grant}
    return TemplateResponse(request, "accounts/find.html", context)


def give(request: StaffRequest, found: User, form: GrantForm) -> bool:
    """Grant what the form says; False when it was refused, with the sentence on the form."""
    chosen = {name: form.cleaned_data[name] for name in ("role", "organisation", "program")}
    try:
        membership = actions.grant_role(person=found, by=request.user, **chosen)
    except Refused as refusal:
        add_refusal(form, refusal)
        return False
    name = f"{membership.get_role_display()} of {membership.over}"
    if form.waits:
        messages.success(request, f"Proposed: {found} as {name}. A second administrator confirms.")
    else:
        messages.success(request, f"{found} is {name} from now on.")
    return True


@require_POST
@administrators_only
def deactivate(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _switch(request, uid, actions.deactivate_person, "can no longer sign in")


@require_POST
@administrators_only
def reactivate(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _switch(request, uid, actions.reactivate_person, "can sign in again")


def _switch(request: StaffRequest, uid: UUID, act: Callable[..., User], told: str) -> HttpResponse:
    found = get_object_or_404(queries.people_administered_by(request.user), uid=uid)
    try:
        act(person=found, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{found} {told}.")
    return redirect("accounts:person", found.uid)


# --- Invitations -----------------------------------------------------------


@require_http_methods(["GET", "POST"])
@administrators_only
def invite(request: StaffRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None, by=request.user)
    if form.is_valid():
        try:
            invitation, _ = actions.invite_person(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"The invitation went to {invitation.email}.")
            return redirect("accounts:invitations")
    return TemplateResponse(request, "accounts/invite.html", {"form": form})


@require_GET
@administrators_only
def invitations(request: StaffRequest) -> HttpResponseBase:
    rows = queries.invitations_administered_by(request.user)
    return table_page(
        request,
        "accounts/invitations.html",
        filterset=InvitationFilter(request.GET, queryset=rows, request=request),
        table_class=InvitationTable,
        csv_name="invitations",
    )


@require_POST
@administrators_only
def invitation_withdraw(request: StaffRequest, uid: UUID) -> HttpResponse:
    rows = queries.invitations_administered_by(request.user)
    invitation = get_object_or_404(rows, uid=uid)
    try:
        actions.withdraw_invitation(invitation=invitation, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"The invitation of {invitation.name} was withdrawn.")
    return redirect("accounts:invitations")


# --- Organisations ---------------------------------------------------------


@require_GET
@administrators_only
def organisations(request: StaffRequest) -> HttpResponseBase:
    rows = queries.organisations_for_table()
    return table_page(
        request,
        "accounts/organisations.html",
        filterset=OrganisationFilter(request.GET, queryset=rows, request=request),
        table_class=OrganisationTable,
        csv_name="organisations",
    )


@require_http_methods(["GET", "POST"])
@administrators_only
def organisation_new(request: StaffRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None)
    if form.is_valid():
        names = ("name", "short_name", "kind", "identifier", "country", "time_zone")
        given = {name: form.cleaned_data[name] for name in names}
        try:
            made = actions.create_organisation(**given, fiscal_eras=form.eras(), by=request.user)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{made} was added.")
            return redirect("accounts:organisations")
    return TemplateResponse(request, "accounts/organisation_new.html", {"form": form})
