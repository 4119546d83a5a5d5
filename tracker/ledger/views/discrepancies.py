"""Pages of discrepancies: the list, one of them with both figures, its clock and its steps."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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
from tracker.ledger.models import Discrepancy, TransactionKind
from tracker.ledger.requests import note_refusal
from tracker.ledger.tables import DISCREPANCY_TONES, DiscrepancyTable
from tracker.ledger.views.evidence import hand_out
from tracker.ledger.views.places import places
from tracker.programs.models import SEES_AS_STAFF
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page

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
    rows = Discrepancy.objects.visible_to(request.user).for_table()
    day = queries.today_of(request.user)
    return table_page(
        request,
        "ledger/discrepancy_list.html",
        filterset=DiscrepancyFilter(request.GET, queryset=rows, request=request, day=day),
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


def _form(found: Discrepancy, verb: str, request: StaffRequest, asked: bool) -> DiscrepancyForm:
    offered = {"any": queries.could_settle, "write_off": queries.write_offs_of}
    rows = offered.get(VERBS[verb].names)
    form = DiscrepancyForm(
        request.POST if asked else None,
        request.FILES if asked else None,
        settling=rows(found) if rows else None,
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
    forms = {verb: _form(found, verb, request, verb == asked) for verb in VERBS if verb in may}
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
    as_staff = holds(user, *SEES_AS_STAFF, program=found.about.program)
    day = found.about.program.owner.today()
    dispatched = found.about.kind == TransactionKind.DISBURSEMENT
    context = {
        "discrepancy": found,
        "ends": queries.both_ends(found.about) if dispatched else None,
        "words": [found.statement] if found.statement is not None else [],
        "trail": [HOME, (f"{found.get_kind_display()}, {found.about.label}", "")],
        "day": day,
        "overdue": found.days_overdue(day),
        "tone": DISCREPANCY_TONES[found.state.status],
        "steps": queries.steps_of(found),
        "next": queries.what_comes_next(found),
        "offers": [(verb, VERBS[verb], form, verb == asked) for verb, form in forms.items()],
        "later": [] if found.state.settled_by_id else list(queries.could_settle(found)[:5]),
        "as_staff": as_staff,
        "history": queries.discrepancy_history(found, with_names=as_staff),
    }
    return TemplateResponse(request, "ledger/discrepancy.html", context)


@require_GET
def step_evidence(request: StaffRequest, uid: UUID, step: UUID) -> HttpResponseBase:
    """The document that came with a step, for both sides and the auditors."""
    found = get_object_or_404(Discrepancy.objects.visible_to(request.user), uid=uid)
    taken = get_object_or_404(queries.steps_of(found), uid=step, evidence__isnull=False)
    assert taken.evidence is not None  # the look-up asked for it
    return hand_out(taken.evidence, taken.text.evidence_name or "document")
