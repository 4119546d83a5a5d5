"""With a delay in force, payments are released some days after they were recorded; until then nothing tells of them."""

import csv
from copy import deepcopy
from datetime import timedelta

import pytest

from tests.factories import documents, periods, receipts, signing, valuation
from tests.factories.ledger import make_commitment, make_disbursement, make_reversal, money
from tests.factories.programs import make_program
from tests.factories.publishing import (
    delay,
    disclosure_of,
    make_report_at,
    publish,
    take_back,
    withhold,
)
from tracker.accounts.models import Organisation
from tracker.publishing import actions
from tracker.publishing.actions.releases import gather
from tracker.publishing.content.cells import Withheld
from tracker.publishing.models import ReleasedRow


def rows(release, kind):
    found = ReleasedRow.objects.filter(items__release=release, kind=kind)
    return list(found.order_by("items__position"))


def uids(release, kind="transaction"):
    return [row.subject for row in rows(release, kind)]


def everything(release):
    return "\n".join(
        str(row) for row in ReleasedRow.objects.filter(items__release=release).values()
    )


def build():
    """A payment and a disagreement about another program's, both recorded today."""
    payment = make_disbursement(make_commitment(amount="1000.00"), "123.45", payee="MARK-payee")
    short = receipts.make_short("90.00")
    for program in (payment.program, short.about.program):
        for number in range(2):
            disclosure_of(program, number)
    return payment, short


@pytest.fixture
def payment(built):
    return deepcopy(built[0])


@pytest.fixture
def short(built):
    return deepcopy(built[1])


@pytest.fixture
def later(monkeypatch):
    """The calendar goes on; what is recorded stays recorded on its day."""
    real = Organisation.today

    def go(days):
        monkeypatch.setattr(Organisation, "today", lambda self: real(self) + timedelta(days=days))

    return go


def test_a_young_payment_is_in_no_row_and_in_no_total(payment):
    delay(payment.program, 1)
    release = publish(payment.program)

    assert uids(release) == []
    assert rows(release, "total") == []
    told = everything(release)
    assert "12345" not in told and "MARK-payee" not in told and str(payment.uid) not in told


@pytest.mark.parametrize(
    ("days", "passed", "public"), [(1, 0, False), (1, 1, True), (30, 29, False), (30, 30, True)]
)
def test_it_is_released_when_its_days_are_over(payment, later, days, passed, public):
    delay(payment.program, days)
    later(passed)

    assert (payment.uid in uids(publish(payment.program))) is public


def test_the_release_states_the_delay_and_reconciles_with_what_is_held_back(payment):
    program = payment.program
    decided = delay(program, 30, reason="Convoys could be found.")

    (row,) = rows(publish(program), "program")
    assert row.cells["delay"]["value"] == {
        "days": 30,
        "category": "operational_security",
        "reason": "Convoys could be found.",
        "legal_basis": decided.legal_basis,
        "review_on": decided.review_on.isoformat(),
        "decided_by": program.owner.name,
    }
    content = gather(program)
    list(content.rows())
    assert content.tally.rows_held_back == 2
    assert sum(content.tally.held_back.values()) == 100000 + 12345
    assert content.tally.held_back == content.tally.ledger


def test_what_a_new_delay_takes_out_of_the_totals_is_not_told_by_their_difference(client):
    """Even when the release that stated it was taken back."""
    payment = make_disbursement(make_commitment(amount="1000.00"), "123.45")
    program = payment.program
    stated = publish(program)
    delay(program, 30)
    release = publish(program)
    take_back(stated)

    differences = {row.cells["place"]["value"]: row.cells for row in rows(release, "difference")}
    assert len(differences) == 2
    assert all(cells["before"] == {"state": "not_stated"} for cells in differences.values())
    assert "123.45" not in client.get(f"/programs/{program.uid}/").content.decode()


def test_a_young_posting_on_one_signature_is_not_counted_yet(later):
    program = make_program()
    delay(program, 30)
    signing.make_emergency(program)

    (counted,) = rows(publish(program), "emergencies")
    assert counted.cells["postings"]["value"] == 0

    later(30)
    (counted,) = rows(publish(program), "emergencies")
    assert counted.cells["postings"]["value"] == 1


