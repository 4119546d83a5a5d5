"""Pages that show several rooms at once. Every one of them only reads."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from tracker.accounts.requests import StaffRequest
from tracker.dashboards import queries
from tracker.dashboards.filters import PortfolioFilter
from tracker.dashboards.offers import program_offers, transaction_offers
from tracker.dashboards.tables import PortfolioTable
from tracker.ledger.models import Transaction
from tracker.ledger.queries import with_accounts
from tracker.programs.models import Program
from tracker.shared.pages import table_page
from tracker.shared.sealing import LEFT_OUT, Notice


@require_GET
def desk(request: StaffRequest) -> HttpResponse:
    """What waits for the person, what they wait for, and how their programs stand."""
    context = {"desk": queries.desk_of(request.user)}
    return TemplateResponse(request, "dashboards/desk.html", context)


@require_GET
def portfolio(request: StaffRequest) -> HttpResponseBase:
    """The money of all programs of one nature."""
    natures = queries.natures_seen(request.user)
    known = [found.nature for found in natures]
    asked = request.GET.get("nature", "")
    nature = asked if asked in known else next(iter(known), "")
    programs = Program.objects.visible_to(request.user).filter(nature=nature)
    return table_page(
        request,
        "dashboards/portfolio.html",
        filterset=PortfolioFilter(request.GET, queryset=programs, request=request),
        table_class=PortfolioTable,
        csv_name=f"portfolio-{nature}",
        portfolio=queries.portfolio_of(
            programs, request.GET.get("currency", ""), f"nature={nature}"
        ),
        nature=nature,
        natures=natures,
    )


@require_GET
def search(request: StaffRequest) -> HttpResponse:
    """Everywhere, in what the person may see."""
    words = queries.cleaned(request.GET.get("q", ""))
    context = {
        "everywhere": words,
        "found": queries.search(words, request.user),
        "sealing": queries.sealed_of_search(request.user),
    }
    return TemplateResponse(request, "dashboards/search.html", context)


@require_GET
def style(request: StaffRequest) -> HttpResponse:
    sealing = Notice(2, ("operational security",), LEFT_OUT)
    return TemplateResponse(request, "style.html", {"sealing": sealing})


@require_GET
def program(request: StaffRequest, uid: UUID) -> HttpResponse:
    """One program: money, results, findings, reports, and what happens next."""
    seen = Program.objects.visible_to(request.user).for_page()
    found = get_object_or_404(seen, uid=uid)
    page = queries.program_page(found, request.user)
    context = {
        "program": found,
        "page": page,
        "steps": queries.next_steps(page, request.user),
        "offers": program_offers(request.user, found, may_pay=bool(page.commitments.total)),
    }
    return TemplateResponse(request, "dashboards/program.html", context)


@require_GET
def organisation(request: StaffRequest, uid: UUID) -> HttpResponse:
    """A donor's or a recipient's page: its line, its programs, the way to its statement."""
    found = get_object_or_404(queries.organisations_seen(request.user), uid=uid)
    has_statement = with_accounts(request.user).filter(pk=found.pk).exists()
    page = queries.organisation_page(found, request.user, has_statement=has_statement)
    context = {"organisation": found, "page": page}
    return TemplateResponse(request, "dashboards/organisation.html", context)


@require_GET
def transaction(request: StaffRequest, uid: UUID) -> HttpResponse:
    """One payment: facts, chain, findings, signatures, history."""
    seen = Transaction.objects.visible_to(request.user).select_related(*queries.RELATED)
    found = get_object_or_404(seen, uid=uid)
    page = queries.transaction_page(found, request.user)
    context = {
        "transaction": found,
        "page": page,
        "offers": transaction_offers(request.user, found, page),
    }
    return TemplateResponse(request, "dashboards/transaction.html", context)


@require_GET
def receipts(request: StaffRequest, uid: UUID) -> HttpResponse:
    """The receipts of a record's events; with `proof`, the number of an event, its proof as a file."""
    page = queries.receipts_page(uid, request.user)
    if page is None:
        raise Http404
    asked = request.GET.get("proof", "")
    if not asked:
        context = {"page": page, "trail": [("Desk", "/desk/"), ("Receipts", "")]}
        return TemplateResponse(request, "dashboards/receipts.html", context)
    text = queries.receipt_proof(page, int(asked)) if asked.isdecimal() and len(asked) < 9 else None
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{uid}-{asked}.tlog-proof"'
    return response
