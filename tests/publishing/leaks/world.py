"""A world with a marker in every internal place, and everything of it published that may be."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from unittest import mock

from django.core.files.base import ContentFile
from django.db import transaction

from tests.access.world import build_world
from tests.factories import (
    accounts,
    audits,
    documents,
    ledger,
    office,
    periods,
    publishing,
    receipts,
    results,
    sampling,
    signing,
    uploads,
    valuation,
)
from tests.factories import money as costs
from tests.factories.programs import make_objective, make_program
from tests.journal import test_projections as big
from tests.publishing.leaks.marks import WORD, Marks
from tests.publishing.leaks.planter import planting
from tracker.accounts import actions as account
from tracker.accounts.models import Invitation, Organisation, User
from tracker.audits import actions as audit
from tracker.audits.models import Engagement, Finding
from tracker.journal import service
from tracker.journal.models import Checkpoint
from tracker.ledger.models import Transaction
from tracker.programs.actions import Participant
from tracker.programs.models import Program
from tracker.publishing import actions as publish
from tracker.publishing.models import NotPublished
from tracker.shared.errors import Refused
from tracker.shared.money import Money

HIDES = "The program that hides most"
SEEN = "A public description"  # what the reader has to come across, or it read nothing


def build(*, thorough: bool = False) -> Marks:
    """What is withheld, drafted and hidden. `thorough`: and one of everything that the other tests can make."""
    marks = Marks()
    with planting(marks), mock.patch.object(sampling, "sign_checkpoint", _sign):
        withheld(marks)
        people(marks)
        undecided(marks)
        drafts(make_program(), marks)
        letters(marks)
        if thorough:
            build_world()
            ledger_work(marks)
            audit_work(marks)
            more_work(marks)
        publish_all()
    marks.all_words(User.objects.values_list("email", flat=True), "User.email")
    marks.all_words(Invitation.objects.values_list("email", flat=True), "Invitation.email")
    return marks


def _sign() -> int:
    """With the log's own key: it is read, too."""
    report = service.bring_up_to_date()
    assert report is not None and not report.said, report
    return Checkpoint.objects.latest("size").size


# --- Withheld ----------------------------------------------------------------


def withheld(marks: Marks) -> Program:
    """A program of which every field is withheld that may be."""
    donor = accounts.make_organisation("The Donor Ministry")
    hidden = accounts.make_organisation(f"Hidden Staff {marks.text('participant.organisation')}")
    program = make_program(
        owner=donor,
        title=HIDES,
        summary=f"Words {marks.text('program.summary')}",
        legal_authority=f"Act {marks.text('program.legal_authority')}",
        starts_on=marks.day(date(2018, 2, 11), "program.starts_on"),
        ends_on=marks.day(date(2031, 10, 23), "program.ends_on"),
        participants=[Participant(donor, "donor"), Participant(hidden, "recipient")],
    )
    for field in ("summary", "legal_authority", "starts_on", "ends_on"):
        publishing.withhold(program, "program", field)
    publishing.withhold(program, "participant", "organisation", hidden.uid)
    marks.word(str(hidden.uid), "the identifier of a participant that is withheld")
    publishing.propose(
        program, "program", "sectors", reason=f"For {marks.text('Withholding.reason, a proposal')}"
    )
    objective = make_objective(program=program, title=f"Aim {marks.text('objective.title')}")
    publishing.withhold(program, "objective", "title", objective.uid)
    payment = withheld_money(program, marks)
    withheld_results(program, marks)
    withheld_findings(program, payment, marks)
    certified(program)
    publishing.make_report_at("published", program, title="What is public of it")
    return program


def certified(program: Program) -> None:
    """A quarter whose sums hold the withheld payment, signed by both sides with a remark."""
    for day in (date(2019, 1, 1), date(2019, 4, 1), date(2019, 7, 13)):
        change = periods.propose_closing(program.owner, day, reason="It is complete.")
        periods.decide(change)
    for side in ("donor", "recipient"):
        periods.certify(program, change.period, side, remark="One invoice came late.")


