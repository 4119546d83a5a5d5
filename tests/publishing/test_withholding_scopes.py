"""One decision covers a field, a record, or a field of every record of a kind; the public reads what stands in for it."""

from copy import deepcopy
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories import periods, receipts, valuation
from tests.factories.audits import make_finding
from tests.factories.ledger import make_commitment, make_disbursement, make_reversal, money
from tests.factories.programs import make_program
from tests.factories.publishing import (
    delay,
    disclosure_of,
    make_overdue,
    make_rule,
    propose,
    publish,
    withhold,
    withhold_record,
)
from tests.factories.results import make_indicator, make_measurement, make_target
from tracker.publishing import actions
from tracker.publishing.content.entries import cell_names
from tracker.publishing.fields import RELEASED, WITHHOLDABLE
from tracker.publishing.models import (
    PublishedTotal,
    ReleasedEntry,
    ReleasedRow,
    Withholding,
)
from tracker.shared.errors import Refused

UNIT = {"kind": "unit", "value": "one unit"}


def usd(low, high):
    return {
        "kind": "range",
        "low": {"minor": low * 100},
        "high": {"minor": high * 100},
        "currency": "USD",
    }


def bands(*edges):
    return {"kind": "bands", "edges": [edge * 100 for edge in edges], "currency": "USD"}


def rows(release, kind):
    return list(
        ReleasedRow.objects.filter(items__release=release, kind=kind).order_by("items__position")
    )


def cells(release, kind, subject):
    return next(row.cells for row in rows(release, kind) if row.subject == subject)


def withheld_in(cells):
    return {name for name, cell in cells.items() if cell["state"] == "withheld"}


def build():
    """Programs of which nothing is public yet, each with people who decide."""
    goods = valuation.make_goods()
    valuation.revalue(goods, "80.00")
    valuation.state_alternative(goods, money("120.00"))
    measured = make_indicator()
    make_target(measured, "40")
    commitment, room = make_commitment(amount="5000.00"), make_commitment(amount="90000.00")
    made = {
        "program": make_program(),
        "paid": [
            make_disbursement(commitment, amount, payee=payee)
            for amount, payee in (("100.00", "Acme"), ("250.00", "Beta"), ("700.00", "Gamma"))
        ],
        "room": room,
        "finding": make_finding(),
        "measured": make_measurement(measured, "12"),
        "short": receipts.make_short("90.00"),
        "goods": goods,
        "certified": make_disbursement(make_commitment(), "300.00"),
    }
    program = made["certified"].program
    periods.certify_both(program, periods.close(program.owner))
    for one in (made["program"], commitment.program, room.program, goods.program):
        for number in range(2):
            disclosure_of(one, number)
    return made


@pytest.fixture
def made(built):
    return deepcopy(built)


@pytest.fixture
def program(made):
    return made["program"]


@pytest.fixture
def paid(made):
    """Three payments of one commitment, none of them alike."""
    return made["paid"]


@pytest.fixture
def room(made):
    """A commitment from which nothing was paid yet."""
    return made["room"]


# --- What a proposal has to say -------------------------------------------------


