"""From the queue to the published log."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from tracker.journal import log
from tracker.journal.actions import record_many, sequence
from tracker.journal.checkpoints import Head, read_checkpoint
from tracker.journal.files import Different
from tracker.journal.merkle import EMPTY_ROOT, Reader, inclusion_holds
from tracker.journal.models import Checkpoint, Entry, Leaf, Pending, Tile
from tracker.journal.notes import BadNote, Key
from tracker.journal.pipeline import Pipeline, Stop, Witnessed
from tracker.journal.publication import Publication, PublishedTiles
from tracker.journal.signer import Keyring, Mark, Signer, WillNotSign
from tracker.journal.tiles import MemoryTiles

ORIGIN = "countersign.example/journal/log"


def write(count: int) -> list[int]:
    with transaction.atomic():
        items = [(uuid.uuid4(), {"title": f"Authority {n}"}) for n in range(count)]
        return record_many("authority", op="create", by=None, items=items)


@pytest.fixture
def pipeline(tmp_path):
    signer = Signer(Keyring(tmp_path / "keys", ORIGIN), tmp_path / "signer")
    return Pipeline(signer, Publication(tmp_path / "log"), Stop(tmp_path / "signer"))


def leaves() -> list[bytes]:
    return [bytes(h) for h in Leaf.objects.order_by("seq").values_list("hash", flat=True)]


def test_every_entry_waits_until_it_has_its_place():
    written = write(3)
    assert list(Pending.objects.order_by("pk").values_list("pk", flat=True)) == written
    assert sequence() == 3
    assert not Pending.objects.exists()
    assert [log.index_of(entry) for entry in written] == [0, 1, 2]


def test_places_follow_each_other_over_many_batches_and_tiles():
    write(700)
    assert [sequence(limit=300) for _ in range(4)] == [300, 300, 100, 0]
    assert list(Leaf.objects.order_by("seq").values_list("seq", flat=True)) == list(range(700))
    assert set(Tile.objects.values_list("level", "number")) == {(0, 0), (0, 1)}
    assert log.root_at(700) == Reader(MemoryTiles(leaves()), 700).root()
    assert log.root_at(0) == EMPTY_ROOT


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513])
def test_every_proof_of_the_database_holds(size):
    write(size)
    sequence()
    tree = Reader(log.DatabaseTiles(), size)
    for index in {0, size // 2, size - 1}:
        assert inclusion_holds(leaves()[index], index, size, tree.inclusion(index), tree.root())


def test_a_leaf_that_would_leave_a_gap_is_refused_by_the_database():
    (entry,) = write(1)
    with pytest.raises(DatabaseError, match="leaf_without_a_gap"), transaction.atomic():
        Leaf.objects.create(seq=1, entry_id=entry, hash=bytes(32))


def test_an_entry_cannot_be_taken_out_of_the_queue():
    write(1)
    with pytest.raises(DatabaseError, match="pending_leaves_for_the_log"), transaction.atomic():
        Pending.objects.all().delete()


def test_a_queued_entry_cannot_be_exchanged_for_another():
    first, _ = write(2)
    with pytest.raises(DatabaseError, match="pending_never_changes"), transaction.atomic():
        Pending.objects.filter(pk=first).update(entry_id=first + 100)


def test_a_checkpoint_cannot_count_more_than_there_is_nor_fall_back(pipeline):
    write(2)
    pipeline.round()
    newest = Checkpoint.objects.get()
    for size, rule in ((3, "checkpoint_of_what_is_there"), (1, "checkpoint_grows")):
        with pytest.raises(DatabaseError, match=rule), transaction.atomic():
            Checkpoint.objects.create(size=size, root=bytes(32), note="x", at=newest.at)


def test_a_round_signs_what_was_sequenced_and_publishes_it(pipeline):
    write(300)
    report = pipeline.round()
    assert (report.sequenced, report.signed, report.published, report.said) == (300, 300, 300, [])
    text = pipeline.publication.checkpoint()
    head, _ = read_checkpoint(text, *pipeline.signer.keyring.verifiers())
    assert head == Head(ORIGIN, 300, log.root_at(300))
    assert Reader(PublishedTiles(pipeline.publication.folder), 300).root() == head.root


def test_a_round_without_news_changes_nothing(pipeline):
    write(1)
    pipeline.round()
    before = pipeline.publication.checkpoint()
    report = pipeline.round()
    assert (report.sequenced, report.signed) == (0, None)
    assert pipeline.publication.checkpoint() == before


def test_an_empty_log_signs_nothing(pipeline):
    assert pipeline.round().signed is None
    assert pipeline.publication.checkpoint() is None


def test_a_proof_of_an_entry_verifies_with_the_checkpoint_alone(pipeline):
    entry = write(5)[3]
    pipeline.round()
    proof = log.prove(log.index_of(entry), pipeline.publication.checkpoint())
    proof.check(leaves()[3], *pipeline.signer.keyring.verifiers())
    with pytest.raises(BadNote, match="not in the log of 5"):
        log.prove(5, pipeline.publication.checkpoint())


# --- The signer --------------------------------------------------------------------


def head_of(count: int, salt: bytes = b"") -> tuple[Head, MemoryTiles]:
    tiles = MemoryTiles([bytes([n]) * 31 + (salt or b"\0") for n in range(count)])
    return Head(ORIGIN, count, Reader(tiles, count).root()), tiles


def test_the_signer_signs_growth_and_the_same_head_again(pipeline):
    signer = pipeline.signer
    small, _ = head_of(3)
    large, tiles = head_of(5)
    first = signer.sign(small, [], fresh=True)
    assert signer.sign(small, []) == first
    signer.sign(large, Reader(tiles, 5).consistency(3))
    assert signer.mark() == Mark(5, large.root)


def test_the_signer_refuses_a_smaller_log(pipeline):
    pipeline.signer.sign(head_of(5)[0], [], fresh=True)
    with pytest.raises(WillNotSign, match="5 were already signed"):
        pipeline.signer.sign(head_of(3)[0], [])


def test_the_signer_refuses_growth_without_proof(pipeline):
    pipeline.signer.sign(head_of(3)[0], [], fresh=True)
    with pytest.raises(WillNotSign, match="did not grow out of the 3"):
        pipeline.signer.sign(head_of(5)[0], [])


def test_the_signer_refuses_a_fork_of_the_same_size_and_of_a_larger_one(pipeline):
    pipeline.signer.sign(head_of(3)[0], [], fresh=True)
    for size in (3, 6):
        fork, tiles = head_of(size, b"x")
        with pytest.raises(WillNotSign, match="did not grow out"):
            pipeline.signer.sign(fork, Reader(tiles, size).consistency(3))


def test_the_signer_refuses_another_log(pipeline):
    with pytest.raises(WillNotSign, match=r"signs for countersign\.example"):
        pipeline.signer.sign(Head("elsewhere.example", 0, EMPTY_ROOT), [], fresh=True)


def test_a_signer_that_lost_its_memory_signs_nothing_for_a_log_with_a_past(pipeline):
    write(2)
    pipeline.round()
    (pipeline.signer.memory / "mark.json").unlink()
    write(1)
    (said,) = pipeline.round().said
    assert "no memory" in said
    pipeline.stop.lift()
    assert pipeline.adopt().size == 2
    assert pipeline.round().signed == 3


def test_a_spoilt_memory_is_refused_with_a_sentence(pipeline):
    pipeline.signer.sign(head_of(3)[0], [], fresh=True)
    (pipeline.signer.memory / "mark.json").write_text('{"size": 0}')
    with pytest.raises(WillNotSign, match="cannot be read"):
        pipeline.signer.sign(head_of(3)[0], [])


def test_keys_and_memory_are_readable_by_us_alone(pipeline):
    write(1)
    pipeline.round()
    for file in (
        *pipeline.signer.keyring.folder.glob("*.key"),
        pipeline.signer.memory / "mark.json",
    ):
        assert file.stat().st_mode & 0o077 == 0, file


def test_reading_the_keys_makes_none(tmp_path):
    """A web worker without the key must not begin a log of its own."""
    assert Keyring(tmp_path, ORIGIN).verifiers() == []
    assert list(tmp_path.iterdir()) == []


def test_a_supplied_key_is_used_and_none_is_made(tmp_path):
    key = Key.make(ORIGIN)
    ring = Keyring(tmp_path, ORIGIN, key.secret)
    assert ring.signing() == [key]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BadNote, match="JOURNAL_ORIGIN says elsewhere"):
        Keyring(tmp_path, "elsewhere", key.secret).signing()


def test_the_keys_before_a_supplied_one_are_kept_as_files(tmp_path):
    older, newer = Key.make(ORIGIN), Key.make(ORIGIN)
    (tmp_path / "journal-001.vkey").write_text(f"{older.verifier.vkey} 7\n")
    ring = Keyring(tmp_path, ORIGIN, newer.secret)
    assert ring.verifiers(size=7) == [older.verifier, newer.verifier]
    assert ring.verifiers(size=8) == ring.verifiers() == [newer.verifier]


def test_a_key_is_rotated_without_a_gap(pipeline):
    ring = pipeline.signer.keyring
    write(1)
    pipeline.round()
    (old,) = ring.verifiers()
    new = ring.add().verifier
    write(1)
    pipeline.round()
    both = pipeline.publication.checkpoint()
    for verifier in (old, new):
        read_checkpoint(both, verifier)
    assert ring.retire_all_but_newest(log.size()) == [old]
    write(1)
    pipeline.round()
    newest = pipeline.publication.checkpoint()
    read_checkpoint(newest, new)
    with pytest.raises(BadNote, match="No key that we know"):
        read_checkpoint(newest, old)
    assert ring.verifiers() == [new]
    assert ring.verifiers(size=2) == [old, new]
    assert ring.verifiers(size=3) == [new]


# --- What stops the signing --------------------------------------------------------


def older_copy(size: int) -> None:
    """Take the newest places away behind the triggers' back, as restoring yesterday's copy does."""
    from tracker.shared import triggers

    triggers.drop()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tracker_checkpoint WHERE size > %s", [size])
        cursor.execute("DELETE FROM tracker_leaf WHERE seq >= %s", [size])
    connection.check_constraints()
    triggers.install()


def test_yesterdays_database_stops_the_signing_and_says_why(pipeline):
    write(3)
    pipeline.round()
    write(4)
    pipeline.round()
    older_copy(3)
    (said,) = pipeline.round().said
    assert "7 entries were already signed, but the database holds 3" in said
    assert pipeline.stop.reason in said
    write(10)  # growing beyond the old size does not help: the entries are others
    assert "Signing is stopped" in pipeline.round().said[0]
    pipeline.stop.lift()
    assert "are not the ones that were signed" in pipeline.round().said[0]


def test_a_witness_that_says_stop_stops_us_until_a_person_resumes(pipeline):
    write(1)
    pipeline.ask = lambda *_: Witnessed(stop="The audit office saw another history.")
    (said,) = pipeline.round().said
    assert "The audit office saw another history." in said
    assert pipeline.publication.checkpoint() is None
    pipeline.ask = lambda *_: Witnessed()
    assert pipeline.round().published is None
    pipeline.stop.lift()
    assert pipeline.round().published == 1


def test_too_few_witnesses_leave_the_last_published_checkpoint_in_place(pipeline):
    write(1)
    pipeline.round()
    write(1)
    pipeline.ask = lambda *_: Witnessed(said=("An office did not answer.",), enough=False)
    report = pipeline.round()
    assert report.signed == 2
    assert report.published is None
    assert pipeline.publication.head().size == 1
    pipeline.ask = lambda *_: Witnessed()
    assert pipeline.round().published == 2


def test_a_published_tile_is_never_overwritten(pipeline):
    write(256)
    pipeline.round()
    tile = pipeline.publication.folder / "tile/0/000"
    tile.write_bytes(b"\0" * 8192)
    (pipeline.publication.folder / "checkpoint").unlink()
    (said,) = pipeline.round().said
    assert "already published with other bytes" in said
    with pytest.raises(Different):
        pipeline.publication.publish(log.DatabaseTiles(), Checkpoint.objects.get().published)


def test_a_crash_after_the_signature_and_before_it_is_kept_signs_the_same_again(
    pipeline, monkeypatch
):
    write(2)
    monkeypatch.setattr("tracker.journal.pipeline.keep_checkpoint", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pipeline.round()
    monkeypatch.undo()
    write(1)
    assert pipeline.round().signed == 3
    assert pipeline.stop.reason is None


def test_entries_are_hashed_as_they_are_stored():
    write(2)
    sequence()
    from tracker.journal.merkle import leaf_hash

    for leaf in Leaf.objects.select_related("entry"):
        assert bytes(leaf.hash) == leaf_hash(bytes(Entry.objects.get(pk=leaf.entry_id).body))
