"""What the tests of the public site share: a world to look at, and a watch on the tables that pages read."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.public.world import World, make_world
from tests.worlds import kept
from tracker.journal import service
from tracker.publishing.fields import RELEASE_TABLES

# The log's hashes are public at once (tracker/public/journal); its entries and their values are not among them.
THE_LOG = {"Leaf", "Tile", "Checkpoint", "Cosignature"}
MAY_BE_READ = {
    apps.get_model("tracker", name)._meta.db_table for name in {*RELEASE_TABLES, *THE_LOG}
}

# A file is read through a cursor of the server on PostgreSQL.
READS = re.compile(r'(DECLARE "\w+" NO SCROLL CURSOR (WITH HOLD )?FOR )?SELECT ')


@pytest.fixture(scope="module")
def kept_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with kept(django_db_blocker):
        yield make_world()


@pytest.fixture
def world(kept_world: World) -> World:
    """The world, built once per module; each test has objects of its own."""
    return deepcopy(kept_world)


@pytest.fixture(autouse=True)
def own_log(settings, tmp_path):
    """A log of the test's own: its key, its signer's memory and its published files."""
    settings.KEYS_DIR, settings.SIGNER_DIR = tmp_path / "keys", tmp_path / "signer"
    settings.JOURNAL_DIR = tmp_path / "log"
    settings.JOURNAL_POLICY = tmp_path / "journal.policy"


@pytest.fixture
def signed() -> Callable[[], None]:
    """Give every entry its place, sign and publish, as the pipeline does every few seconds."""

    def run() -> None:
        report = service.bring_up_to_date()
        assert report is not None and not report.said, report

    return run


@contextmanager
def only_release_tables_are_read() -> Iterator[None]:
    """Fails on any SQL that names a table outside the release tables, and on any that is no SELECT."""
    known = set(connection.introspection.table_names())
    with CaptureQueriesContext(connection) as queries:
        yield
    for query in queries.captured_queries:
        named = set(re.findall(r'"(\w+)"', query["sql"])) & known
        assert named <= MAY_BE_READ, f"{named - MAY_BE_READ} in: {query['sql'][:500]}"
        assert READS.match(query["sql"]), query["sql"][:500]


@pytest.fixture
def watch() -> Callable:
    return only_release_tables_are_read


@pytest.fixture
def read(client) -> Callable[..., str]:
    """The text of a public page that answers 200."""

    def run(path: str, **query: str) -> str:
        response = client.get(path, query)
        assert response.status_code == 200, path
        return (b"".join(response) if response.streaming else response.content).decode()

    return run


@pytest.fixture
def verify(client):
    def run(*files: str | bytes) -> str:
        raw = [one.encode() if isinstance(one, str) else one for one in files]
        named = dict(zip(("file", "proof"), (ContentFile(r, "x") for r in raw), strict=False))
        response = client.post("/journal/verify/", named)
        assert response.status_code == 200
        assert not response.cookies
        return response.content.decode()

    return run


def proof_of(client, address) -> str:
    response = client.get(f"{address}.tlog-proof")
    assert response.status_code == 200, response.content
    return response.content.decode()
