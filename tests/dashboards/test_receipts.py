"""Whoever submits something gets a receipt: stated date, logged no later than, place in the log, and a proof to keep."""

from uuid import uuid4

import pytest

from tests.factories import ledger
from tests.factories.accounts import make_person, sign_in
from tracker.accounts.models import Role
from tracker.journal import service
from tracker.journal.checkpoints import Proof
from tracker.journal.merkle import leaf_hash
from tracker.journal.verifier import unpacked
from tracker.shared.dates import say_day


@pytest.fixture(autouse=True)
def _log_of_its_own(settings, tmp_path):
    settings.KEYS_DIR, settings.SIGNER_DIR = tmp_path / "keys", tmp_path / "signer"
    settings.JOURNAL_DIR = tmp_path / "log"


@pytest.fixture
def submitted():
    voucher = ledger.make_voucher(payee="A payee")
    return ledger.submit(voucher)


def address(record):
    return f"/desk/receipts/{record.uid}/"


def test_before_the_next_checkpoint_the_receipt_says_that_it_waits(client, submitted):
    sign_in(client, ledger.officer_of(submitted.program))
    page = client.get(address(submitted)).content.decode()
    assert "not yet under a signed checkpoint" in page
    assert client.get(f"{address(submitted)}?proof=1").status_code == 404


def test_the_receipt_states_the_date_the_time_and_the_place(client, submitted):
    service.bring_up_to_date()
    sign_in(client, ledger.officer_of(submitted.program))
    page = client.get(address(submitted)).content.decode()
    assert "by our own clock" in page  # nobody outside keeps this log
    assert "Yours" in page
    assert say_day(submitted.value_date) in page
    assert "?proof=1" in page


def test_the_proof_of_my_own_event_holds_every_value_and_verifies(client, submitted):
    service.bring_up_to_date()
    sign_in(client, ledger.officer_of(submitted.program))
    proof = Proof.read(client.get(f"{address(submitted)}?proof=1").content.decode())
    entry, told = unpacked(proof.extra)
    proof.check(leaf_hash(entry.body), *service.keyring().verifiers())
    assert told["payee"] == "A payee"
    assert told["by"] == str(ledger.officer_of(submitted.program).uid)


def test_somebody_else_gets_the_entry_without_its_values(client, submitted):
    service.bring_up_to_date()
    sign_in(client, ledger.approver_of(submitted.program))
    proof = Proof.read(client.get(f"{address(submitted)}?proof=1").content.decode())
    entry, told = unpacked(proof.extra)
    proof.check(leaf_hash(entry.body), *service.keyring().verifiers())
    assert told == {}


def test_who_may_not_see_the_record_gets_no_receipt_and_learns_nothing(client, submitted):
    sign_in(client, make_person(Role.OFFICER))
    there, nowhere = client.get(address(submitted)), client.get(f"/desk/receipts/{uuid4()}/")
    assert there.status_code == nowhere.status_code == 404


@pytest.mark.parametrize("asked", ["0", "99", "x", "-1", "٣", "9" * 20])
def test_a_proof_of_no_event_is_not_found(client, submitted, asked):
    service.bring_up_to_date()
    sign_in(client, ledger.officer_of(submitted.program))
    assert client.get(address(submitted), {"proof": asked}).status_code == 404


def test_a_long_history_costs_as_many_queries_as_a_short_one(client, count_queries):
    voucher = ledger.make_voucher()
    sign_in(client, ledger.officer_of(voucher.program))
    client.get(address(voucher))
    short = count_queries(lambda: client.get(address(voucher)))
    for number in range(5):
        ledger.edit(voucher, description=f"Version {number}")
    assert count_queries(lambda: client.get(address(voucher))) == short


def test_the_history_of_a_record_shows_each_event_with_its_receipt(client, submitted):
    service.bring_up_to_date()
    sign_in(client, ledger.officer_of(submitted.program))
    page = client.get(f"/desk/vouchers/{submitted.voucher.uid}/").content.decode()
    assert "Logged no later than" in page
    assert f"/desk/receipts/{submitted.voucher.uid}/" in page
