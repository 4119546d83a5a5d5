"""Many approvers at once: 16 threads on PostgreSQL, 8 processes on a SQLite file. Nothing is ever overdrawn."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.concurrency.race import (
    approve_one,
    check_no_ceiling_is_exceeded,
    check_nothing_is_overdrawn,
    check_the_chain_holds,
    prepare,
    prepare_ceiling,
    prepare_chain,
)
from tests.factories import ledger as make
from tests.factories.accounts import make_person
from tests.factories.signing import delegate, set_table
from tracker.accounts.models import Role
from tracker.ledger import actions
from tracker.ledger.models import Approval, Transaction
from tracker.shared.errors import Refused

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL only: threads share SQLite in memory"
)
sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite only: makes a database file of its own"
)


def at_once(acts):
    """Run each in a thread of its own with its own connection, all from the same moment.

    Who waits for a lock that nobody gives up fails instead of never ending; who cannot connect stops the others at once.
    """
    start = Barrier(len(acts))

    def run(act):
        try:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '120s'")
            except BaseException:
                start.abort()
                raise
            start.wait(timeout=60)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@postgres
def test_sixteen_threads_never_overdraw_a_commitment():
    commitment, approver, versions = prepare(16)

    told = at_once([lambda v=v: approve_one(str(v.uid), approver) for v in versions])

    check_nothing_is_overdrawn(commitment, told, winners=5)


@postgres
def test_without_our_own_check_the_database_still_never_overdraws(monkeypatch):
    commitment, approver, versions = prepare(16)
    monkeypatch.setattr("tracker.ledger.policies.vouchers.check_enough_left", lambda *a: None)
    monkeypatch.setattr("tracker.ledger.actions.posting._lock_what_it_changes", lambda v: None)

    told = at_once([lambda v=v: approve_one(str(v.uid), approver) for v in versions])

    check_nothing_is_overdrawn(commitment, told, winners=5)


@postgres
def test_every_kind_on_one_chain_at_once_neither_deadlocks_nor_leaves_its_bounds():
    """Payments, receipts, refunds, write-offs and reversals take the same balances in different orders."""
    commitment, approver, versions = prepare_chain(6)

    told = at_once([lambda v=v: approve_one(str(v.uid), approver) for v in versions])

    check_the_chain_holds(commitment, told)


@postgres
def test_without_our_locks_the_chain_still_keeps_its_bounds(monkeypatch):
    commitment, approver, versions = prepare_chain(4)
    monkeypatch.setattr("tracker.ledger.actions.posting._lock_what_it_changes", lambda v: None)

    told = at_once([lambda v=v: approve_one(str(v.uid), approver) for v in versions])

    check_the_chain_holds(commitment, [line for line in told if "deadlock" not in line])


@postgres
def test_two_approvals_at_once_post_once():
    voucher = make.make_voucher_at("submitted")
    version = voucher.versions.get()
    people = [make_person(Role.APPROVER, organisation=voucher.organisation) for _ in range(4)]

    told = at_once([lambda p=p: approve_one(str(version.uid), p) for p in people])

    assert sorted(line.split(":")[0] for line in told) == ["posted", *["refused"] * 3]
    assert all("posted already" in line for line in told if line != "posted")
    assert Approval.objects.count() == Transaction.objects.count() == 1


@postgres
@pytest.mark.parametrize("count", [2, 6])
def test_approvers_at_once_on_a_voucher_of_two_signatures_post_exactly_once(count):
    voucher = make.make_voucher_at("submitted")
    set_table(voucher.organisation, one="1.00", two="5000.00")
    version = voucher.versions.get()
    people = [make_person(Role.APPROVER, organisation=voucher.organisation) for _ in range(count)]

    told = at_once([lambda p=p: approve_one(str(version.uid), p) for p in people])

    expected = ["posted", *["refused"] * (count - 2), "signed"]
    assert sorted(line.split(":")[0] for line in told) == expected, told
    assert all("posted already" in line for line in told if line.startswith("refused"))
    assert Approval.objects.count() == 2
    assert Transaction.objects.count() == 1


@postgres
def test_an_approver_and_their_stand_in_at_once_sign_only_one_of_them():
    voucher = make.make_voucher_at("submitted")
    office = voucher.organisation
    set_table(office, one="1.00", two="5000.00")
    version = voucher.versions.get()
    approver = make_person(Role.APPROVER, organisation=office)
    stand_in = make_person(Role.DISCLOSURE, organisation=office)
    delegate(approver, stand_in, office)

    told = at_once([lambda p=p: approve_one(str(version.uid), p) for p in (approver, stand_in)])

    assert sorted(line.split(":")[0] for line in told) == ["refused", "signed"], told
    assert Approval.objects.count() == 1


@postgres
def test_two_drafts_of_one_reversal_at_once_become_one():
    commitment = make.make_commitment()
    by = make.officer_of(commitment.program)

    def draft():
        try:
            actions.draft_reversal(
                transaction=commitment, reason="Error.", value_date=make.A_DAY, by=by
            )
        except Refused as refusal:
            return refusal.sentence
        return "drafted"

    told = at_once([draft] * 4)

    assert told.count("drafted") == 1
    assert all("already asks to reverse" in line for line in told if line != "drafted")


@postgres
def test_vouchers_drafted_at_once_get_different_numbers():
    program = make.make_commitment().program

    told = at_once([lambda: make.make_voucher(program, by=make.officer_of(program)).number] * 8)

    assert len(set(told)) == 8


@postgres
def test_thirty_two_threads_never_exceed_a_ceiling():
    authority, approver, versions = prepare_ceiling(32)

    told = at_once([lambda v=v: approve_one(str(v.uid), approver) for v in versions])

    check_no_ceiling_is_exceeded(authority, told, winners=5)


@postgres
def test_without_our_own_check_the_database_still_keeps_the_ceiling(monkeypatch):
    authority, approver, versions = prepare_ceiling(16)
    monkeypatch.setattr(
        "tracker.ledger.policies.vouchers.check_can_commit_under", lambda *a, **k: None
    )
    monkeypatch.setattr("tracker.ledger.actions.posting._lock_what_it_changes", lambda v: None)

    told = at_once([lambda v=v: approve_one(str(v.uid), approver) for v in versions])

    check_no_ceiling_is_exceeded(authority, told, winners=5)


@postgres
def test_a_ceiling_lowered_while_others_commit_is_never_below_what_is_committed():
    authority, approver, versions = prepare_ceiling(8)
    change = make.propose(authority, "lower", "200.00")

    def lower():
        try:
            actions.decide_change(change=change, confirm=True, by=approver)
        except Refused as refusal:
            return f"kept: {refusal.sentence}"
        return "lowered"

    commits = [lambda v=v: approve_one(str(v.uid), approver) for v in versions]
    *told, lowered = at_once([*commits, lower])

    check_no_ceiling_is_exceeded(authority, told, winners=3 if lowered == "lowered" else 5)
    assert lowered == "lowered" or "cannot be" in lowered


@postgres
def test_two_ceilings_set_at_once_become_one():
    authority, approver, _ = prepare_ceiling(0)
    changes = [make.propose(authority, "set", "10.00", 2030) for _ in range(4)]

    def confirm(change):
        try:
            actions.decide_change(change=change, confirm=True, by=approver)
        except Refused as refusal:
            return refusal.sentence
        return "set"

    told = at_once([lambda c=c: confirm(c) for c in changes])

    assert told.count("set") == 1
    assert all("raise or lower it" in line for line in told if line != "set")


PREPARE = """
import os, django
django.setup()
from tests.concurrency.race import prepare
commitment, approver, versions = prepare(24)
print(commitment.uid, approver.email, *[v.uid for v in versions])
"""
CHECK = """
import json, sys, django
django.setup()
from tests.concurrency.race import check_nothing_is_overdrawn
from tracker.ledger.models import Transaction
told = json.load(sys.stdin)
check_nothing_is_overdrawn(Transaction.objects.get(uid=sys.argv[1]), told, winners=5)
print("held")
"""


PREPARE_CEILING = PREPARE.replace("prepare", "prepare_ceiling")
CHECK_CEILING = """
import json, sys, django
django.setup()
from tests.concurrency.race import check_no_ceiling_is_exceeded
from tracker.ledger.models import Authority
told = json.load(sys.stdin)
check_no_ceiling_is_exceeded(Authority.objects.get(uid=sys.argv[1]), told, winners=5)
print("held")
"""


@sqlite
@pytest.mark.parametrize(
    "prepare, check", [(PREPARE, CHECK), (PREPARE_CEILING, CHECK_CEILING)], ids=["drawn", "ceiling"]
)
def test_eight_processes_never_overdraw_in_a_file(tmp_path, prepare, check):
    import json

    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path),
    }

    def python(*arguments, said=None):
        run = [sys.executable, *arguments]
        done = subprocess.run(
            run, env=environment, input=said, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    python("manage.py", "migrate", "-v0")
    bound, email, *uids = python("-c", prepare).split()
    start_at = str(time.time() + 8)
    worker = [sys.executable, "-m", "tests.concurrency.worker", email, start_at]
    runners = [
        subprocess.Popen([*worker, *uids[n::8]], env=environment, stdout=subprocess.PIPE, text=True)
        for n in range(8)
    ]
    told = [line for runner in runners for line in runner.communicate()[0].splitlines()]

    assert len(told) == 24
    assert python("-c", check, bound, said=json.dumps(told)).strip() == "held"
