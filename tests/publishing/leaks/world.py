"""A world with a marker in every internal place, and everything of it published that may be."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from unittest import mock

from django.db import transaction

from tests.access.world import build_world
from tests.factories import (
    accounts,
    audits,
    ledger,
    publishing,
    sampling,
)
from tests.factories import money as costs
from tests.factories.programs import make_program
from tests.publishing.leaks.marks import WORD, Marks
from tests.publishing.leaks.planter import planting
from tests.publishing.leaks.releasing import releases
from tests.publishing.leaks.reporting import reports
from tests.publishing.leaks.withholding import HIDES, withheld
from tests.publishing.leaks.working import audit_work, ledger_work, more_work
from tracker.accounts import actions as account
from tracker.accounts.models import Invitation, User
from tracker.audits import actions as audit
from tracker.audits.models import Engagement, Finding
from tracker.journal import service
from tracker.journal.models import Checkpoint
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.publishing import actions as publish
from tracker.publishing import queries
from tracker.publishing.models import NotPublished, Report
from tracker.shared.errors import Refused
from tracker.shared.money import Money


def build(*, thorough: bool = False) -> Marks:
    """What is withheld, drafted and hidden. `thorough`: and one of everything that the other tests can make."""
    marks = Marks()
    with planting(marks), mock.patch.object(sampling, "sign_checkpoint", _sign):
        withheld(marks)
        people(marks)
        undecided(marks)
        drafts(make_program(), marks)
        if thorough:
            letters(marks)
            build_world()
            ledger_work(marks)
            audit_work(marks)
            more_work(marks)
        publish_all()
        reports(marks)
        releases(marks)
    marks.all_words(User.objects.values_list("email", flat=True), "User.email")
    marks.all_words(Invitation.objects.values_list("email", flat=True), "Invitation.email")
    return marks


def _sign() -> int:
    """With the log's own key: it is read, too."""
    report = service.bring_up_to_date()
    assert report is not None and not report.said, report
    return Checkpoint.objects.latest("size").size


def people(marks: Marks) -> None:
    """Who reads what was withheld, stars, searches, standing orders, invitations; an office with its short name."""
    place = accounts.make_organisation(
        short_name=marks.text("Organisation.short_name"),
        identifier=f"XM-{marks.text('Organisation.identifier')}",
    )
    first, _ = accounts.administrators_of(place)
    account.invite_person(
        email="mark-invited@example.org", name="A newcomer", organisation=place, by=first
    )
    account.notify(
        person=first, sentence="Look at this.", path=f"/desk/{marks.text('Notice.path')}/"
    )
    engagement = Engagement.objects.filter(scope__program__title=HIDES).get()
    lead, payment = engagement.lead, Transaction.objects.get(amount=Money.of("7391846.27", "USD"))
    said = {"record_kind": "transaction", "record": payment.uid, "by": lead}
    publish.break_glass(reason="Two findings.", hours=4, **said)
    audit.put_star(field="amount", note="Why so much?", **said)
    words = {"name": "My own", "page": "ledger", "query": f"q={marks.text('SavedSearch.query')}"}
    audit.save_search(**words, by=lead)
    cousin = {"threat": "familiarity", "note": "A cousin works there."}
    audit.declare_independence(engagement=engagement, **cousin, by=audits.join(engagement))
    publish.export_bundle(engagement=engagement, by=lead)


def drafts(program: Program, marks: Marks) -> None:
    """A voucher that stays a draft, one that was sent back, and one that waits for its second person."""
    for status in ("draft", "returned", "submitted"):
        voucher = ledger.make_voucher_at(
            status,
            program,
            amount=marks.money(f"88{len(status)}4317.29", f"Voucher.amount, {status}"),
            value_date=marks.day(date(2016, 5, 10 + len(status)), f"Voucher.value_date, {status}"),
            payee=f"Payee {marks.text(f'Voucher.payee, {status}')}",
            description=f"For {marks.text(f'Voucher.description, {status}')}",
            reference=f"No {marks.text(f'Voucher.reference, {status}')}",
            number=f"V {marks.text(f'Voucher.number, {status}')}",
        )
        if status != "submitted":
            ledger.make_attachment(voucher, content=f"Content {status}".encode())


