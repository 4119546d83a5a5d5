"""One of everything that the offices work on and that the public does not see: for the whole world alone."""

from datetime import date, timedelta

from django.core.files.base import ContentFile

from tests.factories import (
    audits,
    documents,
    ledger,
    office,
    receipts,
    sampling,
    signing,
    uploads,
    valuation,
)
from tests.factories import money as costs
from tests.factories.programs import make_program
from tests.journal import test_projections as big
from tests.publishing.leaks.marks import Marks
from tracker.accounts.models import Organisation
from tracker.audits import actions as audit
from tracker.publishing import actions as publish


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
