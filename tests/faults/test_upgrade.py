"""A database of an older version is brought up to date by one `migrate`, and nothing of it is lost."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]


def manage(folder, *words):
    env = os.environ | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'tracker.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True
    )


def test_entries_from_before_the_log_wait_for_their_places(tmp_path):
    manage(tmp_path, "migrate", "tracker", "0001", "-v0")
    with sqlite3.connect(tmp_path / "tracker.sqlite3") as older:
        older.execute(
            "INSERT INTO tracker_entry (kind, record, op, rev, at, body, leaf) VALUES "
            "('authority', ?, 'create', 1, '2026-01-01 00:00:00', x'7b7d', ?)",
            ["0" * 32, "0" * 43 + "="],
        )
    older.close()

    done = manage(tmp_path, "migrate", "-v0")

    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "tracker.sqlite3") as now:
        assert now.execute("SELECT entry_id FROM tracker_pending").fetchall() == [(1,)]
    now.close()
    assert manage(tmp_path, "check", "--database", "default").returncode == 0
    assert "1 entry got its place" in manage(tmp_path, "journal_run", "--once").stdout