def letters(marks: Marks) -> None:
    """A draft with a message, comments and a reply; a late plan, more time, a claim that was declined."""
    engagement = audits.make_engagement(comments=True)
    payment = ledger.make_disbursement(ledger.make_commitment(engagement.scope.get().program))
    costs.make_questioned("100.00", payment=payment, engagement=engagement, issued=False)
    draft = audits.send_draft(engagement, message="Please read it.", term_days=47)
    said = audits.comment(draft, note=f"We say {marks.text('CommentText.note, of a draft')}")
    note = f"We reply {marks.text('ReplyText.note, of a draft')}"
    audit.reply_to_comment(comment=said, note=note, changed=False, by=engagement.lead)
    paper = audits.make_paper(engagement, files=[audits.proof()])
    audit.note_on_paper(paper=paper, note="Which list?", by=audits.join(engagement))
    asked = audits.make_recommendation("open_resolved")
    costs.answer(costs.ask(asked), grant=False)
    finding = costs.make_questioned("300.00", payment=ledger.make_disbursement(amount="300.00"))
    claim = costs.claim(finding, marks.money("271.83", "CostEvent.amount, declined").plain)
    audit.decline_cost(claim=claim, reason="It is not enough.", by=finding.engagement.lead)


def undecided(marks: Marks) -> None:
    """Programs of which the public does not know that they exist, and reports that are not published."""
    owner = accounts.make_organisation()
    for n, title in enumerate(("hidden", "undecided")):
        program = make_program(
            owner=owner,
            title=f"Program {marks.text(f'Program.title, {title}')}",
            summary=f"For {marks.text(f'Program.summary, {title}')}",
            identifier=f"ID-{marks.text(f'Program.identifier, {title}')}",
        )
        ledger.make_commitment(program, marks.money(f"4517{n}28.64", f"a commitment, {title}"))
        marks.word(str(program.uid), f"Program.uid, {title}")
        if title == "hidden":
            publishing.decide_not_published(
                program, reason=f"Why {marks.text('NotPublished.reason')}"
            )
    program = make_program()
    for status in ("draft", "in_review", "returned", "reviewed"):
        words = [
            (
                f"Part {marks.text('ReportSection.heading')}",
                f"So {marks.text('ReportSection.body')}",
            )
        ]
        title = f"Report {marks.text('Report.title')}"
        report = publishing.make_report_at(status, program, title=title, sections=words)
        if status == "in_review":
            commented(report)


def commented(report: Report) -> None:
    """What a reader says of a section, and why it was not followed."""
    (section,) = queries.written_sections(report)
    comment = publish.comment_on_section(
        report=report,
        heading=section.heading,
        seen=section.digest,
        body="Which list is it?",
        by=ledger.approver_of(report.program),
    )
    note = "It stands in the annex."
    publish.settle_comment(comment=comment, followed=False, note=note, by=report.drafted_by)


# --- Publishing --------------------------------------------------------------


def publish_all() -> None:
    """All that may be public is: findings and engagements of the audit offices, then the programs."""
    for finding in Finding.objects.filter(status="issued").select_related("engagement__lead"):
        _if_it_may(publish.release_finding, finding=finding, by=finding.engagement.lead)
    for engagement in Engagement.objects.select_related("lead"):
        _if_it_may(publish.release_engagement, engagement=engagement, by=engagement.lead)
    hidden = NotPublished.objects.in_force().values("program")
    for program in Program.objects.exclude(pk__in=hidden).exclude(title__contains=WORD):
        _if_it_may(publishing.publish, program)


def _if_it_may(act: Callable[..., object], *about: object, **said: object) -> None:
    """What is refused (nothing changed; the plan of an engagement that was not announced) is not public."""
    with suppress(Refused), transaction.atomic():
        act(*about, **said)
