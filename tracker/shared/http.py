"""Middleware: the content policy on every answer, who must sign in, and refusals that nobody caught."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from tracker.shared.errors import Refused

GetResponse = Callable[[HttpRequest], HttpResponse]


def content_policy(get_response: GetResponse) -> GetResponse:
    """Send the strict content policy. Scripts and styles come from our own files only."""
    header = "; ".join(f"{name} {value}" for name, value in settings.CONTENT_POLICY.items())

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", header)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response

    return middleware


class SignInRequired(LoginRequiredMiddleware):
    """Everything needs a sign-in except what says `login_not_required`.

    Django's own asks who is there before it asks the view, so that a public page would read the session.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> Any:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class refusals:  # noqa: N801 - a middleware is named for what it does
    """A refusal that a view let through is the person's to read, not a 500; an address without a page says so."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET":
            page = TemplateResponse(
                request, "405.html", status=405, headers={"Allow": response["Allow"]}
            )
            return page.render()
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        context = {"sentence": exception.sentence}
        return TemplateResponse(request, "400.html", context, status=400).render()
