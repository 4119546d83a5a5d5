"""The work on illustrative engagements: declarations, papers under review, a draft with comments, one that is planned."""

from django.core.files.base import ContentFile

from tracker.audits import actions
from tracker.audits.actions import FindingWords, NewFile, PaperWords, References
from tracker.audits.models import (
    Engagement,
    EngagementKind,
    Finding,
    MeetingKind,
    Severity,
    Stance,
    Standard,
)
from tracker.audits.policies import Scope
from tracker.demo.illustrative_money import Payments
from tracker.demo.people import Cast
from tracker.programs.models import Program


def open_fieldwork(cast: Cast, engagement: Engagement) -> None:
    """Announced, with two auditors who declared independence, an entrance meeting, and fieldwork begun."""
    actions.add_member(engagement=engagement, person=cast.second_auditor, by=cast.auditor)
    for auditor in (cast.auditor, cast.second_auditor):
        if not auditor.independence.exists():
            actions.declare_independence(by=auditor)
        actions.declare_independence(engagement=engagement, by=auditor)
    actions.announce_engagement(engagement=engagement, by=cast.auditor)
    actions.record_meeting(
        engagement=engagement,
        kind=MeetingKind.ENTRANCE,
        held_on=cast.audit_office.today(),
        attended="Two auditors of the Audit Office; a program officer of the Ministry of Defence (illustrative).",
        agreed="The ministry names somebody who answers questions, and opens its files (illustrative).",
        by=cast.auditor,
    )
    actions.start_fieldwork(engagement=engagement, by=cast.auditor)


def support(cast: Cast, finding: Finding, payments: Payments) -> None:
    """Two papers: one reviewed and behind a finding, one with a note that waits for an answer."""
    engagement = finding.engagement
    paper = actions.begin_paper(
        engagement=engagement,
        index="A-1",
        words=PaperWords(
            title="Receipts of vehicles (illustrative)",
            purpose="To see whether each vehicle that was paid for was received.",
            source="The ministry's file on the vehicles, read on the spot.",
            conclusion="No signed receipt was on file.",
        ),
        files=[_file("receipts.txt", b"Illustrative list of receipts: none is signed.\n")],
        references=References(findings=[finding], transactions=[payments["vehicles"]]),
        by=cast.auditor,
    )
    actions.review_paper(paper=paper, by=cast.second_auditor)
    below = actions.begin_paper(
        engagement=engagement,
        index="A-1-1",
        words=PaperWords(
            title="Who collects receipts (illustrative)",
            purpose="To find out who is responsible.",
            source="A talk with a program officer.",
        ),
        references=References(papers=[paper]),
        by=cast.second_auditor,
    )
    actions.note_on_paper(
        paper=below, note="Is there an organisation chart that shows it?", by=cast.auditor
    )


def send_for_comment(cast: Cast, program: Program, payments: Payments) -> None:
    """An inspection whose draft is with the ministry: one comment is answered, one is not, the whole is not yet."""
    engagement = actions.plan_engagement(
        office=cast.audit_office,
        number="2026-021",
        title="Storage before departure (illustrative)",
        kind=EngagementKind.INSPECTION,
        standard=Standard.CIGIE,
        scope=[Scope(program=program)],
        lead=cast.auditor,
        objectives="Whether goods are kept so that they arrive in working order.",
        criteria="The ministry's rules on storage (illustrative).",
        by=cast.auditor,
    )
    open_fieldwork(cast, engagement)
    roof = _drafted(cast, engagement, payments, "Vehicles stood without a roof (illustrative)")
    log = _drafted(cast, engagement, payments, "The storage log has gaps (illustrative)")
    draft = actions.send_draft(
        engagement=engagement,
        message="Please look above all at the storage log (illustrative).",
        by=cast.auditor,
    )
    answered = actions.comment_on_draft(
        draft=draft,
        organisation=cast.ministry,
        finding=log,
        stance=Stance.PARTLY,
        note="Two of the gaps were holidays (illustrative).",
        by=cast.officer,
    )
    actions.reply_to_comment(
        comment=answered,
        note="The two days are taken out; three gaps are left (illustrative).",
        changed=True,
        by=cast.auditor,
    )
    actions.comment_on_draft(
        draft=draft,
        organisation=cast.ministry,
        finding=roof,
        stance=Stance.DISAGREE,
        note="A tent was put up in the same week (illustrative).",
        by=cast.officer,
    )


def plan_ahead(cast: Cast, program: Program) -> None:
    """One that is only planned: its team has not declared yet."""
    actions.plan_engagement(
        office=cast.audit_office,
        number="2027-003",
        title="End use of the vehicles (illustrative)",
        kind=EngagementKind.END_USE_CHECK,
        standard=Standard.CIGIE,
        scope=[Scope(program=program)],
        lead=cast.auditor,
        objectives="Whether the vehicles are used for what they were given for.",
        by=cast.auditor,
    )


def _drafted(cast: Cast, engagement: Engagement, payments: Payments, title: str) -> Finding:
    return actions.draft_finding(
        engagement=engagement,
        words=FindingWords(
            title=title,
            severity=Severity.LOW,
            criteria="Goods are kept dry, and every day is logged.",
            condition="On the day of the inspection it was otherwise.",
            cause_blank="It is asked of the ministry with the draft.",
            effect_blank="It is asked of the ministry with the draft.",
        ),
        payments=[payments["vehicles"]],
        by=cast.auditor,
    )


def _file(name: str, content: bytes) -> NewFile:
    return NewFile(ContentFile(content), name, "text/plain")
