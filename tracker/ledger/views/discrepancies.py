"""Pages of discrepancies: the list, one of them with both figures, its clock and its steps."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.forms import add_refusal
from tracker.accounts.policies import holds
from tracker.accounts.requests import StaffRequest
from tracker.ledger import actions, queries
from tracker.ledger.filters import DiscrepancyFilter
from tracker.ledger.forms import DiscrepancyForm
from tracker.ledger.models import Discrepancy, Transaction, TransactionKind
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import DISCREPANCY_TONES, DiscrepancyTable
from tracker.ledger.views.evidence import hand_out, refuse_sealed
from tracker.ledger.views.places import places
from tracker.ledger.views.statements import IN_WORDS, NO_ENDS
from tracker.programs.models import SEES_AS_STAFF
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.sealing import Veil, veil_for

HOME = ("Discrepancies", "/desk/discrepancies/")


@dataclass(frozen=True)
class Verb:
    """A step as the page offers it."""

    title: str
    submit: str
    follows: str
    done: str
    act: Callable[..., Discrepancy]
    danger: bool = False
    names: str = ""  # what can be named with it: “any” that settles it, or a “write_off”
    reason: bool = True


VERBS: dict[str, Verb] = {
    "accept": Verb(
        "Accept the explanation",
        "Accept the explanation",
        "Then it is explained. Either side can reopen it.",
        "The explanation is accepted: the discrepancy is explained.",
        actions.accept_explanation,
        reason=False,
    ),
    "dispute": Verb(
        "Dispute it",
        "Dispute it",
        "It stays unsettled, with your reason beside what the other side says.",
        "Your dispute is recorded.",
        actions.dispute_discrepancy,
        danger=True,
    ),
    "explain": Verb(
        "Explain the difference",
        "Hand in the explanation",
        "It counts once the other side accepts it.",
        "Your explanation is recorded. It counts once the other side accepts it.",
        actions.explain_discrepancy,
        names="any",
    ),
    "lose": Verb(
        "Declare it a loss",
        "Declare the loss",
        "The write-off, a voucher with approvals of its own, is named here or later.",
        "The loss is declared.",
        actions.declare_loss,
        danger=True,
        names="write_off",
    ),
    "write_off": Verb(
        "Name the write-off",
        "Name the write-off",
        "It has to be posted and in force.",
        "The write-off is named.",
        actions.name_write_off,
        names="write_off",
    ),
    "reopen": Verb(
        "Reopen it",
        "Reopen it",
        "Its first due date stays.",
        "The discrepancy is open again.",
        actions.reopen_discrepancy,
    ),
}


@require_GET
def discrepancy_list(request: StaffRequest) -> HttpResponseBase:
    rows = Discrepancy.objects.visible_to(request.user).for_table().select_related("receipt")
    day = queries.today_of(request.user)
    filterset = DiscrepancyFilter(request.GET, queryset=rows, request=request, day=day)
    seen = Transaction.objects.visible_to(request.user)
    veil = filterset.veil = queries.telling_of(seen, filterset.veil)
    filterset.queryset = veil.over(rows)
    sealed = veil.among(rows, uid="about__uid") | veil.among(rows, uid="receipt__uid")
    return table_page(
        request,
        "ledger/discrepancy_list.html",
        filterset=filterset,
        sealing=veil.notice(sealed),
        table_class=partial(DiscrepancyTable, day=day),
        csv_name="discrepancies",
        places=places("ledger:discrepancies"),
    )


def _load(request: StaffRequest, uid: UUID) -> Discrepancy:
    seen = Discrepancy.objects.visible_to(request.user).for_table()
    related = (
        *("receipt__text", "receipt__version__voucher", "receipt__reversal", "statement__text"),
        *(
            "statement__evidence",
            "statement__stated_by",
            "state__settled_by__text",
            "state__settled_by__reversal",
        ),
        *("state__settled_by__version__voucher", "state__proposal__text"),
        *("state__proposal__settled_by", "about__draws_on"),
    )
    return get_object_or_404(seen.select_related(*related), uid=uid)


def _form(
    found: Discrepancy, verb: str, request: StaffRequest, asked: bool, veil: Veil
) -> DiscrepancyForm:
    offered = {"any": queries.could_settle, "write_off": queries.write_offs_of}
    rows = offered.get(VERBS[verb].names)
    form = DiscrepancyForm(
        request.POST if asked else None,
        request.FILES if asked else None,
        settling=rows(found) if rows else None,
        veil=veil,
        prefix=verb,
    )
    form.fields["reason"].required = VERBS[verb].reason
    return form


@require_http_methods(["GET", "POST"])
def discrepancy(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Both figures, the clock, every step, and what this person may do now."""
    found, user = _load(request, uid), request.user
    asked = request.POST.get("step", "")
    may = queries.verbs_of(found, user)
    if request.method == "POST" and asked in VERBS:
        queries.VERBS[asked](user, found)  # says who may, or what stands in the way
    veil = veil_for(user)
    forms = {
        verb: _form(found, verb, request, verb == asked, veil) for verb in VERBS if verb in may
    }
    form = forms.get(asked)
    if form is not None and form.is_valid():
        try:
            VERBS[asked].act(discrepancy=found, step=form.step(), by=user)
        except Refused as refusal:
            note_refusal(request, refusal)
            add_refusal(form, refusal)
        else:
            messages.success(request, VERBS[asked].done)
            return redirect("ledger:discrepancy", found.uid)
    context = _page(request, found, veil) | {
        "offers": [(verb, VERBS[verb], form, verb == asked) for verb, form in forms.items()]
    }
    return TemplateResponse(request, "ledger/discrepancy.html", context)


