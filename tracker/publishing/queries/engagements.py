"""Engagements: which are public, and which would read differently today."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import Role, User
from tracker.audits.models import Engagement, EngagementQuerySet, Finding
from tracker.publishing.content import engagements
from tracker.publishing.models import (
    PublishedEngagement,
    PublishedFinding,
    ReleaseItem,
    StandingRelease,
)


def engagement_changed(engagement: Engagement) -> bool:
    """Is it public, and would it read differently today? That a day passed is no change."""
    public = PublishedEngagement.objects.filter(uid=engagement.uid).first()
    if public is None:
        return False
    items = ReleaseItem.objects.filter(release=public.release_id, kind="engagement")
    released = [_undated(item.row.subject, item.row.cells) for item in items.select_related("row")]
    rows = engagements.rows(engagement, public.as_of)
    return released != [_undated(row.subject, row.cells) for row in rows]


def _undated(uid: UUID, cells: dict[str, Any]) -> tuple[UUID, dict[str, Any]]:
    return uid, {name: cell for name, cell in cells.items() if name not in engagements.DATED}


def standing_release(engagement: Engagement) -> StandingRelease | None:
    found = StandingRelease.objects.in_force().filter(engagement=engagement)
    return found.select_related("ordered_by").first()


def engagements_to_publish(user: User) -> EngagementQuerySet:
    """Engagements of the person's own audit office, and those on whose team they are."""
    held = user.memberships.filter(role=Role.AUDITOR, status="active")
    if not held.exists():
        return Engagement.objects.none()
    mine = Q(office=user.organisation_id) | Q(team__person=user)
    return Engagement.objects.filter(pk__in=Engagement.objects.filter(mine).values("pk"))


def published_findings_of(engagement: Engagement) -> list[tuple[Finding, bool]]:
    """Issued findings, each with whether it is public. Two queries."""
    found = list(Finding.objects.issued().filter(engagement=engagement).order_by("number"))
    public = set(
        PublishedFinding.objects.filter(uid__in=[f.uid for f in found]).values_list(
            "uid", flat=True
        )
    )
    return [(finding, finding.uid in public) for finding in found]


def published_engagement(engagement: Engagement) -> PublishedEngagement | None:
    found = PublishedEngagement.objects.filter(uid=engagement.uid)
    return found.select_related("release").first()


def with_release(rows: "QuerySet[Engagement]") -> "QuerySet[Engagement]":
    """Add `release_number`, null while it is not public, and `ordered`: changes are released as they happen."""
    public = PublishedEngagement.objects.filter(uid=OuterRef("uid"))
    return rows.annotate(
        release_number=Subquery(public.values("release__number")[:1]),
        ordered=Exists(StandingRelease.objects.in_force().filter(engagement=OuterRef("pk"))),
    )