@pytest.mark.parametrize(
    ("says", "at"),
    [
        ({"scope": "everything"}, "scope"),
        ({"scope": "record", "field": "summary"}, "field"),
        ({"scope": "record", "kind": "voucher", "field": ""}, "field"),
        ({"scope": "rule", "kind": "transaction", "field": "kind"}, "field"),
        ({"scope": "rule", "kind": "program", "field": "summary"}, "scope"),
        ({"scope": "delay", "kind": "program", "field": "", "days": 3}, "scope"),
        ({"scope": "delay", "kind": "transaction", "field": "payee", "days": 3}, "scope"),
        ({"scope": "delay", "kind": "transaction", "field": "", "days": 0}, "days"),
        ({"scope": "delay", "kind": "transaction", "field": "", "days": 3651}, "days"),
        ({"scope": "delay", "kind": "transaction", "field": ""}, "days"),
        ({"days": 3}, "days"),
        ({"minimum_percent": 30}, "minimum_percent"),
        (
            {"scope": "rule", "kind": "transaction", "field": "payee", "minimum_percent": 30},
            "minimum_percent",
        ),
        (
            {"scope": "rule", "kind": "transaction", "field": "amount", "minimum_percent": 24},
            "minimum_percent",
        ),
        ({"in_sums": True}, "in_sums"),
        ({"stand_in": UNIT, "field": "sectors"}, "stand_in"),
        ({"stand_in": UNIT, "scope": "record", "field": ""}, "stand_in"),
        ({"field": "starts_on", "stand_in": {"kind": "month", "value": "1999-01"}}, "stand_in"),
    ],
)
def test_what_does_not_fit_the_scope_is_refused_at_its_field(program, says, at):
    named = {"record": program.uid} if says.get("scope") == "record" else {}

    with pytest.raises(Refused) as refusal:
        propose(program, **({"kind": "program", "field": "summary"} | named | says))

    assert list(refusal.value.message_dict) == [at]


def test_a_rule_and_a_delay_name_no_record_and_a_field_names_one(paid):
    payment = paid[0]
    program = payment.program

    with pytest.raises(Refused, match="name none"):
        make_rule(program, record=payment.uid)
    with pytest.raises(Refused, match="for all of them"):
        delay(program, record=payment.uid)
    with pytest.raises(Refused, match="Say which record"):
        actions.propose_withholding(
            program=program,
            record_kind="transaction",
            field="payee",
            category="personal",
            legal_basis="Law 1",
            reason="A person could be found.",
            review_on=date(2099, 1, 1),
            by=disclosure_of(program),
        )


@pytest.mark.parametrize("kind", ["engagement", "finding", "recommendation"])
def test_of_what_auditors_publish_only_single_fields_are_withheld(made, kind):
    finding = made["finding"]
    program = finding.links.first().transaction.program

    with pytest.raises(Refused, match="only single fields"):
        make_rule(program, kind, sorted(WITHHOLDABLE[kind])[0])
    with pytest.raises(Refused, match="only single fields"):
        withhold_record(program, kind, finding.uid)


def test_there_is_one_rule_and_one_delay_of_a_kind(program):
    make_rule(program), delay(program)

    with pytest.raises(ValidationError, match="such a rule already"):
        make_rule(program)
    with pytest.raises(ValidationError, match="already"):
        delay(program, 5)
    make_rule(program, field="reference")


def test_a_stand_in_that_is_more_precise_than_the_value_is_refused(paid):
    payment = paid[0]
    program, uid = payment.program, payment.uid

    for said in (usd(99, 101), usd(200, 400), {"kind": "month", "value": "2024-03"}, UNIT):
        with pytest.raises(Refused) as refusal:
            propose(program, "transaction", "amount", uid, stand_in=said)
        assert list(refusal.value.message_dict) == ["stand_in"]
    assert propose(program, "transaction", "amount", uid, stand_in=usd(50, 400)).stand_in


def test_a_rule_in_force_sets_the_least_width_for_single_fields(paid):
    program, uid = paid[0].program, paid[0].uid
    make_rule(program, field="amount", minimum_percent=60)

    with pytest.raises(Refused, match="60 %"):
        propose(program, "transaction", "amount", uid, stand_in=usd(70, 140))
    assert propose(program, "transaction", "amount", uid, stand_in=usd(50, 140))


def test_who_decides_is_told_when_the_stand_in_has_become_too_narrow(paid):
    program, uid = paid[0].program, paid[0].uid
    proposed = propose(program, "transaction", "amount", uid, stand_in=usd(70, 140))
    make_rule(program, field="amount", minimum_percent=60)

    with pytest.raises(Refused, match="60 %"):
        actions.decide_withholding(withholding=proposed, by=disclosure_of(program, 1))


