"""Pages of samples: planned on a list of the ledger, drawn, with the files to draw them again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.filters import SampleItemFilter
from tracker.audits.forms import ReasonForm
from tracker.audits.forms.sampling import SampleForm
from tracker.audits.models import UNDER_WAY, Engagement, Sample
from tracker.audits.policies import SampleSpec
from tracker.audits.queries import REASONS, Payments, ReckonedSize, Survey
from tracker.audits.tables import SampleItemTable
from tracker.audits.views.engagements import load as load_engagement
from tracker.ledger.filters import TransactionFilter
from tracker.ledger.models import Transaction
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.pages import chips_of, table_page
from tracker.shared.policies import permits, why_not
from tracker.shared.sealing import Veil, compared, veil_for

IN_IT = "Recorded sums of the population are withheld with them; the plan, the draw and what is projected include them."
COMPARES = {"sort:amount": ("amount",), "sort:value_date": ("value_date",)}
SEALED_FILE = (
    "The population holds amounts that are withheld from you, and its file would tell them. Break the glass over those "
    "payments to read them one by one, or ask somebody who may read them all to draw the sample again."
)


def load(request: StaffRequest, uid: UUID) -> Sample:
    rows = Sample.objects.visible_to(request.user)
    related = (
        "engagement__office",
        "engagement__lead",
        "text",
        "draw",
        "planned_by",
        "again",
        "given_up__text",
    )
    return get_object_or_404(rows.select_related(*related), uid=uid)


@require_GET
def sample_begin(request: StaffRequest) -> HttpResponse:
    """From the ledger's list: in which engagement is the sample drawn? With one possible, straight there."""
    policies.check_can_plan(request.user)
    rows = Engagement.objects.filter(status__in=UNDER_WAY, team__person=request.user)
    possible = list(rows.for_table().order_by("number", "pk"))
    query = request.GET.urlencode()
    if len(possible) == 1:
        return redirect(f"{reverse('audits:sample_new', args=[possible[0].uid])}?{query}")
    context = {"engagements": possible, "query": query}
    return TemplateResponse(request, "audits/sample_begin.html", context)


def _population(request: StaffRequest, engagement: Engagement) -> tuple[Payments, list[Any], bool]:
    """The list that the address asks for, as far as the person sees it; its filters in words; is it understood?"""
    rows = Transaction.objects.visible_to(request.user)
    filterset = TransactionFilter(request.GET, queryset=rows, request=request)
    if not filterset.is_valid():
        return Payments(engagement, rows.none()), [], False
    chips = chips_of(request, filterset)
    if not chips:
        return Payments(engagement), [], True
    words = "; ".join(f"{chip['label']}: {chip['value']}" for chip in chips)
    population = Payments(engagement, filterset.qs, words[:600], request.GET.urlencode()[:2000])
    return population, chips, True


