"""Which programs are public, and making them so."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.models import Role
from tracker.accounts.policies import holds
from tracker.programs.forms import say_at_fields
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.publishing import actions, policies, queries
from tracker.publishing.filters import ProgramReleaseFilter
from tracker.publishing.forms import NotPublishedForm
from tracker.publishing.models import NotPublished, Report, ReportStatus, Withholding
from tracker.publishing.tables import ProgramReleaseTable
from tracker.publishing.views.common import HOME, tabs, tried
from tracker.publishing.views.hinted import hints_for
from tracker.publishing.views.steps import waiting_for
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not
from tracker.shared.sealing import veil_for


def _seen_by(user):
    """What is not public yet is for staff and auditors, not for the recipient's side."""
    return Program.objects.held_as(user, *SEES_AS_STAFF)


@require_GET
def home(request):
    user = request.user
    visible = _seen_by(user).select_related("owner")
    return table_page(
        request,
        "publishing/home.html",
        filterset=ProgramReleaseFilter(
            request.GET, queryset=queries.programs_with_release(visible)
        ),
        table_class=ProgramReleaseTable,
        csv_name="published-programs",
        items=waiting_for(user),
        tabs=tabs("publishing:home"),
    )


def _visible(request, uid):
    rows = queries.programs_with_release(_seen_by(request.user))
    return get_object_or_404(rows.select_related("owner"), uid=uid)


@require_GET
def program(request, uid):
    program = _visible(request, uid)
    release = queries.newest_release(program)
    in_force = Withholding.objects.in_force().filter(program=program)
    reports = Report.objects.filter(program=program).exclude(status=ReportStatus.PUBLISHED)
    changes, new = queries.differences(program), queries.transactions_since(program, release)
    decision = NotPublished.objects.in_force().filter(program=program).first()
    context = {
        "program": program,
        "release": release,
        "changes": changes,
        "new_transactions": new,
        "unchanged": release and not (changes or new or program.changes),
        "books": queries.books(program),
        "withheld": queries.with_names(in_force, veil_for(request.user)).order_by(
            "review_on", "pk"
        ),
        "hints": hints_for(program),
        "today": program.owner.today(),
        "decision": decision,
        "may_lift": decision
        and permits(policies.check_can_lift_not_published, request.user, decision),
        "reports": reports.order_by("-period_end", "pk"),
        "waiting": queries.waiting_preparation(program),
        "frozen": queries.frozen_for_later(program),
        "may_prepare": permits(policies.check_can_prepare_release, request.user, program),
        "why_not": why_not(policies.check_can_prepare_release, request.user, program),
        "may_withhold": permits(policies.check_can_withhold, request.user, program),
        "may_keep": permits(policies.check_can_decide_not_published, request.user, program),
        "takedowns": queries.takedowns_of(program),
        "may_take_back": holds(request.user, Role.DISCLOSURE, program=program)
        and queries.releases_to_take_back(program).exists(),
        "may_draft": permits(policies.check_can_draft_report, request.user, program),
        "trail": [HOME, (program.title, "")],
    }
    return TemplateResponse(request, "publishing/program.html", context)


@require_http_methods(["GET", "POST"])
def keep_back(request, uid):
    program = _visible(request, uid)
    policies.check_can_decide_not_published(request.user, program)
    form = NotPublishedForm(request.POST or None)
    if form.is_valid():
        try:
            actions.decide_not_published(program=program, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Decided. The public counts one more unpublished program.")
            return redirect("publishing:program", program.uid)
    context = {"program": program, "form": form}
    context["trail"] = [
        HOME,
        (program.title, f"/desk/publishing/programs/{uid}/"),
        ("Not published", ""),
    ]
    return TemplateResponse(request, "publishing/not_published_form.html", context)


@require_POST
def lift(request, uid):
    decisions = NotPublished.objects.filter(program__in=_seen_by(request.user)).select_related(
        "program"
    )
    decision = get_object_or_404(decisions, uid=uid)
    done = "The decision is lifted. The program counts as undecided until it is published."
    tried(request, lambda: actions.lift_not_published(decision=decision, by=request.user), done)
    return redirect("publishing:program", decision.program.uid)
