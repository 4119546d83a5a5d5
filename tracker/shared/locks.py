"""Locks that are no row. On PostgreSQL many may share one, while one who wants it alone waits for them and they for it.

They last until the transaction ends. SQLite has one writer at a time, whose transaction begins with the lock on the
whole file: there is nothing to take.
"""

from django.db import connection


def named(name: str) -> str:
    """The lock's number as an SQL expression; `name` is one as well. For triggers, which take the same locks."""
    return f"hashtextextended({name}, 0)"


def share(name: str) -> None:
    """Hold the lock together with others who share it."""
    _take("pg_advisory_xact_lock_shared", name)


def hold(name: str) -> None:
    """Hold the lock alone: whoever shares it now is waited for, whoever comes waits."""
    _take("pg_advisory_xact_lock", name)


def _take(how: str, name: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {how}({named('%s')})", [name])
