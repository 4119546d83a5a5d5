"""Beside a report's words: its pictures, what readers say of its sections, and how the public will read it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.requests import StaffRequest
from tracker.programs.forms import say_at_fields
from tracker.publishing import actions, policies, queries
from tracker.publishing.forms import CommentForm, ImageForm, SettleForm
from tracker.publishing.images import path_of
from tracker.publishing.models import Report, ReportImage, SectionComment
from tracker.publishing.views.common import HOME
from tracker.publishing.views.reports import REPORTS, visible
from tracker.shared.errors import Refused
from tracker.shared.policies import permits


def _trail(report: Report, here: str) -> list[tuple[str, str]]:
    return [HOME, REPORTS, (report.title, f"/desk/reports/{report.uid}/"), (here, "")]


# --- Pictures ----------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def images(request: StaffRequest, uid: UUID) -> HttpResponse:
    report = visible(request, uid)
    may_add = permits(policies.check_can_edit_report, request.user, report)
    if request.method == "POST":
        policies.check_can_edit_report(request.user, report)
    form = ImageForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_image(report=report, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(
                request, "The picture is added. Choose it in a section, and describe it."
            )
            return redirect("publishing:report_images", report.uid)
    context = {
        "report": report,
        "form": form,
        "images": report.images.select_related("added_by").order_by("pk"),
        "may_add": may_add,
        "trail": _trail(report, "Pictures"),
    }
    return TemplateResponse(request, "publishing/report_images.html", context)


@require_GET
def image(request: StaffRequest, uid: UUID, sha256: str) -> FileResponse:
    """A picture of a report, for those who see the report."""
    found = get_object_or_404(ReportImage, report=visible(request, uid), sha256=sha256)
    try:
        file = default_storage.open(path_of(found.sha256))
    except FileNotFoundError:
        raise Http404("The picture is missing from the store: tell the administrators.") from None
    return FileResponse(file, content_type=found.media)


# --- How the public will read it ----------------------------------------------


@require_GET
def preview(request: StaffRequest, uid: UUID) -> HttpResponse:
    """The report as a release made now would freeze it. It may cost as much as a release: every payment passes by."""
    report = visible(request, uid)
    context = {"report": report, "trail": _trail(report, "Preview")}
    try:
        row = actions.report_as_public(report)
        context |= {"sections": row.cells["sections"].get("value") or []}
    except Refused as refusal:
        context |= {"why_not": refusal.sentence}
    return TemplateResponse(request, "publishing/report_preview.html", context)


# --- Comments ----------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def comment(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Say something of a section: `?section=2` is the second as the report stands."""
    report = visible(request, uid)
    policies.check_can_comment(request.user, report)
    asked = request.GET.get("section", "1")
    sections = dict(enumerate(queries.written_sections(report), start=1))
    section = sections.get(int(asked)) if asked.isdecimal() and len(asked) < 4 else None
    if section is None:
        raise Http404("The report has no such section any more.")
    initial = {"heading": section.heading, "seen": section.digest}
    form = CommentForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            actions.comment_on_section(report=report, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Your comment is recorded. The authors were told.")
            return redirect("publishing:report", report.uid)
    context = {"report": report, "section": section, "form": form}
    context |= {"trail": _trail(report, "Comment")}
    return TemplateResponse(request, "publishing/report_comment.html", context)


@require_http_methods(["GET", "POST"])
def settle(request: StaffRequest, uid: UUID) -> HttpResponse:
    seen = SectionComment.objects.filter(report__in=Report.objects.visible_to(request.user))
    found = get_object_or_404(
        seen.select_related("report__program", "report__engagement__office", "written_by"), uid=uid
    )
    policies.check_can_settle(request.user, found)
    form = SettleForm(request.POST or None)
    if form.is_valid():
        try:
            actions.settle_comment(comment=found, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The comment is settled. Whoever wrote it was told.")
            return redirect("publishing:report", found.report.uid)
    context = {"report": found.report, "comment": found, "form": form}
    context |= {"trail": _trail(found.report, "Settle a comment")}
    return TemplateResponse(request, "publishing/report_settle.html", context)
