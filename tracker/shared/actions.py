"""Restoring a backup: the one write that does not go through a room."""

import json
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import connection, models, transaction

from tracker.shared import archive, triggers
from tracker.shared.errors import Refused

ROWS_AT_ONCE = 500


def restore_backup(*, source: Path) -> dict[str, Any]:
    """Fill an empty, migrated database from a backup, all or nothing. Returns the manifest.

    Every member is compared with its digest before anything is written; afterwards the row counts are compared, and
    the triggers are back.
    """
    manifest = archive.check_backup(source)
    by_member = {f"tables/{m._meta.db_table}.jsonl": m for m in archive.backed_up_models()}
    _check_empty(list(by_member.values()))
    with transaction.atomic():
        triggers.drop()
        for name, file in archive.members_of(source):
            if name in by_member:
                _fill(by_member[name], file, manifest["members"][name]["rows"])
        _reset_sequences(list(by_member.values()))
        connection.check_constraints()  # first: PostgreSQL alters no table whose checks are still pending
        triggers.install()
    for name, file in archive.members_of(source):
        if name.startswith("evidence/"):
            _put_evidence(name.removeprefix("evidence/"), file)
        elif name.startswith("keys/"):
            _put_key(name.removeprefix("keys/"), file)
    return manifest


def _check_empty(tables: list[type[models.Model]]) -> None:
    for model in tables:
        if model._base_manager.exists():
            raise Refused(
                f"The database is not empty ({model._meta.db_table} has rows): restore into a fresh one, "
                "so that nothing is overwritten."
            )


def _fill(model: type[models.Model], file: IO[bytes], rows: int) -> None:
    fields = archive.columns(model)
    lines = iter(file)
    while chunk := list(islice(lines, ROWS_AT_ONCE)):
        model._base_manager.bulk_create(
            model(
                **{
                    field.attname: field.to_python(value)
                    for field, value in zip(fields, json.loads(line), strict=True)
                }
            )
            for line in chunk
        )
    if model._base_manager.count() != rows:
        raise Refused(f"{model._meta.db_table} should have {rows} rows: nothing was restored.")


def _reset_sequences(tables: list[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def _put_evidence(path: str, file: IO[bytes]) -> None:
    if not default_storage.exists(path):
        default_storage.save(path, File(file))


def _put_key(name: str, file: IO[bytes]) -> None:
    settings.KEYS_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = settings.KEYS_DIR / name
    if target.exists() and target.read_bytes() != file.read():
        raise Refused(f"Another key is already at {name}: move it away first.")
    file.seek(0)
    target.touch(mode=0o600)
    target.write_bytes(file.read())
