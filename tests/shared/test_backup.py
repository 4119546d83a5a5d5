"""A backup is taken, checked and restored."""

import gzip
import json
import tarfile
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tests.factories.programs import make_program
from tracker.journal import queries as journal
from tracker.journal.models import Entry
from tracker.programs.models import Program
from tracker.shared import archive, triggers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folders(tmp_path, settings):
    settings.KEYS_DIR = tmp_path / "keys"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        }
    }


@pytest.fixture
def backup(tmp_path, transactional_db):
    make_program(title="Field hospitals — Ωmega")
    default_storage.save("evidence/abc", ContentFile(b"%PDF proof"))
    file = tmp_path / "backup.tar.gz"
    call_command("backup", file, verbosity=0)
    return file


def empty_the_database():
    with transaction.atomic():
        triggers.drop()
    with connection.cursor() as cursor:
        tables = [m._meta.db_table for m in archive.backed_up_models()]
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        else:
            with transaction.atomic():
                for table in tables:
                    cursor.execute(f"DELETE FROM {table}")
    default_storage.delete("evidence/abc")


def contents():
    return {
        model._meta.db_table: list(
            model._base_manager.order_by("pk").values_list(
                *[f.attname for f in archive.columns(model)]
            )
        )
        for model in archive.backed_up_models()
    }


def plain(rows):
    return json.loads(json.dumps(rows, default=archive._written))


def test_everything_comes_back_as_it_was_and_the_triggers_with_it(backup):
    before = plain(contents())
    empty_the_database()

    call_command("restore", backup, verbosity=0)

    assert plain(contents()) == before
    with default_storage.open("evidence/abc") as file:
        assert file.read() == b"%PDF proof"
    assert triggers.missing(connection) == []
    program = Program.objects.get(title="Field hospitals — Ωmega")
    assert journal.history_of(program)[0].sentence.startswith("The program Field hospitals")


def test_the_restored_database_goes_on_counting_where_it_stopped(backup):
    last = journal.size()
    empty_the_database()
    call_command("restore", backup, verbosity=0)

    make_program()

    assert Entry.objects.filter(pk__gt=last).exists()


def test_a_database_with_rows_is_never_overwritten(backup):
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", backup)


def repacked(source, target, change):
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, BytesIO(content))
    return target


def test_a_changed_row_in_the_archive_is_found_by_its_table(backup, tmp_path):
    forged = repacked(
        backup,
        tmp_path / "forged",
        lambda name, text: (
            text.replace(b"Field hospitals", b"Field kitchens") if "program" in name else text
        ),
    )
    empty_the_database()

    with pytest.raises(
        CommandError, match=r"tables/tracker_program\.jsonl .* is not what was backed up"
    ):
        call_command("restore", forged)
    assert not Program.objects.exists()
    call_command("migrate", verbosity=0)


def test_a_missing_part_is_named(backup, tmp_path):
    torn = repacked(
        backup,
        tmp_path / "torn",
        lambda name, text: None if name == "evidence/evidence/abc" else text,
    )

    with pytest.raises(CommandError, match="evidence/abc"):
        call_command("restore", torn)


@pytest.mark.parametrize(
    "content",
    [b"", b"not an archive", gzip.compress(b"neither is this"), None],
    # named: a compressed text holds the second in which it was made, and two workers collect in two seconds
    ids=["empty", "text", "compressed text", "torn"],
)
def test_what_is_no_backup_gets_a_sentence(backup, tmp_path, content):
    file = tmp_path / "other"
    file.write_bytes(backup.read_bytes()[:2000] if content is None else content)

    with pytest.raises(CommandError, match=r"cannot be read as a backup|has no manifest"):
        call_command("restore", file)


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="cannot be read as a backup"):
        call_command("restore", tmp_path / "nowhere")
