"""One's own account, and the page on which an invitation is accepted."""

from uuid import UUID

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts import actions, queries
from tracker.accounts.filters import NoticeFilter
from tracker.accounts.forms import AcceptForm, add_refusal
from tracker.accounts.models import WHAT_IT_DOES, Invitation, Notice, Role, User
from tracker.accounts.requests import StaffRequest
from tracker.accounts.tables import NoticeTable
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page

CODE = "invitation_code"


@require_GET
def me(request: StaffRequest) -> HttpResponse:
    """Who I am here, what I may do and since when, what I was told."""
    roles = [(role, WHAT_IT_DOES[Role(role.role)]) for role in queries.roles_of(request.user)]
    notices = queries.notices_of(request.user)
    unread = notices.filter(read_at=None)
    context = {
        "roles": roles,
        "unread": unread.order_by("-sent_at", "-pk")[:5],
        "unread_count": unread.count(),
        "organisation": request.user.organisation,
    }
    return TemplateResponse(request, "account/me.html", context)


@require_GET
def notices(request: StaffRequest) -> HttpResponseBase:
    mine = queries.notices_of(request.user)
    return table_page(
        request,
        "account/notices.html",
        filterset=NoticeFilter(request.GET, queryset=mine, request=request),
        table_class=NoticeTable,
        csv_name="notices",
        unread=mine.filter(read_at=None).exists(),
    )


@require_POST
def notices_read(request: StaffRequest) -> HttpResponse:
    actions.read_notices(by=request.user)
    messages.success(request, "All notices are marked as read.")
    return redirect("accounts:notices")


@require_POST
def notice_read(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Read it, and go where it leads."""
    notice = get_object_or_404(queries.notices_of(request.user), uid=uid)
    actions.read_notice(notice=notice, by=request.user)
    return redirect(_place_of(notice))


def _place_of(notice: Notice) -> str:
    ours = notice.path.startswith("/") and url_has_allowed_host_and_scheme(notice.path, None)
    return notice.path if ours else "accounts:notices"


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@rate_limit(action="invitation", limit_get=True)
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Choose a password with the letter's code. The code leaves the address bar at once."""
    if "code" in request.GET:
        request.session[CODE] = request.GET["code"]
        return redirect("accounts:accept")
    secret = request.session.get(CODE, "")
    try:
        invitation = actions.open_invitation(secret)
    except Refused as refusal:
        closed = {"sentence": refusal.sentence}
        return TemplateResponse(request, "account/invitation_closed.html", closed, status=404)
    person = User(email=invitation.email, name=invitation.name)
    form = AcceptForm(request.POST or None, person=person)
    if form.is_valid():
        try:
            actions.accept_invitation(secret=secret, password=form.cleaned_data["password"])
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return _welcome(request, invitation)
    context = {"form": form, "invitation": invitation}
    return TemplateResponse(request, "account/invitation.html", context)


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """To the sign-in page; whoever was signed in on this browser is not any more."""
    logout(request)
    messages.success(
        request, f"Your account is ready. Sign in as {invitation.email} with your new password."
    )
    return redirect("account_login")