def test_overdue_reviews_of_every_scope_stop_a_release_and_are_named(paid):
    program = paid[0].program
    make_overdue(make_rule(program))
    make_overdue(delay(program, 7))
    make_overdue(withhold_record(program, "transaction", paid[0].uid))

    with pytest.raises(Refused) as refusal:
        publish(program)

    for what in (
        "payee of every transaction",
        "payments for 7 days",
        "every field of a transaction",
    ):
        assert what in refusal.value.sentence


# --- What it covers -------------------------------------------------------------


def test_a_record_is_withheld_with_every_field_that_can_be(paid):
    program = paid[0].program
    withhold_record(program, "transaction", paid[0].uid)
    release = publish(program)

    told = cells(release, "transaction", paid[0].uid)
    assert withheld_in(told) == WITHHOLDABLE["transaction"]
    assert withheld_in(cells(release, "transaction", paid[1].uid)) == set()
    scopes = {row.cells["scope"]["value"] for row in rows(release, "withheld")}
    assert scopes == {"record"}


def test_what_a_record_withholds_its_journal_entry_does_not_disclose_either(paid):
    program = paid[0].program
    withhold_record(program, "transaction", paid[0].uid)
    make_rule(program, field="payee")
    publish(program)

    whole, ruled = (ReleasedEntry.objects.get(row__subject=one.uid) for one in paid[:2])
    hidden = {
        f for f, name in cell_names("transaction").items() if name in WITHHOLDABLE["transaction"]
    }
    assert {"amount", "currency", "payee", "value_date"} <= hidden
    assert not hidden & set(whole.disclosed)
    assert hidden == set(whole.withheld)
    assert set(ruled.withheld) == {"payee"}


@pytest.mark.parametrize("scope", ["record", "rule"])
def test_a_reversal_tells_nothing_that_its_original_withholds(paid, scope):
    original = paid[0]
    reversal = make_reversal(original)
    program = original.program
    if scope == "record":
        withhold_record(program, "transaction", original.uid)
    else:
        make_rule(program, field="amount")
    release = publish(program)

    for one in (original, reversal):
        assert "amount" in withheld_in(cells(release, "transaction", one.uid))


def test_a_rule_covers_every_record_of_its_kind_and_is_told_once_with_their_number(paid):
    program = paid[0].program
    make_rule(program, stand_in=UNIT, reason="Suppliers could be attacked.")
    release = publish(program)

    payees = [row.cells["payee"] for row in rows(release, "transaction")]
    assert {cell["state"] for cell in payees} == {"withheld"}
    assert [cell.get("stand_in") for cell in payees].count(UNIT) >= 3
    (rule,) = rows(release, "withheld_rule")
    said = {name: cell.get("value") for name, cell in rule.cells.items()}
    assert said["fields_withheld"] == len(payees)
    assert (said["field"], said["stand_in"]) == ("payee", UNIT)
    assert said["reason"] == "Suppliers could be attacked."
    told = rows(release, "withheld")
    assert len(told) == len(payees)
    assert {row.cells["scope"]["value"] for row in told} == {"rule"}


def test_a_rule_that_covers_nothing_is_told_too(program):
    make_rule(program)

    (rule,) = rows(publish(program), "withheld_rule")
    assert rule.cells["fields_withheld"]["value"] == 0


def test_a_decision_about_a_field_goes_before_that_about_its_record_and_before_a_rule(paid):
    program = paid[0].program
    make_rule(program, reason="By rule.")
    withhold_record(program, "transaction", paid[0].uid, reason="By record.")
    withhold(program, "transaction", "payee", paid[1].uid, reason="By field.")
    withhold(program, "transaction", "payee", paid[0].uid, reason="By field.")
    release = publish(program)

    reasons = [cells(release, "transaction", one.uid)["payee"]["reason"] for one in paid]
    assert reasons == ["By field.", "By field.", "By rule."]
    assert cells(release, "transaction", paid[0].uid)["amount"]["reason"] == "By record."


