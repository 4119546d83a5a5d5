"""Reads over how an engagement is worked on: declarations, drafts and comments, papers, and the board."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from tracker.accounts.models import Organisation, Role, User
from tracker.audits import policies
from tracker.audits.models import (
    OPEN,
    UNDER_WAY,
    CommentReply,
    DraftComment,
    DraftPart,
    DraftReport,
    Engagement,
    EngagementQuerySet,
    EngagementStatus,
    Finding,
    IndependenceDeclaration,
    PaperLink,
    PaperReview,
    PaperVersion,
    ReviewNote,
    Stance,
    TeamMember,
    WorkingPaper,
    officer_for,
)
from tracker.audits.policies.declarations import ENDED, Declared
from tracker.audits.policies.drafts import HEARS
from tracker.programs.models import Program
from tracker.shared.clock import database_now
from tracker.shared.dates import say_day

S = EngagementStatus


# --- Independence ----------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """Somebody on a team: what they declared, and what the records say that they did (nothing, if they may stay)."""

    person: User
    leads: bool
    declared: Declared
    did: str
    since: date

    @property
    def is_ready(self) -> bool:
        return not (self.did or self.declared.impairment or self.declared.missing)


def members_of(engagement: Engagement) -> list[Member]:
    """The team with its independence, in a number of queries that does not grow with it."""
    rows = engagement.team.select_related("person__organisation").order_by("person__name", "pk")
    people = [row.person for row in rows]
    programs = policies.programs_of(engagement)
    since = policies.twelve_months_before(database_now())
    did = policies.parts_in(people, programs, since)
    known = policies.declared_by(people, programs, engagement, engagement.office.today())
    return [
        Member(one, one.pk == engagement.lead_id, known[one.pk], did.get(one.pk, ""), since.date())
        for one in people
    ]


def declarations_of(user: User) -> QuerySet[IndependenceDeclaration]:
    """All that somebody declared about their independence, newest first."""
    rows = IndependenceDeclaration.objects.filter(person=user)
    return rows.select_related("engagement", "organisation", "text").order_by("-pk")


def to_declare_for(user: User) -> EngagementQuerySet:
    """Engagements under way whose team the person is on and for which they have declared nothing."""
    made = IndependenceDeclaration.objects.filter(person=user, engagement=OuterRef("pk"))
    mine = Engagement.objects.filter(team__person=user, status__in=UNDER_WAY)
    return mine.exclude(Exists(made)).for_table().order_by("number", "pk")


def undeclared(user: User, day: date) -> EngagementQuerySet:
    """Engagements under way whose team the person is on, and which wait for a declaration of theirs: the one for the
    engagement, or the yearly one."""
    made = IndependenceDeclaration.objects.filter(person=user)
    own = made.filter(engagement=OuterRef("pk"))
    yearly = made.filter(engagement__isnull=True, until__gte=day)
    mine = Engagement.objects.filter(team__person=user, status__in=UNDER_WAY)
    return mine.exclude(Exists(own) & Exists(yearly)).for_table().order_by("number", "pk")


def yearly_is_missing(user: User, day: date) -> bool:
    """Whether an auditor has no yearly declaration in force."""
    newest = IndependenceDeclaration.objects.yearly_of(user).first()
    return newest is None or not newest.in_force(day)


# --- Drafts and comments ---------------------------------------------------


def drafts_of(engagement: Engagement) -> QuerySet[DraftReport]:
    """Every version of the draft with its comments and their answers, newest first."""
    return _with_comments(engagement.drafts.all(), DraftComment.objects.all())


def drafts_sent_to(user: User, engagement: Engagement) -> QuerySet[DraftReport]:
    """The versions sent to the organisations for which the person answers, with the comments of these alone."""
    mine = organisations_asked(user, engagement)
    theirs = DraftComment.objects.filter(organisation__in=[one.pk for one in mine])
    return _with_comments(DraftReport.objects.sent_to(user).filter(engagement=engagement), theirs)


def _with_comments(
    drafts: QuerySet[DraftReport], comments: QuerySet[DraftComment]
) -> QuerySet[DraftReport]:
    said = comments.select_related(
        "organisation", "finding", "text", "made_by", "reply__text", "reply__replied_by"
    )
    return (
        drafts.select_related("engagement__office", "text", "sent_by")
        .prefetch_related(
            Prefetch("comments", said.order_by("pk"), to_attr="said"),
            Prefetch("parts", DraftPart.objects.select_related("organisation"), to_attr="asked"),
        )
        .order_by("-number")
    )


def organisations_asked(user: User, engagement: Engagement) -> list[Organisation]:
    """The audited organisations for which the person may comment on a draft of the engagement."""
    parts = DraftPart.objects.filter(officer_for(user), draft__engagement=engagement)
    found = Organisation.objects.filter(pk__in=parts.values("organisation"))
    return list(found.order_by("name", "pk"))


def parts_to_comment(user: User, draft: DraftReport) -> list[DraftPart]:
    """What the person may comment on, the whole first."""
    parts = draft.parts.filter(officer_for(user)).select_related("organisation", "finding")
    rows = parts.order_by("organisation__name", F("finding__number").asc(nulls_first=True))
    return list(rows)


def findings_sent(
    draft: DraftReport, organisations: Collection[Organisation]
) -> list[dict[str, Any]]:
    """The findings of a draft, as they were sent, that concern the organisations."""
    wanted = {str(one.uid) for one in organisations}
    return [one for one in draft.text.findings if wanted & set(one["for"])]


def announced_to(user: User) -> EngagementQuerySet:
    """Engagements of which the audited side was told and in whose programs the person is an officer."""
    mine = Program.objects.held_as(user, Role.OFFICER).values("pk")
    told = Q(status=S.ANNOUNCED) | Q(drafts__isnull=False)
    told |= Q(status=S.FIELDWORK, unannounced_because="")
    rows = Engagement.objects.filter(told, scope__program__in=mine).exclude(status=S.PLANNED)
    return rows.distinct().for_table().order_by("-number", "pk")


def drafts_to_comment(user: User, day: date) -> QuerySet[DraftReport]:
    """Newest drafts within their term on which an organisation that the person answers for has not given its view."""
    answered = DraftComment.objects.filter(
        draft=OuterRef("draft"), organisation=OuterRef("organisation"), finding__isnull=True
    )
    left = DraftPart.objects.filter(officer_for(user), finding__isnull=True)
    left = left.exclude(Exists(answered))
    rows = DraftReport.objects.newest().filter(
        pk__in=left.values("draft"), engagement__status__in=HEARS, comments_due_on__gte=day
    )
    return rows.select_related("engagement__office").order_by("comments_due_on", "pk")


def comments_to_reply(user: User) -> QuerySet[DraftComment]:
    """Comments on drafts of the person's teams that nobody has answered."""
    replied = CommentReply.objects.filter(comment=OuterRef("pk"))
    rows = DraftComment.objects.exclude(Exists(replied)).exclude(stance=Stance.NO_COMMENT)
    rows = rows.filter(draft__engagement__team__person=user, draft__engagement__status__in=HEARS)
    return rows.select_related("draft__engagement", "organisation", "finding").order_by("pk")


