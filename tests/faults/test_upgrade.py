"""A database of an older version is brought up to date by one `migrate`, and nothing of it is lost."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="SQLite only: makes a database file of its own"
    ),
]
ROOT = Path(__file__).resolve().parents[2]


def at(folder):
    return os.environ | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'tracker.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def manage(folder, *words):
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=at(folder), capture_output=True, text=True)


def make_older(folder, name):
    """A database as a version left it whose last migration was this one."""
    code = (
        "import django; django.setup(); from django.db import connection as at; "
        "from django.db.migrations.executor import MigrationExecutor; way = MigrationExecutor(at); "
        "way.loader.replace_migrations = False; way.loader.build_graph(); "
        f"way.migrate([('tracker', '{name}')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=at(folder), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def tables_of(folder):
    """What the database is made of, whatever the order of its columns: by type and name."""
    with sqlite3.connect(folder / "tracker.sqlite3") as database:
        rows = database.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"
        ).fetchall()
    database.close()
    return {(kind, name): sorted(re.split(r"[(), ]+", sql)) for kind, name, sql in rows}


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """A database of the first version with one entry, brought up to date."""
    folder = tmp_path_factory.mktemp("older")
    make_older(folder, "0001_initial")
    with sqlite3.connect(folder / "tracker.sqlite3") as older:
        older.execute(
            "INSERT INTO tracker_entry (kind, record, op, rev, at, body, leaf) VALUES "
            "('authority', ?, 'create', 1, '2026-01-01 00:00:00', x'7b7d', ?)",
            ["0" * 32, "0" * 43 + "="],
        )
    older.close()
    done = manage(folder, "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    return folder


def test_what_was_upgraded_step_by_step_is_what_is_made_at_once(upgraded, tmp_path):
    done = manage(tmp_path, "migrate", "-v0")
    assert done.returncode == 0, done.stderr

    assert tables_of(upgraded) == tables_of(tmp_path)
    assert len(tables_of(tmp_path)) > 1000


def test_entries_from_before_the_log_wait_for_their_places(upgraded):
    with sqlite3.connect(upgraded / "tracker.sqlite3") as now:
        assert now.execute("SELECT entry_id FROM tracker_pending").fetchall() == [(1,)]
    now.close()
    assert manage(upgraded, "check", "--database", "default").returncode == 0
    assert "1 entry got its place" in manage(upgraded, "journal_run", "--once").stdout


class Older:
    """Rows in a database of an older version, whatever its tables look like: what must be filled in is made up."""

    def __init__(self, file):
        self.database = sqlite3.connect(file)
        # What a row may say besides is not the question here.
        self.database.execute("PRAGMA ignore_check_constraints = ON")
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in self.database.execute(names).fetchall():
            self.database.execute(f"DROP TRIGGER {name}")

    def add(self, table, key, **says):
        says = {"id": key} | says if "transaction_id" not in says else says
        columns = self.database.execute(f"PRAGMA table_info({table})").fetchall()
        parents = {row[3] for row in self.database.execute(f"PRAGMA foreign_key_list({table})")}
        for _, name, kind, not_null, default, _ in columns:
            if name not in says and not_null and default is None:
                says[name] = self._made_up(table, name, kind, key, name in parents)
        names, places = ", ".join(says), ", ".join("?" * len(says))
        self.database.execute(
            f"INSERT INTO {table} ({names}) VALUES ({places})", list(says.values())
        )

    @staticmethod
    def _made_up(table, name, kind, key, is_parent):
        if is_parent:
            return 1
        if kind.startswith(("char", "uuid")):
            return f"{key:032x}" if name in ("uid", "record") else f"{name[:1]}{key}"
        if kind == "date":
            return "2024-03-15"
        if kind.startswith("datetime"):
            return "2024-03-15 00:00:00"
        return b"{}" if kind == "BLOB" else key

    def close(self):
        self.database.commit()
        self.database.close()


def test_payments_from_before_every_kind_had_a_balance_get_theirs(tmp_path):
    make_older(tmp_path, "0004_authorities")
    older = Older(tmp_path / "tracker.sqlite3")
    older.add("tracker_organisation", 1, name="Ministry", kind="10")
    older.add("tracker_user", 1, email="o@example.org", is_active=1, is_superuser=0)
    older.add("tracker_program", 1, nature="operational", status="2", kind_of_aid="military")
    for key in range(1, 8):
        older.add("tracker_entry", key, rev=1, kind="transaction", op="create")
        older.add("tracker_transactiontext", key)
    older.add("tracker_versiontext", 1)
    in_force = {"kind": "commitment", "valuation_basis": "money", "program_id": 1}
    older.add("tracker_voucher", 1, status="posted", **in_force)
    older.add("tracker_voucherversion", 1, **in_force)
    says = {
        "currency": "USD",
        "provenance": "voucher",
        "purpose": "aid",
        "valuation_basis": "money",
        "value_date": "2024-03-15",
    }
    rows = [
        (1, "commitment", 10000, None, None),
        (2, "disbursement", 4000, 1, None),
        (3, "disbursement", 1000, 1, None),
        (4, "disbursement", -1000, 1, 3),
    ]
    for key, kind, amount, parent, original in rows:
        own = {"text_id": key, "entry_id": key, "draws_on_id": parent, "reverses_id": original}
        older.add("tracker_transaction", key, kind=kind, amount=amount, **own, **says)
    older.add("tracker_balance", 1, transaction_id=1, currency="USD", committed=10000, drawn=4000)
    older.close()

    done = manage(tmp_path, "migrate", "-v0")

    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "tracker.sqlite3") as now:
        kept = now.execute("SELECT transaction_id, value, drawn FROM tracker_balance ORDER BY 1")
        assert kept.fetchall() == [(1, 10000, 4000), (2, 4000, 0), (3, 0, 0)]
        names = {name for (name,) in now.execute("SELECT name FROM sqlite_master")}
    now.close()
    assert "balance_ceiling_is_the_commitment" not in names
    assert "balance_value_is_its_transactions" in names
