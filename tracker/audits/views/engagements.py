"""Pages of engagements: the board, the plan, the team, the way from fieldwork to the end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.models import User
from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.filters import EngagementFilter
from tracker.audits.forms import EngagementSheet, MemberForm, ReasonForm
from tracker.audits.models import (
    ENGAGEMENT_TRANSITIONS,
    OPEN,
    UNDER_WAY,
    Engagement,
    EngagementKind,
    EngagementStatus,
    Standard,
)
from tracker.audits.tables import EngagementTable
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not

SHOWN = 10  # of what was announced to the reader's own organisation


def load(request: StaffRequest, uid: UUID) -> Engagement:
    return get_object_or_404(Engagement.objects.visible_to(request.user).for_table(), uid=uid)


@require_GET
def engagement_list(request: StaffRequest) -> HttpResponseBase:
    is_open = Q(findings__recommendations__state__in=OPEN)
    rows = (
        Engagement.objects.visible_to(request.user)
        .for_table()
        .annotate(
            findings_count=Count("findings", distinct=True),
            open_recommendations=Count("findings__recommendations", filter=is_open, distinct=True),
        )
    )
    return table_page(
        request,
        "audits/engagement_list.html",
        filterset=EngagementFilter(request.GET, queryset=rows),
        table_class=EngagementTable,
        csv_name="engagements",
        may_plan=permits(policies.check_can_plan, request.user),
        counts=queries.counts(request.user),
        announced=queries.announced_to(request.user)[:SHOWN],
        place="engagements",
    )


MOVES: dict[str, tuple[Callable[..., Engagement], str, str, str]] = {
    # name of the address: action, state, words of the button, what is said afterwards
    "finalise": (
        actions.issue_final,
        EngagementStatus.FINAL,
        "Issue the final report",
        "The final report of {} is issued.",
    ),
    "follow-up": (
        actions.begin_follow_up,
        EngagementStatus.FOLLOW_UP,
        "Begin the follow-up",
        "The recommendations of {} are followed up from now on.",
    ),
    "close": (
        actions.close_engagement,
        EngagementStatus.CLOSED,
        "Close the engagement",
        "The engagement {} is closed.",
    ),
}


def _buttons(user: User, engagement: Engagement) -> list[dict[str, Any]]:
    """Where it can go from here, and what stands in the way. `page`: it is a page with a form."""
    following = ENGAGEMENT_TRANSITIONS[engagement.status]
    moves = [
        ("announce", EngagementStatus.ANNOUNCED, "Announce it", False),
        ("do_start_fieldwork", EngagementStatus.FIELDWORK, "Start the fieldwork", True),
        *((f"move_{name}", to, text, False) for name, (_, to, text, _) in MOVES.items()),
    ]
    buttons: list[dict[str, Any]] = [
        {
            "name": f"audits:{name}",
            "text": text,
            "page": page,
            "why_not": why_not(policies.check_can_move, user, engagement, to),
        }
        for name, to, text, page in moves
        if to in following
    ]
    for name, text, check in (
        ("do_send_draft", "Send the draft for comment", policies.check_can_send_draft),
        ("do_waive_comments", "Report without comments", policies.check_can_waive_comments),
    ):
        if permits(check, user, engagement):
            buttons.insert(0, {"name": f"audits:{name}", "text": text, "page": True})
    return buttons


def _context(request: StaffRequest, engagement: Engagement) -> dict[str, object]:
    user = request.user
    programs = policies.programs_of(engagement)
    may_change = permits(policies.check_can_change_engagement, user, engagement)
    on_team = permits(policies.check_on_team, user, engagement, to="look")
    people = queries.auditors_of(programs).exclude(engagements__engagement=engagement)
    findings = queries.with_counts(engagement.findings.for_table()).order_by("number")
    return {
        "engagement": engagement,
        "scope": policies.scope_of(engagement),
        "team": queries.members_of(engagement),
        "way": queries.way_of(engagement),
        "fit": policies.said_of(engagement.kind, engagement.standard),
        "drafts": queries.drafts_of(engagement),
        "papers": queries.papers_in(engagement, user),
        "meetings": engagement.meetings.select_related("text", "recorded_by").order_by("held_on"),
        "may_meet": permits(policies.check_can_record_meeting, user, engagement),
        "findings": findings,
        "samples": queries.samples_of(engagement),
        "may_sample": permits(policies.check_can_sample, user, engagement),
        "recommendations": queries.recommendations_of(engagement),
        "next": queries.next_for_engagement(engagement, user),
        "buttons": _buttons(user, engagement) if on_team else [],
        "may_change": may_change,
        "may_write": permits(policies.check_can_write_findings, user, engagement),
        "may_terminate": on_team and engagement.status in UNDER_WAY,
        "member_form": MemberForm(people=people) if may_change else None,
        "history": queries.history(engagement),
        "day": engagement.office.today(),
    }


@require_GET
def engagement(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    return TemplateResponse(request, "audits/engagement.html", _context(request, found))


def made_for() -> list[tuple[str, str]]:
    """For which kinds of engagement each standard is made, as the planner reads it."""
    return [
        (
            Standard(one).label,
            ", ".join(kind.label for kind in EngagementKind if kind in kinds),
        )
        for one, kinds in policies.MADE_FOR.items()
    ]


@require_http_methods(["GET", "POST"])
def engagement_new(request: StaffRequest) -> HttpResponse:
    policies.check_can_plan(request.user)
    asked = request.GET.get("program", "")
    sheet = EngagementSheet(request.POST or None, user=request.user, program=asked)
    if request.POST and "more" not in request.POST and sheet.is_valid():
        try:
            planned = actions.plan_engagement(
                **sheet.values(), office=queries.office_of(request.user), by=request.user
            )
        except Refused as refusal:
            say_at_fields(sheet.form, refusal)
        else:
            messages.success(request, f"The engagement {planned.number} is planned.")
            if said := policies.said_of(planned.kind, planned.standard):
                messages.warning(request, said)
            return redirect(planned)
    context = {"sheet": sheet, "made_for": made_for()}
    return TemplateResponse(request, "audits/engagement_form.html", context)


@require_http_methods(["GET", "POST"])
def engagement_edit(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    if (refused := _refused_here(request, found)) is not None:
        return refused
    sheet = EngagementSheet(request.POST or None, user=request.user, engagement=found)
    if request.POST and "more" not in request.POST and sheet.is_valid():
        try:
            actions.change_engagement(engagement=found, **sheet.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(sheet.form, refusal)
        else:
            messages.success(request, f"The plan of {found.number} was changed.")
            return redirect(found)
    context = {"sheet": sheet, "engagement": found, "made_for": made_for()}
    return TemplateResponse(request, "audits/engagement_form.html", context)


def _refused_here(request: StaffRequest, found: Engagement) -> HttpResponse | None:
    """Back to its page with the sentence, if nothing of it can be changed any more."""
    try:
        policies.check_can_change_engagement(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    return None


@require_POST
def move(request: StaffRequest, uid: UUID, name: str) -> HttpResponse:
    found = load(request, uid)
    act, _, _, said = MOVES[name]
    try:
        act(engagement=found, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, said.format(found.number))
    return redirect(found)


@require_http_methods(["GET", "POST"])
def terminate(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    policies.check_on_team(request.user, found, to="terminate the engagement")
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            actions.terminate_engagement(engagement=found, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"The engagement {found.number} is terminated.")
            return redirect(found)
    context = {"engagement": found, "form": form}
    return TemplateResponse(request, "audits/engagement_terminate.html", context)


@require_POST
def member_add(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    people = queries.auditors_of(policies.programs_of(found))
    form = MemberForm(request.POST, people=people)
    if not form.is_valid():
        messages.error(request, "Auditor: choose one of the auditors in the list.")
        return redirect(found)
    try:
        added = actions.add_member(engagement=found, **form.cleaned_data, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{added.person} is on the team.")
    return redirect(found)


@require_POST
def member_remove(request: StaffRequest, uid: UUID, person: UUID) -> HttpResponse:
    found = load(request, uid)
    member = get_object_or_404(found.team.select_related("person"), person__uid=person)
    try:
        actions.remove_member(engagement=found, person=member.person, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{member.person} is off the team.")
    return redirect(found)
