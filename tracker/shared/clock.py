"""The database's clock. Recorded instants come from it and are never a parameter."""

import zoneinfo
from datetime import UTC, date, datetime

from django.db import connection


def database_now() -> datetime:
    """The instant by the database's clock, in UTC, to the microsecond (SQLite: millisecond)."""
    if connection.vendor == "sqlite":
        query = "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
    else:
        query = "SELECT clock_timestamp()"
    with connection.cursor() as cursor:
        cursor.execute(query)
        (value,) = cursor.fetchone()
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def today(time_zone: str = "UTC") -> date:
    """The calendar day in a time zone, by the database's clock."""
    return database_now().astimezone(zoneinfo.ZoneInfo(time_zone)).date()
