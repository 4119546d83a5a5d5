"""The world that is tampered with and verified."""

import shutil

import pytest
from django.db import transaction

from tests.journal.verifying import World, undone


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """Built once; gone with the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World(tmp_path_factory.mktemp("world"))
        assert world.size > 256 + 14, "the last payment lies behind the full tile"
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(built, django_db_blocker, tmp_path):
    """The database is undone after each test, the folders are copies."""
    with django_db_blocker.unblock(), undone():
        kept = built.folder, built.signer, built.publication, built.pipeline
        shutil.copytree(built.folder, tmp_path / "world")
        built.use(tmp_path / "world")
        yield built
        built.folder, built.signer, built.publication, built.pipeline = kept
