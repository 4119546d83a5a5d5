"""The auditor's desk: histories with before and after, saved searches, stars, broken glass, bundles of evidence."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions as audits
from tracker.audits import policies
from tracker.audits.models import Engagement, Finding, SavedSearch, Star
from tracker.dashboards import lists
from tracker.dashboards.filters import EventFilter
from tracker.dashboards.forms import GlassForm, SearchForm, StarForm
from tracker.dashboards.queries import histories
from tracker.dashboards.tables import EventTable
from tracker.programs.forms import say_at_fields
from tracker.publishing import actions as publishing
from tracker.publishing.models import BrokenGlass, BundleExport
from tracker.shared.errors import Refused
from tracker.shared.pages import table_page

ON_A_PAGE = 25
HOME = ("Auditor's desk", "/desk/auditor/")


@require_GET
def desk(request: StaffRequest) -> HttpResponse:
    """Engagements, saved searches with what is new in them, stars, and the glass that was broken."""
    policies.check_reads_histories(request.user)
    glasses = BrokenGlass.objects.filter(broken_by=request.user).select_related(
        "program", "text", "noted"
    )
    context = {
        "engagements": histories.engagements_of(request.user),
        "searches": lists.searches_of(request.user, request),
        "stars": histories.stars_of(request.user),
        "glasses": glasses.order_by("-pk")[:20],
    }
    return TemplateResponse(request, "dashboards/auditor.html", context)


# --- One record ------------------------------------------------------------


def _page(request: StaffRequest, uid: UUID) -> histories.RecordPage:
    policies.check_reads_histories(request.user)
    page = histories.record_page(uid, request.user)
    if page is None:
        raise Http404
    return page


@require_GET
def record(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Who, when, before, after: everything that happened to a record, as the journal has it."""
    return _answer(request, _page(request, uid))


def _answer(
    request: StaffRequest,
    page: histories.RecordPage,
    star_form: StarForm | None = None,
    glass_form: GlassForm | None = None,
) -> HttpResponse:
    mine = histories.engagements_of(request.user)
    context = {
        "page": page,
        "steps": Paginator(page.steps, ON_A_PAGE).get_page(request.GET.get("page")),
        "star_form": star_form or StarForm(fields=page.fields, engagements=mine),
        "glass_form": glass_form or GlassForm(),
        "trail": [("Desk", "/desk/"), HOME, (f"History of a {page.label}", "")],
    }
    return TemplateResponse(request, "dashboards/record.html", context)


