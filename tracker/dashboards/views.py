"""Pages that show several rooms at once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from tracker.ledger.models import Transaction
from tracker.programs.models import Program


def desk(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def portfolio(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def style(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "style.html")


def program(request: HttpRequest, uid: UUID) -> HttpResponse:
    get_object_or_404(Program.objects.visible_to(request.user), uid=uid)
    return HttpResponse()


def transaction(request: HttpRequest, uid: UUID) -> HttpResponse:
    get_object_or_404(Transaction.objects.visible_to(request.user), uid=uid)
    return HttpResponse()
