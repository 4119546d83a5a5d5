"""The audit office's own way to the public."""

from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from tracker.publishing import actions, policies, queries
from tracker.publishing.content import audit
from tracker.publishing.filters import FindingReleaseFilter
from tracker.publishing.tables import FindingReleaseTable
from tracker.publishing.views.common import HOME, tabs, tried
from tracker.shared.pages import table_page
from tracker.shared.policies import permits, why_not

FINDINGS = ("Findings", "/desk/publishing/findings/")


def _mine(request):
    rows = queries.findings_to_publish(request.user).for_table()
    return queries.findings_with_release(rows)


@require_GET
def finding_list(request):
    return table_page(
        request,
        "publishing/finding_list.html",
        filterset=FindingReleaseFilter(request.GET, queryset=_mine(request)),
        table_class=FindingReleaseTable,
        csv_name="findings-to-publish",
        tabs=tabs("publishing:findings"),
        trail=[HOME, ("Findings", "")],
    )


@require_GET
def finding(request, uid):
    finding = get_object_or_404(_mine(request), uid=uid)
    as_of = finding.engagement.office.today()
    rows = list(audit.rows(finding, as_of))
    check = policies.check_can_release_finding
    context = {
        "finding": finding,
        "as_of": as_of,
        "cells": rows[0].cells,
        "recommendations": [row.cells for row in rows[1:]],
        "may_release": permits(check, request.user, finding),
        "why_not": why_not(check, request.user, finding),
        "unchanged": bool(finding.release_number) and not queries.changed_findings([finding]),
        "trail": [HOME, FINDINGS, (finding.title, "")],
    }
    return TemplateResponse(request, "publishing/finding.html", context)


@require_POST
def release(request, uid):
    finding = get_object_or_404(_mine(request), uid=uid)
    done = "The finding is public, with the states of its recommendations as of today."
    tried(request, lambda: actions.release_finding(finding=finding, by=request.user), done)
    return redirect("publishing:finding", uid)