@require_POST
def star(request: StaffRequest, uid: UUID) -> HttpResponse:
    page = _page(request, uid)
    mine = histories.engagements_of(request.user)
    form = StarForm(request.POST, fields=page.fields, engagements=mine)
    if form.is_valid():
        try:
            audits.put_star(record_kind=page.kind, record=uid, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The star is on it.")
            return redirect("dashboards:record", uid)
    return _answer(request, page, star_form=form)


@require_POST
def star_remove(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(Star.objects.standing().visible_to(request.user), uid=uid)
    audits.remove_star(star=found, by=request.user)
    messages.success(request, "The star is removed.")
    return redirect("dashboards:record", found.record)


# --- Broken glass ----------------------------------------------------------


@require_POST
def glass_break(request: StaffRequest, uid: UUID) -> HttpResponse:
    page = _page(request, uid)
    form = GlassForm(request.POST)
    if form.is_valid():
        try:
            publishing.break_glass(
                record_kind=page.kind, record=uid, **form.cleaned_data, by=request.user
            )
        except Refused as refusal:
            say_at_fields(form, refusal)
        else:
            messages.success(request, "The glass is broken, and the owner is told.")
            return redirect("dashboards:record", uid)
    return _answer(request, page, glass_form=form)


@require_POST
def glass_read(request: StaffRequest, uid: UUID) -> HttpResponse:
    """The sealed values, once: each reading is on the record, so this is no page to come back to."""
    found = get_object_or_404(
        BrokenGlass.objects.select_related("program").filter(broken_by=request.user), uid=uid
    )
    try:
        shown = publishing.read_through_glass(glass=found, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("dashboards:record", found.record)
    rows = [
        (
            one.event,
            [(name, histories.told(value, {})) for name, value in sorted(one.values.items())],
        )
        for one in shown
    ]
    trail = [("Desk", "/desk/"), HOME, ("Through broken glass", "")]
    context = {"glass": found, "rows": rows, "trail": trail}
    response = TemplateResponse(request, "dashboards/glass_read.html", context)
    response["Cache-Control"] = "no-store"
    return response


# --- Saved searches --------------------------------------------------------


@require_POST
def search_save(request: StaffRequest) -> HttpResponse:
    back = request.POST.get("address", "")
    form = SearchForm(request.POST)
    try:
        page, query = lists.page_and_query(back, request.POST.get("query", ""))
        if not form.is_valid():
            raise Refused("Give the search a name of at most 80 characters.")
        name = form.cleaned_data["name"]
        audits.save_search(name=name, page=page, query=query, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"“{name}” is saved.")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back in lists.BY_ADDRESS
    return redirect(f"{back}?{request.POST.get('query', '')[:5000]}" if ours else "/desk/")


@require_POST
def search_run(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(SavedSearch.objects.filter(person=request.user), uid=uid)
    audits.look_again(search=found, by=request.user)
    return redirect(f"{lists.LISTS[found.page].address}?{found.query}")


@require_POST
def search_remove(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(SavedSearch.objects.filter(person=request.user), uid=uid)
    audits.remove_search(search=found, by=request.user)
    messages.success(request, f"“{found.name}” is removed.")
    return redirect("dashboards:searches")


@require_GET
def searches(request: StaffRequest) -> HttpResponse:
    """Everybody keeps searches, not auditors alone."""
    context = {"searches": lists.searches_of(request.user, request)}
    return TemplateResponse(request, "dashboards/searches.html", context)


# --- A whole engagement ----------------------------------------------------


def _engagement(request: StaffRequest, uid: UUID) -> Engagement:
    rows = Engagement.objects.visible_to(request.user).select_related("office")
    return get_object_or_404(rows, uid=uid)


@require_GET
def engagement_events(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    """Everything that happened to any record in scope, by kind, person and day."""
    policies.check_reads_histories(request.user)
    found = _engagement(request, uid)
    return table_page(
        request,
        "dashboards/engagement_events.html",
        filterset=EventFilter(request.GET, queryset=histories.events_in(found, request.user)),
        table_class=EventTable,
        csv_name=f"history-{found.number}",
        engagement=found,
        trail=[
            ("Audits", "/desk/audits/"),
            (found.number, found.get_absolute_url()),
            ("History", ""),
        ],
    )


@require_http_methods(["GET", "POST"])
def bundle(request: StaffRequest, uid: UUID) -> HttpResponseBase:
    """What a bundle of evidence holds, and the bundle itself."""
    found = _engagement(request, uid)
    if request.method == "POST":
        return _bundle(request, found)
    exports = BundleExport.objects.filter(engagement=found)
    findings = found.findings.exclude(status="dropped").order_by("number")
    context = {
        "engagement": found,
        "findings": [
            f for f in findings if f.status == "issued" or f.written_by_id == request.user.pk
        ],
        "exports": exports.select_related("finding", "exported_by").order_by("-pk")[:50],
        "trail": [
            ("Audits", "/desk/audits/"),
            (found.number, found.get_absolute_url()),
            ("Evidence", ""),
        ],
    }
    return TemplateResponse(request, "dashboards/bundle.html", context)


def _bundle(request: StaffRequest, engagement: Engagement) -> HttpResponseBase:
    finding = None
    if asked := request.POST.get("finding", ""):
        named = Finding.objects.visible_to(request.user).filter(engagement=engagement)
        numbered = int(asked) if asked.isdecimal() and len(asked) < 6 else -1
        finding = get_object_or_404(named, number=numbered)
    made = publishing.export_bundle(engagement=engagement, finding=finding, by=request.user)
    response = StreamingHttpResponse(made.pieces, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="evidence-{made.export.uid}.zip"'
    response["Cache-Control"] = "no-store"
    return response
