"""Pages of recommendations: the tracker, one recommendation, and a form for each of its steps."""

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, forms, policies, queries
from tracker.audits.filters import RecommendationFilter
from tracker.audits.forms.plans import AnswerForm
from tracker.audits.models import Ask, Recommendation
from tracker.audits.tables import RecommendationTable
from tracker.audits.views.findings import load as load_finding
from tracker.audits.views.verbs import OWNERS_VERBS, Verb
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits

VERBS = {
    "respond": Verb(
        forms.RespondForm,
        policies.check_can_respond,
        actions.respond,
        "Respond to the recommendation",
        "Send the response",
        "The auditors are told. Your words stay in its record and cannot be changed.",
        "The response is recorded.",
    ),
    "claim": Verb(
        forms.ClaimForm,
        policies.check_can_claim,
        actions.claim_implementation,
        "Say that it is implemented",
        "Say that it is implemented",
        "This closes nothing: the auditors verify it and accept it, or turn it down with a reason.",
        "The auditors are asked to verify it.",
    ),
    "progress": Verb(
        forms.ProgressForm,
        policies.check_can_address,
        actions.note_partial_progress,
        "Record that it is partially addressed",
        "Record it as partially addressed",
        "It stays open, and the owner is told what is left.",
        "It is recorded as partially addressed.",
    ),
    "accept": Verb(
        forms.AcceptForm,
        policies.check_can_accept,
        actions.accept_implementation,
        "Accept it as implemented",
        "Close it as implemented",
        "It is closed on the evidence. If the problem comes back, it is reopened, not rewritten.",
        "It is closed as implemented.",
    ),
    "reject": Verb(
        forms.RejectForm,
        policies.check_can_reject,
        actions.reject_claim,
        "Turn down the claim",
        "Turn down the claim",
        "It is open again, and the owner is told why.",
        "The claim is turned down.",
    ),
    "close": Verb(
        forms.CloseForm,
        policies.check_can_close,
        actions.close_recommendation,
        "Close it without implementation",
        "Close it",
        "The reason stays in its record, and the office's released findings show the state.",
        "It is closed.",
        danger=True,
    ),
    "reopen": Verb(
        forms.ReopenForm,
        policies.check_can_reopen,
        actions.reopen_recommendation,
        "Reopen it",
        "Reopen it",
        "The owner is asked to respond again.",
        "It is open again.",
    ),
    "extend": Verb(
        forms.ExtendForm,
        policies.check_can_extend,
        actions.extend_due_date,
        "Extend its due date",
        "Extend the due date",
        "The first due date stays visible beside the new one.",
        "The due date is extended.",
    ),
    **OWNERS_VERBS,
}


def load(request: StaffRequest, uid: UUID) -> Recommendation:
    return get_object_or_404(Recommendation.objects.visible_to(request.user).for_table(), uid=uid)


@require_GET
def recommendation_list(request: StaffRequest) -> HttpResponseBase:
    seen = Recommendation.objects.visible_to(request.user)
    day = queries.today_for(request.user)
    ages = queries.by_age(seen, day)
    rows = queries.for_tracker(seen.for_table())
    return table_page(
        request,
        "audits/recommendation_list.html",
        filterset=RecommendationFilter(request.GET, queryset=rows, request=request),
        table_class=RecommendationTable,
        csv_name="recommendations",
        ages=ages,
        bars=[
            {"label": age.label, "value": age.count, "href": f"?state=open&age={number}"}
            for number, age in enumerate(ages)
        ],
        highlights=queries.highlights(seen, day),
        counts=queries.counts(request.user),
        place="recommendations",
    )


