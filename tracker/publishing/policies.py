"""Who may write, review and publish reports, withhold fields, and release.

One hand writes, another publishes: an officer drafts, somebody else reviews, a disclosure officer publishes.
Withholding takes two disclosure officers. Auditors release what they found; nobody else can hold it back.
"""

from datetime import date
from uuid import UUID

from tracker.accounts.models import SIGNERS, Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.audits.models import Engagement, Finding, FindingStatus
from tracker.programs.models import Program
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import (
    REPORT_TRANSITIONS,
    WITHHOLDING_TRANSITIONS,
    BrokenGlass,
    CommentSettled,
    GlassNoted,
    NotPublished,
    PublishedEngagement,
    PublishedProgram,
    ReleasedRow,
    Report,
    ReportStatus,
    SectionComment,
    StandingRelease,
    Withholding,
    WithholdingStatus,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.policies import permits
from tracker.shared.states import check_transition

# --- Reports ---------------------------------------------------------------


def check_drafts_reports(user: User) -> None:
    """Somewhere at all: whether for the chosen program, `check_can_draft_report` says."""
    check_holds(user, Role.OFFICER, to="draft reports")


def check_withholds(user: User) -> None:
    """Somewhere at all: whether for the chosen program, `check_can_withhold` says."""
    check_holds(user, Role.DISCLOSURE, to="propose what is withheld")


def check_can_draft_report(user: User, program: Program) -> None:
    check_holds(user, Role.OFFICER, program=program, to="draft its reports")


def check_can_draft_audit_report(user: User, program: Program, engagement: Engagement) -> None:
    """An auditor of the office, about a program that the engagement looks at; its staff have no hand in it."""
    _check_is_of_the_office(user, program, engagement, "draft its audit reports")
    if not engagement.scope.filter(program=program).exists():
        raise Refused({"engagement": f"{engagement} does not look at this program: choose one."})


def _check_is_of_the_office(user: User, program: Program, engagement: Engagement, to: str) -> None:
    check_is_auditor_of(user, engagement, to)
    if holds(user, Role.OFFICER, *SIGNERS, Role.DISCLOSURE, program=program):
        raise NotAllowed(f"You work for this program: only its auditors may {to}.")


def check_writes_report(user: User, report: Report, to: str) -> None:
    """In the role of an author: an officer of the program, or an auditor of the office whose report it is."""
    if report.engagement is not None:
        _check_is_of_the_office(user, report.program, report.engagement, to)
    else:
        check_holds(user, Role.OFFICER, program=report.program, to=to)


def check_can_edit_report(user: User, report: Report) -> None:
    check_writes_report(user, report, "edit its reports")
    if report.status not in (ReportStatus.DRAFT, ReportStatus.RETURNED):
        raise Refused(
            f"The report is {report.get_status_display()}: only a draft or a returned report is edited."
        )


def check_can_submit_report(user: User, report: Report) -> None:
    check_writes_report(user, report, "send its reports to review")
    check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.IN_REVIEW)
    if not any(section.body.strip() for section in report.sections.all()):
        raise Refused("The report says nothing yet: write at least one section, then send it.")


def _check_had_no_hand(user: User, report: Report, to: str) -> None:
    if report.edits.filter(person=user).exists():
        raise NotAllowed(f"You wrote in this report: somebody else has to {to} it.")


def _check_reviews(user: User, report: Report) -> None:
    if report.engagement is not None:
        _check_is_of_the_office(user, report.program, report.engagement, "review its reports")
    else:
        check_holds(user, *SIGNERS, Role.DISCLOSURE, program=report.program, to="review reports")
    _check_had_no_hand(user, report, "review")


def check_can_review_report(user: User, report: Report) -> None:
    """Accept or return. A report that was accepted can still be returned, until it is published."""
    _check_reviews(user, report)
    if report.status not in (ReportStatus.IN_REVIEW, ReportStatus.REVIEWED):
        raise Refused(
            f"The report is {report.get_status_display()}: only what was sent to review is reviewed."
        )


def check_can_accept_report(user: User, report: Report) -> None:
    """Not while a comment waits: what somebody said of the text is answered first."""
    check_can_review_report(user, report)
    check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.REVIEWED)
    waiting = report.comments.filter(settled__isnull=True).count()
    if waiting:
        said = "1 comment is" if waiting == 1 else f"{waiting} comments are"
        raise Refused(f"{said} open: an author says first what came of it.")


