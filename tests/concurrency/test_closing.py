"""Several who post against one who closes: no transaction is ever booked into a closed period. PostgreSQL."""

import time
from datetime import date

import pytest
from django.db import connection, transaction

from tests.concurrency.race import approve_one
from tests.concurrency.test_overdraw import at_once, postgres
from tests.factories import ledger as make
from tests.factories import periods
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.ledger import actions
from tracker.ledger.models import Certification, Period, PeriodDecision, Transaction, VoucherVersion
from tracker.shared.errors import NotAllowed, Refused

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

POSTERS, EACH = 8, 6


@pytest.fixture
def race():
    """An approved batch whose rows nobody has seen yet, and the closing of the quarter that they belong to."""
    program = make_program()
    owner = program.owner
    officer, approver = make.officer_of(program), make.approver_of(program)
    batch = actions.create_batch_voucher(organisation=owner, by=officer)
    version = actions.submit_voucher(voucher=batch, batch_digest="0" * 64, by=officer)
    actions.approve_voucher(version=version, by=approver)
    change = periods.propose_closing(owner)
    return program, VoucherVersion.objects.get(), change, approver


def _row(program, name):
    return actions.NewRow(
        program=program,
        kind="commitment",
        amount=make.money("1.00"),
        value_date=date(2024, 2, 1),
        date_precision="day",
        fiscal_year=2024,
        provenance="upload",
        reference=name,
    )


def _poster(program, version, by, number):
    """Posts one row after the other until the period is closed; says how many it posted and why it stopped."""

    def post():
        for n in range(EACH):
            try:
                with transaction.atomic():
                    row = _row(program, f"{number}-{n}")
                    actions.post_rows(version=version, rows=[row], by=by)
                    time.sleep(0.02)  # the moment between what was checked and its commit
            except Refused as refusal:
                return n, refusal.sentence
        return EACH, ""

    return post


def _closer(change, by):
    """Closes, and counts in the same transaction what is in the books at that moment."""

    def close():
        time.sleep(0.05)
        with transaction.atomic():
            actions.decide_period(change=change, confirm=True, by=by)
            return Transaction.objects.count()

    return close


def _run(race):
    program, version, change, approver = race
    posters = [_poster(program, version, approver, n) for n in range(POSTERS)]
    *told, counted = at_once([*posters, _closer(change, approver)])
    assert Period.objects.get().closed
    posted = sum(n for n, _ in told)
    assert Transaction.objects.count() == posted == counted, (posted, counted)
    assert 0 < posted < POSTERS * EACH, "they did not meet"
    return [why for _, why in told if why]


@postgres
def test_nothing_is_booked_into_a_period_that_closes_at_the_same_moment(race):
    reasons = _run(race)

    assert reasons
    assert all("lies in FY2024 Q1" in why for why in reasons)
    last = Transaction.objects.order_by("-entry").first()
    assert last.entry_id < PeriodDecision.objects.get().entry_id


@postgres
def test_without_our_own_checks_and_locks_the_database_still_books_nothing_into_it(
    race, monkeypatch
):
    for room in (actions.batches, actions.posting, actions.vouchers):
        monkeypatch.setattr(room, "share_books", lambda organisation: None)
    monkeypatch.setattr(actions.periods, "hold_books", lambda organisation: None)
    monkeypatch.setattr(actions.batches, "_check_periods_are_open", lambda *a: None)

    reasons = _run(race)

    assert reasons
    assert all("Its period was closed" in why for why in reasons)


@postgres
def test_vouchers_that_are_approved_while_somebody_closes_are_posted_or_keep_it_open():
    program = make_program()
    change = periods.propose_closing(program.owner)
    versions = [make.submit(make.make_voucher(program)) for _ in range(8)]
    approver = make.approver_of(program)

    def close():
        """Try again until it works; what kept it open."""
        kept = []
        for _ in range(200):
            try:
                actions.decide_period(change=change, confirm=True, by=approver)
            except Refused as refusal:
                kept.append(refusal.sentence)
                time.sleep(0.01)
            else:
                break
        return kept

    *told, kept = at_once(
        [*(lambda v=v: approve_one(str(v.uid), approver) for v in versions), close]
    )

    assert told == ["posted"] * 8
    assert Period.objects.get().closed
    assert all("on the way into FY2024 Q1" in why for why in kept)
    assert Transaction.objects.count() == 8


@postgres
def test_two_closings_proposed_at_once_become_one():
    owner = make_program().owner

    def propose():
        try:
            periods.propose_closing(owner)
        except Refused as refusal:
            return refusal.sentence
        return "proposed"

    make.person_of(owner, Role.OFFICER)
    told = at_once([propose] * 4)

    assert told.count("proposed") == 1
    assert all("proposed already" in line for line in told if line != "proposed")


@postgres
def test_a_signature_and_a_re_opening_at_the_same_moment_never_leave_one_that_stands():
    program = make_program()
    make.make_commitment(program)
    period = periods.close(program.owner)
    change = periods.propose_reopening(period)
    approver, signer = make.approver_of(program), periods.representative_of(program)

    def sign():
        try:
            periods.certify(program, period, "recipient", by=signer)
        except (Refused, NotAllowed) as refusal:
            return getattr(refusal, "sentence", str(refusal))
        return "signed"

    def reopen():
        actions.decide_period(change=change, confirm=True, by=approver)

    told, _ = at_once([sign, reopen])

    assert told == "signed" or "once it is closed" in told
    assert not Certification.objects.all().standing().exists()
    assert connection.vendor == "postgresql"