@require_GET
def recommendation(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, user = load(request, uid), request.user
    day = found.finding.engagement.office.today()
    verbs = [
        {"name": f"audits:{name}", "verb": verb}
        for name, verb in VERBS.items()
        if permits(verb.check, user, found)
    ]
    context = {
        "recommendation": found,
        "steps": queries.steps_of(found),
        "reads_histories": permits(policies.check_reads_histories, user),
        "may_read_files": permits(policies.check_can_read_evidence, user, found),
        "progress": queries.progress(found),
        "next": queries.next_for_recommendation(found, user),
        "verbs": verbs,
        "may_change": permits(policies.check_can_change_recommendation, user, found),
        "overdue": found.days_overdue(day),
        "expired": found.risk_expired(day),
        "plans": queries.plans_of(found),
        "asks": [
            {"ask": one, "may_answer": permits(policies.check_can_answer_ask, user, one)}
            for one in queries.asks_of(found)
        ],
        "day": day,
    }
    return TemplateResponse(request, "audits/recommendation.html", context)


@require_http_methods(["GET", "POST"])
def step(request: StaffRequest, uid: UUID, name: str) -> HttpResponse:
    """One step of a recommendation: whichever `name` says."""
    found, verb = load(request, uid), VERBS[name]
    try:
        verb.check(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    form = verb.form(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            verb.action(recommendation=found, **form.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"Recommendation {found.label}: {verb.done}")
            return redirect(found)
    claim = queries.last_claim(found) if name in ("accept", "reject") else None
    context = {"recommendation": found, "form": form, "verb": verb, "claim": claim}
    return TemplateResponse(request, "audits/recommendation_step.html", context)


@require_http_methods(["GET", "POST"])
def recommendation_new(request: StaffRequest, uid: UUID) -> HttpResponse:
    finding = load_finding(request, uid)
    try:
        policies.check_can_draft_recommendation(request.user, finding)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(finding)
    form = forms.RecommendationForm(
        request.POST or None, initial={"owner": queries.likely_owner(finding)}
    )
    if form.is_valid():
        try:
            actions.draft_recommendation(finding=finding, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(
                request, "The recommendation is drafted; it is issued with the finding."
            )
            return redirect(finding)
    context = {"finding": finding, "form": form}
    return TemplateResponse(request, "audits/recommendation_form.html", context)


@require_http_methods(["GET", "POST"])
def recommendation_edit(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        policies.check_can_change_recommendation(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    initial = {
        "text": found.text,
        "owner": found.owner.uid,
        "due_on": found.due_on,
        "significant": found.significant,
    }
    form = forms.RecommendationForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            actions.change_recommendation(
                recommendation=found, **form.cleaned_data, by=request.user
            )
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The draft of the recommendation was changed.")
            return redirect(found.finding)
    context = {"finding": found.finding, "recommendation": found, "form": form}
    return TemplateResponse(request, "audits/recommendation_form.html", context)


@require_POST
def recommendation_remove(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        actions.remove_recommendation(recommendation=found, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    messages.success(request, "The draft of the recommendation was removed.")
    return redirect(found.finding)


@require_GET
def evidence(request: StaffRequest, uid: UUID, step: UUID) -> FileResponse:
    """The file that came with a step, for the owner's side and the auditors. Always as a download."""
    found = load(request, uid)
    policies.check_can_read_evidence(request.user, found)
    taken = get_object_or_404(queries.steps_of(found), uid=step, evidence__isnull=False)
    stored = taken.evidence
    assert stored is not None  # the look-up asked for it
    try:
        file = default_storage.open(stored.stored_as)
    except FileNotFoundError:
        raise Http404("The file is missing from the store: tell the administrators.") from None
    return FileResponse(
        file,
        as_attachment=True,
        filename=taken.text.evidence_name or "evidence",
        content_type=stored.content_type,
    )


@require_http_methods(["GET", "POST"])
def ask(request: StaffRequest, uid: UUID) -> HttpResponse:
    """What the owner asks for, and the answer of another person."""
    rows = Ask.objects.select_related(
        *("text", "asked_by", "answer", "recommendation__owner"),
        "recommendation__finding__engagement__office",
    )
    seen = Recommendation.objects.visible_to(request.user).values("pk")
    found = get_object_or_404(rows.filter(recommendation__in=seen), uid=uid)
    try:
        policies.check_can_answer_ask(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found.recommendation)
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        grant = given["answer"] == "grant"
        try:
            actions.answer_ask(ask=found, grant=grant, reason=given["reason"], by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Granted." if grant else "Declined; the owner is told why.")
            return redirect(found.recommendation)
    context = {"ask": found, "recommendation": found.recommendation, "form": form}
    return TemplateResponse(request, "audits/ask.html", context)
