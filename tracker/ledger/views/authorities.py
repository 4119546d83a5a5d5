"""Pages of authorities: the list, one authority with its ladder, its forms, and the second person's decision."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.forms import add_refusal
from tracker.accounts.models import MembershipStatus, Organisation, Role, User
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import AuthorityFilter
from tracker.ledger.forms import (
    AuthorityForm,
    AvailabilityForm,
    CeilingForm,
    ChangeDecisionForm,
    StageForm,
)
from tracker.ledger.models import Authority, AuthorityChange, ChangeStatus, Transaction
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import CHANGE_TONES, AuthorityTable
from tracker.ledger.views.places import places
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not
from tracker.shared.sealing import Veil, veil_for

HOME = ("Authorities", "/desk/authorities/")
COMMITMENTS_AT_ONCE = 50
WHOLE = "What is committed and what is left of a year count these amounts."


def _load(request: StaffRequest, uid: UUID) -> Authority:
    seen = Authority.objects.visible_to(request.user).select_related("organisation")
    return get_object_or_404(seen, uid=uid)


def _my_organisations(user: User) -> Any:
    held = user.memberships.filter(
        status=MembershipStatus.ACTIVE, role=Role.OFFICER, organisation__isnull=False
    )
    return Organisation.objects.filter(pk__in=held.values("organisation")).order_by("name", "pk")


@require_GET
def authority_list(request: StaffRequest) -> HttpResponseBase:
    rows = queries.with_newest_year(Authority.objects.visible_to(request.user))
    return table_page(
        request,
        "ledger/authority_list.html",
        filterset=AuthorityFilter(request.GET, queryset=rows, request=request),
        table_class=AuthorityTable,
        csv_name="authorities",
        places=places("ledger:authorities"),
        may_record=_my_organisations(request.user).exists(),
    )


@require_GET
def authority(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, user = _load(request, uid), request.user
    years = queries.years_of(found)
    stages = queries.stages_of(found)
    known = sorted({y.fiscal_year for y in years} | {s.fiscal_year for s in stages}, reverse=True)
    asked = request.GET.get("year", "")
    shown = int(asked) if asked.isdecimal() and int(asked) in known else next(iter(known), None)
    of_year = [year for year in years if year.fiscal_year == shown]
    rungs = queries.ladder(found, shown, next(iter(of_year), None)) if shown else []
    changes = list(queries.changes_of(found)[:100])
    revalued = queries.revalued_under(found, years)
    veil, under = veil_for(user), Transaction.objects.filter(authority=found)
    context = {
        "authority": found,
        "trail": [HOME, (found.title, "")],
        "traps": queries.traps_of(found),
        "years": years,
        "known": known,
        "shown": shown,
        "of_year": of_year,
        "rungs": rungs,
        "stages_drawn": [rung.stage for rung in rungs],
        "upside_down": queries.upside_down(rungs),
        "stages": stages,
        "charts": queries.headroom_charts(years),
        "changes": [(change, _decision(user, change)) for change in changes],
        "revalued": revalued,
        "revalued_lines": _seen_lines(request, revalued, veil),
        "commitments": _commitments(request, found, shown, of_year, veil),
        "sealing": veil.notice(veil.among(under), sums=WHOLE),
        "history": queries.authority_history(found),
        "may_change": permits(policies.check_can_change_authority, user, found),
    }
    return TemplateResponse(request, "ledger/authority.html", context)


def _decision(user: User, change: AuthorityChange) -> dict[str, Any]:
    """How the change stands, and whether this person may decide on it; if not, why."""
    status = ChangeStatus(change.status)
    said: dict[str, Any] = {"tone": CHANGE_TONES[status], "label": status.label, "open": False}
    if status == ChangeStatus.PROPOSED:
        reason = why_not(policies.check_can_decide_change, user, change)
        said |= {"open": True, "may": reason is None, "why_not": reason}
    return said


def _commitments(
    request: StaffRequest,
    found: Authority,
    year: int | None,
    of_year: list[queries.Headroom],
    veil: Veil,
) -> dict[str, Any] | None:
    """A page of the commitments of a year, each with the headroom after it; without where that would tell an amount."""
    if year is None:
        return None
    rows = queries.commitments_under(found, year).for_table()
    page: Page = Paginator(rows, COMMITMENTS_AT_ONCE).get_page(request.GET.get("page"))
    mine = rows.visible_to(request.user)
    seen = set(mine.filter(pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    listed = queries.running(rows, list(page), of_year)
    telling = bool(veil.among(rows, "amount", "excess"))
    veil.cover(*(one.transaction for one in listed))
    return {
        "page": page,
        "rows": [(one, one.transaction.pk in seen) for one in listed],
        "telling": telling,
    }


def _seen_lines(
    request: StaffRequest, revalued: queries.RevaluedUnder, veil: Veil
) -> list[tuple[Any, bool]]:
    """The newest revaluations, and whether this person sees the program that each is of."""
    rows = Transaction.objects.visible_to(request.user)
    keys = [line.transaction_id for line in revalued.lines]
    seen = set(rows.filter(pk__in=keys).values_list("pk", flat=True))
    veil.cover(*revalued.lines)
    return [(line, line.transaction_id in seen) for line in revalued.lines]


@require_http_methods(["GET", "POST"])
def authority_new(request: StaffRequest) -> HttpResponse:
    owners = _my_organisations(request.user)
    if not owners.exists():
        raise NotAllowed("Only a program officer of an organisation may record legal authorities.")
    form = AuthorityForm(request.POST or None, owners=owners)
    if form.is_valid():
        try:
            made = actions.create_authority(**form.says(), by=request.user)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, f"“{made.title}” is recorded. State its ceilings next.")
            return redirect("ledger:authority", made.uid)
    context = {
        "form": form,
        "title": "Record an authority",
        "lead": "The law or decision that money or stock comes from. It stays as it is recorded; its ceilings "
        "and dates change by decisions of two persons.",
        "submit": "Record the authority",
        "cancel": reverse("ledger:authorities"),
        "trail": [HOME, ("New authority", "")],
    }
    return TemplateResponse(request, "ledger/authority_form.html", context)


def _change_page(
    request: StaffRequest,
    found: Authority,
    form: forms.Form,
    act: Callable[[], object],
    **words: str,
) -> HttpResponse:
    """A form about one authority: done and back to its page, or shown again with its errors."""
    page = reverse("ledger:authority", args=[found.uid])
    if form.is_valid():
        try:
            act()
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, words["done"])
            return redirect(page)
    trail = [HOME, (found.title, page), (words["title"], "")]
    context = {"authority": found, "form": form, "cancel": page, "trail": trail, **words}
    return TemplateResponse(request, "ledger/authority_form.html", context)


def _mine(request: StaffRequest, uid: UUID) -> Authority:
    found = _load(request, uid)
    policies.check_can_change_authority(request.user, found)
    return found


@require_http_methods(["GET", "POST"])
def authority_ceiling(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _mine(request, uid)
    form = CeilingForm(request.POST or None, authority=found)
    return _change_page(
        request,
        found,
        form,
        lambda: actions.propose_ceiling(authority=found, **form.says(), by=request.user),
        title="Set or change a ceiling",
        lead="What may be committed in a fiscal year at most. It counts once an approver confirms it.",
        submit="Propose the change",
        done="The change is proposed. It counts once an approver confirms it.",
    )


@require_http_methods(["GET", "POST"])
def authority_availability(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _mine(request, uid)
    form = AvailabilityForm(request.POST or None, authority=found)
    return _change_page(
        request,
        found,
        form,
        lambda: actions.propose_availability(authority=found, **form.says(), by=request.user),
        title="Change the availability",
        lead="From when to when commitments may be made. It counts once an approver confirms it.",
        submit="Propose the change",
        done="The change is proposed. It counts once an approver confirms it.",
    )


@require_http_methods(["GET", "POST"])
def authority_stage(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _mine(request, uid)
    form = StageForm(request.POST or None, authority=found)
    return _change_page(
        request,
        found,
        form,
        lambda: actions.state_stage(authority=found, **form.says(), by=request.user),
        title="State a stage",
        lead="What a document states of one rung of the budget ladder, for the whole fiscal year so far. "
        "It limits nothing and enters no total.",
        submit="Record the statement",
        done="The statement is recorded.",
    )


@require_POST
@recently_authenticated
def authority_decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    seen = AuthorityChange.objects.filter(
        authority__in=Authority.objects.visible_to(request.user)
    ).select_related("authority__organisation", "decision")
    change = get_object_or_404(seen, uid=uid)
    form = ChangeDecisionForm(request.POST)
    try:
        policies.check_can_decide_change(request.user, change)
        if not form.is_valid():
            raise Refused("It is unclear what you decided: press confirm or decline.")
        confirm = form.cleaned_data["verdict"] == "confirm"
        actions.decide_change(
            change=change, confirm=confirm, reason=form.cleaned_data["reason"], by=request.user
        )
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        said = "confirmed and counts" if confirm else "declined"
        messages.success(request, f"The change is {said}.")
    return redirect("ledger:authority", change.authority.uid)
