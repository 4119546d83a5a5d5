"""Many writers, and sequencers that run, die and meet: no gap in the log, no entry lost, none there twice."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.concurrency.journal import Written, check_the_log, sequence_until, write

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL only: threads share SQLite in memory"
)
sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite only: makes a database file of its own"
)
ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "countersign.example/journal/log"
WRITERS = 24


def at(folder: Path, url: str = "") -> dict[str, str]:
    """The environment of an installation that keeps its files in `folder`; the tests' own database if no other is named."""
    where = connection.settings_dict
    host = f"{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}"
    return os.environ | {
        "DATABASE_URL": url or f"postgres://{host}/{where['NAME']}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(folder),
        "JOURNAL_ORIGIN": ORIGIN,
        "JOURNAL_SECONDS": "0",  # a whole round at every look
        "JOURNAL_EMBEDDED": "0",
    }


@contextmanager
def process(env: dict[str, str], *arguments: str, **more) -> Iterator[subprocess.Popen]:
    """A Python process of our own, gone at the end whatever happened."""
    command = [sys.executable, "-u", *arguments]
    running = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, **more
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def once(env: dict[str, str]) -> subprocess.CompletedProcess:
    """Whatever the sequencer left behind is repaired by one round."""
    return subprocess.run(
        [sys.executable, "manage.py", "journal_run", "--once"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def crowd(seconds: float, others=()) -> list[Written]:
    """24 writers for so long, each with a connection of its own; `others` run beside them."""
    until = time.time() + seconds

    def run(act, *given):
        try:
            return act(*given)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS + len(others)) as pool:
        beside = [pool.submit(run, other, until) for other in others]
        told = list(pool.map(lambda seed: run(write, seed, until), range(WRITERS)))
        for one in beside:
            one.result()
    assert sum(one.taken_back for one in told) > WRITERS, "ids that were drawn and never used"
    return told


def check_after(told: list[Written], folder: Path, env: dict[str, str]) -> None:
    last = once(env)
    assert last.returncode == 0, last.stderr
    assert "stopped" not in last.stderr
    check_the_log(told, folder)


@postgres
def test_twenty_four_writers_and_a_sequencer_leave_no_gap_and_lose_nothing(tmp_path):
    env = at(tmp_path)
    with process(env, "manage.py", "journal_run") as running:
        assert "is running" in running.stdout.readline()
        told = crowd(10)
        assert running.poll() is None
        refused = once(env)
    assert refused.returncode == 1
    assert "Another process on this machine already runs the journal" in refused.stderr
    check_after(told, tmp_path, env)


@postgres
def test_a_sequencer_killed_every_second_leaves_no_gap_and_loses_nothing(tmp_path):
    env = at(tmp_path)
    with process(env, "-m", "tests.concurrency.journal", "live", "12", "1") as running:
        told = crowd(10)
        deaths = int(running.communicate(timeout=20)[0])
    assert deaths >= 8
    check_after(told, tmp_path, env)


@postgres
def test_sequencers_on_two_machines_never_give_a_place_twice(tmp_path):
    env = at(tmp_path)
    told = crowd(5, others=[sequence_until] * 4)
    check_after(told, tmp_path, env)


@sqlite
def test_eight_processes_on_a_file_lose_nothing_and_meet_no_locked_database(tmp_path):
    env = at(tmp_path, f"sqlite:///{tmp_path / 'journal.sqlite3'}")
    ours = ["-m", "tests.concurrency.journal"]
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    with (
        process(env, "manage.py", "journal_run") as running,
        process(env, *ours, "sequence", "19"),
    ):
        assert "is running" in running.stdout.readline()
        start = str(time.time() + 12)  # all are up by then, on a slow machine too
        writers = [
            subprocess.Popen(
                [sys.executable, *ours, "write", str(seed), "5", start],
                cwd=ROOT,
                env=env,
                stdout=subprocess.PIPE,
                text=True,
            )
            for seed in range(8)
        ]
        told = [writer.communicate(timeout=40)[0] for writer in writers]
    assert once(env).returncode == 0
    assert sum(json.loads(line)["taken_back"] for line in told) > 8
    check = subprocess.run(
        [sys.executable, *ours, "check"],
        cwd=ROOT,
        env=env,
        input="".join(told),
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.stdout == "held\n", check.stderr
