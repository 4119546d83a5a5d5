"""Worlds that are built once for all tests of a module and gone with it. What a test changes is undone after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from tests.factories import ledger
from tests.factories.programs import make_program
from tracker.programs.models import Program


@contextmanager
def kept(django_db_blocker: Any) -> Iterator[None]:
    """Around a module's fixture: what it makes stays until the module's last test.

    Every test runs within, in a savepoint of its own. Objects are Python's, not the database's: a test that changes
    something loads them anew.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def staffed_program(**fields: Any) -> Program:
    """A program of which somebody drafts and somebody else approves vouchers."""
    program = make_program(**fields)
    ledger.officer_of(program)
    ledger.approver_of(program)
    return program
