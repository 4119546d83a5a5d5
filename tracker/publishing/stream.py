"""The audit offices' released engagements and recommendations, read from the release tables alone, as `released` is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Sum

from tracker.publishing import released
from tracker.publishing.models import (
    PublishedEngagement,
    PublishedFinding,
    PublishedProgram,
    Release,
    ReleasedRow,
    ReleaseItem,
)
from tracker.publishing.released import NOT_STATED, WITHHELD, Cell

SHOWN = 50  # of each list on the page of an office or an engagement; the lists themselves are paged


def engagements() -> QuerySet[PublishedEngagement]:
    return PublishedEngagement.objects.select_related("release")


@dataclass(frozen=True)
class EngagementPage:
    """A released engagement as of its newest release, with its released findings."""

    engagement: PublishedEngagement
    release: Release
    cells: Mapping[str, Cell]
    findings: list[PublishedFinding]
    programs: Mapping[str, PublishedProgram]  # of the scope, those that are public, by identifier
    withheld: list[ReleasedRow]


def engagement_page(uid: UUID) -> EngagementPage | None:
    engagement = engagements().filter(uid=uid).first()
    if engagement is None:
        return None
    by_kind = released.rows_by_kind(engagement.release)
    cells = by_kind["engagement"][0].cells
    named = [part["program"] for part in cells.get("scope", NOT_STATED).get("value") or []]
    found = released.findings().filter(engagement_uid=uid).order_by("-issued_on", "-pk")
    return EngagementPage(
        engagement=engagement,
        release=engagement.release,
        cells=cells,
        findings=list(found[:SHOWN]),
        programs={
            str(program.uid): program for program in released.programs().filter(uid__in=named)
        },
        withheld=by_kind.get(WITHHELD, []),
    )


@dataclass(frozen=True)
class OfficePage:
    """What an audit office released: its engagements, its findings, and which of its recommendations are open."""

    uid: UUID
    name: str
    engagements: list[PublishedEngagement]
    findings: list[PublishedFinding]
    open: list[ReleasedRow]
    counted: Mapping[str, int]
    as_of: date | None


def office_page(uid: UUID) -> OfficePage | None:
    """Six queries; None for an office that released nothing."""
    looked = engagements().filter(office_uid=uid)
    found = released.findings().filter(office_uid=uid)
    told = found.aggregate(
        findings=Count("pk"),
        recommendations=Sum("recommendations"),
        open=Sum("open_recommendations"),
        as_of=Max("as_of"),
    )
    shown = list(looked.order_by("-release__published_at", "-pk")[:SHOWN])
    newest = list(found.order_by("-issued_on", "-pk")[:SHOWN])
    if not shown and not newest:
        return None
    days = [told["as_of"], *(engagement.as_of for engagement in shown)]
    return OfficePage(
        uid=uid,
        name=(shown or newest)[0].office,
        engagements=shown,
        findings=newest,
        open=list(open_recommendations(found)[:SHOWN]),
        counted={
            "engagements": looked.count(),
            "findings": told["findings"],
            "recommendations": told["recommendations"] or 0,
            "open": told["open"] or 0,
        },
        as_of=max(day for day in days if day is not None),
    )


def open_recommendations(found: QuerySet[PublishedFinding]) -> QuerySet[ReleasedRow]:
    """The open recommendations of these findings, the longest overdue first."""
    rows = ReleasedRow.objects.filter(
        kind="recommendation",
        items__release__in=found.values("release"),
        cells__closed__value=False,
    )
    return rows.order_by("cells__due_on__value", "pk")


@dataclass(frozen=True)
class RecommendationPage:
    """A released recommendation with every state it was in, oldest first."""

    uid: UUID
    finding: PublishedFinding
    release: Release
    cells: Mapping[str, Cell]
    states: list[ReleasedRow]


def recommendation_page(uid: UUID) -> RecommendationPage | None:
    """As its finding's newest release has it. One query for one that is not public or does not exist."""
    current = PublishedFinding.objects.filter(release=OuterRef("release"))
    items = ReleaseItem.objects.filter(kind="recommendation", row__subject=uid)
    item = items.filter(Exists(current)).select_related("row").first()
    if item is None:
        return None
    finding = released.findings().get(release=item.release_id)
    states = released.rows(finding.release, "recommendation_state")
    return RecommendationPage(
        uid=uid,
        finding=finding,
        release=finding.release,
        cells=item.row.cells,
        states=[row for row in states if released.value(row, "recommendation") == str(uid)],
    )
