"""How a test says that something is refused: by us with a sentence, or by the database by the name of its rule."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tracker.shared.errors import Refused


@contextmanager
def refused_at(field: str, words: str | None = None) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """The sentence stands at this field and at no other."""
    with pytest.raises(Refused, match=words) as caught:
        yield caught
    assert set(caught.value.message_dict) == {field}


@contextmanager
def forbidden(rule: str) -> Iterator[None]:
    """The database says no, and names this rule. What was done before stays."""
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        yield


def forbids(rule: str, sql: str, *params: Any) -> None:
    """The database refuses this statement, and names the rule."""
    with forbidden(rule), connection.cursor() as cursor:
        cursor.execute(sql, params)