def withheld_money(program: Program, marks: Marks) -> Transaction:
    """A commitment that is public, and beside it a payment and goods of which nothing is."""
    commitment = ledger.make_commitment(program, "90000000.00", description=SEEN)
    ledger.make_disbursement(commitment, "1500.00", description="A public payment")
    payment = ledger.make_disbursement(
        commitment,
        marks.money("7391846.27", "transaction.amount"),
        payee=f"Depot {marks.text('transaction.payee')}",
        reference=f"R {marks.text('transaction.reference')}",
        description=f"For {marks.text('transaction.description')}",
        value_date=marks.day(date(2019, 7, 13), "transaction.value_date"),
        quantity=marks.number("73519", "transaction.quantity"),
        unit=f"crates {marks.text('transaction.unit')}",
        **{"form": "goods", "valuation_basis": "donor_stated", "valuation_date": ledger.A_DAY},
        delivery_point="node_arrival",
    )
    fields = ("amount", "payee", "reference", "description", "value_date", "quantity", "unit")
    for field in (*fields, "provider", "receiver", "authority", "delivery_point", "excess"):
        publishing.withhold(program, "transaction", field, payment.uid)
    other = valuation.state_alternative(payment, marks.money("6318274.91", "alternative.amount"))
    publishing.withhold(program, "alternative_value", "amount", other.uid)
    return payment


def withheld_results(program: Program, marks: Marks) -> None:
    """What was measured is withheld, and so is what part of the target it is."""
    indicator = results.make_indicator(
        program=program,
        title="A public title",
        definition=f"Counted {marks.text('indicator.definition')}",
    )
    results.make_baseline(indicator, 0)
    results.make_target(indicator, "911.57")
    measured = results.make_measurement(
        indicator,
        marks.number("473.915", "measurement.value"),
        source=f"Register {marks.text('measurement.source')}",
        comment="A remark among staff",
        measured_on=marks.day(date(2026, 4, 19), "measurement.measured_on"),
    )
    marks.part("51.98887", "measurement.value as a part of its target")
    for field in ("value", "source", "measured_on"):
        publishing.withhold(program, "measurement", field, measured.uid)
    publishing.withhold(program, "indicator", "definition", indicator.uid)
    secret = results.make_indicator(
        program=program, title=f"Medics {marks.text('indicator.title')}"
    )
    target = results.make_target(secret, marks.number("8273.5", "target.value"))
    publishing.withhold(program, "indicator", "title", secret.uid)
    publishing.withhold(program, "target", "value", target.uid)


def withheld_findings(program: Program, payment: Transaction, marks: Marks) -> None:
    """Everything that a finding may say and that a program's side may withhold."""
    said = {
        part: f"Words {marks.text(f'finding.{part}')}"
        for part in ("criteria", "condition", "cause", "effect")
    }
    engagement = audits.make_engagement(
        program,
        objectives=f"Whether {marks.text('engagement.objectives')}",
        criteria=f"By {marks.text('engagement.criteria')}",
    )
    lines = [
        audit.CostLine(
            "unsupported", marks.money("4618.35", "finding.questioned_lines"), payment, None, ""
        )
    ]
    uses = [audit.BetterUseLine("deobligation", marks.money("3927.41", "finding.better_use"))]
    finding = audits.make_finding(
        payment,
        engagement=engagement,
        title="A finding that is public",
        recommendations=1,
        issued=False,
        more=audit.Particulars(lines=lines, better_use=uses),
        **said,
    )
    asked = finding.recommendations.get()
    audit.change_recommendation(
        recommendation=asked,
        text=f"Do {marks.text('recommendation.text')}",
        owner=asked.owner,
        due_on=asked.due_on,
        by=engagement.lead,
    )
    finding = audit.issue_finding(finding=finding, by=engagement.lead)
    asked.refresh_from_db()
    costs.make_plan(asked, action=f"Act {marks.text('recommendation.plan')}")
    part = "finding.decision"
    costs.decide(
        finding,
        allowed=marks.money("1724.18", part).plain,
        disallowed=marks.money("2894.17", part).plain,
        agreed=marks.money("1936.58", part),
        not_agreed=marks.money("1990.83", part),
        reasons=f"So {marks.text(part)}",
        action=f"Pay {marks.text(part)}",
    )
    costs.settle(finding, marks.money("1731.29", "finding.waterfall").plain)
    fields = ("criteria", "condition", "cause", "effect", "questioned", "payments", "better_use")
    for field in (*fields, "questioned_lines", "decision", "waterfall"):
        publishing.withhold(program, "finding", field, finding.uid)
    for field in ("text", "plan"):
        publishing.withhold(program, "recommendation", field, asked.uid)
    for field in ("objectives", "criteria", "scope"):
        publishing.withhold(program, "engagement", field, engagement.uid)


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


