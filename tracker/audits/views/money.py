"""Pages of a finding's money: what settles a questioned cost, who judges that, and management's decision."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.forms import Form
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.forms import ReasonForm
from tracker.audits.forms.money import AcceptCostForm, ClaimCostForm, DecisionForm
from tracker.audits.models import CostEvent, Finding
from tracker.audits.views.findings import load
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.sealing import veil_for


def _event(request: StaffRequest, uid: UUID) -> CostEvent:
    rows = CostEvent.objects.select_related(
        "text", "answer", "answers", "finding__engagement__office", "taken_by"
    )
    seen = Finding.objects.visible_to(request.user).values("pk")
    return get_object_or_404(rows.filter(finding__in=seen), uid=uid)


@dataclass(frozen=True)
class Judging:
    """What an auditor can do about one event: its rule, its action, its words."""

    check: Callable[..., None]
    title: str
    submit: str
    follows: str
    done: str
    danger: bool = False


JUDGING = {
    "accept": Judging(
        policies.check_can_judge_cost,
        "Accept what settles the cost",
        "Accept it",
        "From now on it counts. If it proves wrong, it is reversed by another row, not rewritten.",
        "It counts from now on.",
    ),
    "decline": Judging(
        policies.check_can_judge_cost,
        "Turn down the claim",
        "Turn it down",
        "The cost stays questioned, and the owner is told why.",
        "The claim is turned down.",
    ),
    "reverse": Judging(
        policies.check_can_reverse_cost,
        "Reverse what was accepted",
        "Reverse it",
        "The cost is questioned again. Both rows stay.",
        "It is reversed; the cost is questioned again.",
        danger=True,
    ),
}


def _act(name: str, event: CostEvent, form: Any, by: Any) -> None:
    given = form.cleaned_data
    if name == "accept":
        actions.accept_cost(claim=event, **given, by=by)
    elif name == "decline":
        actions.decline_cost(claim=event, **given, by=by)
    else:
        actions.reverse_cost(acceptance=event, **given, by=by)


@require_http_methods(["GET", "POST"])
def judge(request: StaffRequest, uid: UUID, name: str) -> HttpResponse:
    """Accept, turn down or reverse one event of a questioned cost."""
    event, judging = _event(request, uid), JUDGING[name]
    try:
        judging.check(request.user, event)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(event.finding)
    form: Form
    if name == "accept":
        form = AcceptCostForm(request.POST or None, claimed=event.amount)
    else:
        form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            _act(name, event, form, request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, judging.done)
            return redirect(event.finding)
    context = {"finding": event.finding, "event": event, "form": form, "judging": judging}
    return TemplateResponse(request, "audits/cost_judge.html", context)


@require_http_methods(["GET", "POST"])
def claim(request: StaffRequest, uid: UUID) -> HttpResponse:
    """The owner says what settles a part of the questioned cost."""
    found = load(request, uid)
    try:
        policies.check_can_claim_cost(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    form = ClaimCostForm(
        request.POST or None,
        request.FILES or None,
        finding=found,
        payments=queries.settling_payments(found),
        veil=veil_for(request.user),
    )
    if form.is_valid():
        try:
            actions.claim_cost(finding=found, **form.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(
                request, "The auditors are asked to accept it. Until then it counts nowhere."
            )
            return redirect(found)
    context = {"finding": found, "form": form, "left": policies.left_of(found)}
    return TemplateResponse(request, "audits/cost_claim.html", context)


@require_http_methods(["GET", "POST"])
def decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Management decides, or revises its decision."""
    found = load(request, uid)
    try:
        policies.check_can_decide_finding(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    better = queries.better_use_total(found)
    form = DecisionForm(request.POST or None, finding=found, better_use=better)
    if form.is_valid():
        try:
            actions.decide_finding(finding=found, decision=form.decision(), by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(
                request, f"Management's decision on finding {found.label} is recorded."
            )
            return redirect(found)
    context = {"finding": found, "form": form, "before": policies.decision_in_force(found)}
    return TemplateResponse(request, "audits/decide.html", context)


@require_GET
def evidence(request: StaffRequest, uid: UUID) -> FileResponse:
    """The file that a claim rests on, for the audited side and the auditors. Always as a download."""
    event = _event(request, uid)
    policies.check_can_read_cost_evidence(request.user, event.finding)
    if event.evidence is None:
        raise Http404("No file came with it.")
    try:
        file = default_storage.open(event.evidence.stored_as)
    except FileNotFoundError:
        raise Http404("The file is missing from the store: tell the administrators.") from None
    return FileResponse(
        file,
        as_attachment=True,
        filename=event.text.evidence_name or "evidence",
        content_type=event.evidence.content_type,
    )
