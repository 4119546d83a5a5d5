"""Every append-only table, attacked with raw SQL: what was once written stays, on both engines."""

import secrets
import shutil
import uuid
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from tests.factories.ledger import make_disbursement
from tracker.shared import triggers
from tracker.shared.models import AppendOnly

MODELS = sorted(triggers.append_only_tables(), key=lambda model: model._meta.db_table)
SQLITE = connection.vendor == "sqlite"
every_table = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def _value(field: models.Field):
    """Something that the column takes. Foreign keys point nowhere: only the triggers are asked here."""
    if field.choices:
        return field.choices[0][0]
    kind = field.get_internal_type()
    if kind in ("CharField", "TextField", "URLField"):
        return secrets.token_hex((field.max_length or 20) // 2)[: field.max_length or 20]
    made = {
        "UUIDField": uuid.uuid4,
        "DateField": lambda: timezone.now().date(),
        "DateTimeField": timezone.now,
        "BooleanField": lambda: False,
        "BinaryField": lambda: b"x",
        "JSONField": lambda: {},
    }
    return made.get(kind, lambda: secrets.randbelow(30_000) + 1)()


def _row(model: type[AppendOnly], **given) -> dict:
    """A row as SQL sees it: column → value ready for the cursor."""
    row = {}
    for field in model._meta.local_concrete_fields:
        target = field.target_field if field.is_relation else field
        value = given.get(field.column, _value(target))
        row[field.column] = target.get_db_prep_save(value, connection)
    return row


def _insert(cursor, table, row, verb="INSERT", tail=""):
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(["%s"] * len(row))
    cursor.execute(f'{verb} INTO "{table}" ({columns}) VALUES ({marks}) {tail}', list(row.values()))


@pytest.fixture
def lone_row():
    """Put one row into a table and leave nothing but the append-only guards on it.

    Checks, foreign keys and the rules of the rooms would refuse a row without its neighbours; they are tested with
    their rooms. Everything is rolled back before anybody looks at foreign keys.
    """

    def put(model: type[AppendOnly]) -> dict:
        table, row = model._meta.db_table, _row(model)
        with connection.cursor() as cursor:
            _lift_the_rules(cursor, table)
            _insert(cursor, table, row)
            for guard in triggers.append_only_triggers(model, connection.vendor):
                for statement in [guard.sqlite()] if SQLITE else guard.postgres():
                    cursor.execute(statement)
        return row

    with transaction.atomic():
        yield put
        transaction.set_rollback(True)
    if SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def _lift_the_rules(cursor, table):
    for trigger in triggers.declared(connection.vendor):
        if trigger.table == table:
            on = "" if SQLITE else f" ON {table}"
            cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
    if SQLITE:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        return
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f')",
        [table],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')


@contextmanager
def guarded():
    """What happens here is refused by the append-only guard, and for no other reason.

    SQLite undoes the one statement by itself; after a savepoint it would read its whole changed schema anew.
    """
    with (
        pytest.raises(IntegrityError, match="append_only"),
        nullcontext() if SQLITE else transaction.atomic(),
        connection.cursor() as cursor,
    ):
        yield cursor


def test_every_guard_is_in_the_catalogue():
    assert len(MODELS) >= 17
    assert triggers.missing(connection) == []


@every_table
def test_a_row_is_neither_updated_nor_deleted(model, lone_row):
    table, row = model._meta.db_table, lone_row(model)

    for column in row:
        with guarded() as cursor:
            cursor.execute(f'UPDATE "{table}" SET "{column}" = "{column}"')
    with guarded() as cursor:
        cursor.execute(f'DELETE FROM "{table}"')


@pytest.mark.thorough
@every_table
def test_no_unique_index_lets_a_row_be_replaced_or_upserted(model, lone_row):
    table, row = model._meta.db_table, lone_row(model)

    for columns in _unique_indexes(model):
        other = _row(model) | {name: row[name] for name in columns}
        target = ", ".join(f'"{name}"' for name in columns)
        changed = next(name for name in row if name not in columns)
        upsert = f'ON CONFLICT ({target}) DO UPDATE SET "{changed}" = excluded."{changed}"'
        with guarded() as cursor:
            _insert(cursor, table, other, tail=upsert)
        if SQLITE:
            for verb in ("INSERT OR REPLACE", "REPLACE"):
                with guarded() as cursor:
                    _insert(cursor, table, other, verb=verb)


def _unique_indexes(model):
    """From the database's own catalogue, so that an index that the guards do not know of is found."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    unique = {tuple(c["columns"]) for c in found.values() if c["unique"] or c["primary_key"]}
    assert (model._meta.pk.column,) in unique
    return sorted(unique)


@pytest.mark.skipif(SQLITE, reason="PostgreSQL only: SQLite has no TRUNCATE")
@every_table
def test_no_table_is_truncated(model):
    for sql in ("TRUNCATE {}", "TRUNCATE {} CASCADE", "TRUNCATE ONLY {} RESTART IDENTITY CASCADE"):
        with (
            pytest.raises(DatabaseError, match=r"append_only|referenced in a foreign key"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql.format(model._meta.db_table))


@pytest.mark.skipif(SQLITE, reason="PostgreSQL only: SQLite has no replicas")
@every_table
def test_a_session_that_calls_itself_a_replica_changes_nothing(model, lone_row):
    table, key = model._meta.db_table, model._meta.pk.column
    lone_row(model)
    with guarded() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f'UPDATE "{table}" SET "{key}" = "{key}"')
    with guarded() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f'DELETE FROM "{table}"')


@pytest.mark.skipif(SQLITE, reason="PostgreSQL only: SQLite looks up by index anyway")
def test_every_guard_looks_up_by_index_however_many_rows_share_a_key():
    """A million rows of one upload made the planner read them all for each posting (`make bench`, growth)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, p.proconfig FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal"
        )
        found = dict(cursor.fetchall())
    assert len(found) > 100
    assert not {name for name, said in found.items() if "enable_seqscan=off" not in (said or [])}


