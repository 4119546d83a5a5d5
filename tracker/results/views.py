"""Pages of the staff about indicators."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tracker.programs.forms import say_at_fields
from tracker.programs.models import Program
from tracker.results import actions, policies, queries
from tracker.results.filters import MeasurementFilter
from tracker.results.forms import (
    IndicatorForm,
    MeasurementForm,
    TargetForm,
    initial_measurement,
    initial_target,
)
from tracker.results.models import Indicator, Measurement, Target, TargetKind
from tracker.results.tables import CorrectableMeasurementTable, MeasurementTable
from tracker.shared.pages import table_page
from tracker.shared.policies import permits


def _trail(program, *further):
    above = [
        ("Programs", "/desk/programs/"),
        (program.title, reverse("dashboards:program", args=[program.uid])),
    ]
    return [*above, *further]


def _place_of(indicator):
    return (indicator.title, reverse("results:indicator", args=[indicator.uid]))


def _visible_indicator(request, uid):
    indicators = Indicator.objects.visible_to(request.user)
    return get_object_or_404(indicators.select_related("program__owner", "objective"), uid=uid)


@require_http_methods(["GET", "POST"])
def indicator_new(request, uid):
    program = get_object_or_404(Program.objects.visible_to(request.user), uid=uid)
    policies.check_can_add_indicator(request.user, program)
    form = IndicatorForm(request.POST or None, program=program)
    if form.is_valid():
        try:
            indicator = actions.add_indicator(program=program, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"“{indicator.title}” was added. Give it a target next.")
            return redirect("results:indicator", indicator.uid)
    context = {"form": form, "program": program}
    context["trail"] = _trail(program, ("New indicator", ""))
    return TemplateResponse(request, "results/indicator_form.html", context)


@require_GET
def indicator(request, uid):
    row = _visible_indicator(request, uid)
    measurements = Measurement.objects.filter(indicator=row)
    may_measure = permits(policies.check_can_measure, request.user, row)
    (standing,) = queries.standing([row])
    return table_page(
        request,
        "results/indicator_detail.html",
        filterset=MeasurementFilter(
            request.GET, queryset=measurements.select_related("text", "recorded_by", "replaced_by")
        ),
        table_class=CorrectableMeasurementTable if may_measure else MeasurementTable,
        csv_name=f"measurements of {row.title}",
        indicator=row,
        program=row.program,
        standing=standing,
        targets=queries.targets_of(row),
        measured=measurements,
        course=[{"label": _day(m), "value": m.value} for m in queries.course_of(row)],
        may_measure=may_measure,
        may_set=permits(policies.check_can_set_targets, request.user, row),
        trail=_trail(row.program, (row.title, "")),
    )


def _day(measurement):
    return f"{measurement.measured_on:%Y-%m-%d}"


@require_http_methods(["GET", "POST"])
def baseline(request, uid):
    row = _visible_indicator(request, uid)
    before = Target.objects.in_force().filter(indicator=row, kind=TargetKind.BASELINE).first()
    return _target_page(request, row, TargetKind.BASELINE, before)


@require_http_methods(["GET", "POST"])
def target_new(request, uid):
    return _target_page(request, _visible_indicator(request, uid), TargetKind.TARGET, None)


@require_http_methods(["GET", "POST"])
def target_change(request, uid):
    targets = Target.objects.visible_to(request.user).filter(kind=TargetKind.TARGET)
    before = get_object_or_404(
        targets.select_related("indicator__program__owner", "indicator__objective"), uid=uid
    )
    policies.check_can_set_targets(request.user, before.indicator)
    policies.check_replaceable(before, before.indicator)
    return _target_page(request, before.indicator, TargetKind.TARGET, before)


def _target_page(request, row, kind, before):
    policies.check_can_set_targets(request.user, row)
    form = TargetForm(request.POST or None, indicator=row, initial=initial_target(before))
    if form.is_valid():
        try:
            _set(row, kind, before, request.user, form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"The {TargetKind(kind).label} was recorded.")
            return redirect("results:indicator", row.uid)
    context = {"form": form, "indicator": row, "program": row.program, "before": before}
    context |= {"kind": TargetKind(kind).label}
    context["trail"] = _trail(row.program, _place_of(row), (f"Set a {context['kind']}", ""))
    return TemplateResponse(request, "results/target_form.html", context)


def _set(row, kind, before, user, fields):
    if kind == TargetKind.BASELINE:
        return actions.set_baseline(indicator=row, by=user, **fields)
    return actions.set_target(indicator=row, replaces=before, by=user, **fields)


@require_http_methods(["GET", "POST"])
def measurement_new(request, uid):
    return _measurement_page(request, _visible_indicator(request, uid), None)


@require_http_methods(["GET", "POST"])
def measurement_correct(request, uid):
    measurements = Measurement.objects.visible_to(request.user)
    before = get_object_or_404(
        measurements.select_related("text", "indicator__program__owner"), uid=uid
    )
    policies.check_can_measure(request.user, before.indicator)
    policies.check_replaceable(before, before.indicator)
    return _measurement_page(request, before.indicator, before)


def _measurement_page(request, row, before):
    policies.check_can_measure(request.user, row)
    initial = initial_measurement(before) if before else {}
    form = MeasurementForm(request.POST or None, indicator=row, initial=initial)
    if form.is_valid():
        try:
            actions.record_measurement(
                indicator=row, replaces=before, by=request.user, **form.cleaned_data
            )
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The measurement was recorded.")
            return redirect("results:indicator", row.uid)
    here = "Correct a measurement" if before else "New measurement"
    context = {"form": form, "indicator": row, "program": row.program, "before": before}
    context["trail"] = _trail(row.program, _place_of(row), (here, ""))
    return TemplateResponse(request, "results/measurement_form.html", context)
