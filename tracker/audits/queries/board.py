"""Engagements by state, and where one stands on its way."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import User
from tracker.audits.models import (
    OPEN,
    DraftComment,
    DraftPart,
    DraftReport,
    Engagement,
    EngagementStatus,
)
from tracker.audits.policies.drafts import HEARS
from tracker.shared.dates import say_day

S = EngagementStatus

BOARD = (
    *(S.PLANNED, S.ANNOUNCED, S.FIELDWORK, S.DRAFT_ISSUED),
    *(S.AGENCY_COMMENT, S.FINAL, S.FOLLOW_UP),
)
A_COLUMN = 20


@dataclass(frozen=True)
class Card:
    """An engagement on the board."""

    engagement: Engagement
    days: int | None
    waits: str
    due: date | None


@dataclass(frozen=True)
class Column:
    """A state with its engagements, those longest in it first; `total` counts those not shown as well."""

    status: str
    label: str
    cards: tuple[Card, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.cards)


def board_of(user: User, day: date) -> list[Column]:
    """Engagements under way that the person sees, by state. The number of queries does not depend on how many."""
    is_open = Q(findings__recommendations__state__in=OPEN)
    drafts = DraftReport.objects.filter(engagement=OuterRef("pk")).order_by("-number")
    seen = Engagement.objects.visible_to(user)
    totals = dict(
        seen.filter(status__in=BOARD).order_by().values_list("status").annotate(n=Count("pk"))
    )
    rows = (
        seen.for_table()
        .annotate(
            findings_count=Count("findings", filter=~Q(findings__status="dropped"), distinct=True),
            open_recommendations=Count("findings__recommendations", filter=is_open, distinct=True),
            comments_due_on=Subquery(drafts.values("comments_due_on")[:1]),
            unheard=Exists(_parts_unheard().filter(draft__engagement=OuterRef("pk"))),
        )
        .order_by(F("moved_at").asc(nulls_first=True), "pk")
    )
    return [
        Column(
            status,
            S(status).label,
            tuple(_card(one, day) for one in rows.filter(status=status)[:A_COLUMN]),
            totals.get(status, 0),
        )
        for status in BOARD
    ]


def _card(engagement: Engagement, day: date) -> Card:
    days = max(0, (day - engagement.moved_at.date()).days) if engagement.moved_at else None
    due: date | None = engagement.comments_due_on  # type: ignore[attr-defined]
    asked: bool = engagement.unheard  # type: ignore[attr-defined]
    if engagement.status in HEARS and asked and due is not None and day <= due:
        return Card(engagement, days, "the audited side", due)
    owners = engagement.status == S.FOLLOW_UP and engagement.open_recommendations  # type: ignore[attr-defined]
    return Card(engagement, days, "the owners asked" if owners else "the team", None)


def _parts_unheard() -> QuerySet[DraftPart]:
    """Organisations that have not given their view of the whole of a newest draft."""
    later = DraftReport.objects.filter(
        engagement=OuterRef("draft__engagement"), number__gt=OuterRef("draft__number")
    )
    answered = DraftComment.objects.filter(
        draft=OuterRef("draft"), organisation=OuterRef("organisation"), finding__isnull=True
    )
    parts = DraftPart.objects.filter(finding__isnull=True)
    return parts.exclude(Exists(later)).exclude(Exists(answered))


STEPS_OF_WAY = (
    S.PLANNED,
    S.ANNOUNCED,
    S.FIELDWORK,
    S.DRAFT_ISSUED,
    S.AGENCY_COMMENT,
    S.FINAL,
    S.FOLLOW_UP,
    S.CLOSED,
)


def way_of(engagement: Engagement) -> list[dict[str, str]]:
    """Where it stands on its way, for the component that draws steps; what was left out says that it was."""
    if engagement.status == S.TERMINATED:
        label = S.TERMINATED.label.capitalize()
        return [{"label": "Planned", "state": "done"}, {"label": label, "state": "stopped"}]
    now = STEPS_OF_WAY.index(S(engagement.status))
    skipped = {S.ANNOUNCED} if engagement.unannounced_because else set()
    if engagement.uncommented_because:
        skipped |= {S.DRAFT_ISSUED, S.AGENCY_COMMENT}
    last = len(STEPS_OF_WAY) - 1
    since = say_day(engagement.moved_at.date()) if engagement.moved_at else ""
    return [
        {
            "label": step.label.capitalize(),
            "state": "done" if i < now or i == now == last else "current" if i == now else "",
            "note": f"since {since}" if i == now and since else "",
        }
        for i, step in enumerate(STEPS_OF_WAY)
        if step not in skipped
    ]
