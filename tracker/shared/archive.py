"""A backup: one file with the database, the keys and the evidence, engine-neutral and checked by digest.

Layout of the gzipped tar: `manifest.json` last (format, migrations, and for every other member its SHA-256, size and row
count), `tables/<table>.jsonl` (one row a line), `evidence/<path>`, `keys/<name>`. A backup taken on SQLite restores on
PostgreSQL and the other way round.
"""

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from tracker.shared.errors import Refused

FORMAT = 1
APPS = ("tracker", "account")
CHUNK = 1 << 20


def backed_up_models() -> list[type[models.Model]]:
    return [m for label in APPS for m in apps.get_app_config(label).get_models()]


def columns(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def migrations() -> list[str]:
    """The state of the tables: restoring needs the same."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in APPS)


def _written(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"A backup cannot write {type(value).__name__}.")


def _lines(model: type[models.Model]) -> Iterator[bytes]:
    names = [field.attname for field in columns(model)]
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=2000):
        yield json.dumps(list(row), default=_written, ensure_ascii=False).encode() + b"\n"


class _Packer:
    """Adds members to the tar and remembers their digests."""

    def __init__(self, tar: tarfile.TarFile):
        self.tar = tar
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, source: IO[bytes], **more: Any) -> None:
        digest, size = hashlib.sha256(), 0
        while block := source.read(CHUNK):
            digest.update(block)
            size += len(block)
        source.seek(0)
        info = tarfile.TarInfo(name)
        info.size = size
        self.tar.addfile(info, source)
        self.members[name] = {"sha256": digest.hexdigest(), "size": size, **more}

    def add_table(self, model: type[models.Model]) -> None:
        count = 0
        with tempfile.TemporaryFile() as file:
            for line in _lines(model):
                file.write(line)
                count += 1
            file.seek(0)
            self.add(f"tables/{model._meta.db_table}.jsonl", file, rows=count)


def _stored_files(folder: str = "") -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (str(PurePosixPath(folder, name)) for name in sorted(files))
    for name in sorted(folders):
        yield from _stored_files(str(PurePosixPath(folder, name)))


def write_backup(target: Path) -> dict[str, Any]:
    """Write the backup to a temporary file beside the target, flush it to disk, then rename. Returns the manifest."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
                manifest = _pack(_Packer(tar))
            raw.flush()
            os.fsync(raw.fileno())
        partial.chmod(0o600)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _pack(packer: _Packer) -> dict[str, Any]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for model in backed_up_models():
            packer.add_table(model)
        applied = migrations()
    for path in _stored_files():
        with default_storage.open(path, "rb") as file:
            packer.add(f"evidence/{path}", file.file)  # type: ignore[arg-type]
    for key in sorted(settings.KEYS_DIR.glob("*")):
        with key.open("rb") as opened:
            packer.add(f"keys/{key.name}", opened)
    manifest = {"format": FORMAT, "migrations": applied, "members": packer.members}
    packer.add("manifest.json", io.BytesIO(json.dumps(manifest, indent=1).encode()))
    return manifest


def check_backup(source: Path) -> dict[str, Any]:
    """Read a backup from end to end and compare every member with the manifest, before anything is touched."""
    found: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, "r:gz") as tar:
            for member in tar:
                file = tar.extractfile(member)
                if file is None or not member.isfile():
                    raise Refused(
                        f"{member.name} in {source} is not a file: this is no backup of ours."
                    )
                if member.name == "manifest.json":
                    manifest = json.load(file)
                else:
                    found[member.name] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        raise Refused(
            f"{source} cannot be read as a backup ({error}): choose another copy."
        ) from None
    if manifest is None:
        raise Refused(f"{source} has no manifest: it is not a backup, or it was cut off.")
    return _compared(manifest, found, source)


def _compared(manifest: dict[str, Any], found: dict[str, str], source: Path) -> dict[str, Any]:
    if manifest.get("format") != FORMAT:
        raise Refused(f"{source} has format {manifest.get('format')}; this version reads {FORMAT}.")
    expected = {name: member["sha256"] for name, member in manifest["members"].items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise Refused(f"{name} in {source} is not what was backed up: choose another copy.")
        if ".." in PurePosixPath(name).parts or name.startswith("/"):
            raise Refused(f"{name} in {source} leads out of its folder: this is no backup of ours.")
    if manifest["migrations"] != migrations():
        raise Refused(
            f"{source} was taken with other migrations: restore with the version that made it, then migrate."
        )
    return manifest


def members_of(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of every member but the manifest, in the order of the file."""
    with tarfile.open(source, "r:gz") as tar:
        for member in tar:
            file = tar.extractfile(member)
            if member.name != "manifest.json" and file is not None:
                yield member.name, file
