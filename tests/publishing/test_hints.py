"""The pages say whether what is withheld can be reckoned, and offer what to withhold besides."""

from django.urls import reverse

from tests.factories import receipts
from tests.factories.accounts import sign_in
from tests.factories.ledger import make_commitment, make_disbursement
from tests.factories.programs import make_program
from tests.factories.publishing import (
    disclosure_of,
    make_report_at,
    propose,
    publish,
    withhold,
)
from tests.publishing.test_rank import would_be
from tracker.publishing import queries


def make_leak(propose_only=False):
    """A payment whose amount release 1 states and which is withheld now."""
    program = make_program()
    payment = make_disbursement(make_commitment(program, "9000.00"), "400.00")
    publish(program)
    hide = propose if propose_only else withhold
    return program, payment, hide(program, "transaction", "amount", payment.uid)


def page(client, program, name, uid):
    sign_in(client, disclosure_of(program))
    return client.get(reverse(name, args=[uid]))


def test_the_withholdings_page_says_how_the_value_can_be_reckoned(client):
    program, _, withholding = make_leak()

    answer = page(client, program, "publishing:withholding", withholding.uid)

    assert [hint.grade for hint in answer.context["hints"].found] == ["exact"]
    assert "Release 1 states it and stays public" in answer.text
    assert "can be reckoned exactly" in answer.text
    assert "400.00" not in answer.text


def test_a_proposal_is_judged_as_if_it_were_in_force(client):
    program, payment, proposal = make_leak(propose_only=True)

    answer = page(client, program, "publishing:withholding", proposal.uid)

    assert answer.context["hints"].about(payment.uid, "amount").values
    assert not queries.hints(program, would_be(program)).found


def test_the_programs_page_says_it_of_everything_that_is_withheld(client):
    program, _, _ = make_leak()

    answer = page(client, program, "publishing:program", program.uid)

    assert "Release 1 states it and stays public" in answer.text


def test_what_hides_it_besides_is_a_link_that_fills_in_the_form(client):
    program = make_program()
    commitment = make_commitment(program, "9000.00")
    one, other = (make_disbursement(commitment, "10.00", payee=name) for name in ("Depot", "Depot"))
    withhold(program, "transaction", "payee", one.uid)
    withhold(program, "transaction", "payee", commitment.uid)

    answer = page(client, program, "publishing:program", program.uid)
    link = f"?program={program.uid}&amp;what=transaction.payee&amp;record={other.uid}"
    form = client.get(reverse("publishing:withholding_new") + link.replace("&amp;", "&"))

    assert link in answer.text
    assert form.context["form"].initial == {
        "program": str(program.uid),
        "scope": "field",
        "what": "transaction.payee",
        "record": str(other.uid),
    }


def test_nothing_told_is_said_too(client):
    program = make_program()
    withholding = withhold(program)

    answer = page(client, program, "publishing:withholding", withholding.uid)

    assert "No way was found to reckon a withheld value" in answer.text


def test_a_program_that_is_too_large_for_a_page_says_that_it_was_not_judged(client, monkeypatch):
    program, _, withholding = make_leak()
    monkeypatch.setitem(queries.is_small.__globals__, "ON_A_PAGE", 1)

    answer = page(client, program, "publishing:withholding", withholding.uid)

    assert "it is judged when a release is prepared" in answer.text


def test_where_nothing_is_withheld_the_page_asks_once(client):
    program = make_program()
    make_commitment(program)

    answer = page(client, program, "publishing:program", program.uid)

    assert answer.context["hints"] == queries.Hints()
    assert "Can it be reckoned" not in answer.text


def test_an_excess_is_what_was_stated_beyond_the_dispatch_and_no_sum_tells_it():
    """Both amounts are public: that is said. The sums that leave the row out are not taken for any that hold it."""
    surplus = receipts.state(receipts.make_dispatch(), "surplus", "123.45").transaction
    program = surplus.program
    make_disbursement(make_commitment(program), "500.00")
    withhold(program, "transaction", "excess", surplus.uid)
    make_report_at("published", program)

    found = queries.hints_of_releases(program)

    assert found.not_judged == ()
    (hint,) = found.about(surplus.uid).found
    assert (hint.field, hint.grade) == ("excess", "exact")
    assert hint.how == "Where more than the disbursement is stated, all that was left of it counts."
    (other,) = found.of_kind("discrepancy").found
    assert other.how == "A surplus is the excess of the report that states it."


def test_withholding_what_was_sent_and_arrived_besides_hides_the_excess():
    surplus = receipts.state(receipts.make_dispatch("1000.00"), "surplus", "1234.50").transaction
    program = surplus.program
    withhold(program, "transaction", "excess", surplus.uid)
    assert queries.hints(program, would_be(program)).values

    withhold(program, "transaction", "amount", surplus.draws_on.uid)
    withhold(program, "transaction", "amount", surplus.draws_on.draws_on.uid)

    assert queries.hints(program, would_be(program)).values == []


def test_a_withheld_surplus_is_told_by_the_excess_of_its_report_also_where_others_report_too():
    sent = receipts.make_dispatch()
    receipts.state(sent, "short", "40.00")
    surplus = receipts.state(sent, "surplus", "80.00")
    program = sent.program
    withhold(program, "discrepancy", "amount", surplus.opened.get(kind="surplus").uid)

    (hint,) = queries.hints(program, would_be(program)).of_kind("discrepancy").found

    assert hint.grade == "exact"
    assert hint.how == "A surplus is the excess of the report that states it."
