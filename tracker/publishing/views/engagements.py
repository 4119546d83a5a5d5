"""The audit office publishes what it looks at, and orders that changes are released as they happen."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.audits.models import Engagement
from tracker.publishing import actions, policies, queries
from tracker.publishing.content import engagements
from tracker.publishing.filters import EngagementReleaseFilter
from tracker.publishing.forms import EndOrderForm
from tracker.publishing.tables import EngagementReleaseTable
from tracker.publishing.views.common import HOME, history, tabs, tried
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not

ENGAGEMENTS = ("Engagements", "/desk/publishing/engagements/")


def _load(request: StaffRequest, uid: UUID) -> Engagement:
    rows = queries.engagements_to_publish(request.user).select_related("office")
    return get_object_or_404(rows, uid=uid)


@require_GET
def engagement_list(request: StaffRequest) -> HttpResponseBase:
    rows = queries.engagements_with_release(queries.engagements_to_publish(request.user))
    return table_page(
        request,
        "publishing/engagement_list.html",
        filterset=EngagementReleaseFilter(request.GET, queryset=rows),
        table_class=EngagementReleaseTable,
        csv_name="engagements-to-publish",
        tabs=tabs("publishing:engagements"),
        trail=[HOME, ENGAGEMENTS],
    )


@require_GET
def engagement(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    as_of = found.office.today()
    (row,) = engagements.rows(found, as_of)
    order = queries.standing_release(found)
    public = queries.published_engagement(found)
    context = {
        "engagement": found,
        "as_of": as_of,
        "cells": row.cells,
        "scope": found.scope.select_related("program").order_by("program__title", "pk"),
        "public": public,
        "order": order,
        "findings": queries.published_findings_of(found),
        "may_release": permits(policies.check_can_release_engagement, request.user, found),
        "why_not": why_not(policies.check_can_release_engagement, request.user, found),
        "unchanged": public is not None and not queries.engagement_changed(found),
        "end_form": EndOrderForm(),
        "history": history(order) if order else [],
        "trail": [HOME, ENGAGEMENTS, (found.number, "")],
    }
    return TemplateResponse(request, "publishing/engagement.html", context)


@require_POST
def release(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    standing = request.POST.get("standing") == "on"
    done = "The engagement is public as it stands today."
    if standing:
        done += " Its changes are released as they happen from now on."
    tried(
        request,
        lambda: actions.release_engagement(engagement=found, standing=standing, by=request.user),
        done,
    )
    return redirect("publishing:engagement", uid)


@require_POST
def order(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    done = "Every change of it is released as it happens from now on."
    tried(
        request,
        lambda: actions.order_standing_release(engagement=found, by=request.user),
        done,
    )
    return redirect("publishing:engagement", uid)


@require_POST
def end(request: StaffRequest, uid: UUID) -> HttpResponse:
    found = _load(request, uid)
    standing = queries.standing_release(found)
    if standing is not None:
        tried(
            request,
            lambda: actions.end_standing_release(
                order=standing, reason=request.POST.get("reason", "")[:300], by=request.user
            ),
            "The order has ended: an auditor releases each change by hand.",
        )
    return redirect("publishing:engagement", uid)
