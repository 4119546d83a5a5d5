"""Recommendations: how old, how late, and every step they took."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from tracker.accounts.models import User
from tracker.audits.models import (
    CLOSED_OTHERWISE,
    Engagement,
    Finding,
    FindingStatus,
    Recommendation,
    RecommendationQuerySet,
    RecommendationState,
    RecommendationStep,
)
from tracker.audits.policies.office import check_reads_office
from tracker.shared.clock import today
from tracker.shared.policies import permits

_S = RecommendationState
# Ageing as audit offices publish it; four years is the horizon on which implementation is judged.
BUCKETS: tuple[tuple[str, int | None], ...] = (
    ("up to 6 months", 6),
    ("6 to 12 months", 12),
    ("1 to 2 years", 24),
    ("2 to 4 years", 48),
    ("4 to 5 years", 60),
    ("5 years and more", None),
)


def today_for(user: User) -> date:
    """Today where the person works."""
    return user.organisation.today() if user.organisation else today()


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    return months_before(day, -months)


def late_on(day: date) -> Q:
    """Due before the day, and no accepted risk puts it off; of open ones."""
    holds = Q(accepted_until__isnull=True) | Q(accepted_until__lt=day)
    return Q(due_on__lt=day) & holds


@dataclass(frozen=True)
class Bucket:
    """Open recommendations of one age, counted from the day of issue."""

    label: str
    count: int
    overdue: int


def by_age(recommendations: RecommendationQuerySet, day: date) -> list[Bucket]:
    """The open ones among them by age, and how many of each age are overdue. One query."""
    asked, upper = {}, None
    for number, (_, months) in enumerate(BUCKETS):
        lower = months_before(day, months) if months else None
        aged = Q(issued_on__gt=lower) if lower else Q()
        aged &= Q(issued_on__lte=upper) if upper else Q()
        asked[f"count_{number}"] = Count("pk", filter=aged, distinct=True)
        asked[f"late_{number}"] = Count("pk", filter=aged & late_on(day), distinct=True)
        upper = lower
    found = recommendations.open().aggregate(**asked)
    return [
        Bucket(label, found[f"count_{number}"], found[f"late_{number}"])
        for number, (label, _) in enumerate(BUCKETS)
    ]


@dataclass(frozen=True)
class Counts:
    """What the desk says about audits."""

    engagements: int
    draft_findings: int
    issued_findings: int
    open_recommendations: int
    overdue_recommendations: int
    reads_office: bool


def counts(user: User) -> Counts:
    """What of audits the person sees, and whether an audit office's year is theirs to read. Five queries at most."""
    day = today_for(user)
    findings = Finding.objects.visible_to(user).aggregate(
        drafts=Count("pk", filter=Q(status=FindingStatus.DRAFT)),
        issued=Count("pk", filter=Q(status=FindingStatus.ISSUED)),
    )
    left = Recommendation.objects.visible_to(user).open()
    open_ones = left.aggregate(all=Count("pk"), late=Count("pk", filter=late_on(day)))
    return Counts(
        Engagement.objects.visible_to(user).count(),
        findings["drafts"],
        findings["issued"],
        open_ones["all"],
        open_ones["late"],
        permits(check_reads_office, user),
    )


def open_recommendations(user: User) -> RecommendationQuerySet:
    """Those that the person sees, the most urgent first."""
    return Recommendation.objects.visible_to(user).open().for_table().order_by("due_on", "pk")


def steps_of(recommendation: Recommendation) -> QuerySet[RecommendationStep]:
    """Every step, oldest first, with its words, its file and who took it."""
    return recommendation.steps.select_related("text", "evidence", "taken_by").order_by("pk")


def last_claim(recommendation: Recommendation) -> RecommendationStep | None:
    """The last time that the owner said it is done."""
    claims = recommendation.steps.filter(after=RecommendationState.IMPLEMENTATION_CLAIMED).exclude(
        before=RecommendationState.IMPLEMENTATION_CLAIMED
    )
    return claims.select_related("text", "evidence").order_by("-pk").first()


def recommendations_of(engagement: Engagement) -> RecommendationQuerySet:
    """Every recommendation of an engagement, draft or issued, the most urgent first."""
    rows = Recommendation.objects.filter(finding__engagement=engagement)
    rows = rows.exclude(finding__status=FindingStatus.DROPPED)
    return rows.for_table().order_by("due_on", "pk")


def recommendations_of_finding(finding: Finding, user: User) -> RecommendationQuerySet:
    """Those of a finding that the person may see, by number."""
    rows = Recommendation.objects.visible_to(user).filter(finding=finding)
    return rows.for_table().order_by("number", "pk")


WAY = (
    ("Issued", {_S.ISSUED}),
    ("Answered", {_S.OPEN_UNRESOLVED, _S.RISK_ACCEPTED, _S.REOPENED}),
    ("Being carried out", {_S.OPEN_RESOLVED, _S.PARTIALLY_ADDRESSED}),
    ("Said to be done", {_S.IMPLEMENTATION_CLAIMED}),
    ("Verified and closed", {_S.CLOSED_IMPLEMENTED}),
)


def progress(recommendation: Recommendation) -> list[dict[str, str]]:
    """Where it stands on its way, for the component that draws steps."""
    state = recommendation.state
    if state in CLOSED_OTHERWISE:
        label = recommendation.get_state_display().capitalize()
        return [{"label": "Issued", "state": "done"}, {"label": label, "state": "stopped"}]
    now = next((i for i, (_, states) in enumerate(WAY) if state in states), -1)
    last = len(WAY) - 1
    return [
        {
            "label": label,
            "state": "done" if i < now or i == now == last else "current" if i == now else "",
            "note": recommendation.get_state_display() if i == now else "",
        }
        for i, (label, _) in enumerate(WAY)
    ]
