"""The addresses. Everything below /desk/ needs a sign-in; the rest is public."""

from allauth.account import views as allauth
from django.urls import include, path, re_path
from django.views.decorators.http import require_http_methods

# Its class-based views would also answer PUT as if it were POST.
_page = require_http_methods(["GET", "HEAD", "POST"])

# Of allauth only what is needed: nobody signs up, and nobody manages addresses.
SIGN_IN = [
    path("login/", _page(allauth.login), name="account_login"),
    path("logout/", _page(allauth.logout), name="account_logout"),
    path("inactive/", _page(allauth.account_inactive), name="account_inactive"),
    path("reauthenticate/", _page(allauth.reauthenticate), name="account_reauthenticate"),
    path("password/change/", _page(allauth.password_change), name="account_change_password"),
    path("password/reset/", _page(allauth.password_reset), name="account_reset_password"),
    path(
        "password/reset/sent/",
        _page(allauth.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "password/reset/done/",
        _page(allauth.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9a-f]{32})-(?P<key>[0-9A-Za-z-]+)/$",
        _page(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]

urlpatterns = [
    path("", include("tracker.public.urls")),
    path("", include("tracker.accounts.urls")),
    path("account/", include(SIGN_IN)),
    path("desk/", include("tracker.dashboards.urls")),
    path("desk/", include("tracker.programs.urls")),
    path("desk/", include("tracker.results.urls")),
    path("desk/", include("tracker.ledger.urls")),
    path("desk/", include("tracker.uploads.urls")),
    path("desk/", include("tracker.audits.urls")),
    path("desk/", include("tracker.publishing.urls")),
]