# --- What is being worked on -------------------------------------------------


def ledger_work(marks: Marks) -> None:
    """Drafts, what was sent back, limits, ceilings, delegations, interests, emergencies, disputes, uploads."""
    for part in (big._authorities, big._signing, big._valuations, big._receipts, big._periods):
        part(make_program())
    owner = make_program().owner
    authority = ledger.make_authority(owner)
    ledger.confirm(
        ledger.propose_dates(
            authority,
            availability="dated",
            available_from=marks.day(date(2017, 3, 29), "Authority.available_from"),
            available_to=marks.day(date(2033, 8, 27), "Authority.available_to"),
        )
    )
    ledger.propose(authority, "set", marks.money("9182736.45", "AuthorityChange.amount"))
    ledger.confirm(
        ledger.propose(authority, "set", marks.money("8172635.49", "AuthorityYear.ceiling"), 2025)
    )
    ledger.make_stage(authority, amount=marks.money("6152433.78", "AuthorityStage.amount"))
    signing.set_limit(owner, "one", marks.money("61524.87", "SigningLimit.up_to"), kind="refund")
    uploaded(marks)
    documents.supply(documents.post_on_a_waiver(make_program()))


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


def uploaded(marks: Marks) -> None:
    """A file that is checked and not posted."""
    place, officer, _ = uploads.make_office()
    amount = marks.money("517264.83", "UploadRow.amount").plain
    marks_ = [marks.text(f"UploadRow.{name}") for name in ("reference", "payee", "program_name")]
    row = f"{marks_[0]},FRA,{marks_[2]},2010,{amount},{marks_[1]}"
    name = f"{marks.text('Upload.file_name')}.csv"
    uploads.make_upload(uploads.csv_of(row), by=officer, organisation=place, name=name)


def audit_work(marks: Marks) -> None:
    """Working papers, samples, drafts sent in confidence, judgements, plans, letters about recommendations."""
    for state in ("closed_implemented", "reopened"):
        audits.make_recommendation(state)
    samples(marks)
    finding = audits.make_finding(
        issued=False, title=f"Draft {marks.text('Finding.title, a draft')}"
    )
    engagement = finding.engagement
    audit.record_meeting(
        engagement=engagement,
        kind="entrance",
        held_on=marks.day(date(2025, 1, 17), "Meeting.held_on"),
        attended="The head of the office.",
        agreed="A list by Friday.",
        by=engagement.lead,
    )
    audit_office(marks)


def samples(marks: Marks) -> None:
    """One with its results, of money; one that was given up."""
    engagement = audits.make_engagement()
    sampling.make_payments(engagement.scope.get().program, ["300.00", "200.00", "100.00"])
    how = sampling.amounts_spec(
        tolerable=marks.money("412.57", "Sample.tolerable_amount").plain,
        expected=marks.money("47.93", "Sample.expected_amount").plain,
    )
    drawn = sampling.make_sample(engagement, how)
    first = sampling.items(drawn)[0]
    said = {"audited": marks.money("97.31", "SampleResult.audited"), "note": "It was less."}
    said |= {"outcomes": ["passed"] * len(drawn.attributes), "reference": "Paper A-1"}
    sampling.pass_all(drawn, **{f"p{first.position}": said})
    audit.evaluate_sample(sample=drawn, conclusion="Too much was paid.", by=engagement.lead)
    says = {"size": 1, "size_reason": "A walk-through.", "again_reason": "Another purpose."}
    other = sampling.make_sample(engagement, drawn=False, **says)
    audit.give_up_sample(sample=other, reason="Too few.", by=engagement.lead)


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