def check_can_comment(user: User, report: Report) -> None:
    """Who may write in it or review it, until it is accepted."""
    if not permits(check_writes_report, user, report, "comment on its reports"):
        _check_reviews(user, report)
    if report.status in (ReportStatus.REVIEWED, ReportStatus.PUBLISHED):
        raise Refused(
            f"The report is {report.get_status_display()}: comments are written before that. "
            "Return it with a reason instead."
        )


def check_can_settle(user: User, comment: SectionComment) -> None:
    """One who wrote in the report says what came of a comment, once."""
    report = comment.report
    check_writes_report(user, report, "settle comments on its reports")
    if not report.edits.filter(person=user).exists():
        raise NotAllowed("You did not write in this report: an author settles its comments.")
    if CommentSettled.objects.filter(comment=comment).exists():
        raise Refused("This comment is settled already.")
    if report.status == ReportStatus.PUBLISHED:
        raise Refused("The report is published and stays as it is.")


def check_can_publish_report(user: User, report: Report) -> None:
    if report.engagement is not None:
        raise NotAllowed("An audit report is published by its audit office, by nobody else.")
    check_holds(user, Role.DISCLOSURE, program=report.program, to="publish its reports")
    _check_had_no_hand(user, report, "publish")
    check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.PUBLISHED)
    check_can_release_program(user, report.program)


def check_can_publish_audit_report(user: User, report: Report) -> None:
    """An auditor of the office who had no hand in it. Nobody of the program is asked."""
    if report.engagement is None:
        raise Refused("This is no audit report: it is published with a release of its program.")
    _check_is_of_the_office(user, report.program, report.engagement, "publish its reports")
    _check_had_no_hand(user, report, "publish")
    check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.PUBLISHED)


# --- Releases --------------------------------------------------------------


def check_can_release_program(user: User, program: Program) -> None:
    check_holds(user, Role.DISCLOSURE, program=program, to="publish the program")
    if holds(user, Role.OFFICER, program=program):
        raise NotAllowed(
            "You are an officer of this program: who writes its data does not publish it. "
            "Ask another disclosure officer."
        )
    decision = NotPublished.objects.in_force().filter(program=program).first()
    if decision is not None:
        raise Refused(
            f"It was decided not to publish this program (until {decision.review_on}): "
            "lift that decision first."
        )
    check_no_review_is_overdue(program, program.owner.today())


def check_no_review_is_overdue(program: Program, day: date) -> None:
    """A withholding that nobody looked at again in time stops the next release."""
    late = Withholding.objects.filter(program=program).overdue(day).order_by("review_on", "pk")
    named = [f"{w.field} of a {w.record_kind} (due {w.review_on})" for w in late[:5]]
    if named:
        more = late.count() - len(named)
        tail = f", and {more} more" if more > 0 else ""
        raise Refused(
            f"Withheld fields wait for their review: {', '.join(named)}{tail}. "
            "Review or lift them, then publish."
        )


def check_can_release_finding(user: User, finding: Finding) -> None:
    """The auditors of the office that made the finding, and nobody else."""
    check_is_auditor_of(user, finding.engagement, "publish this finding")
    if finding.status != FindingStatus.ISSUED:
        raise Refused("Only an issued finding is published: issue it first.")


def check_is_auditor_of(user: User, engagement: Engagement, to: str) -> None:
    office = engagement.office
    on_the_team = engagement.team.filter(person=user).exists()
    of_the_office = user.organisation_id == office.pk and holds(user, Role.AUDITOR)
    if not (on_the_team and holds(user, Role.AUDITOR)) and not of_the_office:
        raise NotAllowed(f"Only an auditor of {office} may {to}.")


def check_can_release_engagement(user: User, engagement: Engagement) -> None:
    """In any state: that an office looks, and that it stopped looking, are both for the public."""
    check_is_auditor_of(user, engagement, "publish this engagement")


def check_can_order_standing_release(user: User, engagement: Engagement) -> None:
    check_is_auditor_of(user, engagement, "order that changes are released as they happen")
    if not PublishedEngagement.objects.filter(uid=engagement.uid).exists():
        raise Refused("The engagement is not public yet: publish it first.")
    if StandingRelease.objects.in_force().filter(engagement=engagement).exists():
        raise Refused("Changes of this engagement are released as they happen already.")


