"""A program of which every field is withheld that may be, with a marker in each."""

from datetime import date

from tests.factories import (
    accounts,
    audits,
    ledger,
    periods,
    publishing,
    receipts,
    results,
    valuation,
)
from tests.factories import money as costs
from tests.factories.programs import make_objective, make_program
from tests.publishing.leaks.marks import Marks
from tracker.audits import actions as audit
from tracker.ledger.models import Transaction
from tracker.programs.actions import Participant
from tracker.programs.models import Program

HIDES = "The program that hides most"
SEEN = "A public description"  # what the reader has to come across, or it read nothing


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
    withheld_excess(program, marks)
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


# What the public reads in the place of a value, and may: none of it is the value, in any rendering. The law lets sums
# say the amount; of one row they must not.
STAND_INS: dict[str, dict[str, object]] = {
    "amount": {
        "stand_in": {
            "kind": "range",
            "low": {"minor": 5_000_000_00},
            "high": {"minor": 10_000_000_00},
            "currency": "USD",
        },
        "in_sums": True,
    },
    "value_date": {"stand_in": {"kind": "month", "value": "2019-07"}},
    "quantity": {"stand_in": {"kind": "range", "low": "50000", "high": "100000"}},
    "payee": {"stand_in": {"kind": "unit", "value": "one unit"}},
}


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
        publishing.withhold(program, "transaction", field, payment.uid, **STAND_INS.get(field, {}))
    other = valuation.state_alternative(payment, marks.money("6318274.91", "alternative.amount"))
    publishing.withhold(program, "alternative_value", "amount", other.uid)
    return payment


def withheld_excess(program: Program, marks: Marks) -> None:
    """More arrived than was sent, both are public, and by how much is not: no sum, no discrepancy, no value since."""
    goods = receipts.make_goods(quantity=None, amount="20000.00", program=program)
    excess = marks.money("3917.46", "transaction.excess")
    surplus = receipts.state(goods, "surplus", (ledger.money("20000.00") + excess).plain)
    valuation.revalue(goods.draws_on, "16000.00")
    publishing.withhold(program, "transaction", "excess", surplus.transaction.uid)


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
