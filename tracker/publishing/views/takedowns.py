"""Taking back: propose it or do it at once, decide, decline, review."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.models import Role
from tracker.accounts.policies import check_holds
from tracker.programs.forms import say_at_fields
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.publishing import actions, policies, queries
from tracker.publishing.filters import TakedownFilter
from tracker.publishing.forms import DeclineForm, TakedownForm, VerdictForm
from tracker.publishing.models import Takedown, TakedownStatus
from tracker.publishing.tables import TakedownTable
from tracker.publishing.views.common import HOME, history, tabs, tried
from tracker.shared.clock import database_now
from tracker.shared.pages import table_page
from tracker.shared.policies import permits

TAKEDOWNS = ("Taken back", "/desk/publishing/takedowns/")


@require_GET
def takedown_list(request):
    rows = Takedown.objects.visible_to(request.user).select_related(
        "program", "release", "raised_by", "decided_by"
    )
    late = queries.takedowns_late(Takedown.objects.visible_to(request.user)).count()
    return table_page(
        request,
        "publishing/takedown_list.html",
        filterset=TakedownFilter(request.GET, queryset=rows),
        table_class=TakedownTable,
        csv_name="taken-back",
        late=late,
        tabs=tabs("publishing:takedowns"),
        trail=[HOME, ("Taken back", "")],
    )


@require_http_methods(["GET", "POST"])
def take_back(request, uid):
    """The form: which release, why, and whether another decides first or it goes at once."""
    programs = Program.objects.held_as(request.user, *SEES_AS_STAFF).select_related("owner")
    program = get_object_or_404(programs, uid=uid)
    check_holds(request.user, Role.DISCLOSURE, program=program, to="take a release back")
    form = TakedownForm(
        request.POST or None,
        releases=queries.releases_to_take_back(program),
        initial={"release": request.GET.get("release", "")},
    )
    if form.is_valid():
        try:
            takedown = _taken_back(form, request.user)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, _DONE[takedown.status])
            return redirect("publishing:takedown", takedown.uid)
    trail = [HOME, (program.title, f"/desk/publishing/programs/{uid}/"), ("Take it back", "")]
    context = {"program": program, "form": form, "trail": trail}
    return TemplateResponse(request, "publishing/takedown_form.html", context)


_DONE: dict[str, str] = {
    TakedownStatus.PROPOSED: "Proposed. Another disclosure officer decides; until then it stays public.",
    TakedownStatus.URGENT: "It is down. The other disclosure officers are told: one of them reviews it within 24 hours.",
}


def _taken_back(form: TakedownForm, by) -> Takedown:
    said = dict(form.cleaned_data)
    if said.pop("how") == form.NOW:
        return actions.take_down(by=by, **said).takedown
    return actions.propose_withdrawal(by=by, **said)


def _visible(request, uid):
    rows = Takedown.objects.visible_to(request.user).select_related(
        "program__owner", "release", "raised_by", "decided_by", "tombstone"
    )
    return get_object_or_404(rows, uid=uid)


def _page(request, takedown, declining=None, reviewing=None):
    user, urgent = request.user, takedown.status == TakedownStatus.URGENT
    context = {
        "takedown": takedown,
        "late": urgent and takedown.review_due_at < database_now(),
        "declining": declining or DeclineForm(),
        "reviewing": reviewing or VerdictForm(),
        "history": history(takedown),
        "may_decide": permits(
            policies.check_can_decide_withdrawal, user, takedown, TakedownStatus.STANDING
        ),
        "may_review": permits(policies.check_can_review_takedown, user, takedown),
        "may_hurry": takedown.status == TakedownStatus.PROPOSED and takedown.raised_by == user,
        "trail": [HOME, TAKEDOWNS, (f"Release {takedown.release.number}", "")],
    }
    return TemplateResponse(request, "publishing/takedown.html", context)


@require_GET
def takedown(request, uid):
    return _page(request, _visible(request, uid))


@require_POST
def decide(request, uid):
    takedown = _visible(request, uid)
    done = "It is taken back. Its address answers with the tombstone."
    tried(request, lambda: actions.decide_withdrawal(takedown=takedown, by=request.user), done)
    return redirect("publishing:takedown", uid)


@require_POST
def decline(request, uid):
    takedown = _visible(request, uid)
    policies.check_can_decide_withdrawal(request.user, takedown, TakedownStatus.DECLINED)
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            actions.decline_withdrawal(takedown=takedown, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Declined. The release stays public.")
            return redirect("publishing:takedown", uid)
    return _page(request, takedown, declining=form)


@require_POST
def review(request, uid):
    takedown = _visible(request, uid)
    policies.check_can_review_takedown(request.user, takedown)
    form = VerdictForm(request.POST)
    if form.is_valid():
        try:
            actions.review_takedown(takedown=takedown, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Reviewed. The public reads your verdict and its reason.")
            return redirect("publishing:takedown", uid)
    return _page(request, takedown, reviewing=form)
