"""What auditors opened of what is withheld: the owner's list."""

from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.publishing import actions
from tracker.publishing.filters import GlassFilter
from tracker.publishing.models import BrokenGlass
from tracker.publishing.tables import GlassTable
from tracker.publishing.views.common import HOME, tabs, tried
from tracker.shared.pages import table_page


@require_GET
def glass_list(request: StaffRequest) -> HttpResponseBase:
    rows = BrokenGlass.objects.visible_to(request.user)
    rows = rows.select_related("program", "text", "broken_by", "noted__noted_by")
    return table_page(
        request,
        "publishing/glass_list.html",
        filterset=GlassFilter(request.GET, queryset=rows.annotate(times=Count("readings"))),
        table_class=GlassTable,
        csv_name="broken-glass",
        tabs=tabs("publishing:glasses"),
        trail=[HOME, ("Broken glass", "")],
    )


@require_POST
def note(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(BrokenGlass.objects.visible_to(request.user), uid=uid)
    done = "It is noted that you know of it."
    tried(request, lambda: actions.note_glass(glass=found, by=request.user), done)
    return redirect("publishing:glasses")
