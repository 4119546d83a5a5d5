"""`journal_export`: what it writes, and what it says when it cannot."""

import json
import resource
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import transaction

from tests.journal.exporting import export, own_log, write
from tracker.journal import export as exporting
from tracker.journal import kinds, log
from tracker.journal.actions import keep_cosignatures, record_many, sequence
from tracker.journal.checkpoints import Proof, cosign, cosignatures, read_checkpoint
from tracker.journal.kinds import Kind
from tracker.journal.merkle import consistency_holds, leaf_hash
from tracker.journal.models import Checkpoint, Disclosure, Entry, Leaf
from tracker.journal.notes import COSIGNATURE, Key, Note, Verifier, decoded
from tracker.journal.publication import PublishedTiles
from tracker.shared.errors import Refused


@pytest.fixture(autouse=True)
def service(settings, tmp_path):
    return own_log(settings, tmp_path / "ours")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "export"


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_an_export_holds_the_log_as_it_is_published_and_no_entry(folder, service):
    write(2)
    service.bring_up_to_date()
    write(300)

    said = export(folder)

    assert files(folder) == {
        "README.txt",
        "log.vkey",
        "log/checkpoint",
        "log/tile/0/000",
        "log/tile/0/001.p/46",
        "log/tile/1/000.p/1",
        "checkpoints/2",
        "checkpoints/302",
        "consistency/2-302",
    }
    assert "Exported 302 entries under 2 checkpoints" in said
    assert "0 more still wait" in said
    assert "no entry's bytes" in said
    published = service.publication()
    for name in files(published.folder) - {"tile/0/000.p/2"}:
        assert (folder / "log" / name).read_bytes() == (published.folder / name).read_bytes()


def test_the_export_says_what_waits_for_a_round_of_another_process(folder, service):
    write(3)
    service.bring_up_to_date()
    write(4)
    sequence(limit=1)
    with service.only_here():
        said = export(folder)
    assert "Another process runs the journal" in said
    assert "Exported 3 entries" in said
    assert "4 more still wait" in said


def test_nothing_signed_yet_is_said_and_leaves_nothing(folder, service):
    write(3)
    sequence()
    with service.only_here(), pytest.raises(CommandError, match="Nothing was signed yet"):
        export(folder)
    assert not folder.exists()


def test_an_empty_log_exports_a_signed_checkpoint_of_size_zero(folder, service):
    assert "Exported 0 entries under 1 checkpoint to" in export(folder, "--all")
    head, _ = read_checkpoint(
        (folder / "log/checkpoint").read_text(), *service.keyring().verifiers()
    )
    assert head.size == 0
    assert files(folder) == {"README.txt", "log.vkey", "log/checkpoint", "checkpoints/0"}
    assert not Checkpoint.objects.exists()


def test_an_emptied_database_is_not_exported_as_an_empty_log(folder, service):
    with transaction.atomic():
        write(3)
        service.bring_up_to_date()
        transaction.set_rollback(True)
    (service.publication().folder / "checkpoint").unlink()
    with pytest.raises(CommandError, match="Nothing is signed: 3 entries were already signed"):
        export(folder)
    assert not folder.exists()


def test_a_database_that_is_another_copy_is_not_exported(folder, service):
    with transaction.atomic():
        write(3)
        service.bring_up_to_date()
        transaction.set_rollback(True)
    with pytest.raises(CommandError, match="the database is another copy"):
        export(folder)
    assert not folder.exists()


def test_all_adds_every_entry_and_proofs_of_it(folder, service):
    write(300)
    said = export(folder, "--all")
    bodies = [bytes(b) for b in Leaf.objects.order_by("seq").values_list("entry__body", flat=True)]
    raw = b"".join(
        (folder / "log/tile/entries" / name).read_bytes() for name in ("000", "001.p/44")
    )
    assert raw == b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    assert len(list((folder / "proofs").iterdir())) == 300
    proof = Proof.read((folder / "proofs/299.tlog-proof").read_text())
    assert (proof.index, proof.extra) == (299, bodies[299])
    proof.check(leaf_hash(bodies[299]), *service.keyring().verifiers())
    assert "300 proofs" in said
    assert "Not for publication" in said
    assert not (folder / "disclosures.jsonl").exists()


@pytest.mark.parametrize(
    "count, most, places",
    [
        (0, 5, []),
        (1, 5, [0]),
        (5, 5, [0, 1, 2, 3, 4]),
        (9, 3, [0, 4, 8]),
        (9, 1, [0]),
        (9, 0, []),
        (10, 4, [0, 3, 6, 9]),
    ],
)
def test_samples_are_even_and_hold_the_first_and_the_last(count, most, places):
    assert list(exporting.spread(count, most)) == places


