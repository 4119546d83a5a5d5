"""The audit offices' pages: what they look at, what they found, what became of what they asked for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tracker.public import words
from tracker.public.money import dated
from tracker.public.queries import Finding, Recommendation, recommended, with_rows
from tracker.public.rows import Row, rows_of
from tracker.publishing import released, stream
from tracker.publishing.models import PublishedEngagement, PublishedProgram, Release, ReleaseItem
from tracker.publishing.released import WITHHELD

TURNED_DOWN = ("implementation_claimed", "open_resolved")


@dataclass(frozen=True)
class InScope:
    """A program that is looked at, None while it is not public, and the days of it."""

    program: PublishedProgram | None
    first: str | None
    last: str | None


@dataclass(frozen=True)
class EngagementPage:
    page: stream.EngagementPage
    row: Row
    scope: list[InScope]
    findings: list[Finding]
    withheld: list[str]
    releases: list[Release]

    @property
    def moves(self) -> list[dict[str, Any]]:
        return list(reversed(self.row.code("moves") or []))


def engagement_page(uid: UUID) -> EngagementPage | None:
    """Six queries; None after one for what is not public or does not exist."""
    page = stream.engagement_page(uid)
    if page is None:
        return None
    row = Row(str(uid), "engagement", page.cells)
    scope = [
        InScope(page.programs.get(part["program"]), part["from"], part["to"])
        for part in row.code("scope") or []
    ]
    return EngagementPage(
        page=page,
        row=row,
        scope=scope,
        findings=with_rows(page.findings),
        withheld=[told(one) for one in rows_of(page.withheld)],
        releases=list(released.releases_of(uid, "audit")[: stream.SHOWN]),
    )


def told(row: Row) -> str:
    """A withheld field with its reason, in a line."""
    field = words.field_words(row.said("field") or "a field")
    return f"{field.capitalize()}: {row.said('category')}, {row.said('reason')}"


@dataclass(frozen=True)
class OfficePage:
    page: stream.OfficePage
    engagements: list[tuple[PublishedEngagement, str]]  # with the words for its state
    findings: list[Finding]
    open: list[Recommendation]


def office_page(uid: UUID) -> OfficePage | None:
    page = stream.office_page(uid)
    if page is None:
        return None
    labels = words.ENGAGEMENT_STATES
    named = [(one, labels.get(one.status, one.status)) for one in page.engagements]
    return OfficePage(page, named, with_rows(page.findings), recommended(rows_of(page.open)))


@dataclass(frozen=True)
class State:
    """A step of a recommendation: into which state, or to which later due date."""

    row: Row
    tone: str
    mark: str

    @property
    def extended(self) -> bool:
        return self.row.code("before") == self.row.code("after") and bool(self.row.code("due_on"))

    @property
    def turned_down(self) -> bool:
        """The owner said that it is implemented, and the auditors found that it is not."""
        return (self.row.code("before"), self.row.code("after")) == TURNED_DOWN


@dataclass(frozen=True)
class RecommendationPage:
    page: stream.RecommendationPage
    one: Recommendation
    states: list[State]
    withheld: list[str]
    plan: dict[str, Any] | None = None

    @property
    def row(self) -> Row:
        return self.one.row


def recommendation_page(uid: UUID) -> RecommendationPage | None:
    page = stream.recommendation_page(uid)
    if page is None:
        return None
    (one,) = recommended([Row(str(uid), "recommendation", page.cells)])
    hidden = ReleaseItem.objects.filter(
        release=page.release, kind=WITHHELD, row__subject=uid
    ).select_related("row")
    return RecommendationPage(
        page=page,
        one=one,
        states=[_state(row) for row in reversed(rows_of(page.states))],
        withheld=[told(row) for row in rows_of(item.row for item in hidden)],
        plan=planned(one.row),
    )


def planned(row: Row) -> dict[str, Any] | None:
    plan = row.code("plan")
    return plan and dated(plan, "stated_on", "anticipated_on")


def _state(row: Row) -> State:
    after = row.code("after") or ""
    if after == "closed_implemented":
        return State(row, "good", "✓")
    if after.startswith("closed"):
        return State(row, "", "–")
    return State(row, "warn", "~")
