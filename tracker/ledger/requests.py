"""Refusals on submission: the one place that sees them all and has them recorded, whatever view was asked."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from tracker.ledger import actions, queries
from tracker.shared.errors import NotAllowed, Refused

ROOMS = {
    "ledger": "transaction",
    "uploads": "upload",
}  # and what an address without a noun is about
GetResponse = Callable[[HttpRequest], HttpResponse]


def note_refusal(request: HttpRequest, refusal: Exception) -> None:
    """A view that answers a refusal itself (a sentence on the page, an error in the form) tells it here."""
    request.__dict__.setdefault("_refusals", []).append(refusal)


class attempts:  # noqa: N801 - a middleware is named for what it does
    """Records what a signed-in person submitted to the ledger and was refused: never a look at a page.

    It runs after the view, when the refused action is undone, so that each record has a transaction of its own.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        self._record(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, Refused | NotAllowed):
            note_refusal(request, exception)

    def _record(self, request: HttpRequest) -> None:
        refusals: list[Exception] = request.__dict__.get("_refusals", [])
        match = request.resolver_match
        if request.method != "POST" or match is None or match.namespace not in ROOMS:
            return
        for refusal in refusals:
            actions.record_refusal(**_said(match, refusal, request.user), by=request.user)  # type: ignore[arg-type]


def _said(match: ResolverMatch, refusal: Exception, person: Any) -> dict[str, Any]:
    """What was tried, from the address: “voucher_approve” is to approve a voucher."""
    noun, _, verb = (match.url_name or "").rpartition("_")
    what = match.kwargs.get("uid")
    return {
        "noun": noun or ROOMS[match.namespace],
        "verb": verb,
        "what": what,
        "organisation": queries.organisation_of(what, person),
        "sentence": refusal.sentence if isinstance(refusal, Refused) else str(refusal),
    }