def audit_office(marks: Marks) -> None:
    """Weights, rules, judgements and the plan of the head."""
    program = make_program()
    office.pay(program, "500.00")
    place, head, auditor = office.make_audited(program)
    day = marks.day(far(place, 61), "RiskWeight.valid_from")
    said = {"office": place, "valid_from": day, "by": head}
    audit.set_weight(factor="late", weight=37, **said)
    audit.set_coverage_rule(level="high", from_points=61, every_years=1, percent=53, **said)
    audit.judge_risk(program=program, fiscal_year=2024, percent=67, reason="New staff.", by=auditor)
    office.adopt(place, 2024)
    office.adopt(place, 2024, reason="Two of them moved.")


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
        publishing.make_report_at(
            status, program, title=f"Report {marks.text('Report.title')}", sections=words
        )


# --- Days and amounts that the rest leaves out ---------------------------------


def more_work(marks: Marks) -> None:
    vouchers_of_days(marks)
    handed_over(marks)
    disputed(marks)
    worth(marks)
    answered(marks)


def vouchers_of_days(marks: Marks) -> None:
    """A draft with every day that a voucher may have; a waiver that is refused."""
    program = make_program()
    said = {"form": "goods", "valuation_basis": "donor_stated", "delivery_point": "node_arrival"}
    day = marks.day(date(2015, 8, 19), "Voucher.valuation_date")
    voucher = ledger.make_voucher(
        program, "pledge", valuation_date=day, **said | {"delivery_point": ""}
    )
    ledger.make_attachment(
        voucher, document_date=marks.day(date(2015, 8, 21), "Attachment.document_date")
    )
    ledger.submit(voucher)
    waiver = documents.ask(ledger.make_voucher(program))
    by = ledger.approver_of(program)
    ledger.actions.decide_waiver(waiver=waiver, grant=False, reason="Ask the supplier.", by=by)
    late = marks.day(date(2015, 9, 23), "SuppliedDocument.document_date")
    documents.supply(documents.post_on_a_waiver(program), document_date=late)


def far(place: Organisation, days: int) -> date:
    """A day so far ahead that nothing public lies there."""
    return place.today() + timedelta(days=3000 + days)


def handed_over(marks: Marks) -> None:
    """A delegation and a limit with days of their own."""
    place = make_program().owner
    first, second = (signing.make_approver(place) for _ in "12")
    begins = marks.day(place.today() + timedelta(days=41), "Delegation.valid_from")
    ends = marks.day(place.today() + timedelta(days=52), "Delegation.valid_until")
    signing.propose_delegation(first, second, place, valid_from=begins, valid_until=ends)
    days = {
        "valid_from": marks.day(far(place, 73), "SigningLimit.valid_from"),
        "valid_until": marks.day(far(place, 94), "SigningLimit.valid_until"),
    }
    signing.propose_limit(place, up_to="100.00", kind="pledge", **days)


def disputed(marks: Marks) -> None:
    """What the recipient says of a dispatch that it disputes: nothing of it is posted."""
    file = ledger.actions.NewFile(ContentFile(b"Signed."), "note.txt")
    goods = receipts.make_goods(3000, "4000.00")
    receipts.state(goods, "disputed", remark="Nothing is here.", file=file)


def worth(marks: Marks) -> None:
    """A revaluation by straight line that was declined."""
    package = valuation.make_goods(make_program(), amount="9000.00")
    line = (
        marks.money("8917.43", "Revaluation.acquisition_cost").plain,
        marks.money("817.46", "Revaluation.salvage").plain,
        marks.number("17.25", "Revaluation.useful_life"),
        marks.number("3.75", "Revaluation.age"),
    )
    valuation.decline(valuation.propose(package, straight_line=line))


def answered(marks: Marks) -> None:
    """Letters about a recommendation, a request for more time, a standing order that ended."""
    asked = audits.make_recommendation()
    owner, lead = audits.owner_officer(asked), asked.finding.engagement.lead
    audit.respond(recommendation=asked, response="concur", note="We agree, in part.", by=owner)
    asked.refresh_from_db()
    said = {"note": "Half of it.", "file": audits.proof(), "by": lead}
    audit.note_partial_progress(recommendation=asked, **said)
    asked.refresh_from_db()
    until = marks.day(audits.soon(2311), "Ask.until")
    costs.ask(asked, until=until)
    engagement = asked.finding.engagement
    publish.release_engagement(engagement=engagement, by=lead)
    order = engagement.standing_releases.get()
    publish.end_standing_release(order=order, reason="Its team has changed.", by=lead)


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
