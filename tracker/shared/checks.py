"""System checks of the database itself: `manage.py check --database default` and every `migrate` run them."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections

from tracker.shared import triggers


def triggers_are_in_place(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Every append-only table has its guards, word for word as declared, and switched on."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        tables = connection.introspection.table_names()
        if "tracker_user" not in tables:
            continue  # nothing is migrated yet
        for name in triggers.missing(connection):
            problems.append(
                Error(
                    f"The trigger {name} is missing, switched off or altered in the database “{alias}”.",
                    hint="Run `manage.py migrate`, which puts every trigger back, and find out who removed it.",
                    id="tracker.E001",
                )
            )
    return problems
