"""The ledger's pages."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from tracker.ledger.models import Voucher


def voucher(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(Voucher.objects.visible_to(request.user), uid=uid)
    return TemplateResponse(request, "ledger/voucher.html", {"voucher": found})
