"""On the embedded default the log keeps itself going beside the web, in one process of several."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]
WEB = "import config.wsgi, time; print('up', flush=True); time.sleep(60)"
WRITE = """
import django, uuid; django.setup()
from django.db import transaction
from tracker.journal.actions import record_many
with transaction.atomic():
    record_many("authority", op="create", by=None, items=[(uuid.uuid4(), {}) for _ in range(5)])
"""


@pytest.fixture
def home(tmp_path):
    given = {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'tracker.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "JOURNAL_SECONDS": "1",
    }
    env = {k: v for k, v in os.environ.items() if k not in ("PRODUCTION",)} | given
    run(env, "manage.py", "migrate", "--verbosity", "0")
    return tmp_path, env


def run(env, *args, **more):
    command = [sys.executable, *args]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, **more)


def web(env):
    worker = subprocess.Popen(
        [sys.executable, "-c", WEB], cwd=ROOT, env=env, stdout=subprocess.PIPE
    )
    assert worker.stdout.readline() == b"up\n"
    return worker


def published(folder, within=20.0):
    """The size of the published checkpoint, as soon as there is one."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            return int((folder / "journal/checkpoint").read_text().split("\n")[1])
        except FileNotFoundError:
            time.sleep(0.2)
    return 0


def test_a_web_worker_sequences_signs_and_publishes_and_another_takes_over(home):
    folder, env = home
    first, second = web(env), web(env)
    try:
        run(env, "-c", WRITE)
        assert published(folder) == 5
        again = subprocess.run(
            [sys.executable, "manage.py", "journal_run", "--once"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
        )
        assert again.returncode == 1
        assert "already runs the journal" in again.stderr
        first.kill()
        first.wait()
        run(env, "-c", WRITE)
        end = time.monotonic() + 20
        while published(folder) < 10 and time.monotonic() < end:
            time.sleep(0.2)
        assert published(folder) == 10
    finally:
        for worker in (first, second):
            worker.kill()
            worker.wait()
            worker.stdout.close()
    with sqlite3.connect(folder / "tracker.sqlite3") as found:
        assert found.execute("SELECT COUNT(*) FROM tracker_pending").fetchone() == (0,)
    found.close()
