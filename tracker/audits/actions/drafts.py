"""Announcing an engagement, sending its draft for comment, commenting, and answering comments."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import Organisation, User
from tracker.audits import policies, queries
from tracker.audits.actions.engagements import lock_engagement, move, record_engagement
from tracker.audits.models import (
    CommentReply,
    CommentText,
    DraftComment,
    DraftPart,
    DraftReport,
    DraftText,
    Engagement,
    EngagementStatus,
    Finding,
    FindingStatus,
    ReplyText,
)
from tracker.journal import actions as journal
from tracker.shared.dates import say_day
from tracker.shared.refusals import Sentence, check_fields, refused_if

TOO_LATE: dict[str, Sentence] = {
    "draft_comment_keeps_its_term": "Comments on this draft are closed: ask the auditors to send it again.",
    "draft_comment_is_asked_for": {
        "finding": "Choose a finding of the draft that was sent to you."
    },
}


@transaction.atomic
def announce_engagement(*, engagement: Engagement, by: User) -> Engagement:
    """Tell the officers of the programs in scope that they are audited: by whom, on what, by which criteria."""
    engagement = move(engagement, EngagementStatus.ANNOUNCED, "announce", by)
    sentence = f"{engagement.office} announces an audit: {engagement.number} “{engagement.title}”."
    _tell_audited(engagement, sentence, by)
    return engagement


@transaction.atomic
def waive_comments(*, engagement: Engagement, reason: str, by: User) -> Engagement:
    """Record why this engagement reports without the audited side's comments on a draft. It stands."""
    engagement = lock_engagement(engagement)
    policies.check_can_waive_comments(by, engagement, reason)
    engagement.uncommented_because = reason.strip()
    check_fields(engagement)
    engagement.save(update_fields=["uncommented_because"])
    record_engagement(engagement, "waive_comments", by)
    return engagement


@transaction.atomic
def send_draft(
    *, engagement: Engagement, term_days: int | None = None, message: str = "", by: User
) -> DraftReport:
    """Send the draft findings, frozen as they are, to the owners of the programs in scope for comment.

    Each owner gets the findings about its own payments, and may comment for `term_days` days from today in the
    office's time zone (`AUDIT_COMMENT_DAYS`, if none are given; the row keeps what it was). Sending again makes another version with a term of its own; the older ones stay.
    """
    engagement = lock_engagement(engagement)
    term_days = settings.AUDIT_COMMENT_DAYS if term_days is None else term_days
    policies.check_can_send_draft(by, engagement, term_days)
    findings = list(engagement.findings.filter(status=FindingStatus.DRAFT).order_by("number"))
    owners = _owners(engagement)
    asked = {finding.pk: _asked_about(finding, owners) for finding in findings}
    text = DraftText(message=message.strip(), content=_content(engagement, findings, asked))
    check_fields(text)
    text.save()
    today = engagement.office.today()
    parts: list[tuple[Organisation, Finding | None]] = [(owner, None) for owner in owners]
    parts += [(owner, finding) for finding in findings for owner in asked[finding.pk]]
    fields: dict[str, Any] = {
        "engagement": engagement,
        "number": engagement.drafts.count() + 1,
        "sent_on": today,
        "term_days": term_days,
        "comments_due_on": today + timedelta(days=term_days),
    }
    draft = DraftReport(**fields, text=text, text_digest=text.digest, sent_by=by)
    draft.entry_id = journal.record(
        "draft_report",
        record=draft,
        op="create",
        by=by,
        fields=fields
        | {"message": text.message, "content": text.content}
        | {"parts": [[owner, finding] for owner, finding in parts]},
    )
    draft.save(force_insert=True)
    DraftPart.objects.bulk_create(
        DraftPart(draft=draft, organisation=owner, finding=finding) for owner, finding in parts
    )
    move(engagement, EngagementStatus.DRAFT_ISSUED, "send_draft", by, asked=True)
    due = say_day(draft.comments_due_on)
    _tell_audited(engagement, f"Comment on the draft report {engagement.number} until {due}.", by)
    return draft