def test_as_many_proofs_as_asked_for(folder):
    write(20)
    export(folder, "--all", "--proofs", "3")
    assert files(folder / "proofs") == {f"{n}.tlog-proof" for n in (0, 9, 19)}
    with pytest.raises(CommandError, match="from 0 up"):
        export(folder, "--proofs", "-1")


def test_disclosures_are_exported_only_when_asked_for(folder):
    write(2)
    export(folder, "--disclosures")
    lines = [json.loads(line) for line in (folder / "disclosures.jsonl").read_text().splitlines()]
    assert [line["index"] for line in lines] == [0, 1]
    for line, entry in zip(lines, Entry.objects.order_by("pk"), strict=True):
        assert line["record"] == str(entry.record)
        assert line["disclosures"] == Disclosure.objects.get(entry=entry).values


@pytest.mark.parametrize(
    "options, mode", [((), 0o755), (("--all",), 0o700), (("--disclosures",), 0o700)]
)
def test_what_was_not_released_is_readable_by_its_owner_only(folder, options, mode):
    write(1)
    export(folder, *options)
    assert folder.stat().st_mode & 0o777 == mode
    assert ("NOT FOR PUBLICATION" in (folder / "README.txt").read_text()) == (mode == 0o700)


def test_the_same_log_gives_the_same_bytes_twice(folder, tmp_path):
    write(300)
    export(folder, "--all", "--disclosures")
    again = tmp_path / "again"
    export(again, "--all", "--disclosures")
    assert files(again) == files(folder)
    assert all((again / n).read_bytes() == (folder / n).read_bytes() for n in files(folder))


# --- Keys and witnesses ------------------------------------------------------------


def test_during_a_rotation_and_after_it_the_keys_say_what_they_count_for(folder, tmp_path, service):
    write(3)
    service.bring_up_to_date()
    (old,) = service.keyring().verifiers()
    new = service.keyring().add().verifier
    write(2)
    export(folder)
    assert (folder / "log.vkey").read_text().strip() == new.vkey
    assert (folder / "log-2.vkey").read_text().strip() == old.vkey

    service.keyring().retire_all_but_newest(5)
    write(1)
    after = tmp_path / "after"
    export(after)
    assert {n for n in files(after) if n.endswith(".vkey")} == {
        "log.vkey",
        "log-2.retired-at-5.vkey",
    }
    assert (
        "retired. It counts for checkpoints of up to 5 entries"
        in (after / "README.txt").read_text()
    )


def test_cosignatures_travel_with_every_checkpoint_and_the_witness_has_its_key_there(
    folder, settings, service
):
    witness = Key.make("witness.example/one", COSIGNATURE)
    write(3)
    service.bring_up_to_date()
    policy = f"witness one {witness.verifier.vkey}\nquorum none\n"
    settings.JOURNAL_POLICY.write_text(policy)
    kept = Checkpoint.objects.get()
    line = cosign(Note.read(kept.note).text, witness, 1_700_000_000)
    note = Note.read(kept.note + line.line)
    seen = [(one, line.line) for one in cosignatures(note, [witness.verifier])]
    keep_cosignatures(checkpoint=kept, seen=seen)

    export(folder)

    assert (folder / "w1.vkey").read_text().strip() == witness.verifier.vkey
    for name in ("log/checkpoint", "checkpoints/3"):
        (seen,) = cosignatures(Note.read((folder / name).read_bytes()), [witness.verifier])
        assert seen.time == 1_700_000_000
    assert "Nobody outside" not in (folder / "README.txt").read_text()


def test_a_checkpoint_that_too_few_witnesses_saw_is_not_exported(folder, settings, service):
    write(3)
    service.bring_up_to_date()
    witness = Key.make("witness.example/one", COSIGNATURE)
    settings.JOURNAL_POLICY.write_text(f"witness one {witness.verifier.vkey}\nquorum one\n")
    write(2)
    said = export(folder)
    assert "Too few witnesses answered" in said
    assert "Exported 3 entries" in said
    assert "2 more still wait" in said
    assert not (folder / "checkpoints/5").exists()


def test_a_policy_that_cannot_be_read_is_said(folder, settings, service):
    write(1)
    service.bring_up_to_date()
    settings.JOURNAL_POLICY.write_text("quorum somebody\n")
    with pytest.raises(CommandError, match="Line 1 of the policy"):
        export(folder)


def test_without_a_witness_the_export_says_so(folder):
    write(1)
    export(folder)
    assert "Nobody outside keeps this log yet" in (folder / "README.txt").read_text()


# --- Many checkpoints ---------------------------------------------------------------