def _page(request: StaffRequest, found: Discrepancy, veil: Veil) -> dict[str, Any]:
    """What the page shows. From here on what is sealed from the reader is covered: nothing is checked with it."""
    about = found.about
    as_staff = holds(request.user, *SEES_AS_STAFF, program=about.program)
    day = about.program.owner.today()
    dispatched = about.kind == TransactionKind.DISBURSEMENT
    ends = queries.both_ends(about) if dispatched else None
    steps = list(queries.steps_of(found))
    later = [] if found.state.settled_by_id else list(queries.could_settle(found)[:5])
    hangs = queries.within(about if dispatched or about.draws_on is None else about.draws_on)
    telling = veil.among(hangs, *queries.TELLING, *IN_WORDS)
    veil.cover(found, *steps, *later, *(ends.reports if ends else ()))
    return {
        "discrepancy": found,
        "ends": ends,
        "telling": bool(telling),
        "sealing": veil.notice(telling or veil.among(hangs), sums=NO_ENDS if telling else ""),
        "words": [found.statement] if found.statement is not None else [],
        "trail": [HOME, (f"{found.get_kind_display()}, {about.label}", "")],
        "day": day,
        "overdue": found.days_overdue(day),
        "tone": DISCREPANCY_TONES[found.state.status],
        "steps": steps,
        "next": queries.what_comes_next(found),
        "later": later,
        "as_staff": as_staff,
        "history": queries.discrepancy_history(found, with_names=as_staff),
    }


@require_GET
def step_evidence(request: StaffRequest, uid: UUID, step: UUID) -> HttpResponseBase:
    """The document that came with a step, for both sides and the auditors."""
    seen = Discrepancy.objects.visible_to(request.user).select_related("about", "receipt")
    found = get_object_or_404(seen, uid=uid)
    taken = get_object_or_404(queries.steps_of(found), uid=step, evidence__isnull=False)
    refuse_sealed(request, *(one for one in (found.about, found.receipt) if one is not None))
    assert taken.evidence is not None  # the look-up asked for it
    return hand_out(taken.evidence, taken.text.evidence_name or "document")