def views_of(finding: Finding) -> QuerySet[DraftComment]:
    """The views of responsible officials on a finding, with the auditors' answers: they stand with it once issued."""
    rows = finding.comments.select_related(
        "organisation", "finding", "text", "made_by", "reply__text", "reply__replied_by"
    )
    return rows.order_by("pk")


# --- Working papers --------------------------------------------------------


def papers_of(user: User) -> QuerySet[Any]:
    """Papers that the person may see, with `title`, `number`, `reviewer`, `preparer` and `questions` of the newest
    version."""
    versions = PaperVersion.objects.filter(paper=OuterRef("pk")).order_by("-number")
    supports = PaperLink.objects.filter(version__paper=OuterRef("pk"), finding__isnull=False)
    return (
        WorkingPaper.objects.visible_to(user)
        .select_related("engagement")
        .annotate(
            title=Subquery(versions.values("text__title")[:1]),
            number=Subquery(versions.values("number")[:1]),
            preparer=Subquery(versions.values("prepared_by__name")[:1]),
            prepared_at=Subquery(versions.values("prepared_at")[:1]),
            reviewer=Subquery(versions.values("review__reviewed_by__name")[:1]),
            supports=Exists(supports),
            questions=Count(
                "versions__notes",
                filter=Q(
                    versions__notes__answers__isnull=True, versions__notes__answer__isnull=True
                ),
                distinct=True,
            ),
        )
    )