def test_of_too_many_checkpoints_a_sample_is_linked_and_the_first_with_the_last(
    folder, service, monkeypatch
):
    monkeypatch.setattr(exporting, "MOST_CONSISTENCY", 3)
    for _ in range(6):
        write(1)
        service.bring_up_to_date()
    export(folder)
    assert files(folder / "checkpoints") == {str(size) for size in range(1, 7)}
    assert files(folder / "consistency") == {"1-3", "3-6", "1-6"}
    verifier = Verifier.read((folder / "log.vkey").read_text())
    roots = {
        int(name): read_checkpoint((folder / "checkpoints" / name).read_text(), verifier)[0].root
        for name in files(folder / "checkpoints")
    }
    for name in files(folder / "consistency"):
        old, new = map(int, name.split("-"))
        lines = (folder / "consistency" / name).read_text().split("\n\n")[0].split("\n")
        proof = [decoded(line, "hash") for line in lines[1:]]
        assert lines[0] == f"old {old}"
        assert consistency_holds(old, new, roots[old], roots[new], proof)


def test_checkpoints_are_read_by_the_page(folder, service, count_queries):
    def grow(count):
        for _ in range(count):
            write(1)
            service.bring_up_to_date()

    def one(name):
        part = folder / name
        return count_queries(
            lambda: exporting._write_checkpoints(part, log.size(), lambda sentence: None)
        )

    grow(2)
    few = one("few")
    grow(10)
    assert one("many") == few


# --- Where it may be written --------------------------------------------------------


def test_a_folder_with_something_in_it_is_refused_and_left_alone(folder):
    folder.mkdir()
    (folder / "mine").write_text("x")
    with pytest.raises(CommandError, match="is not an empty folder"):
        export(folder)
    assert files(folder) == {"mine"}
    with pytest.raises(CommandError, match="is not an empty folder"):
        export(folder / "mine")


def test_an_empty_folder_is_used(folder):
    folder.mkdir()
    write(1)
    export(folder)
    assert (folder / "log/checkpoint").exists()


def test_a_path_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match="could not be written: File exists"):
        export(tmp_path / "file" / "export")


def test_a_disk_that_fills_up_leaves_nothing_behind(folder, service):
    write(300)
    service.bring_up_to_date()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))  # a full tile has 8,192 bytes
    try:
        with pytest.raises(CommandError, match="could not be written: File too large"):
            export(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not folder.exists()
    assert not list(folder.parent.glob(".export.part-*"))


def test_the_folder_appears_when_everything_is_in_it(folder, service):
    write(300)
    service.bring_up_to_date()
    content, seen = exporting.Content(entries=True), []
    exporting.export(folder=folder, content=content, say=lambda line: seen.append(folder.exists()))
    assert len(seen) == 4  # checkpoints, tiles, bundles, proofs; one checkpoint needs no link
    assert not any(seen)
    assert folder.exists()


def test_an_export_that_is_interrupted_leaves_nothing_behind(folder, service):
    write(300)
    service.bring_up_to_date()

    def interrupt(line):
        if line.startswith("Tiles"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exporting.export(folder=folder, content=exporting.Content(), say=interrupt)
    assert not folder.exists()
    assert not list(folder.parent.glob(".export.part-*"))


def test_a_tampered_log_is_not_exported_as_a_good_one(folder, service, monkeypatch):
    write(300)
    service.bring_up_to_date()
    published = PublishedTiles(service.publication().folder)

    def forged(self, level, number, width):
        row = bytearray(published.tile(level, number, width))
        row[0] ^= 1
        return bytes(row)

    monkeypatch.setattr(log.DatabaseTiles, "tile", forged)
    refused = pytest.raises(CommandError, match="do not give the root that was signed")
    with service.only_here(), refused:
        export(folder)
    assert not folder.exists()


# --- Too long ------------------------------------------------------------------------


def test_an_entry_that_no_bundle_could_hold_is_refused_when_it_is_recorded(monkeypatch):
    monkeypatch.setattr(kinds, "_registered", dict(kinds._registered))
    fields = tuple(f"field_{n:04}" for n in range(1000))
    kinds.register([Kind("wide", fields, {"create": "Made."})])
    with pytest.raises(Refused, match="the log takes at most 65,535"), transaction.atomic():
        record_many("wide", op="create", by=None, items=[(uuid.uuid4(), {})])
    assert not Entry.objects.exists()


def test_a_value_of_any_length_is_one_digest_in_its_entry():
    with transaction.atomic():
        items = [(uuid.uuid4(), {"title": "x" * 100_000})]
        (entry,) = record_many("authority", op="create", by=None, items=items)
    assert len(bytes(Entry.objects.get(pk=entry).body)) < 2000
