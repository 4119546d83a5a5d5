"""What the public does not see: proposing, deciding, reviewing, lifting."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.models import Role
from tracker.programs.forms import say_at_fields
from tracker.programs.models import Program
from tracker.publishing import actions, policies, queries
from tracker.publishing.content.cells import withheld_cell
from tracker.publishing.filters import WithholdingFilter
from tracker.publishing.forms import ChosenForm, ReviewForm, WithholdingForm
from tracker.publishing.models import Scope, Withholding
from tracker.publishing.tables import WithholdingTable
from tracker.publishing.views.common import HOME, history, tabs, tried
from tracker.publishing.views.hinted import hints_about
from tracker.shared.clock import today
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page
from tracker.shared.policies import permits
from tracker.shared.sealing import veil_for

WITHHOLDINGS = ("Withheld", "/desk/withholdings/")


@require_GET
def withholding_list(request):
    rows = Withholding.objects.visible_to(request.user).for_table()
    late = Withholding.objects.visible_to(request.user).overdue(today()).count()
    return table_page(
        request,
        "publishing/withholding_list.html",
        filterset=WithholdingFilter(
            request.GET, queryset=queries.with_names(rows, veil_for(request.user))
        ),
        table_class=WithholdingTable,
        csv_name="withheld-fields",
        overdue=late,
        overdue_sentence=f"Reviews overdue: {late}. Their programs are not published until "
        "somebody reviews or lifts each of them.",
        may_withhold=Program.objects.held_as(request.user, Role.DISCLOSURE).exists(),
        tabs=tabs("publishing:withholdings"),
        trail=[HOME, ("Withheld fields", "")],
    )


def _proposed(form: WithholdingForm, by) -> Withholding:
    said, chosen = form.cleaned_data, form.chosen
    program, kind, field = said["program"], chosen["kind"], chosen["field"]
    record = _record(program, kind, said["record"]) if "record" in said else None
    stand_in = form.stand_in()
    if stand_in is not None and record is not None and stand_in["kind"] in ("month", "year"):
        stand_in = queries.coarser_day(program, kind, record, field, stand_in["kind"])
    rest = {
        name: said[name]
        for name in (*("category", "legal_basis", "reason", "review_on"), *_OPTIONAL)
        if name in said
    }
    return actions.propose_withholding(
        program=program,
        scope=chosen["scope"],
        record_kind=kind,
        record=record,
        field=field,
        stand_in=stand_in,
        by=by,
        **rest,
    )


_OPTIONAL = ("days", "minimum_percent", "in_sums")


def _record(program, kind, named):
    record = queries.find_record(program, kind, named)
    if record is None:
        sentence = (
            f"This program has no single {kind} that is called “{named}”: "
            "write its identifier, as its page shows it."
        )
        raise Refused({"record": sentence})
    return record


@require_http_methods(["GET", "POST"])
def withholding_new(request):
    """In two steps: what is withheld, then what the public reads instead. A link can name what, and skip the first."""
    policies.check_withholds(request.user)
    programs = Program.objects.held_as(request.user, Role.DISCLOSURE)
    asked = request.POST or request.GET
    begun = bool(request.POST or asked.get("what") or asked.get("scope"))
    initial = {name: asked.get(name, "") for name in ("program", "what", "scope", "record")}
    form: ChosenForm = ChosenForm(asked if begun else None, programs=programs, initial=initial)
    trail = [HOME, WITHHOLDINGS, ("Propose", "")]
    context = {"form": form, "any": programs.exists(), "trail": trail}
    if begun and form.is_valid():
        chosen = form.cleaned_data
        data = request.POST or None
        initial |= {"scope": chosen["scope"]}
        full = WithholdingForm(data, programs=programs, chosen=chosen, initial=initial)
        if full.is_valid():
            try:
                withholding = _proposed(full, request.user)
            except ValidationError as refusal:
                say_at_fields(full, refusal)
            else:
                messages.success(request, "Proposed. Another disclosure officer decides.")
                return redirect("publishing:withholding", withholding.uid)
        context |= {"form": full, "chosen": chosen, "said": _said(chosen)}
    return TemplateResponse(request, "publishing/withholding_form.html", context)


def _said(chosen):
    """What was chosen in the first step, in words."""
    days = None if chosen["scope"] == Scope.DELAY else 0
    draft = Withholding(
        scope=chosen["scope"], record_kind=chosen["kind"], field=chosen["field"], days=days
    )
    return "payments, for some days" if days is None else draft.what


def _visible(request, uid):
    rows = Withholding.objects.visible_to(request.user).for_table()
    rows = rows.select_related("program__owner", "reviewed_by", "lifted_by")
    return get_object_or_404(queries.with_names(rows, veil_for(request.user)), uid=uid)


def _page(request, withholding, form=None):
    user = request.user
    context = {
        "withholding": withholding,
        "overdue": withholding.status == "in_force"
        and withholding.review_on < withholding.program.owner.today(),
        "form": form or ReviewForm(),
        "history": history(withholding),
        "hints": hints_about(withholding),
        "may_decide": permits(policies.check_can_decide_withholding, user, withholding),
        "may_lift": permits(policies.check_can_lift_withholding, user, withholding),
        "may_review": permits(policies.check_can_review_withholding, user, withholding),
        "cell": _cell(withholding),
        "covered": queries.covered_by(withholding),
        "trail": [HOME, WITHHOLDINGS, (withholding.what, "")],
    }
    return TemplateResponse(request, "publishing/withholding.html", context)


def _cell(withholding):
    """What the public reads in the place of the value. A rule makes the stand-in of each: it is told apart."""
    made = withholding.stand_in if withholding.scope == Scope.FIELD else None
    return withheld_cell(withholding, made)


@require_GET
def withholding(request, uid):
    return _page(request, _visible(request, uid))


@require_POST
def decide(request, uid):
    withholding = _visible(request, uid)
    done = "In force from the next release on: the public reads the reason instead."
    tried(
        request, lambda: actions.decide_withholding(withholding=withholding, by=request.user), done
    )
    return redirect("publishing:withholding", uid)


@require_POST
def decline(request, uid):
    withholding = _visible(request, uid)
    done = "Declined. It stays public."
    tried(
        request, lambda: actions.decline_withholding(withholding=withholding, by=request.user), done
    )
    return redirect("publishing:withholding", uid)


@require_POST
def review(request, uid):
    withholding = _visible(request, uid)
    policies.check_can_withhold(request.user, withholding.program)
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            actions.review_withholding(
                withholding=withholding, by=request.user, **form.cleaned_data
            )
        except ValidationError as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "Reviewed. It stays in force until the new date.")
            return redirect("publishing:withholding", uid)
    return _page(request, withholding, form)


@require_POST
def lift(request, uid):
    withholding = _visible(request, uid)
    done = "Lifted. The next release tells it again."
    tried(request, lambda: actions.lift_withholding(withholding=withholding, by=request.user), done)
    return redirect("publishing:withholding", uid)
