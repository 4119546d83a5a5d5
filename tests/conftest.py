"""Fixtures for every test. People and things are made by `tests.factories`, through actions."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from tests.worlds import kept
from tracker.shared import triggers

gc.disable()  # until all tests are collected: what is made meanwhile stays


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test may use the database. Those marked `django_db(transaction=True)` really commit.

    By marker, not by an autouse fixture: pytest-django reads markers to decide whether to make a test database at
    all, and without one a test would work in the developer's own.
    """
    for item in items:
        if item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: the garbage collector need not walk them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied_between_tests() -> Iterator[None]:
    """Tests that commit empty the tables afterwards, which the append-only triggers forbid: lift them for that."""
    original = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with transaction.atomic():
            triggers.drop()
        original(case)
        with transaction.atomic():
            triggers.install()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]


@pytest.fixture(scope="module")
def built(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Any]:
    """What the module's `build` makes, once for all its tests. Hand out copies: the rows are undone, objects are not."""
    with kept(django_db_blocker):
        yield request.module.build()


@pytest.fixture
def count_queries() -> Callable[[Callable[[], object]], int]:
    def run(act: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    return run
