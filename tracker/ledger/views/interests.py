"""Pages of declared interests: the list, one's own declaration, and the end that another person confirms."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.models import Organisation
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import InterestFilter
from tracker.ledger.forms import InterestForm, ReasonForm
from tracker.ledger.models import InterestDeclaration, InterestEnd, InterestStatus
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import INTEREST_TONES, InterestTable
from tracker.ledger.views.signing import decided, first_error, form_page
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not

HOME = ("Interests", "/desk/interests/")


@require_GET
def interest_list(request: StaffRequest) -> HttpResponseBase:
    seen = InterestDeclaration.objects.all().visible_to(request.user)
    return table_page(
        request,
        "ledger/interest_list.html",
        filterset=InterestFilter(
            request.GET, queryset=queries.declarations_for_table(seen), request=request
        ),
        table_class=InterestTable,
        csv_name="interests",
        trail=[(HOME[0], "")],
        standing=queries.interests_standing_of(request.user),
    )


@require_http_methods(["GET", "POST"])
def interest_new(request: StaffRequest) -> HttpResponse:
    organisations = Organisation.objects.order_by("name", "pk")
    form = InterestForm(request.POST or None, organisations=organisations)
    return form_page(
        request,
        form,
        lambda: actions.declare_interest(**form.says(), by=request.user),
        page=reverse("ledger:interests"),
        trail=[HOME, ("Declare", "")],
        title="Declare an interest",
        lead="From the moment you declare it you neither submit nor approve what concerns it. Once a year you say so "
        "again, if only that there is nothing.",
        submit="Declare",
        done="Your declaration is recorded.",
    )


def _load(request: StaffRequest, uid: UUID) -> InterestDeclaration:
    seen = InterestDeclaration.objects.all().visible_to(request.user)
    return get_object_or_404(queries.declarations_for_table(seen), uid=uid)


def _open_end(found: InterestDeclaration) -> InterestEnd | None:
    return next((end for end in found.ends.all() if getattr(end, "decision", None) is None), None)


@require_GET
def interest(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, user = _load(request, uid), request.user
    status, end = InterestStatus(found.status), _open_end(found)
    ends = InterestEnd.objects.filter(declaration=found).order_by("pk")
    related = ("text", "decision__decided_by", "decision__text")
    context = {
        "declaration": found,
        "trail": [HOME, (f"Declaration of {found.person}", "")],
        "tone": INTEREST_TONES[status],
        "label": status.label,
        "ends": ends.select_related(*related),
        "open_end": end,
        "why_not": why_not(policies.check_can_decide_interest_end, user, end) if end else "",
        "may_end": permits(policies.check_can_end_interest, user, found),
        "form": ReasonForm(),
        "history": queries.history_of_interest(found),
    }
    return TemplateResponse(request, "ledger/interest.html", context)


@require_POST
def interest_end(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, form = _load(request, uid), ReasonForm(request.POST)
    try:
        policies.check_can_end_interest(request.user, found)
        if not form.is_valid():
            raise Refused(first_error(form))
        actions.end_interest(declaration=found, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request, "It is over once another person confirms it; until then it blocks."
        )
    return redirect("ledger:interest", uid)


@require_POST
@recently_authenticated
def interest_decide(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    try:
        end = _open_end(found)
        if end is None:
            raise Refused("Nothing about this interest waits for a decision.")
        policies.check_can_decide_interest_end(request.user, end)
        made = actions.decide_interest_end(end=end, **decided(request), by=request.user)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"The end of the interest is {made.verdict}.")
    return redirect("ledger:interest", uid)
