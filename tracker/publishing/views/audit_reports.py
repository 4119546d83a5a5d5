"""The audit office's own reports: begun from an engagement, and published by the office."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from tracker.accounts.models import Role
from tracker.accounts.policies import check_holds
from tracker.accounts.requests import StaffRequest
from tracker.programs.forms import say_at_fields
from tracker.programs.models import Program
from tracker.publishing import actions, policies, queries
from tracker.publishing.forms import NewAuditReportForm
from tracker.publishing.views.common import HOME, tried
from tracker.publishing.views.reports import REPORTS, about, visible
from tracker.shared.errors import Refused
from tracker.shared.policies import why_not


@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    check_holds(request.user, Role.AUDITOR, to="draft audit reports")
    engagements = queries.engagements_to_publish(request.user)
    programs = Program.objects.filter(audited_in__engagement__in=engagements).distinct()
    initial = {"engagement": request.GET.get("engagement")}
    form = NewAuditReportForm(
        request.POST or None, programs=programs, engagements=engagements, initial=initial
    )
    if form.is_valid():
        try:
            report = actions.draft_report(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The audit report is begun. Write its sections.")
            return redirect("publishing:report_edit", report.uid)
    trail = [HOME, REPORTS, ("New audit report", "")]
    context = {"form": form, "any": engagements.exists(), "trail": trail}
    return TemplateResponse(request, "publishing/audit_report_new.html", context)


@require_http_methods(["GET", "POST"])
def publish(request: StaffRequest, uid: UUID) -> HttpResponse:
    report = visible(request, uid)
    if report.engagement is None:
        raise Http404("This is no audit report.")
    if request.method == "POST":
        done = "The audit report is public, as a release of your office. It is frozen."
        tried(request, lambda: actions.publish_audit_report(report=report, by=request.user), done)
        return redirect("publishing:report", report.uid)
    context = about(request, report, "Publish")
    context |= {"why_not": why_not(policies.check_can_publish_audit_report, request.user, report)}
    try:
        row = actions.report_as_public(report)
        context |= {"sections": row.cells["sections"].get("value") or []}
    except Refused as refusal:
        context |= {"why_not": context["why_not"] or refusal.sentence}
    return TemplateResponse(request, "publishing/audit_report_publish.html", context)
