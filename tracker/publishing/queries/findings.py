"""Findings: which are public, and which would read differently today."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import Role, User
from tracker.audits.models import Finding, FindingQuerySet, Recommendation, RecommendationStep
from tracker.publishing.content import audit
from tracker.publishing.content.cells import Row
from tracker.publishing.models import (
    PublishedFinding,
    ReleasedRow,
    ReleaseItem,
    Withholding,
)


def changed_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The already public findings among these that would read differently today. That a day passed is no change."""
    named = {finding.uid: finding for finding in findings}
    public = PublishedFinding.objects.filter(uid__in=named).select_related("release")
    return [
        named[row.uid]
        for row in public.order_by("pk")
        if _undated(audit.rows(named[row.uid], row.as_of)) != _undated(_released(row))
    ]


def _released(published: PublishedFinding) -> Iterable[ReleasedRow]:
    kinds = ("finding", "recommendation", "recommendation_state")
    items = ReleaseItem.objects.filter(release=published.release, kind__in=kinds)
    return (item.row for item in items.select_related("row").order_by("kind", "position"))


def _undated(rows: Iterable[Row | ReleasedRow]) -> list[tuple[str, UUID, dict]]:
    dated = audit.DATED
    return [
        (row.kind, row.subject, {k: v for k, v in row.cells.items() if k not in dated})
        for row in rows
    ]


def with_release(findings: "QuerySet[Finding]") -> "QuerySet[Finding]":
    """Add `release_number`, `released_at`, and `moved`: something happened to it since."""
    public = PublishedFinding.objects.filter(uid=OuterRef("uid"))
    steps = RecommendationStep.objects.filter(
        recommendation__finding=OuterRef("pk"), entry_id__gt=OuterRef("released_size")
    )
    at = OuterRef("released_at")
    asked = Recommendation.objects.filter(finding=OuterRef(OuterRef("pk"))).values("uid")
    decisions = Withholding.objects.filter(Q(record=OuterRef("uid")) | Q(record__in=asked)).filter(
        Q(decided_at__gt=at) | Q(reviewed_at__gt=at) | Q(lifted_at__gt=at)
    )
    return findings.annotate(
        release_number=Subquery(public.values("release__number")[:1]),
        released_at=Subquery(public.values("release__published_at")[:1]),
        released_size=Subquery(public.values("release__journal_size")[:1]),
    ).annotate(moved=Exists(steps) | Exists(decisions), office_name=F("engagement__office__name"))


def findings_to_publish(user: User) -> FindingQuerySet:
    """Issued findings of the offices and engagements whose auditor the person is."""
    held = user.memberships.filter(role=Role.AUDITOR, status="active")
    if not held.exists():
        return Finding.objects.none()
    mine = Q(engagement__office=user.organisation_id) | Q(engagement__team__person=user)
    return Finding.objects.issued().filter(pk__in=Finding.objects.filter(mine).values("pk"))
