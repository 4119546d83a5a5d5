"""Pages of emergency postings and their reviews, and of what was tried and refused."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from tracker.accounts.models import Role
from tracker.accounts.policies import check_holds
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import AttemptFilter, EmergencyFilter
from tracker.ledger.forms import ReviewForm
from tracker.ledger.models import EmergencyPosting, EmergencyStatus, RefusedAttempt
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import EMERGENCY_TONES, AttemptTable, EmergencyTable
from tracker.ledger.views.signing import first_error
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import why_not

HOME = ("Emergency postings", "/desk/emergencies/")


@require_GET
def emergency_list(request: StaffRequest) -> HttpResponseBase:
    seen = EmergencyPosting.objects.all().visible_to(request.user)
    return table_page(
        request,
        "ledger/emergency_list.html",
        filterset=EmergencyFilter(
            request.GET, queryset=queries.emergencies_for_table(seen), request=request
        ),
        table_class=EmergencyTable,
        csv_name="emergency-postings",
        trail=[(HOME[0], "")],
    )


def _load(request: StaffRequest, uid: UUID) -> EmergencyPosting:
    seen = EmergencyPosting.objects.all().visible_to(request.user)
    return get_object_or_404(queries.emergencies_for_table(seen), uid=uid)


@require_GET
def emergency(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    status = EmergencyStatus(found.status)
    waits = status == EmergencyStatus.WAITING
    context = {
        "posting": found,
        "trail": [HOME, (f"Voucher {found.version.voucher.number}", "")],
        "tone": EMERGENCY_TONES[status],
        "label": status.label,
        "waits": waits,
        "overdue": waits and found.review_due_on < found.version.voucher.organisation.today(),
        "why_not": why_not(policies.check_can_review_emergency, request.user, found),
        "form": ReviewForm(),
        "history": queries.history_of_emergency(found),
    }
    return TemplateResponse(request, "ledger/emergency.html", context)


@require_POST
@recently_authenticated
def emergency_review(request: StaffRequest, uid: UUID) -> HttpResponse:
    found, form = _load(request, uid), ReviewForm(request.POST)
    try:
        policies.check_can_review_emergency(request.user, found)
        if not form.is_valid():
            raise Refused(first_error(form))
        said = form.cleaned_data
        actions.review_emergency(
            posting=found, ratify=said["verdict"] == "ratify", words=said["words"], by=request.user
        )
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Your review is recorded.")
    return redirect("ledger:emergency", uid)


@require_GET
def attempt_list(request: StaffRequest) -> HttpResponseBase:
    """For auditors: what was tried and refused in the organisations that they audit."""
    check_holds(request.user, Role.AUDITOR, to="read what was tried and refused")
    seen = RefusedAttempt.objects.all().visible_to(request.user)
    rows = seen.select_related("person", "organisation", "text")
    return table_page(
        request,
        "ledger/attempt_list.html",
        filterset=AttemptFilter(request.GET, queryset=rows, request=request),
        table_class=AttemptTable,
        csv_name="refused-attempts",
        trail=[("Refused attempts", "")],
    )
