"""Pages of the staff about programs. The program's own page is put together in `dashboards`."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tracker.programs import actions, policies
from tracker.programs.filters import ProgramFilter
from tracker.programs.forms import (
    FigureForm,
    MovedObjectiveForm,
    ObjectiveForm,
    ProgramSheet,
    initial_figure,
    say_at_fields,
)
from tracker.programs.models import Objective, Program, StatedFigure
from tracker.programs.tables import ProgramTable
from tracker.shared.pages import table_page
from tracker.shared.policies import permits

PROGRAMS = ("Programs", "/desk/programs/")


def _trail(program, here):
    return [
        PROGRAMS,
        (program.title, reverse("dashboards:program", args=[program.uid])),
        (here, ""),
    ]


def _visible_program(request, uid):
    programs = Program.objects.visible_to(request.user).select_related("owner")
    return get_object_or_404(programs, uid=uid)


@require_GET
def program_list(request):
    rows = Program.objects.visible_to(request.user).for_table()
    return table_page(
        request,
        "programs/program_list.html",
        filterset=ProgramFilter(request.GET, queryset=rows, request=request),
        table_class=ProgramTable,
        csv_name="programs",
        may_create=permits(policies.check_can_create_some_program, request.user),
    )


@require_http_methods(["GET", "POST"])
def program_new(request):
    policies.check_can_create_some_program(request.user)
    data = request.POST if request.method == "POST" else None
    sheet = ProgramSheet(data, user=request.user, program=None)
    if sheet.form.is_bound and sheet.is_valid():
        try:
            program = actions.create_program(by=request.user, **sheet.values())
        except ValidationError as refusal:
            say_at_fields(sheet.form, refusal)
        else:
            messages.success(
                request, f"{program.title} was set up. Say next what it wants to reach."
            )
            return redirect("dashboards:program", program.uid)
    context = {"sheet": sheet, "form": sheet.form, "trail": [PROGRAMS, ("New program", "")]}
    return TemplateResponse(request, "programs/program_form.html", context)


@require_http_methods(["GET", "POST"])
def program_edit(request, uid):
    program = _visible_program(request, uid)
    policies.check_can_change_program(request.user, program)
    data = request.POST if request.method == "POST" else None
    sheet = ProgramSheet(data, user=request.user, program=program)
    if sheet.form.is_bound and sheet.is_valid():
        try:
            actions.change_program(program=program, by=request.user, **sheet.values())
        except ValidationError as refusal:
            say_at_fields(sheet.form, refusal)
        else:
            messages.success(request, f"{program.title} was changed; the journal has both states.")
            return redirect("dashboards:program", program.uid)
    context = {"sheet": sheet, "form": sheet.form, "program": program}
    context["trail"] = _trail(program, "Change the description")
    return TemplateResponse(request, "programs/program_form.html", context)


@require_http_methods(["GET", "POST"])
def objective_new(request, uid):
    program = _visible_program(request, uid)
    policies.check_can_change_program(request.user, program)
    form = ObjectiveForm(request.POST or None, program=program)
    if form.is_valid():
        try:
            actions.add_objective(program=program, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"“{form.cleaned_data['title']}” was added.")
            return redirect("dashboards:program", program.uid)
    context = {"form": form, "program": program, "trail": _trail(program, "New objective")}
    return TemplateResponse(request, "programs/objective_form.html", context)


@require_http_methods(["GET", "POST"])
def objective_edit(request, uid):
    objectives = Objective.objects.visible_to(request.user)
    objective = get_object_or_404(objectives.select_related("program__owner", "parent"), uid=uid)
    program = objective.program
    policies.check_can_change_program(request.user, program)
    initial = {name: getattr(objective, name) for name in ("title", "level", "position")}
    initial["parent"] = objective.parent.uid if objective.parent else None
    form = MovedObjectiveForm(
        request.POST or None, program=program, itself=objective, initial=initial
    )
    if form.is_valid():
        try:
            actions.change_objective(objective=objective, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"“{form.cleaned_data['title']}” was changed.")
            return redirect("dashboards:program", program.uid)
    context = {"form": form, "program": program, "objective": objective}
    context["trail"] = _trail(program, "Change an objective")
    return TemplateResponse(request, "programs/objective_form.html", context)


@require_http_methods(["GET", "POST"])
def figure_new(request, uid):
    program = _visible_program(request, uid)
    policies.check_can_record_figure(request.user, program)
    return _figure_page(request, program, FigureForm(request.POST or None), None)


@require_http_methods(["GET", "POST"])
def figure_correct(request, uid):
    figures = StatedFigure.objects.visible_to(request.user).filter(program__isnull=False)
    figure = get_object_or_404(figures.select_related("program__owner"), uid=uid)
    policies.check_can_correct_figure(request.user, figure)
    form = FigureForm(request.POST or None, initial=initial_figure(figure))
    return _figure_page(request, figure.program, form, figure)


def _figure_page(request, program, form, replaces):
    if form.is_valid():
        try:
            figure = actions.record_stated_figure(
                program=program, replaces=replaces, by=request.user, **form.cleaned_data
            )
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"“{figure.label}” was recorded.")
            return redirect("dashboards:program", program.uid)
    here = "Correct a figure" if replaces else "New stated figure"
    context = {"form": form, "program": program, "replaced": replaces}
    context["trail"] = _trail(program, here)
    return TemplateResponse(request, "programs/figure_form.html", context)
