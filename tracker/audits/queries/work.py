"""Reads over how an engagement is worked on: declarations, drafts and comments, papers, and the board."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from tracker.accounts.models import Organisation, Role, User
from tracker.audits import policies
from tracker.audits.models import (
    UNDER_WAY,
    CommentReply,
    DraftComment,
    DraftPart,
    DraftReport,
    Engagement,
    EngagementQuerySet,
    Finding,
    IndependenceDeclaration,
    Stance,
    officer_for,
)
from tracker.audits.policies.declarations import Declared
from tracker.audits.policies.drafts import HEARS
from tracker.programs.models import Program
from tracker.shared.clock import database_now

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
    told = Q(announced_on__isnull=False) | Q(drafts__isnull=False)
    rows = Engagement.objects.filter(told, scope__program__in=mine)
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