def check_can_end_standing_release(user: User, order: StandingRelease, reason: str) -> None:
    check_is_auditor_of(user, order.engagement, "end this order")
    if order.ended_at is not None:
        raise Refused("This order has ended already.")
    if not reason.strip():
        raise Refused({"reason": "Say why changes are no longer released as they happen."})


# --- Withholding -----------------------------------------------------------


def check_can_withhold(user: User, program: Program) -> None:
    check_holds(user, Role.DISCLOSURE, program=program, to="withhold fields")


def check_is_withholdable(kind: str, field: str) -> None:
    """Only what `fields.py` calls so: the rest is public, or is never released at all."""
    if field not in WITHHOLDABLE.get(kind, ()):
        names = ", ".join(sorted(WITHHOLDABLE.get(kind, ()))) or "nothing"
        raise Refused(
            {"field": f"“{field}” of a {kind} cannot be withheld. What can be withheld: {names}."}
        )


def check_reviewed_later(review_on: date, today: date) -> None:
    if review_on <= today:
        raise Refused({"review_on": "The review lies in the past: choose a day after today."})


def check_can_decide_withholding(user: User, withholding: Withholding) -> None:
    """Accept or decline: another disclosure officer than the one who proposed it."""
    check_can_withhold(user, withholding.program)
    if user.pk == withholding.proposed_by_id:
        raise NotAllowed("You proposed this: another disclosure officer decides.")
    check_transition(WITHHOLDING_TRANSITIONS, withholding.status, WithholdingStatus.IN_FORCE)


def check_can_lift_withholding(user: User, withholding: Withholding) -> None:
    check_can_withhold(user, withholding.program)
    if user.pk == withholding.decided_by_id:
        raise NotAllowed("You decided this: another disclosure officer lifts it.")
    if user.pk == withholding.proposed_by_id:
        raise NotAllowed("You proposed this: another disclosure officer lifts it.")
    check_transition(WITHHOLDING_TRANSITIONS, withholding.status, WithholdingStatus.LIFTED)


def check_can_review_withholding(user: User, withholding: Withholding) -> None:
    """Keep it in force until a later day: somebody else than the last one who looked at it."""
    check_can_withhold(user, withholding.program)
    last = withholding.reviewed_by_id or withholding.decided_by_id
    if user.pk == last:
        raise NotAllowed("You looked at this last: another disclosure officer reviews it.")
    if withholding.status != WithholdingStatus.IN_FORCE:
        raise Refused("Only a withholding in force is reviewed.")


# --- Break-glass -----------------------------------------------------------


def check_can_break_glass(user: User, program: Program) -> None:
    check_holds(user, Role.AUDITOR, program=program, to="break the glass over withheld values")


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused({"reason": "Say why you have to read it: its owner reads the reason."})
    if len(reason.strip()) > 300:
        raise Refused({"reason": "Say it in at most 300 characters."})


def check_can_read_through(user: User, glass: BrokenGlass) -> None:
    """Only who broke it, as long as it is broken and they are still an auditor of the program."""
    if user.pk != glass.broken_by_id:
        raise NotAllowed("Somebody else broke this glass: give a reason of your own.")
    check_can_break_glass(user, glass.program)
    if glass.expires_at <= database_now():
        raise Refused(
            "The hours are over: break the glass again if you still need it, with a reason."
        )


def check_can_note_glass(user: User, glass: BrokenGlass) -> None:
    check_holds(
        user, Role.DISCLOSURE, Role.OFFICER, program=glass.program, to="take note of broken glass"
    )
    if user.pk == glass.broken_by_id:
        raise NotAllowed("You broke this glass: somebody else of the owner's side takes note.")
    if GlassNoted.objects.filter(glass=glass).exists():
        raise Refused("Somebody took note of it already.")


def check_can_export(user: User, engagement: Engagement, finding: Finding | None) -> None:
    """Evidence is carried away by the engagement's own team."""
    if not engagement.team.filter(person=user).exists() or not holds(user, Role.AUDITOR):
        raise NotAllowed("Only the team of this engagement exports its evidence.")
    if finding is None:
        return
    if finding.engagement_id != engagement.pk:
        raise Refused({"finding": "This finding belongs to another engagement: export it there."})
    if finding.status != FindingStatus.ISSUED and finding.written_by_id != user.pk:
        raise NotAllowed("This draft is somebody else's: it can be exported once it is issued.")


# --- Not published ---------------------------------------------------------


