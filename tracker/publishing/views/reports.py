"""Reports: drafting, review, publication."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.models import Role
from tracker.programs.forms import say_at_fields
from tracker.programs.models import Program
from tracker.publishing import actions, policies, queries
from tracker.publishing.filters import ReportFilter
from tracker.publishing.forms import NewReportForm, ReasonForm, ReportForm
from tracker.publishing.models import (
    PublishedFinding,
    PublishedReport,
    Report,
    ReportStatus,
    Withholding,
)
from tracker.publishing.tables import ReportTable
from tracker.publishing.views.common import HOME, history, tabs, tried
from tracker.publishing.views.preparations import prepared_by
from tracker.publishing.views.steps import next_step, publishing_check, steps
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not
from tracker.shared.sealing import veil_for

REPORTS = ("Reports", "/desk/reports/")


@require_GET
def report_list(request):
    rows = Report.objects.visible_to(request.user).for_table()
    drafts = Program.objects.held_as(request.user, Role.OFFICER)
    return table_page(
        request,
        "publishing/report_list.html",
        filterset=ReportFilter(request.GET, queryset=rows),
        table_class=ReportTable,
        csv_name="reports",
        may_draft=drafts.exists(),
        may_audit=queries.engagements_to_publish(request.user).exists(),
        tabs=tabs("publishing:reports"),
        trail=[HOME, ("Reports", "")],
    )


@require_http_methods(["GET", "POST"])
def report_new(request):
    policies.check_drafts_reports(request.user)
    programs = Program.objects.held_as(request.user, Role.OFFICER)
    initial = {"program": request.GET.get("program")}
    form = NewReportForm(request.POST or None, programs=programs, initial=initial)
    if form.is_valid():
        try:
            report = actions.draft_report(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The report is begun. Write its sections.")
            return redirect("publishing:report_edit", report.uid)
    context = {"form": form, "any": programs.exists(), "trail": [HOME, REPORTS, ("New report", "")]}
    return TemplateResponse(request, "publishing/report_new.html", context)


def visible(request, uid):
    rows = Report.objects.visible_to(request.user).for_table()
    return get_object_or_404(rows.select_related("program__owner", "release"), uid=uid)


def about(request, report, here=""):
    """What every page of one report shows: its figures, what is withheld, where it stands."""
    program, user = report.program, request.user
    in_force = Withholding.objects.in_force().filter(program=program)
    trail = [HOME, REPORTS, (report.title, f"/desk/reports/{report.uid}/" if here else "")]
    findings = PublishedFinding.objects.filter(programs__program=program.uid)
    if report.engagement:
        findings = findings.filter(office_uid=report.engagement.office.uid)
    return {
        "report": report,
        "program": program,
        # an audit report states what is public, and nothing of the ledger
        "figures": [] if report.engagement else queries.period_figures(report),
        "withheld": queries.with_names(in_force, veil_for(request.user)).order_by(
            "review_on", "pk"
        ),
        "findings": findings.order_by("issued_on", "pk"),
        "today": program.owner.today(),
        "steps": steps(report),
        "next": next_step(report, user),
        "trail": [*trail, (here, "")] if here else trail,
    }


def _sections(request, report):
    """Each section with what was said of it; and what was said of sections that are gone."""
    comments = queries.comments_of(report)
    headings = {section.heading for section in queries.written_sections(report)}
    rows = [
        (section, [comment for comment in comments if comment.heading == section.heading])
        for section in report.sections.select_related("image").order_by("position", "pk")
    ]
    wrote = report.edits.filter(person=request.user).exists()
    return {
        "sections": rows,
        "orphans": [comment for comment in comments if comment.heading not in headings],
        "open_comments": sum(not hasattr(comment, "settled") for comment in comments),
        "may_comment": permits(policies.check_can_comment, request.user, report),
        "may_settle": wrote
        and report.status != ReportStatus.PUBLISHED
        and permits(policies.check_writes_report, request.user, report, "settle its comments"),
    }


@require_GET
def report(request, uid):
    report = visible(request, uid)
    context = about(request, report) | {
        **_sections(request, report),
        "review": report.reviews.select_related("reviewed_by").order_by("-pk").first(),
        "history": history(report),
        "public": PublishedReport.objects.filter(uid=report.uid)
        .select_related("superseded_by")
        .first(),
        "may_edit": permits(policies.check_can_edit_report, request.user, report),
        "may_submit": permits(policies.check_can_submit_report, request.user, report),
        "may_accept": permits(policies.check_can_accept_report, request.user, report),
        "may_return": permits(policies.check_can_review_report, request.user, report),
        "may_publish": permits(publishing_check(report), request.user, report),
        "preparation": report.preparations.waiting().first(),
    }
    return TemplateResponse(request, "publishing/report.html", context)


# Where the buttons of the editor lead after the report is saved.
_ONWARD = {
    "more": "publishing:report_edit",
    "pictures": "publishing:report_images",
    "preview": "publishing:report_preview",
}


@require_http_methods(["GET", "POST"])
def edit(request, uid):
    report = visible(request, uid)
    policies.check_can_edit_report(request.user, report)
    form = ReportForm(request.POST if request.method == "POST" else None, report=report)
    if form.is_valid():
        try:
            actions.edit_report(report=report, by=request.user, **form.values())
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The report is saved.")
            onward = next((name for name in _ONWARD if name in request.POST), "")
            return redirect(_ONWARD.get(onward, "publishing:report"), report.uid)
    available = queries.available_figures(report)
    context = about(request, report, "Edit") | {"form": form, "available": available}
    return TemplateResponse(request, "publishing/report_edit.html", context)


@require_POST
def submit(request, uid):
    report = visible(request, uid)
    done = "The report is sent to review. Its reviewers were told."
    tried(request, lambda: actions.submit_report(report=report, by=request.user), done)
    return redirect("publishing:report", report.uid)


@require_POST
def accept(request, uid):
    report = visible(request, uid)
    who = "Another auditor of the office" if report.engagement else "A disclosure officer"
    done = f"You accepted the report. {who} can publish it."
    tried(request, lambda: actions.accept_report(report=report, by=request.user), done)
    return redirect("publishing:report", report.uid)


@require_http_methods(["GET", "POST"])
def return_(request, uid):
    report = visible(request, uid)
    policies.check_can_review_report(request.user, report)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            actions.return_report(report=report, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The report went back to its author, with your reason.")
            return redirect("publishing:report", report.uid)
    context = about(request, report, "Return") | {"form": form}
    return TemplateResponse(request, "publishing/report_return.html", context)


@require_http_methods(["GET", "POST"])
def publish(request, uid):
    report = visible(request, uid)
    if report.engagement:
        return redirect("publishing:audit_report_publish", report.uid)
    form, prepared = prepared_by(request, report.program, report)
    if prepared is not None:
        return redirect("publishing:preparation", prepared.uid)
    context = about(request, report, "Publish") | {
        "form": form,
        "sections": report.sections.order_by("position", "pk"),
        "changes": queries.differences(report.program),
        "why_not": why_not(policies.check_can_prepare_report, request.user, report),
    }
    return TemplateResponse(request, "publishing/report_publish.html", context)
