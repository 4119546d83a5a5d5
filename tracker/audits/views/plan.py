"""Pages of the office's plan: what is at stake and how risky it is, what of it is covered, and the plan's versions."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.forms.office import AdoptForm, JudgeForm, RuleForm, WeightForm, YearForm
from tracker.audits.models import AuditPlan
from tracker.audits.tables.office import PlanTable
from tracker.programs.forms import say_at_fields
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.pages import csv_response
from tracker.shared.policies import permits

ROWS = 50


def _year(request: StaffRequest, office: Any) -> tuple[int, str]:
    """The year that was asked for, or the running one with a sentence why the other is not shown."""
    try:
        return queries.plan_year(office, request.GET.get("year")), ""
    except Refused as refusal:
        return queries.this_year(office), refusal.sentence


def _narrowed(form: YearForm, rows: Any) -> list[Any]:
    said = form.cleaned_data if form.is_valid() else {}
    level, state = said.get("level"), said.get("state")
    return [
        row
        for row in rows
        if (not level or row.rule.level == level) and (not state or row.state == state)
    ]


@require_GET
def plan(request: StaffRequest) -> HttpResponseBase:
    """The plan of a fiscal year, reckoned from the records, beside the version that is adopted."""
    office = policies.check_reads_office(request.user)
    year, sorry = _year(request, office)
    seen = queries.programs_for_plan(request.user, office)
    reckoned = queries.reckon(office, seen, year)
    form = YearForm(request.GET or {"year": year}, auto_id="filter_%s")
    table = PlanTable(_narrowed(form, reckoned.rows))
    table.request = request
    if request.GET.get("format") == "csv":
        return csv_response(table, f"audit-plan-{year}")
    pages = request.GET.get("page", "1")
    table.paginate(per_page=ROWS)
    table.page = table.paginator.get_page(pages)
    table.csv = True
    table.caption = "Disbursements of the year that were not reversed, each currency on its own. Rank: disbursed × points."
    versions = list(queries.audit_plans_of(office, year))
    period = queries.fiscal_year_of(office, year)
    context = {
        "office": office,
        "period": period,
        "reckoned": reckoned,
        "table": table,
        "form": form,
        "sorry": sorry,
        "versions": versions,
        "told": queries.compared(versions[0], None, period) if versions else None,
        "hidden": policies.programs_of_office(office).exclude(pk__in=seen.values("pk")).count(),
        "total": sum(weight.weight for weight in reckoned.weights),
        "is_head": policies.is_head(request.user, office),
        "place": "plan",
        "counts": queries.counts(request.user),
    }
    return TemplateResponse(request, "audits/office/plan.html", context)


@require_http_methods(["GET", "POST"])
def adopt(request: StaffRequest) -> HttpResponse:
    """Adopt the next version of the year's plan."""
    office = policies.check_reads_office(request.user)
    policies.check_is_head(request.user, office, to="adopt the audit plan")
    year, _ = _year(request, office)
    version = queries.next_version(office, year)
    last = queries.audit_plans_of(office, year).first()
    chosen = [row.engagement.uid for row in last.planned.all()] if last else []
    form = AdoptForm(
        request.POST if request.method == "POST" else None,
        engagements=queries.engagements_to_plan(office),
        initial={"engagements": chosen},
    )
    if form.is_valid():
        said = form.cleaned_data
        try:
            adopted = actions.adopt_plan(
                office=office,
                fiscal_year=year,
                engagements=list(said["engagements"]),
                reason=said["reason"],
                by=request.user,
            )
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"Version {adopted.version} of the plan is adopted.")
            return redirect(adopted)
    context = {
        "office": office,
        "form": form,
        "year": year,
        "version": version,
        "back": f"{reverse('audits:audit_plan')}?year={year}",
    }
    return TemplateResponse(request, "audits/office/adopt.html", context)


@require_GET
def version(request: StaffRequest, uid: UUID) -> HttpResponse:
    """A version as it was adopted: what its head saw, what it plans, and what became of that."""
    office = policies.check_reads_office(request.user)
    found = get_object_or_404(AuditPlan.objects.filter(office=office), uid=uid)
    versions = list(queries.audit_plans_of(office, found.fiscal_year))
    shown = next(one for one in versions if one.pk == found.pk)
    before = next((one for one in versions if one.version == shown.version - 1), None)
    period = queries.fiscal_year_of(office, shown.fiscal_year)
    seen = queries.programs_for_plan(request.user, office)
    allowed = {str(uid) for uid in seen.values_list("uid", flat=True)}
    said = json.loads(shown.reckoned)
    context = {
        "office": office,
        "plan": shown,
        "period": period,
        "told": queries.compared(shown, before, period),
        "before": before,
        "newest": versions[0],
        "said": said,
        "rows": queries.kept_rows(said, allowed),
        "history": queries.history(shown),
    }
    return TemplateResponse(request, "audits/office/version.html", context)


@require_http_methods(["GET", "POST"])
def judge(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Say how risky a program is in a year, with the reason."""
    office = policies.check_reads_office(request.user)
    seen = queries.programs_for_plan(request.user, office)
    program = get_object_or_404(seen, uid=uid)
    policies.check_audits_all(request.user, [program], to="judge its risk")
    year, _ = _year(request, office)
    back = f"{reverse('audits:audit_plan')}?year={year}"
    form = JudgeForm(request.POST or None)
    if form.is_valid():
        try:
            actions.judge_risk(
                program=program, fiscal_year=year, **form.cleaned_data, by=request.user
            )
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"The judgement of {program.title} is recorded.")
            return redirect(back)
    told = queries.judgements(office, Program.objects.filter(pk=program.pk), year).get(program.pk)
    context = {"program": program, "form": form, "year": year, "back": back, "told": told}
    return TemplateResponse(request, "audits/office/judge.html", context)


SETTINGS: dict[str, tuple[Any, Any, str]] = {
    "weight": (WeightForm, actions.set_weight, "The weight is set."),
    "rule": (RuleForm, actions.set_coverage_rule, "The rule is set."),
}


@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """What the plan rests on, by day; the head sets what counts from now on."""
    office = policies.check_reads_office(request.user)
    head = policies.is_head(request.user, office)
    if request.method == "POST":
        policies.check_is_head(request.user, office, to="set what the plan rests on")
    posted = request.POST.get("what", "")
    forms = {
        name: kind(request.POST if posted == name else None, prefix=name)
        for name, (kind, _, _) in SETTINGS.items()
    }
    if posted in SETTINGS and forms[posted].is_valid():
        _, act, done = SETTINGS[posted]
        try:
            act(office=office, **forms[posted].cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(forms[posted], refusal)
        else:
            messages.success(request, done)
            return redirect("audits:plan_settings")
    day = office.today()
    context = {
        "office": office,
        "day": day,
        "weights": queries.weights_on(office, day).values(),
        "rules": queries.rules_on(office, day),
        "dated": queries.dated_rows(office),
        "weight_form": forms["weight"] if head else None,
        "rule_form": forms["rule"] if head else None,
        "may_set": permits(policies.check_is_head, request.user, office, to="set it"),
    }
    return TemplateResponse(request, "audits/office/settings.html", context)
