"""Every release of a program, one by one and side by side; and what stands where one was taken back."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from tracker.public.releases import queries
from tracker.public.releases.past import gravestone
from tracker.public.releases.queries import ON_A_PAGE
from tracker.public.views import Withdrawn, public
from tracker.publishing import history
from tracker.publishing.models import Release


def standing_release(uid: UUID, number: int) -> Release:
    """A release by its number. A tombstone answers for one that was taken back; an embargo is as if there were none."""
    found = history.numbered(uid, number)
    if found is None:
        raise Http404
    stone = history.standing_stone(found)
    if stone is not None:
        raise Withdrawn(stone)
    return found


@public
def releases(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    page = queries.history_page(uid, request.GET.get("page", ""))
    if page is None:
        raise Http404
    trail = [("Programs", "/programs/"), *_program(uid, page.title), ("Every release", "")]
    context = {"page": page, "trail": trail}
    return TemplateResponse(request, "public/release_list.html", context)


@public
def release(request: HttpRequest, uid: UUID, number: int) -> HttpResponseBase:
    found = standing_release(uid, number)
    asked = (request.GET.get("against", ""), request.GET.get("page", ""))
    page = queries.release_page(uid, found, *asked)
    trail = [
        ("Programs", "/programs/"),
        *_program(uid, page.title),
        ("Every release", f"/programs/{uid}/releases/"),
        (f"Release {number}", ""),
    ]
    context = {"page": page, "release": found, "against": asked[0], "trail": trail}
    return TemplateResponse(request, "public/release_detail.html", context)


@public
def taken_back(request: HttpRequest) -> HttpResponseBase:
    pages = Paginator(history.stones(), ON_A_PAGE).get_page(request.GET.get("page", ""))
    context = {
        "pages": pages,
        "stones": [gravestone(stone) for stone in pages.object_list],
        "trail": [("Overview", "/"), ("Taken back", "")],
    }
    return TemplateResponse(request, "public/taken_back.html", context)


def _program(uid: UUID, title: str) -> list[tuple[str, str]]:
    return [(title or "A program", f"/programs/{uid}/")]
