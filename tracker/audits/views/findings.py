"""Pages of findings: drafted on payments, read as a document, issued for ever."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.filters import FindingFilter
from tracker.audits.forms import FindingSheet, ReasonForm, uuids
from tracker.audits.models import Engagement, Finding
from tracker.audits.tables import FindingTable, LinkedPaymentTable
from tracker.audits.views.engagements import load as load_engagement
from tracker.audits.views.shown import money_context
from tracker.ledger.models import Transaction
from tracker.programs.forms import say_at_fields
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not
from tracker.shared.sealing import veil_for


def load(request: StaffRequest, uid: UUID) -> Finding:
    rows = Finding.objects.visible_to(request.user).for_table()
    return get_object_or_404(rows.select_related("written_by", "issued_by"), uid=uid)


@require_GET
def finding_list(request: StaffRequest) -> HttpResponseBase:
    rows = queries.with_counts(Finding.objects.visible_to(request.user).for_table())
    return table_page(
        request,
        "audits/finding_list.html",
        filterset=FindingFilter(request.GET, queryset=rows),
        table_class=FindingTable,
        csv_name="findings",
        counts=queries.counts(request.user),
        place="findings",
    )


@require_GET
def finding(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, user = load(request, uid), request.user
    payments = list(queries.payments_of(found, user))
    veil = veil_for(user)
    veil.cover(*payments)
    all_payments = found.links.count()
    recommendations = list(queries.recommendations_of_finding(found, user))
    context = {
        "finding": found,
        "table": LinkedPaymentTable(payments),
        "payments": payments,
        "all_payments": all_payments,
        "not_seen": all_payments - len(payments),
        "totals": queries.totals(payments),
        "sealing": veil.notice(
            [payment.uid for payment in payments],
            sums="The sum of linked payments leaves these amounts out; what is questioned is the auditors' own figure and stands whole.",
        ),
        "recommendations": recommendations,
        "next": queries.next_for_finding(found, user),
        "sees_engagement": Engagement.objects.visible_to(user)
        .filter(pk=found.engagement_id)
        .exists(),
        "may_change": permits(policies.check_can_change_finding, user, found),
        "reads_histories": permits(policies.check_reads_histories, user),
        "history": queries.history(
            *(found, *recommendations, *found.cost_events.all(), *found.decisions.all())
        ),
        **money_context(found, user),
        "views": queries.views_of(found),
        "papers": queries.papers_supporting(found, user),
        "day": found.engagement.office.today(),
    }
    return TemplateResponse(request, "audits/finding.html", context)


@require_GET
def finding_begin(request: StaffRequest) -> HttpResponse:
    """From a record's page: in which engagement is the finding drafted? With one possible, straight there."""
    if named := request.GET.get("record"):
        return _begin_on_record(request, named)
    seen = Transaction.objects.visible_to(request.user).for_table()
    payment = seen.filter(uid__in=uuids(request.GET.getlist("transaction"))).first()
    if payment is None:
        raise Http404
    veil_for(request.user).cover(payment)
    policies.check_can_plan(request.user)
    possible = list(queries.engagements_for_findings(request.user, payment.program))
    drafts = list(queries.drafts_for(request.user, payment.program))
    if len(possible) == 1 and not drafts:
        address = reverse("audits:finding_new", args=[possible[0].uid])
        return redirect(f"{address}?transaction={payment.uid}")
    context = {"payment": payment, "engagements": possible, "drafts": drafts}
    return TemplateResponse(request, "audits/finding_begin.html", context)


def _begin_on_record(request: StaffRequest, named: str) -> HttpResponse:
    record = queries.record_to_find(named, request.user)
    if record is None:
        raise Http404
    policies.check_can_plan(request.user)
    possible = list(queries.engagements_for_record(request.user, record))
    drafts = list(queries.drafts_for_record(request.user, record))
    if len(possible) == 1 and not drafts:
        address = reverse("audits:finding_new", args=[possible[0].uid])
        return redirect(f"{address}?record={record.kind}:{record.uid}")
    context = {"record": record, "engagements": possible, "drafts": drafts}
    return TemplateResponse(request, "audits/finding_begin_record.html", context)


