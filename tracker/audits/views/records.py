"""Linking other exact records to the draft of a finding, and taking them out."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from tracker.accounts.requests import StaffRequest
from tracker.audits import actions, policies, queries
from tracker.audits.models import LinkKind
from tracker.audits.views.findings import load
from tracker.shared.errors import Refused
from tracker.shared.sealing import veil_for


@require_GET
def records(request: StaffRequest, uid: UUID) -> HttpResponse:
    """Records in scope, of one kind at a time, each with a button that links it."""
    found = load(request, uid)
    try:
        policies.check_can_change_finding(request.user, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    kind = request.GET.get("kind", "")
    kind = kind if kind in policies.LINKABLE else LinkKind.VERSION
    words = request.GET.get("q", "")[:100]
    linked = {(row.kind, row.record) for row in found.records.all()}
    rows = [
        policies.linked(kind, row)
        for row in queries.records_in_scope(found.engagement, kind, words, veil_for(request.user))
        if (kind, row.uid) not in linked
    ]
    context = {
        "finding": found,
        "kinds": LinkKind.choices,
        "kind": kind,
        "kind_label": LinkKind(kind).label,
        "words": words,
        "searchable": bool(policies.LINKABLE[kind].words),
        "rows": rows,
    }
    return TemplateResponse(request, "audits/finding_records.html", context)


@require_POST
def record_link(request: StaffRequest, uid: UUID, kind: str, record: UUID) -> HttpResponse:
    found = load(request, uid)
    try:
        linked = policies.check_linkable(kind, record)
        actions.link_record(finding=found, record=linked, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"Linked: {linked.label}.")
    return redirect(found)


@require_POST
def record_unlink(request: StaffRequest, uid: UUID, kind: str, record: UUID) -> HttpResponse:
    found = load(request, uid)
    link = get_object_or_404(found.records.filter(kind=kind), record=record)
    try:
        actions.unlink_record(finding=found, record=link, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "The record was taken out of the draft.")
    return redirect(found)