@pytest.mark.parametrize("scope", ["record", "rule"])
def test_results_take_their_standing_with_them(made, scope):
    measured = made["measured"]
    indicator = measured.indicator
    program = indicator.program
    if scope == "record":
        withhold_record(program, "measurement", measured.uid)
    else:
        grid = {"kind": "bands", "edges": ["0", "10", "100"]}
        make_rule(program, "measurement", "value", stand_in=grid)
    release = publish(program)

    told = cells(release, "indicator", indicator.uid)
    assert {"actual", "achievement"} <= withheld_in(told)
    assert "stand_in" not in told["achievement"]
    if scope == "rule":
        assert told["actual"]["stand_in"] == {"kind": "range", "low": "10", "high": "100"}


@pytest.mark.parametrize("scope", ["record", "rule"])
def test_certified_sums_that_contain_a_withheld_amount_are_withheld(made, scope):
    payment = made["certified"]
    program = payment.program
    if scope == "record":
        withhold_record(program, "transaction", payment.uid)
    else:
        make_rule(program, field="amount")

    for row in rows(publish(program), "certification"):
        assert {"figures", "digest"} <= withheld_in(row.cells)


@pytest.mark.parametrize("scope", ["record", "rule"])
def test_discrepancies_and_receipts_do_not_tell_what_a_dispatch_withholds(made, scope):
    short = made["short"]
    program = short.about.program
    if scope == "record":
        withhold_record(program, "transaction", short.about.uid)
    else:
        make_rule(program, field="amount")
        make_rule(program, field="value_date")
    release = publish(program)

    assert {"amount", "value_date"} <= withheld_in(cells(release, "transaction", short.receipt.uid))
    assert {"amount", "opened_on", "due_on"} <= withheld_in(
        cells(release, "discrepancy", short.uid)
    )


@pytest.mark.parametrize("scope", ["record", "rule"])
def test_revaluations_and_other_values_do_not_tell_what_their_payment_withholds(made, scope):
    goods = made["goods"]
    program = goods.program
    if scope == "record":
        withhold_record(program, "transaction", goods.uid)
    else:
        make_rule(program, field="amount", stand_in=bands(0, 50, 500, 10**6))
    release = publish(program)

    (revalued,), (other,) = rows(release, "revaluation"), rows(release, "alternative_value")
    assert {"old_amount", "new_amount", "reason"} <= withheld_in(revalued.cells)
    assert {"amount", "citation"} <= withheld_in(other.cells)
    assert "worth" in withheld_in(cells(release, "transaction", goods.uid))
    assert all("stand_in" not in cell for cell in (*revalued.cells.values(), *other.cells.values()))


def test_a_participant_and_an_objective_can_be_withheld_by_rule_and_by_record(program):
    organisation = program.participations.first().organisation
    withhold_record(program, "participant", organisation.uid)
    release = publish(program)

    hidden = [withheld_in(row.cells) for row in rows(release, "participant")]
    assert {"organisation", "country"} in hidden
    make_rule(program, "participant", "organisation")
    assert all(
        {"organisation", "country"} <= withheld_in(row.cells)
        for row in rows(publish(program), "participant")
    )


# --- Stand-ins ------------------------------------------------------------------


def test_a_stand_in_stands_in_the_cell_and_in_the_list_of_what_is_withheld(paid):
    program, uid = paid[0].program, paid[0].uid
    withhold(program, "transaction", "amount", uid, stand_in=usd(50, 400))
    day = paid[0].value_date.isoformat()
    withhold(
        program, "transaction", "value_date", uid, stand_in={"kind": "month", "value": day[:7]}
    )
    release = publish(program)

    told = cells(release, "transaction", uid)
    assert told["amount"]["stand_in"] == usd(50, 400)
    assert told["value_date"]["stand_in"] == {"kind": "month", "value": day[:7]}
    listed = {
        row.cells["field"]["value"]: row.cells["stand_in"]["value"]
        for row in rows(release, "withheld")
    }
    assert listed["amount"] == usd(50, 400)


