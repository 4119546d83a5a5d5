"""Testing one item after the other, and what the results come to."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.forms.sampling import ConclusionForm, ResultForm
from tracker.audits.models import Sample, SampleItem
from tracker.audits.views.samples import IN_IT, load
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.policies import why_not
from tracker.shared.sealing import veil_for


def _load_item(request: StaffRequest, uid: UUID) -> SampleItem:
    seen = Sample.objects.visible_to(request.user).values("pk")
    rows = SampleItem.objects.filter(draw__sample__in=seen).select_related(
        *("draw__sample__engagement", "draw__sample__text"),
        *("transaction__text", "transaction__program__owner", "transaction__version__voucher"),
        *("transaction__reversal", "transaction__receiver"),
    )
    return get_object_or_404(rows, uid=uid)


@require_http_methods(["GET", "POST"])
def sample_item(request: StaffRequest, uid: UUID) -> HttpResponse:
    """What the item is, its results so far, and the form for the next one."""
    item = _load_item(request, uid)
    sample = item.draw.sample
    refused = why_not(policies.check_can_test, request.user, item)
    data = request.POST if request.method == "POST" else None
    veil = veil_for(request.user)
    form = ResultForm(data, sample=sample, item=item, veil=veil)
    if form.is_valid():
        try:
            actions.record_result(item=item, **form.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"The result of item {item.position} is recorded.")
            following = queries.next_untested(sample, item.position)
            return redirect(following or sample)
    context = {
        "item": item,
        "position": str(item.position),
        "sample": sample,
        "payment": item.transaction,
        "form": form,
        "refused": refused,
        "results": queries.told_results(item),
        "findings": queries.findings_of(item.transaction, request.user),
        "left": len(queries.untested(sample)),
        "sealing": veil.notice([item.transaction.uid]),
    }
    veil.cover(item)
    return TemplateResponse(request, "audits/sample_item.html", context)


@require_http_methods(["GET", "POST"])
def sample_evaluation(request: StaffRequest, uid: UUID) -> HttpResponse:
    """What the results come to: the newest evaluation, and the button that makes one."""
    sample = load(request, uid)
    form = ConclusionForm()
    if request.method == "POST":
        form = ConclusionForm(request.POST)
        if form.is_valid():
            return _evaluate(request, sample, form)
    return _page(request, sample, form)


def _evaluate(request: StaffRequest, sample: Sample, form: ConclusionForm) -> HttpResponse:
    try:
        actions.evaluate_sample(sample=sample, **form.cleaned_data, by=request.user)
    except Refused as refusal:
        say_at_fields(form, refusal)
        return _page(request, sample, form)
    messages.success(request, f"Sample {sample.label} is evaluated.")
    return redirect("audits:sample_evaluation", sample.uid)


def _page(request: StaffRequest, sample: Sample, form: ConclusionForm) -> HttpResponse:
    evaluations = queries.evaluations_of(sample)
    drawn = hasattr(sample, "draw")
    untested = queries.untested(sample) if drawn else []
    newest = evaluations[0] if evaluations else None
    alike, veil = queries.draws_alike(sample), veil_for(request.user)
    context = {
        "sample": sample,
        "evaluation": newest,
        "told": None
        if newest is None
        else queries.told_figures(sample, newest.figures, queries.sealed_positions(sample, veil)),
        "sealing": veil.notice(
            veil.among(queries.items_drawn(sample), uid="transaction__uid"), sums=IN_IT
        ),
        "older": evaluations[1:],
        "untested": untested,
        "changed": bool(
            newest and not untested and newest.results != queries.results_digest(sample)
        ),
        "alike": alike if len(alike) > 1 else [],
        "again": f"This population or purpose was planned {len(alike)} times in this engagement: all of it is below.",
        "form": form,
        "refused": why_not(policies.check_can_sample, request.user, sample.engagement)
        or ("The sample is not drawn yet." if not drawn else None),
    }
    return TemplateResponse(request, "audits/sample_evaluation.html", context)
