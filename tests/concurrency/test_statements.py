"""Several representatives state the same dispatch at once: what counts is never more than what was dispatched."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.factories import ledger
from tests.factories import receipts as make
from tracker.ledger import actions
from tracker.ledger.actions import NewStep
from tracker.ledger.models import Balance, Discrepancy, Transaction, Turnover
from tracker.shared.errors import NotAllowed, Refused

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL only: threads share SQLite in memory"
)
sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite only: makes a database file of its own"
)


def at_once(acts):
    """Run each in a thread of its own with its own connection, all from the same moment."""
    start = Barrier(len(acts))

    def run(act):
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return told(act)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def told(act):
    try:
        act()
    except (Refused, NotAllowed) as refusal:
        return f"refused: {getattr(refusal, 'sentence', refusal)}"
    return "done"


def check(dispatch):
    """Every report is there as it was stated; what counts of them is within the dispatch."""
    rows = Transaction.objects.filter(draws_on=dispatch, kind="receipt")
    counted = sum(row.counted.minor for row in rows)
    turnover = Turnover.objects.get(program=dispatch.program, kind="receipt")
    balance = Balance.objects.get(transaction=dispatch)
    assert counted == balance.drawn.minor == turnover.amount.minor <= dispatch.amount.minor
    return rows


@postgres
def test_two_representatives_who_confirm_at_once_confirm_once():
    dispatch = make.make_dispatch("100.00")
    people = [make.representative_of(dispatch.program, n) for n in (0, 1)]

    said = at_once([lambda p=p: make.state(dispatch, "confirmed", by=p) for p in people * 4])

    assert said.count("done") == 1
    assert all("Nothing of it is left" in one for one in said if one != "done")
    assert check(dispatch).get().amount == dispatch.amount


@postgres
def test_sixteen_words_of_the_same_dispatch_never_count_above_it_without_our_own_lock(monkeypatch):
    dispatch = make.make_dispatch("100.00")
    people = [make.representative_of(dispatch.program, n) for n in (0, 1)]
    monkeypatch.setattr(
        "tracker.ledger.actions.statements._locked",
        lambda about: Transaction.objects.select_related("program__owner", "text").get(pk=about.pk),
    )

    said = at_once(
        [
            lambda p=p: make.state(dispatch, "damaged", "30.00", damaged_amount="1.00", by=p)
            for p in people * 8
        ]
    )

    assert said.count("done") >= 1
    assert all("at this moment" in one for one in said if one != "done"), "the database held"
    check(dispatch)


@postgres
def test_sixteen_words_are_all_recorded_and_what_is_too_much_stands_outside():
    dispatch = make.make_dispatch("100.00")
    people = [make.representative_of(dispatch.program, n) for n in (0, 1)]

    said = at_once(
        [
            lambda p=p: make.state(dispatch, "damaged", "30.00", damaged_amount="1.00", by=p)
            for p in people * 8
        ]
    )

    assert said == ["done"] * 16
    rows = check(dispatch)
    assert rows.count() == 16
    assert sum(row.excess.minor for row in rows if row.excess) == 16 * 3_000 - 10_000
    assert Discrepancy.objects.filter(kind="surplus").count() == 13
    assert Discrepancy.objects.filter(kind="short").count() == 1


@postgres
def test_two_answers_to_one_explanation_at_once_become_one():
    short = make.make_short()
    program = short.about.program
    make.explain(short, make.representative_of(program))
    officers = [ledger.officer_of(program), make.another_officer(program)]
    step = NewStep("No.")

    said = at_once(
        [
            lambda: make.accept(short, officers[0]),
            lambda: actions.dispute_discrepancy(discrepancy=short, step=step, by=officers[1]),
        ]
        * 3
    )

    assert said.count("done") in (
        1,
        2,
    )  # a dispute first leaves nothing to accept; after an acceptance nothing to dispute
    assert short.steps.filter(step="accepted").count() <= 1


PREPARE = """
import django
django.setup()
from tests.factories import receipts
dispatch = receipts.make_dispatch("100.00")
people = [receipts.representative_of(dispatch.program, n) for n in (0, 1)]
print(dispatch.uid, *[p.email for p in people])
"""
STATE = """
import sys, django
django.setup()
from tests.concurrency.test_statements import told
from tests.factories import receipts
from tracker.accounts.models import User
from tracker.ledger.models import Transaction
dispatch, by = Transaction.objects.get(uid=sys.argv[1]), User.objects.get(email=sys.argv[2])
print(told(lambda: receipts.state(dispatch, "confirmed", by=by)))
"""
CHECK = """
import sys, django
django.setup()
from tests.concurrency.test_statements import check
from tracker.ledger.models import Transaction
print(check(Transaction.objects.get(uid=sys.argv[1])).count())
"""


@sqlite
def test_four_processes_confirm_once_in_a_file(tmp_path):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path),
    }

    def start(*arguments):
        run = [sys.executable, *arguments]
        return subprocess.Popen(run, env=environment, stdout=subprocess.PIPE, text=True)

    def read(*arguments):
        return start(*arguments).communicate()[0].split()

    read("manage.py", "migrate", "-v0")
    dispatch, *emails = read("-c", PREPARE)
    runners = [start("-c", STATE, dispatch, email) for email in emails * 2]
    said = [runner.communicate()[0].strip() for runner in runners]

    assert said.count("done") == 1
    assert all("Nothing of it is left" in one for one in said if one != "done")
    assert read("-c", CHECK, dispatch) == ["1"]
