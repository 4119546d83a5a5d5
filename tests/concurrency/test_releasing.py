"""A release while vouchers are being posted: every posted row is in it or not, and its totals are those of its rows."""

import json
import os
import subprocess
import sys
import time
from threading import Event

import pytest

from tests.concurrency.race import approve_one
from tests.concurrency.releasing import (
    check_every_row_is_in_a_release_or_not,
    prepare_race,
    release_again_and_again,
)
from tests.concurrency.test_overdraw import at_once, postgres, sqlite
from tests.factories.publishing import disclosure_of

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@postgres
def test_a_release_while_threads_post_holds_whole_rows_and_true_totals():
    commitment, approver, versions = prepare_race(24)
    people = [disclosure_of(commitment.program, number) for number in range(2)]
    done, running = Event(), 6

    def post(number):
        def run():
            nonlocal running
            told = []
            for version in versions[number::6]:
                told.append(approve_one(str(version.uid), approver))
                time.sleep(0.05)
            running -= 1
            if not running:
                done.set()
            return told

        return run

    def release():
        return release_again_and_again(commitment.program, done.is_set, people)

    *posted, told = at_once([*(post(number) for number in range(6)), release])

    assert {line for lines in posted for line in lines} == {"posted"}
    check_every_row_is_in_a_release_or_not(commitment, told)


PREPARE = """
import django
django.setup()
from tests.concurrency.releasing import prepare_race
commitment, approver, versions = prepare_race(12)
print(commitment.uid, commitment.program.uid, approver.email, *[v.uid for v in versions])
"""
RELEASE = """
import sys, django
django.setup()
from tests.concurrency.releasing import release_for
release_for(*sys.argv[1:])
"""
CHECK = """
import json, sys, django
django.setup()
from tests.concurrency.releasing import check_every_row_is_in_a_release_or_not
from tracker.ledger.models import Transaction
told = json.load(sys.stdin)
check_every_row_is_in_a_release_or_not(Transaction.objects.get(uid=sys.argv[1]), told)
print("held")
"""


@sqlite
def test_a_release_while_processes_post_into_a_file_holds_whole_rows_and_true_totals(tmp_path):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path),
    }

    def start(*arguments, **says):
        run = [sys.executable, *arguments]
        return subprocess.Popen(run, env=environment, text=True, stdout=subprocess.PIPE, **says)

    def python(*arguments, said=None):
        process = start(*arguments, stdin=subprocess.PIPE)
        found, _ = process.communicate(said)
        assert process.returncode == 0
        return found

    python("manage.py", "migrate", "-v0")
    commitment, program, email, *uids = python("-c", PREPARE).split()
    start_at = str(time.time() + 6)
    posters = [
        start("-m", "tests.concurrency.worker", email, start_at, *uids[n::3]) for n in range(3)
    ]
    releaser = start("-c", RELEASE, program, "12")
    posted = [line for one in posters for line in one.communicate()[0].splitlines()]
    told = releaser.communicate()[0].splitlines()
    told += python("-c", RELEASE, program, "0").splitlines()  # after whoever posted last

    assert posted == ["posted"] * len(uids)
    assert python("-c", CHECK, commitment, said=json.dumps(told)).strip() == "held"