@transaction.atomic
def comment_on_draft(
    *,
    draft: DraftReport,
    organisation: Organisation,
    stance: str,
    finding: Finding | None = None,
    note: str = "",
    by: User,
) -> DraftComment:
    """Give the audited organisation's view of a draft finding or, without one, of the whole: then it has answered.

    It cannot be changed or taken back; another comment says more. The auditors are told.
    """
    engagement = lock_engagement(draft.engagement)
    draft = DraftReport.objects.select_related("engagement__office").get(pk=draft.pk)
    policies.check_can_comment(by, draft, organisation)
    policies.check_comment(draft, organisation, finding, stance, note)
    text = CommentText(note=note.strip())
    check_fields(text)
    text.save()
    fields = {"draft": draft, "organisation": organisation, "finding": finding, "stance": stance}
    comment = DraftComment(**fields, text=text, text_digest=text.digest, made_by=by)
    comment.entry_id = journal.record(
        "draft_comment", record=comment, op="create", by=by, fields=fields | {"note": text.note}
    )
    with refused_if(TOO_LATE):
        comment.save(force_insert=True)
    if engagement.status == EngagementStatus.DRAFT_ISSUED:
        move(engagement, EngagementStatus.AGENCY_COMMENT, "receive_comment", by, asked=True)
    sentence = f"{organisation.label} commented on the draft of {engagement.number}."
    for person in queries.team_of(engagement):
        notify(person=person, sentence=sentence, path=engagement.get_absolute_url())
    return comment


@transaction.atomic
def reply_to_comment(
    *, comment: DraftComment, note: str, changed: bool = False, by: User
) -> CommentReply:
    """Answer a comment; `changed` says that the report was changed because of it. Its author is told."""
    comment = DraftComment.objects.select_related("draft__engagement").get(pk=comment.pk)
    engagement = lock_engagement(comment.draft.engagement)
    policies.check_can_reply(by, comment, note)
    text = ReplyText(note=note.strip())
    check_fields(text)
    text.save()
    reply = CommentReply(
        comment=comment, changed=changed, text=text, text_digest=text.digest, replied_by=by
    )
    fields = {"comment": comment, "changed": changed, "note": text.note}
    reply.entry_id = journal.record(
        "comment_reply", record=reply, op="create", by=by, fields=fields
    )
    reply.save(force_insert=True)
    sentence = f"The auditors answered your comment on the draft of {engagement.number}."
    notify(person=comment.made_by, sentence=sentence, path=_asked_page(engagement))
    return reply


def _owners(engagement: Engagement) -> list[Organisation]:
    programs = policies.programs_of(engagement)
    return sorted({one.owner for one in programs}, key=lambda owner: (owner.name, owner.pk))


def _asked_about(finding: Finding, owners: list[Organisation]) -> list[Organisation]:
    """Whose payments it is about; everybody in scope, if it is about none."""
    about = set(finding.links.values_list("transaction__program__owner", flat=True))
    return [owner for owner in owners if owner.pk in about] or owners


def _content(
    engagement: Engagement, findings: Iterable[Finding], asked: dict[int, list[Organisation]]
) -> str:
    """What is sent, as canonical JSON: keys in order, no spaces, so that the same draft has the same digest."""
    sent = {
        "engagement": str(engagement.uid),
        "number": engagement.number,
        "title": engagement.title,
        "objectives": engagement.objectives,
        "criteria": engagement.criteria,
        "findings": [
            _said_of(finding) | {"for": [str(owner.uid) for owner in asked[finding.pk]]}
            for finding in findings
        ],
    }
    return json.dumps(sent, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _said_of(finding: Finding) -> dict[str, Any]:
    names = ("number", "title", "criteria", "condition", "cause", "effect", "blank_reason")
    linked = finding.links.order_by("transaction__value_date", "pk")
    asked = finding.recommendations.select_related("owner").order_by("number")
    questioned = finding.questioned
    return {
        "uid": str(finding.uid),
        **{name: getattr(finding, name) for name in (*names, "severity")},
        "questioned": [questioned.plain, questioned.currency] if questioned else None,
        "payments": [str(uid) for uid in linked.values_list("transaction__uid", flat=True)],
        "recommendations": [
            {
                "number": one.number,
                "text": one.text,
                "owner": one.owner.name,
                "due_on": one.due_on.isoformat(),
            }
            for one in asked
        ],
    }


def _asked_page(engagement: Engagement) -> str:
    return reverse("audits:asked", args=[engagement.uid])


def _tell_audited(engagement: Engagement, sentence: str, by: User) -> None:
    for officer in queries.officers_audited(engagement).exclude(pk=by.pk):
        notify(person=officer, sentence=sentence, path=_asked_page(engagement))