def test_a_reversal_gets_the_opposite_range_and_a_receipt_none(made):
    short = made["short"]
    dispatch, program = short.about, short.about.program
    other = make_disbursement(make_commitment(program))
    reversal = make_reversal(other)
    withhold(program, "transaction", "amount", dispatch.uid, stand_in=usd(50, 400))
    withhold(program, "transaction", "amount", other.uid, stand_in=usd(50, 400))
    release = publish(program)

    assert cells(release, "transaction", reversal.uid)["amount"]["stand_in"] == usd(-400, -50)
    assert "stand_in" not in cells(release, "transaction", short.receipt.uid)["amount"]


def test_a_rules_band_is_made_for_each_value(paid):
    program = paid[0].program
    make_rule(program, field="amount", stand_in=bands(0, 200, 600))
    release = publish(program)

    said = [cells(release, "transaction", one.uid)["amount"].get("stand_in") for one in paid]
    assert said == [usd(0, 200), usd(200, 600), None]


def test_a_stand_in_that_is_no_longer_true_is_left_out():
    program = make_program(starts_on=date(2024, 3, 17))
    withhold(program, field="starts_on", stand_in={"kind": "month", "value": "2024-03"})
    release = publish(program)
    assert "stand_in" in cells(release, "program", program.uid)["starts_on"]

    type(program).objects.filter(pk=program.pk).update(starts_on=date(2024, 5, 1))

    assert "stand_in" not in cells(publish(program), "program", program.uid)["starts_on"]


def test_a_range_from_before_a_rule_that_asks_for_a_wider_one_is_left_out(paid):
    program, wide = paid[0].program, paid[1]
    reversal = make_reversal(paid[0])
    withhold(program, "transaction", "amount", paid[0].uid, stand_in=usd(80, 110))
    withhold(program, "transaction", "amount", wide.uid, stand_in=usd(0, 400))
    release = publish(program)
    assert "stand_in" in cells(release, "transaction", paid[0].uid)["amount"]
    assert "stand_in" in cells(release, "transaction", reversal.uid)["amount"]

    make_rule(program, field="amount", minimum_percent=100)
    release = publish(program)

    for narrow in (paid[0], reversal):
        assert "stand_in" not in cells(release, "transaction", narrow.uid)["amount"]
    assert cells(release, "transaction", wide.uid)["amount"]["stand_in"] == usd(0, 400)
    assert usd(80, 110) not in [
        row.cells["stand_in"].get("value") for row in rows(release, "withheld")
    ]


# --- Totals ---------------------------------------------------------------------


def totals(release, kind="disbursement"):
    return [row.cells for row in rows(release, "total") if row.cells["kind"]["value"] == kind]


def pay(room, amounts):
    return [make_disbursement(room, amount) for amount in amounts]


def test_the_sum_of_what_is_withheld_stands_beside_the_total_where_it_is_lawful(room):
    payments = pay(room, ["100.00", "120.00", "130.00", "1000.00"])
    program = payments[0].program
    for one in payments[:3]:
        withhold(program, "transaction", "amount", one.uid, in_sums=True)
    release = publish(program)

    (total,) = totals(release)
    assert total["amount"]["value"] == {"minor": 100000, "currency": "USD"}
    assert total["withheld_rows"]["value"] == 3
    assert total["withheld_amount"]["value"] == {"minor": 35000, "currency": "USD"}
    (listed,) = PublishedTotal.objects.filter(kind="disbursement")
    assert listed.withheld_amount == money("350.00")
    assert {r.cells["in_sums"]["value"] for r in rows(release, "withheld")} == {True}


def test_where_nothing_is_withheld_a_total_says_nothing_of_it(paid):
    (total,) = totals(publish(paid[0].program))

    assert "withheld_amount" not in total


def test_one_decision_that_keeps_it_out_of_sums_keeps_the_sum_back(room):
    payments = pay(room, ["100.00", "120.00", "130.00", "1000.00"])
    program = payments[0].program
    for one in payments[:3]:
        withhold(program, "transaction", "amount", one.uid, in_sums=one is not payments[0])

    (total,) = totals(publish(program))
    assert total["withheld_amount"] == {"state": "not_stated"}


