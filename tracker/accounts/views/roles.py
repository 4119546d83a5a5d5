"""Roles: given, confirmed by a second administrator, declined, ended."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from tracker.accounts import actions, queries
from tracker.accounts.filters import MembershipFilter
from tracker.accounts.forms import GrantForm
from tracker.accounts.models import Membership
from tracker.accounts.requests import StaffRequest
from tracker.accounts.tables import MembershipTable
from tracker.accounts.views.people import administrators_only, give, person_page
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page


@require_GET
@administrators_only
def roles(request: StaffRequest) -> HttpResponseBase:
    rows = queries.memberships_for_table(queries.memberships_administered_by(request.user))
    return table_page(
        request,
        "accounts/roles.html",
        filterset=MembershipFilter(request.GET, queryset=rows, request=request),
        table_class=MembershipTable,
        csv_name="roles",
    )


@require_POST
@administrators_only
def role_grant(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(queries.people_administered_by(request.user), uid=uid)
    form = GrantForm(request.POST, by=request.user)
    if form.is_valid() and give(request, found, form):
        return redirect("accounts:person", found.uid)
    return person_page(request, found, form)


@require_POST
@administrators_only
def role_confirm(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _decide(request, uid, actions.confirm_role, "is in force")


@require_POST
@administrators_only
def role_decline(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _decide(request, uid, actions.decline_role, "was declined")


@require_POST
@administrators_only
def role_end(request: StaffRequest, uid: UUID) -> HttpResponse:
    return _decide(request, uid, actions.end_role, "was ended")


def _decide(
    request: StaffRequest, uid: UUID, act: Callable[..., Membership], told: str
) -> HttpResponse:
    membership = get_object_or_404(queries.memberships_administered_by(request.user), uid=uid)
    try:
        act(membership=membership, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{membership.person}: {membership.get_role_display()} {told}.")
    return redirect("accounts:person", membership.person.uid)
