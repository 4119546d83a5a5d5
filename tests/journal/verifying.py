"""A small world with its log signed and published, and the hands of somebody who holds the database's password."""

import base64
import hashlib
import json
import secrets
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from tests.factories import ledger
from tracker.journal import log
from tracker.journal.checkpoints import Head, sign_head
from tracker.journal.entries import canonical, plain
from tracker.journal.merkle import leaf_hash
from tracker.journal.models import Checkpoint, Entry, Leaf
from tracker.journal.notes import encoded
from tracker.journal.pipeline import Pipeline, Stop
from tracker.journal.publication import Publication
from tracker.journal.signer import Keyring, Signer
from tracker.journal.tiles import MemoryTiles
from tracker.journal.verification import Keys, Outside, verify
from tracker.shared import triggers


class World:
    """Fourteen payments; checkpoints after the second, the thirteenth and the last. One full tile and a bit."""

    def __init__(self, folder: Path, payments=(2, 13, 1)) -> None:
        self.use(folder)
        self.payments = []
        for rounds in payments:
            self.payments += [ledger.make_commitment(payee=f"Payee {n}") for n in range(rounds)]
            assert self.pipeline.round().said == []
        self.size = log.size()

    def use(self, folder: Path) -> None:
        """Keys, memory and publication lie in this folder."""
        self.folder = folder
        ring = Keyring(folder / "keys", settings.JOURNAL_ORIGIN)
        self.signer = Signer(ring, folder / "signer")
        self.publication = Publication(folder / "log")
        self.pipeline = Pipeline(self.signer, self.publication, Stop(folder / "signer"))

    def outside(self, **changes) -> Outside:
        given = {
            "keys": Keys.of(self.signer.keyring),
            "signer": self.signer,
            "publication": self.publication,
        }
        return Outside(**{**given, **changes})

    def alone(self, **changes) -> Outside:
        """The database and the keys, and nothing outside."""
        return self.outside(**{"signer": None, "publication": None, **changes})

    def verify(self, outside=None, **options):
        return verify(outside=outside or self.outside(), **options)

    @property
    def early(self) -> Entry:
        """A payment in the full tile; nothing follows it in its own history."""
        return Entry.objects.get(pk=self.payments[3].entry_id)

    @property
    def late(self) -> Entry:
        """A payment at the right edge, of which no full tile knows."""
        return Entry.objects.get(pk=self.payments[-1].entry_id)


def place_of(entry: Entry) -> int:
    return Leaf.objects.get(entry=entry).seq


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def lifted():
    """Without triggers and without the checks of keys, as a database administrator can have it; then all are back."""
    on_postgres = connection.vendor == "postgresql"
    if on_postgres:  # it alters no table that still has checks to make
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET CONSTRAINTS ALL DEFERRED")
    triggers.drop()
    if on_postgres:
        sql("SET session_replication_role = replica")
    yield
    if on_postgres:
        sql("SET session_replication_role = origin")
    triggers.install()


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def update(table: str, key: str, number: int, **columns) -> None:
    names = ", ".join(f'"{name}" = %s' for name in columns)
    with lifted():
        sql(f"UPDATE {table} SET {names} WHERE {key} = %s", *columns.values(), number)


def change_values(entry: Entry, values: dict) -> None:
    update("tracker_disclosure", "entry_id", entry.pk, values=json.dumps(values))


def values_of(entry: Entry) -> dict:
    return dict(entry.disclosure.values)


# --- Forging, ever more thoroughly ---------------------------------------------------

DEPTHS = ("body", "hash", "place", "tile", "tiles", "checkpoints")


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def disclosure(value, salt: str | None = None) -> str:
    return b64(canonical([salt or secrets.token_urlsafe(16), plain(value)]))


def slot_of(text: str) -> list:
    return [{"...": b64(hashlib.sha256(text.encode()).digest())}]


def forge(world: World, entry: Entry, upto: str, field: str = "payee", text: str = "") -> None:
    """Another payee, with a disclosure that fits, and everything that follows from it up to a depth of DEPTHS."""
    text = text or disclosure("A Shell Company")
    body = json.loads(bytes(entry.body))
    body["f"][field] = slot_of(text)
    raw = canonical(body)
    change_values(entry, {**values_of(entry), field: text})
    update("tracker_entry", "id", entry.pk, body=raw)
    rehash(world, entry, leaf_hash(raw), upto)


def rehash(world: World, entry: Entry, leaf: bytes, upto: str) -> None:
    depth = DEPTHS.index(upto)
    seq = place_of(entry)
    if depth >= 1:
        update("tracker_entry", "id", entry.pk, leaf=encoded(leaf))
    if depth >= 2:
        update("tracker_leaf", "seq", seq, hash=leaf)
    if depth >= 3:
        full = tiles_of_the_places()
        if seq < 256:
            columns = {"row": full.tile(0, 0, 256)}
            columns |= {"above": full.tile(1, 0, 1)} if depth >= 4 else {}
            update("tracker_tile", "number", 0, **columns)
    if depth >= 5:
        sign_again(world)


def tiles_of_the_places() -> MemoryTiles:
    leaves = Leaf.objects.order_by("seq").values_list("hash", flat=True)
    return MemoryTiles([bytes(one) for one in leaves])


def sign_again(world: World) -> None:
    """With the log's own key: every checkpoint says what the changed entries give."""
    (key,) = world.signer.keyring.signing()
    for size in list(Checkpoint.objects.values_list("size", flat=True)):
        head = Head(settings.JOURNAL_ORIGIN, size, log.root_at(size))
        update("tracker_checkpoint", "size", size, root=head.root, note=str(sign_head(head, key)))


def forget(entry: Entry, *tables: str) -> None:
    """DELETE what some tables hold of an entry."""
    with lifted():
        for table in tables:
            key = "id" if table == "entry" else "entry_id"
            sql(f"DELETE FROM tracker_{table} WHERE {key} = %s", entry.pk)


def flip(file: Path, at: int) -> None:
    raw = bytearray(file.read_bytes())
    raw[at] ^= 1
    file.write_bytes(bytes(raw))
