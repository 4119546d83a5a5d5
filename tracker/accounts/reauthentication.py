"""What may only be done by somebody who has just shown again that it is them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

View = Callable[..., HttpResponseBase]


@reauthentication_required
def _check(request: HttpRequest) -> None:
    """Raises when the password was given again too long ago, or not yet in this session."""


def recently_authenticated(view: View) -> View:
    """Ask for the password again, unless that was done within `ACCOUNT_REAUTHENTICATION_TIMEOUT` seconds.

    Afterwards the person is back on the page. What a stale session sent is never kept and never done later: the
    person sees the page again and presses the button again.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            _check(request)
        except ReauthenticationRequired:
            return _ask(request)
        return view(request, *args, **kwargs)

    return wrapper


def _ask(request: HttpRequest) -> HttpResponse:
    back = request.get_full_path()
    if request.method not in ("GET", "HEAD"):
        back = _page_before(request)
        messages.warning(
            request,
            "Nothing was done yet. Show that it is you; then press the button again.",
        )
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")


def _page_before(request: HttpRequest) -> str:
    """The page whose button was pressed: an address that only takes POST would refuse to be shown."""
    before = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        before, {request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(before)
    if not (before and ours and parts.path) or parts.path == reverse("account_reauthenticate"):
        return "/desk/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
