"""A database restored from yesterday's backup lacks what was signed since; the signer, which no backup holds, knows."""

import pytest
from django.core.management import call_command

from tests.factories import ledger
from tests.journal.verifying import World
from tests.shared.test_backup import empty_the_database
from tracker.journal import log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yesterday(tmp_path, settings, transactional_db):
    """A signed log, its backup, and a day's work after it."""
    settings.KEYS_DIR = tmp_path / "world" / "keys"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        }
    }
    world = World(tmp_path / "world", payments=(1, 1, 1))
    backup = tmp_path / "backup.tar.gz"
    call_command("backup", backup, verbosity=0)
    world.backed_up = log.size()
    ledger.make_commitment()
    assert world.pipeline.round().said == []
    world.signed = log.size()
    empty_the_database()
    call_command("restore", backup, verbosity=0)
    return world


@pytest.mark.thorough
def test_an_older_database_is_found_by_the_signers_memory_and_by_what_was_published(yesterday):
    assert yesterday.verify(yesterday.alone()).holds, "by itself it is a whole log"
    verdict = yesterday.verify()
    for who in ("signer’s memory", "published checkpoint"):
        assert any(
            f"{who} counts {yesterday.signed} entries, the database holds {yesterday.backed_up}"
            in one.sentence
            for one in verdict.differences
        ), who