@dataclass(frozen=True)
class Papers:
    """How many working papers an engagement has, and how many of them wait for a review or an answer."""

    total: int
    unreviewed: int
    questions: int


def papers_in(engagement: Engagement, user: User) -> Papers | None:
    """Counted for those who may see them; nothing for others."""
    if user.organisation_id != engagement.office_id and not (
        TeamMember.objects.filter(engagement=engagement, person=user).exists()
    ):
        return None
    rows = WorkingPaper.objects.filter(engagement=engagement)
    asked = ReviewNote.objects.filter(
        version__paper__engagement=engagement, answers__isnull=True, answer__isnull=True
    )
    return Papers(rows.count(), rows.unreviewed().count(), asked.count())


def versions_of(paper: WorkingPaper) -> list[PaperVersion]:
    """Every version, newest first, with its words, files, references, review and notes."""
    notes = ReviewNote.objects.filter(answers__isnull=True).select_related(
        "text", "written_by", "answer__text", "answer__written_by"
    )
    links = PaperLink.objects.select_related(
        "paper", "finding__engagement", "transaction__text"
    ).order_by("pk")
    rows = paper.versions.select_related("text", "prepared_by", "review__reviewed_by")
    return list(
        rows.prefetch_related(
            Prefetch("notes", notes.order_by("pk"), to_attr="asked"),
            Prefetch("links", links, to_attr="refers"),
            "files__file",
        ).order_by("-number")
    )


def referred_from(paper: WorkingPaper) -> list[WorkingPaper]:
    """Papers whose newest version refers to this one."""
    newest = PaperVersion.objects.filter(links__paper=paper).newest()
    return list(WorkingPaper.objects.filter(versions__in=newest).distinct().order_by("index"))


def papers_to_review(user: User) -> QuerySet[WorkingPaper]:
    """Unreviewed papers of the person's teams of which they prepared no version and no note is open."""
    own = PaperVersion.objects.filter(paper=OuterRef("pk"), prepared_by=user)
    asked = ReviewNote.objects.filter(
        version__paper=OuterRef("pk"), answers__isnull=True, answer__isnull=True
    )
    mine = WorkingPaper.objects.filter(
        engagement__team__person=user, engagement__status__in=UNDER_WAY
    )
    rows = mine.unreviewed().exclude(Exists(own)).exclude(Exists(asked))
    return rows.select_related("engagement").order_by("engagement__number", "index")


def notes_to_answer(user: User) -> QuerySet[ReviewNote]:
    """Open notes on papers that the person prepared."""
    own = PaperVersion.objects.filter(paper=OuterRef("version__paper"), prepared_by=user)
    rows = ReviewNote.objects.filter(Exists(own), answers__isnull=True, answer__isnull=True)
    rows = rows.exclude(version__paper__engagement__status__in=ENDED)
    return rows.select_related("version__paper__engagement", "written_by").order_by("pk")


def papers_supporting(finding: Finding, user: User) -> list[WorkingPaper]:
    """Papers whose newest version supports the finding, for those who may see papers."""
    newest = PaperVersion.objects.filter(links__finding=finding).newest()
    rows = WorkingPaper.objects.visible_to(user).filter(versions__in=newest).distinct()
    reviewed = PaperReview.objects.filter(version__paper=OuterRef("pk"), version__in=newest)
    return list(rows.annotate(is_reviewed=Exists(reviewed)).order_by("index"))


# --- The board -------------------------------------------------------------

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
