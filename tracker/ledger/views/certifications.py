"""The page where a closed period of a program is read and certified, and the signature itself."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from tracker.accounts.models import User
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.forms import CertifyForm
from tracker.ledger.models import (
    Certification,
    CertificationSide,
    Period,
    RevaluationLine,
    Transaction,
)
from tracker.ledger.requests import note_refusal
from tracker.programs.models import Program
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.policies import permits, why_not
from tracker.shared.sealing import Veil, veil_for

SHOWN = 50
FIGURES = "The figures count these amounts."


def _load(request: StaffRequest, period: UUID, program: UUID) -> tuple[Period, Program]:
    """Who sees the program sees its closed periods; those that are open are the staff's."""
    seen = Program.objects.visible_to(request.user).select_related("owner")
    found = get_object_or_404(seen, uid=program)
    periods = Period.objects.filter(organisation=found.owner_id).with_status().with_closing()
    of = get_object_or_404(periods.select_related("organisation"), uid=period)
    if not of.closed and not Period.objects.visible_to(request.user).filter(pk=of.pk).exists():
        raise Http404
    return of, found


@require_GET
def certification(request: StaffRequest, uid: UUID, program: UUID) -> HttpResponse:
    period, found = _load(request, uid, program)
    figures = queries.figures_of(found, period)
    signed = list(queries.certifications_of(found, period))
    standing = {one.side: one for one in signed if not one.superseded_at}
    rows = Transaction.objects.visible_to(request.user).filter(program=found)
    lines = RevaluationLine.objects.visible_to(request.user).filter(transaction__program=found)
    is_staff = Period.objects.visible_to(request.user).filter(pk=period.pk).exists()
    veil = veil_for(request.user)
    first = partial(_first, veil=veil)
    sides = [(side, standing.get(side)) for side in CertificationSide]
    columns = {"As of now": queries.lines_now(figures)}
    columns |= {
        f"Certified for the {side}": queries.lines_certified(one) for side, one in sides if one
    }
    context = {
        "period": period,
        "program": found,
        "figures": figures,
        "sides": [(side, one, _waits(found, period, side)) for side, one in sides],
        "heads": list(columns),
        "lines": queries.compare(columns),
        "certifications": signed,
        "superseded": [one for one in signed if one.superseded_at],
        "signing": _signing(request.user, found, period, figures),
        "late_in": first(queries.late_in_of(rows, period)),
        "late_out": first(queries.late_out_of(rows, period)),
        "revalued_in": first(queries.revalued_in_of(lines, period), "booked_on"),
        "revalued_out": first(queries.revalued_out_of(lines, period), "booked_on"),
        "unconfirmed": first(queries.unconfirmed_in(rows, period)),
        "is_staff": is_staff,
        "sealing": veil.notice(veil.among(rows), sums=FIGURES),
        "trail": _trail(period, found, is_staff),
    }
    return TemplateResponse(request, "ledger/certification.html", context)


def _waits(program: Program, period: Period, side: str) -> str:
    """Who is waited for on a side that has not signed."""
    if not period.closed:
        return ""
    names = [person.name for person in queries.signers_of(program, side)[:4]]
    more = " and others" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}" if names else "nobody holds the role that signs here"


def _signing(
    user: User, program: Program, period: Period, figures: queries.Figures
) -> dict[str, Any] | None:
    """The form for the side of this person, with what the signature means; or why it cannot be signed."""
    mine = [
        side
        for side in CertificationSide
        if permits(policies.check_is_of_side, user, program, side)
    ]
    if not mine or not period.closed:
        return None
    refusals = {
        side: why_not(policies.check_can_certify, user, program, period, side) for side in mine
    }
    side = next((side for side in mine if refusals[side] is None), mine[0])
    form = CertifyForm(initial={"side": side, "seen": figures.digest})
    statement = queries.STATEMENTS[side]
    return {"side": side, "form": form, "statement": statement, "why_not": refusals[side]}


def _first(rows: Any, by: str = "value_date", *, veil: Veil) -> dict[str, Any]:
    order = ("pk",) if veil.holds(by) else (by, "pk")
    listed = list(veil.over(rows.for_table().order_by(*order))[:SHOWN])
    return {"rows": listed, "more": rows.count() - SHOWN if len(listed) == SHOWN else 0}


def _trail(period: Period, program: Program, is_staff: bool) -> list[tuple[str, str]]:
    if is_staff:
        page = f"/desk/periods/{period.uid}/"
        above = [
            ("Periods", "/desk/periods/"),
            (f"{period.name}, {period.organisation.label}", page),
        ]
        return [*above, (program.title, "")]
    return [
        ("Desk", "/desk/"),
        (program.title, f"/desk/programs/{program.uid}/"),
        (period.name, ""),
    ]


@require_POST
@recently_authenticated
def certification_sign(request: StaffRequest, uid: UUID, program: UUID) -> HttpResponse:
    period, found = _load(request, uid, program)
    sides = [
        permits(policies.check_is_of_side, request.user, found, side) for side in CertificationSide
    ]
    if not any(sides):
        raise NotAllowed(
            "Only an approver of the donor and a representative of the recipient certify a period."
        )
    form = CertifyForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(
                "It is unclear which figures you read: read them on this page, then sign here."
            )
        made: Certification = actions.certify_period(
            program=found, period=period, **form.cleaned_data, by=request.user
        )
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{period.name} is certified for the {made.side}.")
    return redirect("ledger:certification", period.uid, found.uid)
