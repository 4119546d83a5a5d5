"""Pages of figures: the map of money audited and not, the office's reports, and an engagement's report."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.forms.office import CoverageForm, HalfForm
from tracker.audits.views.engagements import load
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused
from tracker.shared.pages import csv_of
from tracker.shared.policies import why_not
from tracker.shared.sealing import veil_for

PROGRAMS = 50
YEARS = 5


# --- The map ---------------------------------------------------------------


@require_GET
def coverage(request: StaffRequest) -> HttpResponseBase:
    """By program and fiscal year: how much of the money lies in a scope, in a sample, is linked to a finding."""
    user = request.user
    office = policies.check_reads_office(user)
    form = CoverageForm(request.GET or None, auto_id="filter_%s")
    said = form.cleaned_data if form.is_valid() else {}
    share = said.get("share") or queries.Share.SCOPE
    last = said.get("year") or queries.this_year(office)
    programs = queries.programs_for_plan(user, office).matching(said.get("q") or "")
    years = range(last - YEARS + 1, last + 1)
    veil = veil_for(user)
    if request.GET.get("format") == "csv":
        return csv_of(
            _coverage_rows(queries.coverage(programs, years, share, veil)), f"coverage-{share}"
        )
    page = Paginator(programs, PROGRAMS).get_page(request.GET.get("page"))
    context = {
        "office": office,
        "form": form,
        "map": queries.coverage(page.object_list, years, share, veil),
        "sealing": queries.sealed_in_coverage(programs.values("pk"), years, veil),
        "share": share,
        "what": queries.LABELS[queries.Share(share)],
        "page": page,
        "unvalued": queries.unvalued_rows(programs.values("pk"), years),
        "ledger": reverse("ledger:transactions"),
        "place": "coverage",
        "counts": queries.counts(user),
    }
    return TemplateResponse(request, "audits/office/coverage.html", context)


def _coverage_rows(found: queries.Map) -> Iterator[list[Any]]:
    yield [
        *("program", "identifier", "currency", "fiscal year"),
        *("disbursed", "part of it", "per cent", "state"),
    ]
    for line in found.lines:
        for cell in line.cells:
            if cell.whole is not None:
                part = "" if cell.part is None else cell.part
                percent = "" if cell.percent is None else cell.percent
                named = [line.program.title, line.program.identifier, line.currency]
                yield [*named, cell.year, cell.whole, part, percent, cell.state]


# --- The reports of the office ---------------------------------------------


def _period(request: StaffRequest, halves: list[queries.Half]) -> queries.Half:
    """The period that was asked for; else the last one that has ended."""
    asked = request.GET.get("period", "")
    return next((half for half in halves if half.end.isoformat() == asked), halves[1])


@require_GET
def reports(request: StaffRequest) -> HttpResponseBase:
    """The semiannual tables, ages and owners, rates, and what other offices state of theirs."""
    office = policies.check_reads_office(request.user)
    halves = queries.halves_of(office)
    half = _period(request, halves)
    table, figures = queries.semiannual(office, half), queries.office_figures(office)
    if request.GET.get("format") == "csv":
        kinds = {"semiannual": table, "rates": figures, "ages": figures}
        name = request.GET.get("table", "semiannual")
        name = name if name in kinds else "semiannual"
        return csv_of(_FILES[name](kinds[name]), f"{name}-{half.end}")
    issued = queries.issued_reports(office)
    stated = queries.stated_by_others()
    choices = [(h.end.isoformat(), _said(h)) for h in halves]
    context = {
        "office": office,
        "half": half,
        "said": _said(half),
        "form": HalfForm({"period": half.end.isoformat()}, choices=choices, auto_id="filter_%s"),
        "table": table,
        "figures": figures,
        "buckets": queries.LABELS_OF_AGE,
        "issued": issued,
        "this": next((row for row in issued if row.period_end == half.end), None),
        "is_head": policies.is_head(request.user, office),
        "why_not": why_not(policies.check_can_issue_report, request.user, office, half.end),
        "stated": stated,
        "compared": _compared(stated, figures, office.label),
        "engagements": queries.engagements_with_reports(request.user, office)[:50],
        "place": "reports",
        "counts": queries.counts(request.user),
    }
    return TemplateResponse(request, "audits/office/reports.html", context)


def _said(half: queries.Half) -> str:
    return f"{say_day(half.start)} to {say_day(half.end)}"


def _compared(
    stated: list[queries.Stated], figures: queries.OfficeFigures, ours: str
) -> list[dict[str, Any]]:
    """Bars of a share, which offices of any size can be compared by: theirs as stated, ours as reckoned."""
    rows = [
        {"label": f"{one.organisation}, {say_day(one.as_of)} (stated)", "value": one.old_share}
        for one in stated
    ]
    own = f"{ours}, {say_day(figures.day)} (reckoned here)"
    return [*rows, {"label": own, "value": figures.oldest_share}]


def _semiannual_rows(found: queries.Semiannual) -> Iterator[list[Any]]:
    yield ["table", "currency", "row", "what", "reports", "amount", "of which unsupported"]
    both = (("questioned costs", found.questioned), ("better use", found.better_use))
    for name, tables in both:
        for table in tables:
            for row in table.rows:
                unsupported = "" if row.unsupported is None else row.unsupported
                named = [name, table.currency, row.letter, row.label]
                yield [*named, row.reports, row.amount, unsupported]


def _rate_rows(found: queries.OfficeFigures) -> Iterator[list[Any]]:
    yield ["rate", "currency", "part", "whole", "per cent", "formula", "source"]
    for rate in found.rates:
        percent = rate.nothing if rate.percent is None else rate.percent
        yield [
            *(rate.label, rate.currency, rate.part, rate.whole),
            *(percent, rate.formula, rate.source),
        ]
    for mean in found.means:
        days = mean.nothing if mean.days is None else mean.days
        yield [mean.label, "", mean.total, mean.number, days, mean.formula, mean.source]


def _age_rows(found: queries.OfficeFigures) -> Iterator[list[Any]]:
    yield ["owner", "age", "open", "overdue"]
    for owner in found.owners:
        for bucket in owner.buckets:
            yield [owner.owner, bucket.label, bucket.count, bucket.overdue]


_FILES: dict[str, Any] = {
    "semiannual": _semiannual_rows,
    "rates": _rate_rows,
    "ages": _age_rows,
}


@require_http_methods(["POST"])
def issue(request: StaffRequest) -> HttpResponse:
    """Issue the semiannual report of a period: its figures are frozen."""
    office = policies.check_reads_office(request.user)
    policies.check_is_head(request.user, office, to="issue the semiannual report")
    asked = request.POST.get("period", "")
    try:
        end = date.fromisoformat(asked)
        actions.issue_office_report(office=office, period_end=end, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    except ValueError:
        messages.error(request, "Choose a period: its last day says which one.")
    else:
        messages.success(request, f"The report of the period up to {say_day(end)} is issued.")
    return redirect(f"{reverse('audits:reports')}?{urlencode({'period': asked[:10]})}")


@require_GET
def engagement_report(request: StaffRequest, uid: UUID) -> HttpResponse:
    """What the report of an engagement says, as of today."""
    engagement = load(request, uid)
    context = {"engagement": engagement, "report": queries.report_of(engagement)}
    return TemplateResponse(request, "audits/office/engagement_report.html", context)