@require_http_methods(["GET", "POST"])
def finding_new(request: StaffRequest, uid: UUID) -> HttpResponse:
    engagement = load_engagement(request, uid)
    try:
        policies.check_can_write_findings(request.user, engagement)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(engagement)
    ticked = request.GET.getlist("transaction")
    records = request.GET.getlist("record")
    sheet = FindingSheet(
        request.POST or None,
        engagement=engagement,
        ticked=ticked,
        records=records,
        veil=veil_for(request.user),
    )
    if request.POST and not sheet.searching and sheet.is_valid():
        try:
            drafted = actions.draft_finding(
                engagement=engagement, **sheet.values(), by=request.user
            )
        except Refused as refusal:
            say_at_fields(sheet.form, refusal)
        else:
            messages.success(
                request, f"Finding {drafted.label} is drafted. Nobody outside sees it."
            )
            return redirect(drafted)
    context = {"engagement": engagement, "sheet": sheet.covered()}
    return TemplateResponse(request, "audits/finding_form.html", context)


@require_http_methods(["GET", "POST"])
def finding_edit(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    if (refused := _refused_here(request, found)) is not None:
        return refused
    linked = [str(u) for u in found.links.values_list("transaction__uid", flat=True)]
    records = [f"{kind}:{uid}" for kind, uid in found.records.values_list("kind", "record")]
    sheet = FindingSheet(
        request.POST or None,
        engagement=found.engagement,
        finding=found,
        ticked=linked,
        records=records,
        veil=veil_for(request.user),
    )
    if request.POST and not sheet.searching and sheet.is_valid():
        try:
            actions.change_finding(finding=found, **sheet.values(), by=request.user)
        except Refused as refusal:
            say_at_fields(sheet.form, refusal)
        else:
            messages.success(request, f"The draft of finding {found.label} was changed.")
            return redirect(found)
    context = {"engagement": found.engagement, "finding": found, "sheet": sheet.covered()}
    return TemplateResponse(request, "audits/finding_form.html", context)


def _refused_here(request: StaffRequest, found: Finding) -> HttpResponse | None:
    """Back to its page with the sentence, if nothing of it can be changed any more."""
    try:
        policies.check_can_change_finding(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    return None


@require_POST
def finding_unlink(request: StaffRequest, uid: UUID, payment: UUID) -> HttpResponse:
    found = load(request, uid)
    linked = get_object_or_404(
        Transaction.objects.filter(finding_links__finding=found), uid=payment
    )
    try:
        actions.unlink_payment(finding=found, payment=linked, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "The payment was taken out of the draft.")
    return redirect(found)


@require_POST
def finding_link(request: StaffRequest, uid: UUID, payment: UUID) -> HttpResponse:
    found = load(request, uid)
    seen = Transaction.objects.visible_to(request.user).for_table()
    try:
        actions.link_payments(
            finding=found, payments=[get_object_or_404(seen, uid=payment)], by=request.user
        )
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"The payment was added to the draft of finding {found.label}.")
    return redirect(found)


@require_http_methods(["GET", "POST"])
def finding_issue(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    if (refused := _refused_here(request, found)) is not None:
        return refused
    if request.method == "POST":
        try:
            actions.issue_finding(finding=found, by=request.user)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(
                request, f"Finding {found.label} is issued. It stands as it is from now on."
            )
        return redirect(found)
    today, veil = found.engagement.office.today(), veil_for(request.user)
    context = {
        "finding": found,
        "payments": veil.over(queries.payments_of(found, request.user)),
        "sealing": veil.notice(found.links.values_list("transaction__uid", flat=True)),
        "recommendations": queries.recommendations_of_finding(found, request.user),
        "lines": found.lines.order_by("position"),
        "records": queries.records_seen(found, request.user),
        "why_not": why_not(policies.check_can_issue, request.user, found, today),
    }
    return TemplateResponse(request, "audits/finding_issue.html", context)


@require_http_methods(["GET", "POST"])
def finding_drop(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = load(request, uid)
    if (refused := _refused_here(request, found)) is not None:
        return refused
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            actions.drop_finding(finding=found, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, f"The draft of finding {found.label} was dropped.")
            return redirect(found.engagement)
    return TemplateResponse(request, "audits/finding_drop.html", {"finding": found, "form": form})
