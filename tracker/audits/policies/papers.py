"""Who prepares working papers, and who reviews them: never the same person."""

import re

from tracker.accounts.models import User
from tracker.audits.models import (
    INDEX,
    UNDER_WAY,
    Engagement,
    EngagementStatus,
    PaperVersion,
    ReviewNote,
    WorkingPaper,
)
from tracker.audits.policies.basics import check_said
from tracker.audits.policies.declarations import check_declared
from tracker.audits.policies.engagements import check_on_team, programs_of
from tracker.audits.policies.independence import check_independent
from tracker.shared.errors import Refused

WORKED_ON = {*UNDER_WAY, EngagementStatus.FINAL, EngagementStatus.FOLLOW_UP}


def check_can_write_papers(user: User, engagement: Engagement) -> None:
    """The independent team, as long as the engagement lasts."""
    check_on_team(user, engagement, to="work on its papers")
    if engagement.status not in WORKED_ON:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: its working papers stay as they are."
        )
    check_declared(user, engagement)
    check_independent(user, programs_of(engagement))


def check_index(engagement: Engagement, index: str) -> None:
    """Of the form that papers are indexed by, and free in the engagement (which the caller has locked)."""
    if not re.match(INDEX, index):
        raise Refused(
            {"index": "Write the index as letters and numbers, such as A-1, or A-1-2 below it."}
        )
    if WorkingPaper.objects.filter(engagement=engagement, index=index).exists():
        raise Refused(
            {"index": "The engagement has a paper of this index already: choose the next one."}
        )


def newest_of(paper: WorkingPaper) -> PaperVersion:
    return paper.versions.order_by("-number").select_related("text", "prepared_by")[0]


def open_notes(paper: WorkingPaper) -> list[ReviewNote]:
    """Notes on any version of the paper that nobody has answered."""
    rows = ReviewNote.objects.filter(
        version__paper=paper, answers__isnull=True, answer__isnull=True
    )
    return list(rows.order_by("pk"))


def check_can_note(user: User, paper: WorkingPaper) -> None:
    """Whoever reviews asks: on the team, independent, and with no version of the paper of their own."""
    check_can_write_papers(user, paper.engagement)
    if paper.versions.filter(prepared_by=user).exists():
        raise Refused("You prepared this paper: a second auditor reviews it.")


def check_can_review(user: User, paper: WorkingPaper) -> None:
    """A second auditor reviews the newest version, once every note is answered."""
    check_can_note(user, paper)
    if hasattr(newest_of(paper), "review"):
        raise Refused("The newest version is reviewed already.")
    if open_notes(paper):
        raise Refused("A note has no answer yet: it is answered before the paper is reviewed.")


def check_can_answer(user: User, note: ReviewNote, words: str = "-") -> None:
    """Somebody else on the team answers, usually who prepared the paper."""
    check_can_write_papers(user, note.version.paper.engagement)
    if note.answers_id is not None:
        raise Refused("This is an answer itself: write a new note instead.")
    if hasattr(note, "answer"):
        raise Refused("This note is answered already, and the answer stands.")
    if note.written_by_id == user.pk:
        raise Refused("You wrote this note: somebody else on the team answers it.")
    check_said(words, "note", "Say what the answer is.")