def check_can_decide_not_published(user: User, program: Program) -> None:
    check_holds(user, Role.DISCLOSURE, program=program, to="decide that it is not published")
    if PublishedProgram.objects.filter(uid=program.uid).exists():
        raise Refused("The program is public already: withhold single fields of it instead.")
    if NotPublished.objects.in_force().filter(program=program).exists():
        raise Refused("This program has such a decision already: lift it before you decide anew.")


def check_can_lift_not_published(user: User, decision: NotPublished) -> None:
    check_holds(user, Role.DISCLOSURE, program=decision.program, to="lift this decision")
    if decision.lifted_at is not None:
        raise Refused("This decision is lifted already.")


# --- Erasing -----------------------------------------------------------------

# Words that may name a person, by the kind of entry that states them. Everything else is a fact of the ledger.
_WORDS = frozenset({"payee", "reference", "description"})
ERASABLE: dict[str, frozenset[str]] = {
    "voucher": _WORDS,
    "voucher_version": _WORDS,
    "transaction": _WORDS,
    "voucher_return": frozenset({"reason"}),
    "revaluation": frozenset({"reason", "document_name"}),
    "revaluation_decision": frozenset({"reason"}),
    "statement": frozenset({"remark", "evidence_name"}),
    "discrepancy": frozenset({"reason", "evidence_name"}),
    "waiver": frozenset({"reason"}),
    "waiver_decision": frozenset({"reason"}),
    "supplied_document": frozenset({"file_name"}),
    "measurement": frozenset({"source", "comment"}),
    "recommendation": frozenset({"note", "evidence_name"}),
    "period_change": frozenset({"reason"}),
    "period_decision": frozenset({"reason"}),
    "certification": frozenset({"remark"}),
    "glass": frozenset({"reason"}),
    "independence": frozenset({"note"}),
    "meeting": frozenset({"attended", "agreed"}),
    "draft_report": frozenset({"message", "content"}),
    "draft_comment": frozenset({"note"}),
    "comment_reply": frozenset({"note"}),
    "paper_version": frozenset({"title", "purpose", "source", "conclusion", "file_names"}),
    "review_note": frozenset({"note"}),
    "cost_event": frozenset({"note", "evidence_name"}),
    "management_decision": frozenset({"reasons", "action", "timetable", "appeal"}),
    "corrective_plan": frozenset({"contact", "action", "disagreement"}),
    "ask": frozenset({"reason"}),
    "ask_answer": frozenset({"reason"}),
    "risk_judgement": frozenset({"reason"}),
    "audit_plan": frozenset({"reason"}),
    "sample": frozenset(
        {"purpose", "population", "filters", "strata_names", "size_reason", "again_reason"}
    ),
    "sample_given_up": frozenset({"reason"}),
    "sample_result": frozenset({"reference", "note"}),
    "sample_evaluation": frozenset({"conclusion"}),
}


def check_can_erase(user: User, confirmed_by: User, basis: str, reason: str) -> None:
    """Two disclosure officers, a legal basis and a reason: what is erased cannot be brought back."""
    for person in (user, confirmed_by):
        check_holds(person, Role.DISCLOSURE, to="erase words from the record")
    if user.pk == confirmed_by.pk:
        raise NotAllowed("Erasing takes two disclosure officers: somebody else has to confirm it.")
    for name, text in (("basis", basis), ("reason", reason)):
        if not text.strip():
            raise Refused({name: f"State the {name}: the decision stays in the journal for ever."})


def check_is_erasable(kind: str, fields: list[str]) -> None:
    fixed = sorted(set(fields) - ERASABLE.get(kind, frozenset()))
    if fixed:
        names = ", ".join(sorted(ERASABLE.get(kind, ()))) or "nothing"
        raise Refused(
            f"{', '.join(fixed)} of a {kind.replace('_', ' ')} is a fact and stays; "
            f"what may be erased there: {names}."
        )


def check_not_public(records: list[UUID], fields: list[str]) -> None:
    """What the public reads today is first withheld and released anew. Older releases stay what they were."""
    current = PublishedProgram.objects.values("release")
    rows = ReleasedRow.objects.filter(subject__in=records, items__release__in=current)
    for row in rows.distinct():
        shown = [n for n in fields if row.cells.get(n, {}).get("state") == "stated"]
        if shown:
            raise Refused(
                f"The public reads {', '.join(shown)} of {row.subject} today: withhold it and release the program "
                "again, then erase it."
            )
