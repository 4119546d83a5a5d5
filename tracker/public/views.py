"""The public site. No page asks who is there: no person, no session, no message, no internal table.

What is not published and what does not exist take the same way to the same answer: one question to the release
tables, then a 404.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from tracker.public import filters, queries, stream, tables, words
from tracker.public.releases import past
from tracker.public.rows import rows_of
from tracker.publishing import history, released
from tracker.publishing import stream as streamed
from tracker.publishing.models import PublishedProgram, Tombstone
from tracker.shared.pages import table_page

View = Callable[..., HttpResponseBase]
SECONDS_KEPT = 60
GONE = 410
AUDITS = ("Engagements", "/audits/")


class Withdrawn(Exception):
    """What was asked for was public and is taken back: its tombstone answers."""

    def __init__(self, stone: Tombstone):
        self.stone = stone
        super().__init__(stone.uid)


def withdrawn_page(request: HttpRequest, gone: Withdrawn) -> HttpResponseBase:
    """410 with the tombstone. It shows nothing of what was taken back, and no cache keeps it: it may be restored."""
    page = past.gravestone(gone.stone)
    context = {"page": page, "trail": page.trail}
    response = TemplateResponse(request, "public/withdrawn.html", context, status=GONE)
    patch_cache_control(response, no_store=True)
    return response


def public(view: View) -> View:
    """A page for everybody, read only, which caches on the way may keep for a minute."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Withdrawn as gone:
            return withdrawn_page(request, gone)
        if response.status_code == 200:
            patch_cache_control(response, public=True, max_age=SECONDS_KEPT)
        return response

    return login_not_required(require_safe(page))


@public
def overview(request: HttpRequest) -> HttpResponseBase:
    return TemplateResponse(request, "public/overview.html", {"page": queries.overview()})


@public
def about(request: HttpRequest) -> HttpResponseBase:
    context = {
        "trail": [("Overview", "/"), ("How these figures are made", "")],
        "glossary": words.GLOSSARY,
        "grades": words.GRADES.items(),
        "categories": words.CATEGORIES.values(),
        "steps": [{"label": label, "note": note} for label, note in words.WAY],
    }
    return TemplateResponse(request, "public/about.html", context)


# --- Programs --------------------------------------------------------------


@public
def programs(request: HttpRequest) -> HttpResponseBase:
    return table_page(
        request,
        "public/program_list.html",
        filterset=filters.ProgramFilter(request.GET, queryset=released.programs()),
        table_class=tables.ProgramTable,
        csv_name="programs",
    )


