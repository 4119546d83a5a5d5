"""The audited side's pages: what was announced, the draft that was sent, and the comments on it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.forms.work import CommentForm
from tracker.audits.models import DraftReport
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.policies import why_not


@require_GET
def asked(request: StaffRequest, uid: UUID) -> HttpResponse:
    """An engagement as the audited side sees it: who audits what by which criteria, and the draft sent to it."""
    found = get_object_or_404(queries.announced_to(request.user), uid=uid)
    organisations = queries.organisations_asked(request.user, found)
    drafts = list(queries.drafts_sent_to(request.user, found))
    newest = drafts[0] if drafts else None
    refusals = [
        why_not(policies.check_can_comment, request.user, newest, one)
        for one in organisations
        if newest
    ]
    context = {
        "engagement": found,
        "scope": policies.scope_of(found),
        "organisations": organisations,
        "drafts": [(one, queries.findings_sent(one, organisations)) for one in drafts],
        "newest": newest,
        "may_comment": newest is not None and None in refusals,
        "why_not": next((said for said in refusals if said), None),
        "answered": newest is not None and _answered(newest, organisations),
        "day": found.office.today(),
    }
    return TemplateResponse(request, "audits/asked.html", context)


def _answered(draft: DraftReport, organisations: list) -> bool:
    said = draft.said  # type: ignore[attr-defined]
    whole = {one.organisation_id for one in said if one.finding_id is None}
    return {one.pk for one in organisations} <= whole


@require_http_methods(["GET", "POST"])
def comment(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Comment on a draft that was sent to the person's organisation."""
    sent = DraftReport.objects.sent_to(request.user).select_related("engagement__office", "text")
    draft = get_object_or_404(sent, uid=uid)
    page = reverse("audits:asked", args=[draft.engagement.uid])
    parts = queries.parts_to_comment(request.user, draft)
    try:
        policies.check_can_comment(request.user, draft, parts[0].organisation)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(page)
    about = request.GET.get("finding", "")
    chosen = next((p.pk for p in parts if p.finding and str(p.finding.uid) == about), parts[0].pk)
    form = CommentForm(request.POST or None, parts=parts, initial={"about": chosen})
    if form.is_valid():
        try:
            actions.comment_on_draft(draft=draft, **form.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The comment is with the auditors. It stays as it is.")
            return redirect(page)
    context = {"draft": draft, "engagement": draft.engagement, "form": form, "page": page}
    return TemplateResponse(request, "audits/comment.html", context)
