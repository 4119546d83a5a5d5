"""Pages of the work on an engagement: the board, what is skipped and sent, meetings, declarations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.models import Organisation, Role
from tracker.accounts.policies import check_holds
from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.forms.work import (
    DeclareForm,
    MeetingForm,
    ReplyForm,
    SendForm,
    StartForm,
    WaiveForm,
)
from tracker.audits.models import DraftComment, Engagement, EngagementStatus
from tracker.audits.views.engagements import load
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.policies import asked


@require_GET
def board(request: StaffRequest) -> HttpResponse:
    day = queries.today_for(request.user)
    context = {
        "columns": queries.board_of(request.user, day),
        "counts": queries.counts(request.user),
        "place": "board",
        "day": day,
    }
    return TemplateResponse(request, "audits/board.html", context)


# --- Steps that ask for words ----------------------------------------------


@dataclass(frozen=True)
class Verb:
    """A step of an engagement that needs a form: what the page says, what it asks, what it does."""

    title: str
    lead: str
    submit: str
    done: str
    form: type[Any]
    check: Callable[..., object]
    action: Callable[..., object]
    note: str = ""


def _may_start(user: Any, engagement: Engagement) -> None:
    policies.check_can_move(user, engagement, EngagementStatus.FIELDWORK)


VERBS: dict[str, Verb] = {
    "start-fieldwork": Verb(
        "Start the fieldwork",
        "From then on findings can be written.",
        "Start the fieldwork",
        "The fieldwork has begun: findings can be written.",
        StartForm,
        _may_start,
        actions.start_fieldwork,
        "Everybody on the team has declared independence, and is checked against the records once more.",
    ),
    "waive-comments": Verb(
        "Report without comments",
        "Findings can then be issued without a draft that the audited side comments on.",
        "Record the reason",
        "The reason is recorded: findings can be issued without a draft.",
        WaiveForm,
        policies.check_can_waive_comments,
        actions.waive_comments,
        "It cannot be taken back, and no draft can be sent afterwards.",
    ),
    "send-draft": Verb(
        "Send the draft for comment",
        "The owners of the programs in scope read the draft findings and may comment on each.",
        "Send the draft",
        "The draft is sent. What was sent is kept as it is.",
        SendForm,
        policies.check_can_send_draft,
        actions.send_draft,
        "Each owner sees the findings about its own payments. They are confidential until they are issued.",
    ),
}


def _form_of(name: str, engagement: Engagement, data: Any) -> forms.Form:
    if name == "start-fieldwork":
        announced = engagement.status != EngagementStatus.PLANNED
        return StartForm(data, announced=announced)
    return VERBS[name].form(data)


@require_http_methods(["GET", "POST"])
def step(request: StaffRequest, uid: UUID, name: str) -> HttpResponse:
    """One of VERBS on an engagement."""
    found, verb = load(request, uid), VERBS[name]
    try:
        verb.check(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    form = _form_of(name, found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            verb.action(engagement=found, **form.values(), by=request.user)  # type: ignore[attr-defined]
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"{found.number}: {verb.done}")
            return redirect(found)
    drafts = found.findings.filter(status="draft").order_by("number")
    context = {"engagement": found, "form": form, "verb": verb, "name": name, "drafts": drafts}
    return TemplateResponse(request, "audits/engagement_step.html", context)


@require_POST
def announce(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        actions.announce_engagement(engagement=found, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{found.number} is announced: the officers in scope are told.")
    return redirect(found)


@require_http_methods(["GET", "POST"])
def meeting_new(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        policies.check_can_record_meeting(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    form = MeetingForm(request.POST or None)
    if form.is_valid():
        try:
            actions.record_meeting(engagement=found, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The meeting is recorded.")
            return redirect(found)
    context = {"engagement": found, "form": form}
    return TemplateResponse(request, "audits/meeting_form.html", context)


# --- Independence ----------------------------------------------------------


@require_GET
def independence(request: StaffRequest) -> HttpResponse:
    """One's own declarations, and what is still to be declared."""
    check_holds(request.user, Role.AUDITOR, to="declare independence as an auditor")
    day = queries.today_for(request.user)
    context = {
        "yearly_missing": queries.yearly_is_missing(request.user, day),
        "waiting": queries.to_declare_for(request.user),
        "declarations": queries.declarations_of(request.user),
        "counts": queries.counts(request.user),
        "place": "independence",
        "day": day,
    }
    return TemplateResponse(request, "audits/independence.html", context)


@require_http_methods(["GET", "POST"])
def declare(request: StaffRequest, uid: UUID | None = None) -> HttpResponse:
    """Declare for the year, or for one engagement."""
    found = load(request, uid) if uid is not None else None
    try:
        policies.check_can_declare(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("audits:independence")
    audited = queries.audited_by(request.user).values("owner")
    organisations = None if found else Organisation.objects.filter(pk__in=audited).order_by("name")
    data = request.POST if request.method == "POST" else None
    form = DeclareForm(data, organisations=organisations)
    if form.is_valid():
        try:
            actions.declare_independence(engagement=found, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Your declaration is recorded. Another one replaces it.")
            return redirect("audits:independence")
    member = None
    if found is not None:
        member = next((m for m in queries.members_of(found) if m.person == request.user), None)
    context = {"engagement": found, "form": form, "member": member}
    return TemplateResponse(request, "audits/declare.html", context)


# --- Comments, on the auditors' side ---------------------------------------


@require_GET
def drafts(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Every version of the draft with what the audited side said and what the auditors answered."""
    found = load(request, uid)
    sent = list(queries.drafts_of(found))
    comments = [one for draft in sent for one in draft.said]  # type: ignore[attr-defined]
    may = {
        one.pk for one in comments if asked(policies.check_can_reply, request.user, one)[1] is None
    }
    context = {
        "engagement": found,
        "drafts": sent,
        "waited_for": policies.waited_for(found),
        "may_reply": may,
        "reply_form": ReplyForm(auto_id="reply-%s"),
        "day": found.office.today(),
    }
    return TemplateResponse(request, "audits/drafts.html", context)


@require_http_methods(["GET", "POST"])
def reply(request: StaffRequest, uid: UUID) -> HttpResponse:
    seen = DraftComment.objects.select_related(
        "draft__engagement__office", "organisation", "finding", "text", "made_by"
    )
    comment = get_object_or_404(
        seen.filter(draft__engagement__in=Engagement.objects.visible_to(request.user)), uid=uid
    )
    page = reverse("audits:drafts", args=[comment.draft.engagement.uid])
    try:
        policies.check_can_reply(request.user, comment)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(page)
    form = ReplyForm(request.POST or None)
    if form.is_valid():
        try:
            actions.reply_to_comment(comment=comment, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The comment is answered.")
            return redirect(page)
    context = {"comment": comment, "engagement": comment.draft.engagement, "form": form}
    return TemplateResponse(request, "audits/reply.html", context)
