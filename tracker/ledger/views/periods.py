"""Pages of periods: the list, one period, proposing its closing or re-opening, the second person's decision."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.forms import add_refusal
from tracker.accounts.models import User
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import PeriodFilter
from tracker.ledger.forms import ChangeDecisionForm, CloseForm, ReopenForm
from tracker.ledger.models import (
    ChangeStatus,
    Period,
    PeriodChange,
    PeriodStatus,
    RevaluationLine,
    RevaluationLineQuerySet,
    Transaction,
    Voucher,
)
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import CHANGE_TONES, PERIOD_TONES, PeriodTable
from tracker.ledger.views.places import places
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not
from tracker.shared.sealing import Veil, veil_for

HOME = ("Periods", "/desk/periods/")
PROGRAMS_AT_ONCE = 25
SHOWN = 25
FIGURES = "The figures count these amounts."


@require_GET
def period_list(request: StaffRequest) -> HttpResponseBase:
    rows = queries.periods_for_table(Period.objects.visible_to(request.user))
    mine = queries.organisations_closing(request.user)
    return table_page(
        request,
        "ledger/period_list.html",
        filterset=PeriodFilter(request.GET, queryset=rows, request=request),
        table_class=PeriodTable,
        csv_name="periods",
        places=places("ledger:periods"),
        outlooks=[] if request.GET.get("format") == "csv" else list(map(queries.outlook_of, mine)),
    )


@require_http_methods(["GET", "POST"])
def period_close(request: StaffRequest) -> HttpResponse:
    mine = queries.organisations_closing(request.user)
    if not mine:
        raise NotAllowed(
            "Only program officers and approvers of an organisation may propose to close a period."
        )
    form = CloseForm(request.POST or None, closable=queries.closable(mine))
    if form.is_valid():
        try:
            made = actions.propose_closing(**form.says(), by=request.user)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            said = f"The closing of {made.period.name} is proposed. It counts once an approver confirms it."
            messages.success(request, said)
            return redirect("ledger:period", made.period.uid)
    trail = [HOME, ("Close a quarter", "")]
    context = {"form": form, "trail": trail, "cancel": reverse("ledger:periods")}
    return TemplateResponse(request, "ledger/period_close.html", context)


def _load(request: StaffRequest, uid: UUID) -> Period:
    seen = Period.objects.visible_to(request.user).with_status().with_closing()
    return get_object_or_404(seen.select_related("organisation"), uid=uid)


@require_GET
def period(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, user = _load(request, uid), request.user
    changes = list(queries.period_changes_of(found)[:50])
    status = PeriodStatus(found.status)
    seen = Transaction.objects.visible_to(user)
    veil, owned = veil_for(user), {"program__owner": found.organisation}
    first = partial(_first, veil=veil)
    context = {
        "sealing": veil.notice(veil.among(seen.filter(**owned)), sums=FIGURES),
        "period": found,
        "status": status,
        "tone": PERIOD_TONES[status],
        "trail": [HOME, (f"{found.name}, {found.organisation.label}", "")],
        "changes": [(change, _decision(user, change)) for change in changes],
        "deciders": _deciders(changes),
        "in_flight": _in_flight(found, user, veil) if not found.closed else None,
        "programs": _programs(request, found),
        "late_in": first(queries.late_in_of(seen.filter(**owned), found)),
        "late_out": first(queries.late_out_of(seen.filter(**owned), found)),
        "revalued_in": first(queries.revalued_in_of(_lines(request, found), found)),
        "revalued_out": first(queries.revalued_out_of(_lines(request, found), found)),
        "history": queries.period_history(found),
        "may_reopen": found.status == PeriodStatus.CLOSED
        and permits(policies.check_can_change_periods, user, found.organisation),
        "why_not_reopen": why_not(policies.check_can_be_reopened, found),
    }  # fmt: skip
    return TemplateResponse(request, "ledger/period.html", context)


def _lines(request: StaffRequest, found: Period) -> RevaluationLineQuerySet:
    seen = RevaluationLine.objects.visible_to(request.user)
    return seen.filter(transaction__program__owner=found.organisation)


def _decision(user: User, change: PeriodChange) -> dict[str, Any]:
    """How the change stands, and whether this person may decide on it; if not, why."""
    status = ChangeStatus(change.status)
    said: dict[str, Any] = {"tone": CHANGE_TONES[status], "label": status.label, "open": False}
    if status == ChangeStatus.PROPOSED:
        reason = why_not(policies.check_can_decide_period, user, change)
        said |= {"open": True, "may": reason is None, "why_not": reason}
    return said


def _deciders(changes: list[PeriodChange]) -> str:
    """Who is waited for: the approvers who may decide on the change that is proposed."""
    waits = next((change for change in changes if change.status == ChangeStatus.PROPOSED), None)
    if waits is None:
        return ""
    names = [person.name for person in queries.deciders_of_period(waits)[:4]]
    more = " and others" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}" if names else "an approver (nobody else holds this role)"


def _in_flight(found: Period, user: User, veil: Veil) -> dict[str, Any]:
    """What has to be decided before the period can be closed, as far as the person sees it."""
    rows = policies.in_flight(found).filter(pk__in=Voucher.objects.visible_to(user).values("pk"))
    return _first(rows.select_related("program", "upload"), veil=veil)


def _first(rows: Any, *, veil: Veil) -> dict[str, Any]:
    if rows.model is Transaction:
        order = ("pk",) if veil.holds("value_date") else ("value_date", "pk")
        rows = rows.for_table().order_by(*order)
    if rows.model is RevaluationLine:
        rows = rows.for_table().order_by("booked_on", "pk")
    listed = list(veil.over(rows)[:SHOWN])
    return {
        "rows": listed,
        "more": rows.count() - SHOWN if len(listed) == SHOWN else 0,
    }


def _programs(request: StaffRequest, found: Period) -> dict[str, Any]:
    """A page of the programs that moved money in the period, each with its figures and signatures."""
    page: Page = Paginator(queries.programs_in(found), PROGRAMS_AT_ONCE).get_page(
        request.GET.get("page")
    )
    listed = list(page)
    figures = queries.figures_by_program(listed, found)
    signed = queries.standing_by_program(found) if found.closed else {}
    rows = [(program, figures[program.pk], signed.get(program.pk, [])) for program in listed]
    return {"page": page, "rows": rows}


@require_http_methods(["GET", "POST"])
def period_reopen(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    policies.check_can_change_periods(request.user, found.organisation)
    form = ReopenForm(request.POST or None)
    if form.is_valid():
        try:
            actions.propose_reopening(
                period=found, reason=form.cleaned_data["reason"], by=request.user
            )
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            said = f"The re-opening of {found.name} is proposed. It counts once an approver confirms it."
            messages.success(request, said)
            return redirect("ledger:period", found.uid)
    page = reverse("ledger:period", args=[found.uid])
    context = {
        "period": found,
        "form": form,
        "cancel": page,
        "trail": [HOME, (f"{found.name}, {found.organisation.label}", page), ("Open it again", "")],
        "refused": why_not(policies.check_can_be_reopened, found),
    }
    return TemplateResponse(request, "ledger/period_reopen.html", context)


@require_POST
@recently_authenticated
def period_decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    seen = PeriodChange.objects.filter(period__in=Period.objects.visible_to(request.user))
    change = get_object_or_404(seen.select_related("period__organisation", "decision"), uid=uid)
    form = ChangeDecisionForm(request.POST)
    try:
        policies.check_can_decide_period(request.user, change)
        if not form.is_valid():
            raise Refused("It is unclear what you decided: press confirm or decline.")
        confirm = form.cleaned_data["verdict"] == "confirm"
        actions.decide_period(
            change=change, confirm=confirm, reason=form.cleaned_data["reason"], by=request.user
        )
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        said = "confirmed" if confirm else "declined"
        messages.success(
            request, f"The {change.get_kind_display()} of {change.period.name} is {said}."
        )
    return redirect("ledger:period", change.period.uid)
