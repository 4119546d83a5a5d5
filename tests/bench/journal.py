"""The journal: entries made and sequenced, the tree verified, everything verified, proofs from a large log."""

import base64
import hashlib
import itertools
import os
import random
import uuid

from django.db import connection, transaction

from tests.bench.ledger import approved_batch
from tests.bench.measuring import alternating, once, say, seconds
from tests.factories.accounts import make_person
from tracker.accounts.models import Role
from tracker.journal import actions as journal
from tracker.journal import entries as written
from tracker.journal import log, service
from tracker.journal.kinds import kind_named
from tracker.journal.merkle import HASH, Growth, Reader, inclusion_holds
from tracker.journal.models import Disclosure, Entry, Leaf, Tile
from tracker.journal.verification import here, recompute, verify
from tracker.ledger.actions.batches import post_rows
from tracker.shared import triggers

ORGANISATION = {
    "name": "Bench",
    "short_name": "B",
    "kind": "10",
    "country": "US",
    "time_zone": "UTC",
}


class Bare:
    """Rows of a model in a table that has its columns and nothing else: what raw inserts cost."""

    def __init__(self, model, rows) -> None:
        fields = model._meta.local_concrete_fields
        self.table = f"bare_{model._meta.db_table}"
        self.like = model._meta.db_table
        self.columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        self.places = ", ".join(["%s"] * len(fields))
        self.values = [
            [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
            for row in rows
        ]

    def insert(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE {self.table} AS SELECT * FROM {self.like} WHERE 1 = 0"
            )
            cursor.executemany(
                f"INSERT INTO {self.table} ({self.columns}) VALUES ({self.places})", self.values
            )


def entries(count: int = 1000) -> None:
    """Entries recorded in bulk and given their places, against raw inserts of the same rows."""
    person = make_person(Role.OFFICER)
    while journal.sequence():
        pass

    def make() -> None:
        items = [(uuid.uuid4(), ORGANISATION) for _ in range(count)]
        journal.record_many("organisation", op="create", by=person, items=items)

    def record() -> None:
        with transaction.atomic():
            make()
            transaction.set_rollback(True)

    def record_and_sequence() -> None:
        with transaction.atomic():
            make()
            journal.sequence()
            transaction.set_rollback(True)

    with transaction.atomic():
        make()
    first = Entry.objects.order_by("-pk")[count - 1].pk
    journal.sequence()
    written_rows = [
        Bare(Entry, Entry.objects.filter(pk__gte=first)),
        Bare(Disclosure, Disclosure.objects.filter(pk__gte=first)),
    ]
    places = Bare(Leaf, Leaf.objects.filter(entry_id__gte=first))

    def insert(*tables: Bare) -> None:
        with transaction.atomic():
            for table in tables:
                table.insert()
            transaction.set_rollback(True)

    acts = (record, record_and_sequence, lambda: insert(*written_rows))
    made, placed, raw, raw_placed = alternating(*acts, lambda: insert(*written_rows, places))
    figures = (("made", made, raw), ("made and sequenced", placed, raw_placed))
    for what, ours, bare in figures:
        against = f"{bare / ours:.2f} of raw inserts of the same rows into bare tables"
        say(f"journal: entries {what} per second", f"{count / ours:,.0f}/s", against)


def bodies_of(count: int, kinds: int = 2000) -> list[bytes]:
    """Entries of the kind that a ledger has most of, as they are hashed; each an object of its own."""
    kind = kind_named("transaction")
    fields = dict.fromkeys(kind.fields, "as long as most are")
    made = [
        written.write(kind, record=uuid.uuid4(), op="create", rev=1, prev=None, fields=fields).body
        for _ in range(kinds)
    ]
    return [bytes(bytearray(body)) for body, _ in zip(itertools.cycle(made), range(count))]


def tree(count: int = 30_000) -> None:
    """The root and every tile computed from the entries' bytes, against SHA-256 alone over the same bytes."""
    bodies = bodies_of(count)
    together = b"".join(bodies)

    def each() -> None:
        for body in bodies:
            hashlib.sha256(body).digest()

    ours, single, one = alternating(
        lambda: list(recompute(bodies, [count])),
        each,
        lambda: hashlib.sha256(together).digest(),
        rounds=9,
    )
    size = len(together) / count
    say(
        f"tree: entries of {size:,.0f} bytes verified per second",
        f"{count / ours:,.0f}/s",
        f"{single / ours:.2f} of SHA-256 alone, entry by entry (goal 0.5)",
    )
    say("", "", f"{one / ours:.2f} of SHA-256 alone, in one call over all {len(together):,} bytes")


def full_verification(count: int = 3000) -> None:
    """`journal_verify` of everything, against SHA-256 alone over the entries' bytes in memory."""
    _, version, row, person = approved_batch()
    with transaction.atomic():
        post_rows(version=version, rows=[row] * count, by=person)
    report = service.bring_up_to_date()
    assert report is not None and not report.said, report
    bodies = [bytes(body) for body in Entry.objects.values_list("body", flat=True)]

    def run(domain: bool) -> None:
        verdict = verify(outside=here(), domain=domain)
        assert verdict.size == len(bodies) and not verdict.differences, verdict.differences

    def hashed() -> None:
        for body in bodies:
            hashlib.sha256(body).digest()

    everything, journal_alone, raw = alternating(
        lambda: run(True), lambda: run(False), hashed, rounds=3
    )
    for what, taken in (("and the domain tables", everything), ("alone", journal_alone)):
        say(
            f"journal_verify: log, disclosures {what}",
            f"{len(bodies) / taken:,.0f}/s",
            f"{raw / taken:.3f} of SHA-256 alone; {len(bodies):,} entries in {taken:,.1f} s",
        )


# --- Proofs from a large log ---------------------------------------------------------


def proofs() -> None:
    """An inclusion proof from the database, of random places, in a log of 100,000 and one of 1,000,000 entries."""
    _empty_log()
    growth, taken = Growth(), {}
    for size in (100_000, 1_000_000):
        built = once(lambda size=size: _fill(growth, size))
        taken[size] = _one_proof(growth, size)
        say(
            f"proof of inclusion in {size:,} entries",
            f"{taken[size] * 1000:,.2f} ms",
            f"goal 5 ms (these leaves were filled in within {built:,.0f} s)",
        )
    small, large = taken.values()
    say("  growth from the smaller log to the larger", f"{large / small:.2f} ×", "goal 1.5")


def _empty_log() -> None:
    """Room for leaves without entries. Only this bench's own database, and nothing is measured in it afterwards."""
    triggers.drop()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys = OFF")
        else:
            cursor.execute("SET session_replication_role = replica")
        for model in (Leaf, Tile):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


def _fill(growth: Growth, size: int) -> None:
    """Generated hashes at the end of the log, and the tiles that they fill."""
    start = growth.size
    leaves = os.urandom(HASH * (size - start))
    growth.extend(leaves)
    rows = (
        (start + n, start + n + 1, leaves[n * HASH : (n + 1) * HASH]) for n in range(size - start)
    )
    with transaction.atomic():
        _copy("tracker_leaf", ("seq", "entry_id", "hash"), rows)
        _copy("tracker_tile", ("level", "number", "row", "above"), growth.take())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(table: str, columns: tuple[str, ...], rows) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def _one_proof(growth: Growth, size: int) -> float:
    """The median time of one proof, each read from the database anew and found to hold."""
    dice, root = random.Random(size), growth.root()
    checkpoint = f"bench\n{size}\n{base64.b64encode(root).decode()}\n\n— bench AAAAAA==\n"
    held = []

    def prove() -> None:
        proof = log.prove(index := dice.randrange(size), checkpoint)
        held.append((index, proof.path))

    taken = seconds(prove, rounds=301)
    for index, path in held[::50]:
        (leaf,) = Leaf.objects.filter(seq=index).values_list("hash", flat=True)
        assert inclusion_holds(bytes(leaf), index, size, path, root)
    assert Reader(log.DatabaseTiles(), size).root() == root
    return taken