@public
def program(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    page = queries.program_page(uid)
    if page is None:
        raise absent_program(uid)
    marked = queries.findings_by_payment(page.findings)
    context = {
        "page": page,
        "program": page.program,
        "row": page.row,
        "payments": [(row, marked.get(row.uid)) for row in page.payments],
        "trail": [("Programs", "/programs/"), (page.program.title, "")],
    }
    return TemplateResponse(request, "public/program_detail.html", context)


@public
def transactions(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    found = _program(uid)
    marked = queries.findings_by_payment(queries.with_rows(released.findings_of(uid)))
    years = sorted({total.fiscal_year for total in queries.totals_of(found)}, reverse=True)
    rows = released.rows(found.release, released.TRANSACTION)
    return table_page(
        request,
        "public/transaction_list.html",
        filterset=filters.PaymentFilter(request.GET, queryset=rows, years=years),
        table_class=partial(tables.PaymentTable, findings=marked),
        csv_name=f"{found.identifier}-transactions",
        program=found,
        delay=queries.delayed(released.delay_of(found.release)),
        trail=[*_above(found), ("Payments", "")],
    )


@public
def withheld(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    found = _program(uid)
    rows = released.withheld_cells(found.release)
    return table_page(
        request,
        "public/withheld_list.html",
        filterset=filters.WithheldFilter(request.GET, queryset=rows),
        table_class=tables.WithheldTable,
        csv_name=f"{found.identifier}-withheld",
        program=found,
        rules=rows_of(released.withheld_rules(found.release)),
        delay=queries.delayed(released.delay_of(found.release)),
        trail=[*_above(found), ("What is withheld", "")],
    )


def _program(uid: UUID) -> PublishedProgram:
    found = released.current_program(uid)
    if found is None:
        raise absent_program(uid)
    return found


def absent_program(uid: UUID) -> Exception:
    """What a program without a public release answers: its tombstone, if it has one; else like one that does not exist."""
    stone = history.stone_of_program(uid)
    return Http404() if stone is None else Withdrawn(stone)


def absent_report(uid: UUID) -> Exception:
    stone = history.stone_of_report(uid)
    return Http404() if stone is None else Withdrawn(stone)


def _above(program: PublishedProgram) -> list[tuple[str, str]]:
    return [("Programs", "/programs/"), (program.title, f"/programs/{program.uid}/")]


# --- Reports and findings --------------------------------------------------


@public
def reports(request: HttpRequest) -> HttpResponseBase:
    return table_page(
        request,
        "public/report_list.html",
        filterset=filters.ReportFilter(request.GET, queryset=released.reports()),
        table_class=tables.ReportTable,
        csv_name="reports",
    )


@public
def report(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    page = queries.report_page(uid)
    if page is None:
        raise absent_report(uid)
    current = page.page.report.program
    context = {
        "page": page,
        "report": page.page.report,
        "row": page.row,
        "newer": current is not None and current.release_id != page.page.release.pk,
        "trail": [("Reports", "/reports/"), (page.page.report.title, "")],
    }
    return TemplateResponse(request, "public/report_detail.html", context)


@public
def findings(request: HttpRequest) -> HttpResponseBase:
    return table_page(
        request,
        "public/finding_list.html",
        filterset=filters.FindingFilter(request.GET, queryset=released.findings()),
        table_class=tables.FindingTable,
        csv_name="findings",
    )


@public
def finding(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    page = queries.finding_page(uid)
    if page is None:
        raise Http404
    context = {
        "page": page,
        "finding": page.page.finding,
        "row": page.row,
        "trail": [("Findings", "/findings/"), (page.page.finding.title, "")],
    }
    return TemplateResponse(request, "public/finding_detail.html", context)


# --- Engagements, audit offices, recommendations ----------------------------


@public
def engagements(request: HttpRequest) -> HttpResponseBase:
    return table_page(
        request,
        "public/engagement_list.html",
        filterset=filters.EngagementFilter(request.GET, queryset=streamed.engagements()),
        table_class=tables.EngagementTable,
        csv_name="engagements",
        trail=[("Findings", "/findings/"), ("Engagements", "")],
    )


@public
def engagement(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    page = stream.engagement_page(uid)
    if page is None:
        raise Http404
    context = {
        "page": page,
        "engagement": page.page.engagement,
        "row": page.row,
        "trail": [("Findings", "/findings/"), AUDITS, (page.page.engagement.number, "")],
    }
    return TemplateResponse(request, "public/engagement_detail.html", context)


@public
def office(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    page = stream.office_page(uid)
    if page is None:
        raise Http404
    trail = [("Findings", "/findings/"), AUDITS, (page.page.name, "")]
    context = {"page": page, "office": page.page, "trail": trail}
    return TemplateResponse(request, "public/office_detail.html", context)


@public
def recommendation(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    page = stream.recommendation_page(uid)
    if page is None:
        raise Http404
    finding = page.page.finding
    context = {
        "page": page,
        "finding": finding,
        "row": page.row,
        "trail": [
            ("Findings", "/findings/"),
            (finding.title, f"/findings/{finding.uid}/"),
            (f"Recommendation {page.row.code('number')}", ""),
        ],
    }
    return TemplateResponse(request, "public/recommendation_detail.html", context)