@require_http_methods(["GET", "POST"])
def sample_new(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Fill in the plan, see what the population is and how many items it takes, then freeze it."""
    engagement = load_engagement(request, uid)
    try:
        policies.check_can_sample(request.user, engagement)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(engagement)
    population, chips, understood = _population(request, engagement)
    veil = veil_for(request.user)
    form = SampleForm(request.POST if request.method == "POST" else None)
    preview = None
    if form.is_valid():
        spec = form.spec()
        try:
            if "freeze" in request.POST:
                planned = actions.plan_sample(
                    engagement=engagement, population=population, spec=spec, by=request.user
                )
                messages.success(
                    request, f"The population of sample {planned.label} is frozen. Draw it next."
                )
                return redirect(planned)
            preview = _preview(engagement, population, spec, veil)
        except Refused as refusal:
            say_at_fields(form, refusal)
    context = {
        "engagement": engagement,
        "form": form,
        "chips": [f"{chip['label']}: {chip['value']}" for chip in chips],
        "understood": understood,
        "preview": preview,
        "query": request.GET.urlencode(),
    }
    return TemplateResponse(request, "audits/sample_form.html", context)


def _preview(
    engagement: Engagement, population: Payments, spec: SampleSpec, veil: Veil
) -> dict[str, Any]:
    """What the population is and how the size comes to be, before anything is kept."""
    policies.check_spec(spec)
    survey = queries.survey(population, spec)
    reckoned = queries.reckon_size(survey, spec)
    sealed, strata = queries.sealed_in_scope(engagement, veil), _strata(survey, reckoned)
    return {
        "sealing": veil.notice(sealed, sums=IN_IT),
        "sums": [queries.SEALED_SUM] if sealed else survey.sums,
        "survey": survey,
        "reckoned": reckoned,
        "excluded": [(REASONS[reason], count) for reason, count in survey.excluded.items()],
        "strata": queries.sealed_sums(strata) if sealed else strata,
        "earlier": queries.sampled_before(engagement, survey.digest, spec.purpose),
    }


def _strata(survey: Survey, reckoned: ReckonedSize) -> list[dict[str, Any]]:
    if len(survey.strata) < 2:
        return []
    return [
        {
            "name": stratum.name,
            "items": stratum.items,
            "recorded": Money(stratum.recorded, survey.currency) if survey.currency else None,
            "sample": share,
        }
        for stratum, share in zip(survey.strata, reckoned.shares, strict=True)
    ]


# --- One sample -------------------------------------------------------------


@require_GET
def sample(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    found = load(request, uid)
    rows, veil = queries.items_of(found), veil_for(request.user)
    told_by_order = compared(request.GET, COMPARES)
    if told_by_order:  # the place of a row would tell the value
        rows = veil.without(rows, *told_by_order, uid="transaction__uid")
    sealed, strata = queries.sealed_in_scope(found.engagement, veil), queries.strata_of(found)
    given_up = getattr(found, "given_up", None)
    waits = not given_up and not hasattr(found, "draw") and queries.seed_for(found) is None
    alike = queries.draws_alike(found)
    return table_page(
        request,
        "audits/sample.html",
        filterset=SampleItemFilter(request.GET, queryset=veil.over(rows)),
        sealing=veil.notice(
            sealed | veil.among(queries.items_drawn(found), uid="transaction__uid"), sums=IN_IT
        ),
        table_class=lambda shown: SampleItemTable(shown, sample=found),
        csv_name=f"sample-{found.number}",
        sample=found,
        drawn=getattr(found, "draw", None),
        progress=next(one for one in alike if one.pk == found.pk),
        alike=alike if len(alike) > 1 else [],
        waits=waits,
        given_up=given_up,
        may_give_up=permits(policies.check_can_give_up, request.user, found, "asked for later"),
        planned="at most; a large item takes the place of several"
        if found.interval
        else "as planned",
        may_draw=not waits and permits(policies.check_can_draw, request.user, found),
        why_no_draw=why_not(policies.check_can_sample, request.user, found.engagement),
        recorded=[queries.SEALED_SUM] if sealed else queries.recorded_of(found),
        sealed=sealed,
        excluded=[(REASONS[e["reason"]], e["items"]) for e in found.excluded],
        strata=queries.sealed_sums(strata) if sealed else strata,
        evaluation=found.evaluations.order_by("-number").first(),
        next=queries.next_for_sample(found, request.user, waits),
        history=queries.history(*queries.sample_records(found)),
    )


@require_POST
def sample_draw(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        drawn = actions.draw_sample(sample=found, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{drawn.drawn} items are drawn. Test each of them.")
    return redirect(found)


@require_http_methods(["GET", "POST"])
def sample_give_up(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Why a plan is not drawn; a sample that is drawn is tested and evaluated instead."""
    found = load(request, uid)
    form = ReasonForm(request.POST or None)
    try:
        policies.check_can_give_up(request.user, found, "asked below")
        if form.is_valid():
            actions.give_up_sample(sample=found, **form.cleaned_data, by=request.user)
            messages.success(
                request, f"Sample {found.label} is given up. The reason stays with it."
            )
            return redirect(found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    return TemplateResponse(request, "audits/sample_give_up.html", {"sample": found, "form": form})


@require_GET
def population_file(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    """The canonical lines, exactly as they were hashed: `sha256sum` of the file is the digest in the journal."""
    found = load(request, uid)
    veil = veil_for(request.user)
    if queries.sealed_in_population(found, veil):
        messages.error(request, SEALED_FILE)
        return redirect(found)
    lines = queries.population_lines(found)
    try:
        first = next(lines)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)

    def whole() -> Any:
        yield first
        yield from lines

    response = StreamingHttpResponse(whole(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="population-{found.uid}.csv"'
    return response


@require_GET
def plan_file(request: StaffRequest, uid: UUID) -> HttpResponse:
    """What docs/draw_sample.py needs beside the population to draw the same sample again."""
    found = load(request, uid)
    response = JsonResponse(queries.sheet_of(found), json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="plan-{found.uid}.json"'
    return response