@pytest.mark.parametrize(
    "amounts",
    [["100.00"], ["100.00", "120.00"], ["1000.00", "50.00", "40.00"]],
    ids=["one", "two", "one that stands out"],
)
def test_a_sum_that_would_tell_one_of_its_amounts_is_not_said(room, amounts):
    payments = pay(room, [*amounts, "7.00"])
    program = payments[0].program
    for one in payments[:-1]:
        withhold(program, "transaction", "amount", one.uid, in_sums=True)

    (total,) = totals(publish(program))
    assert total["withheld_amount"] == {"state": "not_stated"}
    assert PublishedTotal.objects.get(kind="disbursement").withheld_amount is None


def test_a_payment_and_its_reversal_hide_no_third_amount_in_a_sum(room):
    payments = pay(room, ["100.00", "120.00"])
    make_reversal(payments[1])
    make_rule(payments[0].program, field="amount", in_sums=True)

    (total,) = totals(publish(payments[0].program))
    assert total["withheld_rows"]["value"] == 3
    assert total["withheld_amount"] == {"state": "not_stated"}


def test_a_sum_that_pushes_all_amounts_to_an_end_of_their_ranges_is_not_said(room):
    payments = pay(room, ["751.00", "752.00", "753.00", "7.00"])
    program = payments[0].program
    for one in payments[:3]:
        withhold(program, "transaction", "amount", one.uid, in_sums=True, stand_in=usd(750, 1000))

    (total,) = totals(publish(program))
    assert total["withheld_amount"] == {"state": "not_stated"}


def test_a_sum_is_not_said_beside_an_older_one_that_differs_by_one_amount(room):
    payments = pay(room, ["100.00", "120.00", "130.00"])
    program = payments[0].program
    make_rule(program, field="amount", in_sums=True)
    (total,) = totals(publish(program))
    assert total["withheld_amount"]["value"]["minor"] == 35000

    commitment = payments[0].draws_on
    make_disbursement(commitment, "110.00")
    (total,) = totals(publish(program))
    assert total["withheld_amount"] == {"state": "not_stated"}

    make_disbursement(commitment, "111.00"), make_disbursement(commitment, "112.00")
    (total,) = totals(publish(program))
    assert total["withheld_amount"]["value"]["minor"] == 35000 + 33300


def test_where_every_amount_is_in_sums_the_sum_has_a_currency_and_the_total_none(room):
    payments = pay(room, ["100.00", "120.00", "130.00"])
    make_rule(payments[0].program, field="amount", in_sums=True)
    release = publish(payments[0].program)

    (total,) = totals(release)
    assert total["amount"]["state"] == "withheld"
    listed = PublishedTotal.objects.get(kind="disbursement")
    assert (listed.amount, listed.currency) == (None, "USD")
    assert listed.withheld_amount == money("350.00")


def test_every_cell_of_these_rows_is_declared(paid):
    program = paid[0].program
    make_rule(program), delay(program, 1)
    release = publish(program)

    for kind in ("withheld", "withheld_rule", "total", "program"):
        for row in rows(release, kind):
            assert set(row.cells) <= RELEASED[kind], kind


# --- The database ---------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"stand_in": None},
        {"stand_in": usd(60, 400)},
        {"field": "payee"},
        {"reason": "Another reason."},
        {"in_sums": True},
    ],
    ids=str,
)
def test_the_database_refuses_to_change_what_was_decided(paid, change):
    decided = withhold(paid[0].program, "transaction", "amount", paid[0].uid, stand_in=usd(50, 400))

    with (
        pytest.raises(IntegrityError, match="lift the withholding and propose another one"),
        transaction.atomic(),
    ):
        Withholding.objects.filter(pk=decided.pk).update(**change)


def test_the_database_refuses_to_delete_a_withholding(program):
    decided = withhold(program)

    with (
        pytest.raises(IntegrityError, match="declined or lifted, not deleted"),
        transaction.atomic(),
    ):
        Withholding.objects.filter(pk=decided.pk).delete()
