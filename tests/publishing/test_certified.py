"""Certified quarters as the public reads them: both sides, their organisations, the day, the figures and their digest."""

from copy import deepcopy

import pytest

from tests.factories import ledger as make
from tests.factories import periods, receipts
from tests.factories.accounts import make_organisation
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, make_rule, publish, withhold
from tests.worlds import staffed_program
from tracker.ledger import queries
from tracker.publishing import actions
from tracker.publishing.actions.erasing import erase_words
from tracker.publishing.models import ReleasedEntry, ReleasedRow


def build():
    """A program with a payment in a closed quarter, and one of which nothing was posted yet."""
    program = make_program(
        owner=make_organisation("Donor State"), recipient=make_organisation("Recipient State")
    )
    make.make_disbursement(make.make_commitment(program), "300.00")
    period, fresh = periods.close(program.owner), staffed_program()
    for one in (program, fresh):
        for number in range(2):
            disclosure_of(one, number)
    return program, period, fresh


@pytest.fixture
def made(built):
    return deepcopy(built)


@pytest.fixture
def program(made):
    return made[0]


@pytest.fixture
def period(made):
    return made[1]


@pytest.fixture
def fresh(made):
    return made[2]


def released(program):
    """The certifications of the newest release, by side."""
    newest = actions.releases.Release.objects.filter(subject=program.uid).order_by("-number")[0]
    rows = ReleasedRow.objects.filter(items__release=newest, kind="certification")
    return {row.cells["side"]["value"]: row.cells for row in rows.order_by("pk")}


def text(response):
    return " ".join(response.content.decode().split())


def test_both_sides_are_released_with_what_they_signed_and_not_with_who(client, program, period):
    donor, recipient = periods.certify_both(program, period)
    publish(program)

    cells = released(program)["recipient"]
    assert cells["organisation"]["value"] == "Recipient State"
    assert cells["period"]["value"] == "FY2024 Q1"
    assert cells["signed_on"]["value"] == donor.signed_at.date().isoformat()
    assert cells["superseded_on"] == {"state": "not_stated"}
    assert cells["digest"]["value"] == queries.figures_of(program, period).digest
    (line,) = cells["figures"]["value"]
    assert line["committed"] == {"minor": 100000, "currency": "USD"}
    assert line["received"] is None
    entry = ReleasedEntry.objects.get(row__subject=recipient.uid)
    assert set(entry.disclosed) == {"side", "organisation", "figures", "figures_digest"}
    page = text(client.get(f"/programs/{program.uid}/"))
    for words in (
        "Certified quarters",
        "FY2024 Q1",
        "For the donor",
        "Recipient State",
        "1,000.00",
    ):
        assert words in page
    for person in (donor.signed_by, recipient.signed_by):
        assert person.name not in page
    assert "differs" not in page


def test_a_side_that_has_not_signed_is_said_and_differences_are_marked(client, program, period):
    periods.certify(program, period)
    publish(program)
    page = text(client.get(f"/programs/{program.uid}/"))
    assert "not certified" in page
    assert "differs" not in page

    periods.make_late_commitment(program)
    periods.certify(program, period, "recipient")
    publish(program)

    page = text(client.get(f"/programs/{program.uid}/"))
    assert page.count("differs</span>") == 1
    assert "Where the two differ, it is marked." in page
    assert (
        '15 Mar 2024</time>, <span class="small muted">booked' in page
    )  # the late entry itself, among the payments


def test_a_re_opening_is_public_and_what_it_superseded_stays_visible(client, program, period):
    periods.certify_both(program, period)
    publish(program)
    periods.reopen(period)

    publish(program)

    cells = released(program)
    assert {c["superseded_on"]["state"] for c in cells.values()} == {"stated"}
    page = text(client.get(f"/programs/{program.uid}/"))
    assert page.count("that certification no longer holds") == 2
    assert page.count("not certified</span>") == 2


