"""Triggers: what must never happen, the database forbids, on SQLite and on PostgreSQL.

A room declares its triggers once, in SQL that both engines understand; `tracker.apps` registers them. They are
installed after every migration (SQLite drops a table's triggers when a migration rebuilds it), and a system check
compares the database's own catalogue with what is declared here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.shared.models import AppendOnly, ErasableText

DAYS_AFTER = {"sqlite": r"date(\1, '\2 days')", "postgresql": r"(\1 + \2)"}

# What a trigger looks up, it looks up by key. Where one key has most rows (an upload of a million is one version), the
# planner would read the whole table for every row; and it would compile for what it thinks is as dear as that.
BY_INDEX = "SET enable_seqscan = off SET jit = off"


def days_after(day: str, days: int) -> str:
    """A day some days later (or earlier), for conditions: the one thing that the engines say in different words.

    CURRENT_DATE is the day in UTC. Where it is compared with the day of an organisation, allow for a day more.
    """
    return f"{{{day}|{days}}}"


def _spoken(text: str, vendor: str) -> str:
    return re.sub(r"\{([^{}|]+)\|(-?\d+)\}", DAYS_AFTER[vendor], text)


@dataclass(frozen=True)
class Trigger:
    """One trigger on one table. Subclasses say what it does."""

    name: str
    table: str

    timing = "BEFORE"
    event = "INSERT"

    def sqlite(self) -> str:
        raise NotImplementedError

    def body(self) -> str:
        """The PL/pgSQL between BEGIN and END."""
        raise NotImplementedError

    @cached_property
    def function(self) -> str:
        return f"{self.name}_fn"

    @property
    def level(self) -> str:
        return "STATEMENT" if self.event == "TRUNCATE" else "ROW"

    def postgres(self) -> list[str]:
        return [
            f"CREATE OR REPLACE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql "
            f"{BY_INDEX} AS $body${self.body()}$body$",
            f"CREATE TRIGGER {self.name} {self.timing} {self.event} ON {self.table} "
            f"FOR EACH {self.level} EXECUTE FUNCTION {self.function}()",
            # ALWAYS: it also fires for a session that calls itself a replica.
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER {self.name}",
        ]


def _quoted(sentence: str) -> str:
    return "'" + sentence.replace("'", "''") + "'"


@dataclass(frozen=True)
class Forbid(Trigger):
    """Refuse `event` on every row for which `when` holds (always, if empty).

    `when` may use NEW and OLD and subqueries that both engines understand. `says` begins with the rule's name.
    `lock` (what PostgreSQL performs first: a call, and from where its name comes) lets `when` see what others are
    about to commit; SQLite has one writer and needs none.
    """

    says: str
    when: str = ""
    forbidden: str = "INSERT"
    lock: str = ""

    @property
    def event(self) -> str:  # type: ignore[override]
        return self.forbidden

    def sqlite(self) -> str:
        when = f"WHEN {_spoken(self.when, 'sqlite')} " if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW {when}"
            f"BEGIN SELECT RAISE(ABORT, {_quoted(self.says)}); END"
        )

    def body(self) -> str:
        refuse = (
            f"RAISE EXCEPTION USING MESSAGE = {_quoted(self.says)}, "
            "ERRCODE = 'integrity_constraint_violation';"
        )
        if not self.when:
            return f" BEGIN {refuse} END "
        result = "OLD" if self.event == "DELETE" else "NEW"
        when = _spoken(self.when, "postgresql")
        # In parentheses: else PL/pgSQL would take the THEN of a CASE for its own.
        first = f"PERFORM {self.lock}; " if self.lock else ""
        return f" BEGIN {first}IF ({when}) THEN {refuse} END IF; RETURN {result}; END "


@dataclass(frozen=True)
class After(Trigger):
    """After an insert for which `when` holds, run `does` (one or more statements)."""

    does: str
    when: str = ""

    timing = "AFTER"

    def sqlite(self) -> str:
        when = f"WHEN {self.when} " if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} AFTER INSERT ON {self.table} FOR EACH ROW {when}"
            f"BEGIN {self.does} END"
        )

    def body(self) -> str:
        if not self.when:
            return f" BEGIN {self.does} RETURN NULL; END "
        return f" BEGIN IF ({self.when}) THEN {self.does} END IF; RETURN NULL; END "


_registered: dict[str, Trigger] = {}


def register(triggers: Iterable[Trigger]) -> None:
    """Called by `tracker.apps` for each room."""
    for trigger in triggers:
        _registered[trigger.name] = trigger


def append_only_tables() -> list[type[AppendOnly]]:
    return [m for m in apps.get_models() if issubclass(m, AppendOnly)]


def _unique_columns(model: type[AppendOnly]) -> list[tuple[str, ...]]:
    """The columns of every unique index, the primary key first."""
    meta = model._meta
    column_of = {field.name: str(field.column) for field in meta.local_fields}
    single = [(column_of[field.name],) for field in meta.local_fields if field.unique]
    several = [
        tuple(column_of[name] for name in constraint.fields)
        for constraint in meta.total_unique_constraints
    ]
    return [*single, *several]


def append_only_triggers(model: type[AppendOnly], vendor: str) -> list[Trigger]:
    """What keeps one table append-only, on one engine."""
    table = model._meta.db_table
    says = f"append_only: rows of {table} are added and never changed"
    guards: list[Trigger] = [
        Forbid(f"{table}_no_update", table, says, forbidden="UPDATE"),
        Forbid(f"{table}_no_delete", table, says, forbidden="DELETE"),
    ]
    if vendor == "postgresql":
        return [
            *guards,
            Forbid(f"{table}_no_truncate", table, says, forbidden="TRUNCATE"),
        ]
    # SQLite: REPLACE deletes the older row without asking a delete trigger, and an upsert asks the insert first.
    same = [
        " AND ".join(f'"{column}" = NEW."{column}"' for column in columns)
        for columns in _unique_columns(model)
    ]
    taken = " OR ".join(f'EXISTS (SELECT 1 FROM "{table}" WHERE {test})' for test in same)
    return [*guards, Forbid(f"{table}_no_replace", table, says, taken)]


def _words_triggers(model: type[ErasableText]) -> list[Trigger]:
    """Words beside an append-only row stay as they were written, until a decision of the journal erases them."""
    table = model._meta.db_table
    says = f"{table} keeps its words: a decision may erase them, nothing changes them"
    others = [f"(NEW.{name} <> OLD.{name} AND NEW.{name} <> '')" for name in model.TEXTS]
    rewritten = " OR ".join(["NEW.erased_by_id IS NULL", "NEW.salt <> ''", *others])
    taken = f"EXISTS (SELECT 1 FROM {table} o WHERE o.id = NEW.id)"
    return [
        Forbid(f"{table}_words_stay", table, says, rewritten, "UPDATE"),
        Forbid(f"{table}_stays", table, says, forbidden="DELETE"),
        Forbid(f"{table}_not_replaced", table, says, taken),
    ]


def declared(vendor: str) -> list[Trigger]:
    """Every trigger that the database must have."""
    guards = [t for m in append_only_tables() for t in append_only_triggers(m, vendor)]
    words = [
        t for m in apps.get_models() if issubclass(m, ErasableText) for t in _words_triggers(m)
    ]
    return [*guards, *words, *_registered.values()]


def install(using: str = "default") -> None:
    """Drop every trigger there is and create the declared ones, in one transaction."""
    drop(using)
    connection = connections[using]
    with connection.cursor() as cursor:
        for trigger in declared(connection.vendor):
            sql = trigger.sqlite() if connection.vendor == "sqlite" else trigger.postgres()
            for statement in [sql] if isinstance(sql, str) else sql:
                cursor.execute(statement)


def drop(using: str = "default") -> None:
    """Take every trigger away, also one that an older version declared: for migrations, for tests that must empty
    tables, and for restoring a backup."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table in _there(connection):
            on = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def _there(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Name and table of every trigger in the catalogue; those of PostgreSQL's own constraints are not ours."""
    names = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    )
    with connection.cursor() as cursor:
        cursor.execute(names)
        return [(name, table) for name, table in cursor.fetchall()]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of declared triggers that the catalogue lacks, has switched off, or holds in other words."""
    found = (
        _sqlite_catalogue(connection)
        if connection.vendor == "sqlite"
        else (_postgres_catalogue(connection))
    )
    expected = {
        t.name: t.sqlite() if connection.vendor == "sqlite" else t.body()
        for t in declared(connection.vendor)
    }
    return sorted(name for name, text in expected.items() if found.get(name) != text)


def _sqlite_catalogue(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())


def _postgres_catalogue(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgenabled = 'A' "
            "AND c.relnamespace = current_schema()::regnamespace"
        )
        return dict(cursor.fetchall())
