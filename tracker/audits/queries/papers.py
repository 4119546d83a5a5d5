"""Reads over working papers, for those who may see them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from tracker.accounts.models import User
from tracker.audits.models import (
    UNDER_WAY,
    Engagement,
    Finding,
    PaperLink,
    PaperReview,
    PaperVersion,
    ReviewNote,
    TeamMember,
    WorkingPaper,
)
from tracker.audits.policies.declarations import ENDED


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