def test_the_check_names_a_trigger_that_was_dropped():
    guard = "tracker_transaction_no_delete"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {guard}{'' if SQLITE else ' ON tracker_transaction'}")

    with pytest.raises(SystemCheckError, match=f"The trigger {guard} is missing"):
        call_command("check", databases=["default"])

    triggers.install()
    call_command("check", databases=["default"])


def test_the_check_names_a_trigger_that_says_something_else():
    rule = "transaction_needs_an_approval"
    with connection.cursor() as cursor:
        if SQLITE:
            cursor.execute(f"DROP TRIGGER {rule}")
            cursor.execute(
                f"CREATE TRIGGER {rule} BEFORE INSERT ON tracker_transaction BEGIN SELECT 1; END"
            )
        else:
            cursor.execute(f"ALTER TABLE tracker_transaction DISABLE TRIGGER {rule}")

    assert triggers.missing(connection) == [rule]


MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("tracker", "{latest}")]
    operations = [
        migrations.AddField(name, "later", models.IntegerField(default=0)) for name in {names}
    ]
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.faults  # it needs tables that migrations made
def test_the_guards_stand_after_a_migration_that_alters_every_table(
    tmp_path, settings, monkeypatch
):
    """A column with a default: SQLite rebuilds the table for it, and drops its triggers with the old one."""
    make_disbursement()
    ours = Path(import_module("tracker.migrations").__file__).parent
    package = tmp_path / "later_migrations"
    shutil.copytree(ours, package)
    ((_, latest),) = MigrationLoader(connection).graph.leaf_nodes("tracker")
    names = [model._meta.model_name for model in MODELS]
    later = MIGRATION.format(names=names, latest=latest)
    (package / "9999_later.py").write_text(later, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"tracker": "later_migrations"}

    call_command("migrate", verbosity=0)
    try:
        for table in ("tracker_transaction", "tracker_approval", "tracker_entry"):
            with guarded() as cursor:
                cursor.execute(f"UPDATE {table} SET later = 1")
            with guarded() as cursor:
                cursor.execute(f"DELETE FROM {table}")
        assert triggers.missing(connection) == []
    finally:
        call_command("migrate", "tracker", latest, verbosity=0)
    assert triggers.missing(connection) == []
