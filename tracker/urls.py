"""The addresses. Everything below /desk/ needs a sign-in; the rest is public."""

from django.urls import include, path

urlpatterns = [
    path("", include("tracker.public.urls")),
    path("account/", include("tracker.accounts.urls")),
    path("desk/", include("tracker.dashboards.urls")),
    path("desk/", include("tracker.programs.urls")),
    path("desk/", include("tracker.results.urls")),
    path("desk/", include("tracker.ledger.urls")),
    path("desk/", include("tracker.uploads.urls")),
    path("desk/", include("tracker.audits.urls")),
    path("desk/", include("tracker.publishing.urls")),
]
