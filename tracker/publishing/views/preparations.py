"""Releases on their way: prepared and reconciled by one person, released by another."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.policies import holds
from tracker.programs.forms import say_at_fields
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.publishing import actions, policies, queries, sheet
from tracker.publishing.forms import DropForm, ExplainForm, PrepareForm
from tracker.publishing.models import Preparation
from tracker.publishing.queries.sight import OWN_SIDE
from tracker.publishing.views.common import HOME, history, tried
from tracker.shared.policies import permits, why_not

HINTS = "publishing/_hints.html"  # what could be reckoned from the release, where that is known


@require_http_methods(["GET", "POST"])
def prepare(request, uid):
    rows = Program.objects.held_as(request.user, *SEES_AS_STAFF).select_related("owner")
    program = get_object_or_404(rows, uid=uid)
    policies.check_can_prepare_release(request.user, program)
    form, prepared = prepared_by(request, program)
    if prepared is not None:
        return redirect("publishing:preparation", prepared.uid)
    context = {
        "program": program,
        "form": form,
        "trail": [HOME, _of(program), ("Prepare a release", "")],
    }
    return TemplateResponse(request, "publishing/prepare.html", context)


def prepared_by(request, program, report=None):
    """The form of the moment, and what was prepared with it. The moment is one of the owner's own clock."""
    with timezone.override(program.owner.time_zone):
        form = PrepareForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            return form, None
    try:
        found = actions.prepare_release(
            program=program, report=report, by=request.user, **form.cleaned_data
        )
    except ValidationError as refusal:
        say_at_fields(form, refusal)
        return form, None
    messages.success(request, "Prepared. Another disclosure officer releases it.")
    return form, found


def _of(program):
    return (program.title, f"/desk/publishing/programs/{program.uid}/")


def _visible(request, uid):
    rows = Preparation.objects.visible_to(request.user).select_related(
        *("program__owner", "report", "prepared_by", "decided_by", "release")
    )
    return get_object_or_404(rows, uid=uid)


def _page(request, preparation, form=None, drop=None):
    user, program = request.user, preparation.program
    told = queries.explanations_of(preparation)
    waits = preparation.status == "prepared"
    may_explain = permits(policies.check_can_explain, user, preparation)
    context = {
        "preparation": preparation,
        "program": program,
        "sheet": preparation.sheet,
        "lines": [
            _shown(line, told, form if may_explain else None, may_explain)
            for line in sheet.shown(preparation.sheet)
        ],
        "whole": holds(user, *OWN_SIDE, program=program),
        "open": sheet.unexplained(preparation) if waits else [],
        "since": queries.recorded_since(preparation) if waits else 0,
        "people": queries.releasers_of(preparation) if waits else [],
        "hints": [],
        "hints_template": _hints_template(),
        "may_release": permits(policies.check_can_release_prepared, user, preparation),
        "why_not": why_not(policies.check_can_release_prepared, user, preparation),
        "may_drop": permits(policies.check_can_drop, user, preparation),
        "drop": drop or DropForm(),
        "history": history(preparation),
        "trail": [HOME, _of(program), ("Preparation", "")],
    }
    return TemplateResponse(request, "publishing/preparation.html", context)


def _shown(line: dict[str, Any], told: dict[str, Any], bound: Any, may: bool) -> dict[str, Any]:
    """A line with its sentence, and the form for one where this person may write it."""
    asks = line["explained_by"] == sheet.SENTENCE
    said = told.get(line["place"])
    form = None
    if may and asks:
        mine = bound is not None and bound.data.get("place") == line["place"]
        initial = {"place": line["place"], "sentence": said.sentence if said else ""}
        form = bound if mine else ExplainForm(initial=initial, auto_id=f"id_%s_{line['number']}")
    covered = line["withheld_rows"] or line["delayed_rows"]
    return line | {"asks": asks, "said": said, "form": form, "covered": covered}


def _hints_template() -> str:
    try:
        get_template(HINTS)
    except TemplateDoesNotExist:
        return ""
    return HINTS


@require_GET
def preparation(request, uid):
    return _page(request, _visible(request, uid))


@require_POST
def explain(request, uid):
    preparation = _visible(request, uid)
    policies.check_can_explain(request.user, preparation)
    form = ExplainForm(request.POST)
    if form.is_valid():
        try:
            actions.explain_difference(
                preparation=preparation, by=request.user, **form.cleaned_data
            )
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Written. The public reads it with the release.")
            return redirect("publishing:preparation", uid)
    return _page(request, preparation, form)


@require_POST
def release(request, uid):
    preparation = _visible(request, uid)
    done = "Released and frozen. The public reads it."
    if preparation.public_from is not None:
        done = "Released and frozen. It becomes public by itself when its embargo is over."
    tried(request, lambda: actions.release_prepared(preparation=preparation, by=request.user), done)
    return redirect("publishing:preparation", uid)


@require_POST
def drop(request, uid):
    preparation = _visible(request, uid)
    policies.check_can_drop(request.user, preparation)
    form = DropForm(request.POST)
    if form.is_valid():
        try:
            actions.drop_preparation(preparation=preparation, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Given up. Nothing of it became public.")
            return redirect("publishing:program", preparation.program.uid)
    return _page(request, preparation, drop=form)