def test_what_a_young_posting_lacks_is_not_counted_yet(monkeypatch):
    program = make_program()
    delay(program, 30)
    documents.post_on_a_waiver(program)

    (row,) = rows(publish(program), "program")
    assert row.cells["waivers"]["value"] == {"in_force": 0, "overdue": 0, "by_category": []}

    documents.post_on_a_waiver(program)
    backdated(monkeypatch, program.transactions.latest("pk"))
    (row,) = rows(publish(program), "program")
    assert row.cells["waivers"]["value"]["in_force"] == 1


def test_without_a_delay_the_program_says_nothing_of_one():
    (row,) = rows(publish(make_program()), "program")

    assert "delay" not in row.cells


def test_a_lifted_delay_releases_everything(payment):
    decided = delay(payment.program, 30)
    publish(payment.program)

    actions.lift_withholding(withholding=decided, by=disclosure_of(payment.program, 2))

    assert payment.uid in uids(publish(payment.program))


def backdated(monkeypatch, *young):
    """As if all payments but these had been recorded long ago: the cut lies between them."""
    first = min(one.posted_at for one in young) - timedelta(microseconds=1)
    monkeypatch.setattr(Withheld, "held_from", property(lambda self: first if self.delay else None))


def test_a_young_reversal_does_not_mark_the_payment_that_it_takes_back(payment, monkeypatch):
    reversal = make_reversal(payment)
    delay(payment.program, 30)
    backdated(monkeypatch, reversal)
    release = publish(payment.program)

    assert uids(release) == [payment.draws_on.uid, payment.uid]
    assert [row.cells["reversed"]["value"] for row in rows(release, "transaction")] == [
        False,
        False,
    ]


def test_discrepancies_of_young_payments_and_young_receipts_are_held_back(short, monkeypatch):
    program = short.about.program
    delay(program, 30)
    assert uids(publish(program), "discrepancy") == []

    backdated(monkeypatch, short.receipt)
    release = publish(program)
    assert short.about.uid in uids(release)
    assert uids(release, "discrepancy") == []


def test_a_young_settlement_is_not_named(short, monkeypatch):
    program = short.about.program
    young = receipts.state(short.about, "confirmed").transaction
    receipts.make_explained(short, young)
    delay(program, 30)
    backdated(monkeypatch, young)
    release = publish(program)

    (row,) = rows(release, "discrepancy")
    assert row.cells["settled_by"]["state"] == "withheld"
    assert str(young.uid) not in everything(release)


def test_revaluations_and_other_values_of_young_payments_are_held_back():
    goods = valuation.make_goods()
    valuation.revalue(goods, "80.00")
    valuation.state_alternative(goods, money("120.00"))
    delay(goods.program, 30)
    release = publish(goods.program)

    assert uids(release, "revaluation") == uids(release, "alternative_value") == []


def test_certified_sums_that_contain_a_young_payment_are_withheld_for_the_same_reason(later):
    program = make_program()
    make_disbursement(make_commitment(program), "300.00")
    period = periods.close(program.owner)
    periods.certify_both(program, period)
    delay(program, 30, reason="Convoys could be found.")

    for row in rows(publish(program), "certification"):
        assert row.cells["figures"]["reason"] == "Convoys could be found."
        assert row.cells["digest"]["state"] == "withheld"
    later(31)
    for row in rows(publish(program), "certification"):
        assert row.cells["figures"]["state"] == "stated"


def test_a_report_sums_up_no_young_payment(payment):
    delay(payment.program, 30)
    report = make_report_at("published", payment.program)

    assert rows(report.release, "report_total") == []


def test_the_file_of_payments_keeps_its_form(payment, client):
    program = payment.program
    publish(program)
    before = client.get(f"/programs/{program.uid}/transactions.csv")
    heads = b"".join(before.streaming_content).splitlines()[0]
    delay(program, 30)
    withhold(program, field="summary")
    publish(program)

    after = client.get(f"/programs/{program.uid}/transactions.csv")
    lines = b"".join(after.streaming_content).decode().splitlines()
    assert lines == [heads.decode()]
    assert next(csv.reader(lines))[0] == "uid"


def test_the_public_reads_that_payments_come_later_where_the_payments_are(payment, client):
    program = payment.program
    delay(program, 30, reason="Convoys could be found.")
    publish(program)

    for path in (
        f"/programs/{program.uid}/",
        f"/programs/{program.uid}/transactions/",
        f"/programs/{program.uid}/withheld/",
    ):
        page = " ".join(client.get(path).content.decode().split())
        assert "30 days" in page and "Convoys could be found." in page, path
