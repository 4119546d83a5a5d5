"""Pages of vouchers: the list, one voucher, its forms and its verbs."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.forms import add_refusal
from tracker.accounts.models import Role, User
from tracker.accounts.reauthentication import recently_authenticated
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, policies, queries
from tracker.ledger.filters import VoucherFilter
from tracker.ledger.forms import (
    DecisionForm,
    EmergencyForm,
    ReversalForm,
    StartForm,
    VoucherForm,
    draft_of,
)
from tracker.ledger.models import Voucher, VoucherKind, VoucherStatus, VoucherVersion
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import TONES, VoucherTable
from tracker.ledger.views.evidence import evidence_context
from tracker.ledger.views.waivers import waivers_context
from tracker.programs.models import Program, ProgramQuerySet
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import asked, permits, why_not
from tracker.shared.sealing import Veil, veil_for

HOME = ("Vouchers", "/desk/vouchers/")


def _load(request: StaffRequest, uid: UUID) -> Voucher:
    related = [
        *("organisation", "program__owner", "created_by", "provider", "receiver"),
        *("authority", "draws_on__text", "reverses__text"),
    ]
    found = Voucher.objects.visible_to(request.user).select_related(*related)
    return get_object_or_404(found, uid=uid)


def _my_programs(user: User) -> "ProgramQuerySet":
    return Program.objects.held_as(user, Role.OFFICER)


@require_GET
def voucher_list(request: StaffRequest) -> HttpResponseBase:
    rows = Voucher.objects.visible_to(request.user).for_table()
    filterset = VoucherFilter(request.GET, queryset=rows, request=request)
    filterset.queryset = filterset.veil.over(rows)
    return table_page(
        request,
        "ledger/voucher_list.html",
        filterset=filterset,
        sealing=filterset.veil.notice(filterset.veil.among(rows)),
        table_class=VoucherTable,
        csv_name="vouchers",
        trail=[("Vouchers", "")],
        may_draft=_my_programs(request.user).exists(),
    )


@require_GET
def voucher(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    veil = veil_for(request.user)
    versions = queries.compared(found, veil)
    newest = versions[0][0] if versions else None
    user = request.user
    signatures = queries.signatures_of(found, newest)
    context = {
        "voucher": found,
        "trail": [HOME, (f"Voucher {found.number}", "")],
        "tones": TONES,
        "steps": queries.steps(found, signatures),
        "signatures": signatures,
        "why_not_submit": why_not(policies.check_can_submit, user, found),
        "expected": queries.signatures_expected(found) if found.is_editable else "",
        "next": queries.next_step(found, user),
        "versions": versions,
        "history": queries.history(found, sealed=veil.covers(found)),
        "transaction": newest.transactions.first() if newest and found.program_id else None,
        "is_batch": found.kind == VoucherKind.BATCH,
        "may_edit": permits(policies.check_can_edit, user, found),
        "may_withdraw": permits(policies.check_can_withdraw, user, found),
        "may_return": newest is not None and permits(policies.check_can_return, user, newest),
        **_signing(user, newest),
        "money_note": _money_note(found, veil),
        "sealing": veil.notice(_named(found)),
        "decision": DecisionForm(initial={"version": newest.uid}) if newest else None,
        **evidence_context(found, user),
        **waivers_context(found, user),
    }
    veil.cover(found)
    return TemplateResponse(request, "ledger/voucher.html", context)


def _named(found: Voucher) -> list[UUID]:
    """The voucher, and the payments that its page names."""
    return [row.uid for row in (found, found.draws_on, found.reverses) if row is not None]


def _signing(user: User, newest: VoucherVersion | None) -> dict[str, object]:
    """Whether this person may sign the newest version, by what, and what follows; or why they may not."""
    if newest is None:
        return {"why_not_approve": ""}
    signature, reason = asked(policies.check_can_approve, user, newest)
    alone = permits(policies.check_can_post_in_emergency, user, newest)
    form = EmergencyForm(initial={"version": newest.uid}) if alone else None
    return {"signature": signature, "why_not_approve": reason, "emergency": form}


def _money_note(found: Voucher, veil: Veil) -> str:
    """What the commitment or the ceiling has left now, told to whoever submits or approves."""
    if found.status == VoucherStatus.POSTED or veil.notice(_named(found)):
        return ""
    if found.kind == VoucherKind.COMMITMENT:
        return queries.headroom_note(found)
    if found.draws_on is None or found.kind != VoucherKind.DISBURSEMENT:
        return ""
    left, asked = policies.left_on(found.draws_on), queries.waiting_on(found.draws_on)
    if left is None:
        return "This commitment is unvalued: nothing of value can be drawn from it before it is valued."
    return f"{left} of this commitment is left; submitted vouchers ask for {asked} of it."


@require_http_methods(["GET", "POST"])
def voucher_new(request: StaffRequest) -> HttpResponse:
    programs = _my_programs(request.user)
    if not programs.exists():
        raise NotAllowed("Only a program officer may draft vouchers.")
    trail = [HOME, ("New voucher", "")]
    chosen = "program" in request.GET
    start = StartForm(request.GET if chosen else None, programs=programs)
    if not start.is_valid():
        context = {"form": start, "trail": trail, "url": reverse("ledger:voucher_new")}
        return TemplateResponse(request, "ledger/voucher_start.html", context)
    program, kind = start.cleaned_data["program"], start.cleaned_data["kind"]
    form = VoucherForm(request.POST or None, program=program, kind=kind)
    if form.is_valid():
        try:
            made = actions.create_voucher(
                program=program,
                kind=kind,
                draft=form.draft(),
                number=form.cleaned_data["number"],
                by=request.user,
            )
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Voucher {made.number} is drafted. Attach its evidence.")
            return redirect("ledger:voucher", made.uid)
    context = {"form": form, "trail": trail, "program": program, "kind": kind}
    return TemplateResponse(request, "ledger/voucher_form.html", context)


@require_http_methods(["GET", "POST"])
def voucher_edit(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    try:
        policies.check_can_edit(request.user, found)
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
        return redirect("ledger:voucher", found.uid)
    if found.kind == VoucherKind.BATCH:
        return redirect("ledger:voucher", found.uid)
    form = _edit_form(request, found)
    if form.is_valid():
        try:
            actions.edit_voucher(voucher=found, draft=form.draft(), by=request.user)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Voucher {found.number} is saved.")
            return redirect("ledger:voucher", found.uid)
    trail = [HOME, (f"Voucher {found.number}", reverse("ledger:voucher", args=[uid])), ("Edit", "")]
    context = {"form": form, "trail": trail, "program": found.program, "kind": found.kind}
    return TemplateResponse(request, "ledger/voucher_form.html", context | {"voucher": found})


def _edit_form(request: StaffRequest, found: Voucher) -> "VoucherForm | ReversalForm":
    assert found.program is not None  # only a batch has none
    data, draft = request.POST or None, draft_of(found)
    if found.kind == VoucherKind.REVERSAL:
        said = {"reason": draft.description}
        said |= {name: getattr(draft, name) for name in ("value_date", "booked_on")}
        return ReversalForm(data, initial=said, numbered=False)
    return VoucherForm(data, program=found.program, kind=found.kind, draft=draft)


def _do(
    request: StaffRequest, found: Voucher, act: Callable[[], object], done: str = ""
) -> HttpResponse:
    """Do one thing to a voucher and show it again, with what was done (`done`, or what `act` says) or why it was not."""
    try:
        said = act()
    except Refused as refusal:
        note_refusal(request, refusal)
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done or str(said))
    return redirect("ledger:voucher", found.uid)


def _own_page(request: StaffRequest, found: Voucher) -> HttpResponse | None:
    """A batch is submitted and decided where its rows are."""
    if found.kind != VoucherKind.BATCH:
        return None
    messages.warning(request, "Nothing was done: a batch is decided on the page of its upload.")
    return redirect("ledger:voucher", found.uid)


@require_POST
def voucher_submit(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    done = f"Voucher {found.number} is submitted. Its approvers were told."
    return _own_page(request, found) or _do(
        request, found, lambda: actions.submit_voucher(voucher=found, by=request.user), done
    )


@require_POST
def voucher_withdraw(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    done = f"Voucher {found.number} is withdrawn."
    return _own_page(request, found) or _do(
        request, found, lambda: actions.withdraw_voucher(voucher=found, by=request.user), done
    )


def _decided(request: StaffRequest, found: Voucher) -> tuple[VoucherVersion, str]:
    """The version that the approver read, and what they wrote."""
    policies.check_is_approver(request.user, found)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Refused("It is unclear which version you read: open the voucher and decide there.")
    version = get_object_or_404(found.versions, uid=form.cleaned_data["version"])
    return version, form.cleaned_data["reason"]


@require_POST
@recently_authenticated
def voucher_approve(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)

    def act() -> str:
        version, _ = _decided(request, found)
        approval = actions.approve_voucher(version=version, by=request.user)
        if approval.version.voucher.status == VoucherStatus.SUBMITTED:
            return f"You have signed voucher {found.number}. It waits for another signature."
        return f"Voucher {found.number} is approved and posted."

    return _own_page(request, found) or _do(request, found, act)


@require_POST
@recently_authenticated
def voucher_emergency(request: StaffRequest, uid: UUID) -> HttpResponse:
    """One signature for two: posted at once, and reviewed by somebody else."""
    found = _load(request, uid)

    def act() -> None:
        version, reason = _decided(request, found)
        actions.approve_in_emergency(version=version, reason=reason, by=request.user)

    done = f"Voucher {found.number} is posted in an emergency. Its review is due."
    return _own_page(request, found) or _do(request, found, act, done)


@require_POST
def voucher_return(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)

    def act() -> None:
        version, reason = _decided(request, found)
        actions.return_voucher(version=version, reason=reason, by=request.user)

    done = f"Voucher {found.number} is returned to its officer."
    return _own_page(request, found) or _do(request, found, act, done)
