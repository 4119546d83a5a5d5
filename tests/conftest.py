"""Fixtures for every test. People and things are made by `tests.factories`, through actions."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from tracker.shared import triggers


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> None:
    """Every test may use the database. Those marked `django_db(transaction=True)` really commit."""
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")


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


@pytest.fixture
def count_queries() -> Callable[[Callable[[], object]], int]:
    def run(act: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    return run