@pytest.mark.thorough
@pytest.mark.parametrize("field", ["amount", "value_date"])
@pytest.mark.parametrize("which", ["row", "reversal", "late"])
def test_figures_that_would_tell_a_withheld_value_are_withheld_with_their_digest(
    client, fresh, field, which
):
    paid = make.make_commitment(fresh, "77.13", description="Withheld")
    if which == "reversal":
        paid = make.make_reversal(paid)
    period = periods.close(fresh.owner)
    if which == "late":
        paid = periods.make_late_commitment(fresh, "33.17")
    make.make_commitment(fresh, "5.00", value_date=periods.IN_Q2)
    periods.certify_both(fresh, period)
    withhold(fresh, "transaction", field, paid.uid)

    publish(fresh)

    for cells in released(fresh).values():
        assert cells["figures"]["state"] == cells["digest"]["state"] == "withheld"
    disclosed = ReleasedEntry.objects.filter(row__kind="certification")
    assert all(set(e.disclosed) == {"side", "organisation"} for e in disclosed)
    page = text(client.get(f"/programs/{fresh.uid}/"))
    assert paid.amount.plain.lstrip("-") not in page or field == "value_date"
    assert 'Figures: <span class="withheld">' in page


def test_what_answers_a_payment_of_the_quarter_tells_its_unconfirmed_figure(fresh):
    """A withheld row of a later quarter that draws on a payment of this one."""
    commitment = make.make_commitment(fresh)
    period = periods.close(fresh.owner)
    later = make.make_disbursement(commitment, "10.00", value_date=periods.IN_Q2)
    periods.certify(fresh, period)
    withhold(fresh, "transaction", "amount", later.uid)
    publish(fresh)
    assert released(fresh)["donor"]["figures"]["state"] == "withheld"


@pytest.mark.parametrize("scope", ["field", "rule"])
def test_figures_that_would_tell_a_withheld_excess_are_withheld_with_their_digest(fresh, scope):
    sent = receipts.make_dispatch(program=fresh)
    surplus = receipts.state(sent, "surplus", "123.45").transaction
    period = periods.close(fresh.owner, periods.IN_Q1, surplus.value_date)
    periods.certify_both(fresh, period)
    if scope == "field":
        withhold(fresh, "transaction", "excess", surplus.uid)
    else:
        make_rule(fresh, field="excess")

    publish(fresh)

    for cells in released(fresh).values():
        assert cells["figures"]["state"] == cells["digest"]["state"] == "withheld"


def test_a_withheld_difference_withholds_the_figures_that_hold_it(fresh):
    short = receipts.state(receipts.make_dispatch(program=fresh), "short", "90.00")
    period = periods.close(fresh.owner)
    periods.certify(fresh, period)
    withhold(fresh, "discrepancy", "amount", short.opened.get().uid)
    publish(fresh)
    assert released(fresh)["donor"]["figures"]["state"] == "withheld"


def test_an_amount_that_is_withheld_elsewhere_leaves_the_figures_stated(program, period):
    other = make.make_commitment(program, value_date=periods.IN_Q2)
    periods.certify(program, period)
    withhold(program, "transaction", "amount", other.uid)
    withhold(program, "transaction", "payee", make.Transaction.objects.first().uid)
    publish(program)
    assert released(program)["donor"]["figures"]["state"] == "stated"


def test_a_recipient_that_is_withheld_is_withheld_here_too(program, period):
    periods.certify_both(program, period)
    withhold(program, "participant", "organisation", program.recipients[0].uid)
    publish(program)
    cells = released(program)
    assert cells["recipient"]["organisation"]["state"] == "withheld"
    assert cells["donor"]["organisation"]["state"] == "stated"


def test_a_disclosure_officer_can_withhold_the_figures_of_one_side(client, program, period):
    donor, _ = periods.certify_both(program, period)
    withhold(program, "certification", "figures", donor.uid)
    publish(program)
    cells = released(program)
    assert cells["donor"]["figures"]["state"] == cells["donor"]["digest"]["state"] == "withheld"
    assert cells["recipient"]["figures"]["state"] == "stated"
    page = text(client.get(f"/programs/{program.uid}/"))
    assert "differs" not in page
    assert "withheld" in page


def test_a_program_without_certifications_shows_no_section(client, program, period):
    publish(program)
    assert "Certified quarters" not in text(client.get(f"/programs/{program.uid}/"))


def test_words_of_the_signers_can_be_erased_and_the_signature_stays(program, period):
    signed = periods.certify(program, period, remark="Jane Doe signed the receipts.")
    by, second = disclosure_of(program), disclosure_of(program, 1)

    erase_words(
        record=signed.uid,
        fields=["remark"],
        basis="Data Protection Act, section 17",
        reason="She asked for it.",
        by=by,
        confirmed_by=second,
    )

    signed.text.refresh_from_db()
    assert signed.text.remark == ""
    assert signed.text.erased_by_id
    assert signed.figures_digest == queries.figures_of(program, period).digest
