"""Somebody opens a copy of the demo's database with another tool; `manage.py journal_verify` names the record."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.faults

# The newest payment's entry, which is the last of its history.
PAYMENT = "(SELECT MAX(entry_id) FROM tracker_transaction)"
CASES = {
    "its bytes": f"UPDATE tracker_entry SET body = CAST(replace(CAST(body AS TEXT), 'transaction', 'transfer') AS BLOB) WHERE id = {PAYMENT}",
    "its hash": f"UPDATE tracker_entry SET leaf = (SELECT leaf FROM tracker_entry WHERE id = 1) WHERE id = {PAYMENT}",
    "its place": f"UPDATE tracker_leaf SET hash = zeroblob(32) WHERE entry_id = {PAYMENT}",
    "its time": f"UPDATE tracker_entry SET at = '2020-01-01 00:00:00' WHERE id = {PAYMENT}",
    "its actor": f"UPDATE tracker_entry SET actor = NULL WHERE id = {PAYMENT}",
    "its values": f"UPDATE tracker_disclosure SET \"values\" = '{{}}' WHERE entry_id = {PAYMENT}",
    "its removal": f"DELETE FROM tracker_entry WHERE id = {PAYMENT}",
    "the payment": f"UPDATE tracker_transaction SET amount = amount + 1 WHERE entry_id = {PAYMENT}",
    "the payment's removal": f"DELETE FROM tracker_transaction WHERE entry_id = {PAYMENT}",
}


def manage(environment, *command) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    environment = environment_of(folder)
    done = manage(environment, "demo", "--no-serve")
    assert done.returncode == 0, done.stderr
    return folder


def environment_of(folder: Path) -> dict[str, str]:
    return {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'tracker.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


@pytest.fixture
def copy(demo, tmp_path) -> Path:
    """The database alone, as a stranger got it; keys, memory and published log stay where they are."""
    with sqlite3.connect(demo / "tracker.sqlite3") as source:
        source.execute("VACUUM INTO ?", [str(tmp_path / "copy.sqlite3")])
    return tmp_path / "copy.sqlite3"


def verify(demo: Path, copy: Path, *options: str) -> subprocess.CompletedProcess:
    environment = environment_of(demo) | {"DATABASE_URL": f"sqlite:///{copy}"}
    return manage(environment, "journal_verify", *options)


def tamper(copy: Path, *statements: str) -> str:
    """Lift the triggers, change, put the triggers back; returns the payment's public identifier."""
    with sqlite3.connect(copy) as database:
        (uid,) = database.execute(
            f"SELECT uid FROM tracker_transaction WHERE entry_id = {PAYMENT}"
        ).fetchone()
        guards = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in guards:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount == 1, statement
        for _, text in guards:
            database.execute(text)
    return f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"


def test_an_untouched_copy_holds(demo, copy):
    done = verify(demo, copy)
    assert done.returncode == 0, done.stderr
    assert "The journal holds" in done.stdout


@pytest.mark.parametrize("what", CASES)
def test_a_tampered_copy_is_found_and_the_record_named(demo, copy, what):
    uid = tamper(copy, CASES[what])
    done = verify(demo, copy)
    assert done.returncode == 1
    assert uid in done.stderr
    assert "Traceback" not in done.stderr


def test_a_copy_without_keys_and_files_is_held_against_a_kept_checkpoint(demo, copy, tmp_path):
    """Off line, on another machine: the database's copy and a checkpoint that somebody saved."""
    kept = tmp_path / "kept"
    shutil.copy(demo / "journal" / "checkpoint", kept)
    (tmp_path / "elsewhere").mkdir()
    environment = environment_of(tmp_path / "elsewhere") | {"DATABASE_URL": f"sqlite:///{copy}"}
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = manage(environment, "journal_verify", "--checkpoint", str(kept))
    assert done.returncode == 0, done.stderr
    assert "the checkpoint kept in kept" in done.stdout
    for what in ("no verification key", "signer's memory", "published log"):
        assert what in done.stdout
    beside = {"copy.sqlite3-wal", "copy.sqlite3-shm"}  # SQLite's own
    assert sorted({path.name for path in tmp_path.rglob("*")} - beside) == before
    vkey = (demo / "keys" / "journal-001.vkey").read_text().split()[0]
    assert manage(environment, "journal_verify", "--vkey", vkey).returncode == 0


def test_a_database_that_is_not_one_is_a_sentence(tmp_path):
    environment = environment_of(tmp_path)
    done = manage(environment, "journal_verify")
    assert done.returncode == 1
    assert "is the database migrated?" in done.stderr
    assert "Traceback" not in done.stderr
