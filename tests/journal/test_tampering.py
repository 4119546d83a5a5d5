"""Whoever holds the database's password changes something; the verification names the record. One case each."""

import json
import unicodedata
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tests.journal.verifying import (
    change_values,
    disclosure,
    flip,
    forge,
    forget,
    lifted,
    place_of,
    rehash,
    sql,
    undone,
    update,
    values_of,
)
from tracker.accounts.models import Role
from tracker.journal import actions, log
from tracker.journal.checkpoints import Head, sign_head
from tracker.journal.entries import disclosed_value
from tracker.journal.merkle import leaf_hash
from tracker.journal.models import Checkpoint, Entry, Leaf
from tracker.journal.notes import Key, Note, Signature
from tracker.journal.verification import Keys, verify

pytestmark = pytest.mark.thorough  # a whole world is built first

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")
on_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'")


def found(verdict, check: str):
    """The differences of one check. That it made one is what its test is about."""
    return [one for one in verdict.differences if one.check == check]


def names(verdict, entry: Entry) -> bool:
    """Is this entry, by its record's public identifier, the first difference?"""
    first = verdict.first
    assert first is not None
    return (
        (first.record, first.entry) == (entry.record, entry.pk)
        and str(entry.record) in first.sentence
        and f"ntry {entry.pk}" in first.sentence
    )


def test_an_untouched_log_holds_and_says_what_was_checked(world):
    verdict = world.verify()
    assert verdict.differences == []
    assert verdict.remarks == []
    assert verdict.size == verdict.checks["entries in the log"] == world.size
    assert verdict.checks["checkpoints"] == 3
    assert verdict.checks["claims from outside"] == 2
    assert verdict.checks["disclosures"] > world.size
    assert verdict.checks["rows of the domain tables"] > 14
    assert verdict.not_compared == ["witnesses: nobody outside keeps this log yet"]


# --- Changed entries, ever more thoroughly -----------------------------------------


@pytest.mark.parametrize("which", ["early", "late"])
@pytest.mark.parametrize("depth", ["body", "hash"])
def test_a_changed_entry_is_named(world, which, depth):
    entry = getattr(world, which)
    forge(world, entry, depth)
    verdict = world.verify(world.alone(), domain=False)
    assert names(verdict, entry)
    assert verdict.first.place == place_of(entry)
    assert len(found(verdict, "hashes")) == (2 if depth == "body" else 1)


def test_an_entry_changed_together_with_both_hashes_is_named_by_its_tile(world):
    forge(world, world.early, "place")
    verdict = world.verify(world.alone(), domain=False)
    assert names(verdict, world.early)
    assert [one.place for one in found(verdict, "tiles")] == [place_of(world.early)]


def test_an_entry_forged_with_its_tile_and_not_the_parents_is_found_by_the_node_above(world):
    forge(world, world.early, "tile")
    verdict = world.verify(world.alone(), domain=False)
    (above,) = found(verdict, "tiles")
    assert "Tile 0/0 fits its entries, but not the node" in above.sentence
    assert "the places 0 to 255" in above.sentence
    assert names(world.verify(domain=False), world.early), "the published tile says which"
    assert names(world.verify(world.alone()), world.early), "and so does the payment itself"


def test_an_entry_forged_with_all_tiles_has_not_the_root_that_was_signed(world):
    forge(world, world.early, "tiles")
    verdict = world.verify(world.alone(), domain=False)
    (root,) = found(verdict, "roots")
    second = Checkpoint.objects.order_by("size")[1].size
    first = Checkpoint.objects.order_by("size")[0].size
    assert f"the places {first} to {second - 1}" in root.sentence
    assert "1 checkpoints do not have the roots" in verdict.remarks[0]
    assert names(world.verify(domain=False), world.early)
    assert names(world.verify(world.alone()), world.early)


def test_an_entry_at_the_right_edge_is_named_by_the_published_tile(world):
    forge(world, world.late, "tiles")
    assert found(world.verify(world.alone(), domain=False), "roots")
    assert names(world.verify(domain=False), world.late)


def rewritten(world):
    """Everything rewritten and signed again with the log's own key."""
    forge(world, world.early, "checkpoints")
    assert world.verify(world.alone(), domain=False).holds, "alone, the database agrees with itself"


def test_a_history_signed_again_is_caught_by_the_signers_memory(world):
    rewritten(world)
    verdict = world.verify(world.alone(signer=world.signer), domain=False)
    assert "the signer’s memory states" in found(verdict, "roots")[0].sentence
    assert names(world.verify(world.alone(signer=world.signer)), world.early)


def test_a_history_signed_again_is_caught_by_the_published_log(world):
    rewritten(world)
    verdict = world.verify(world.alone(publication=world.publication), domain=False)
    assert names(verdict, world.early)
    assert "the published checkpoint states" in found(verdict, "roots")[0].sentence


def test_a_history_signed_again_is_caught_by_a_checkpoint_that_somebody_kept(world, tmp_path):
    middle = Checkpoint.objects.order_by("size")[1]
    kept = tmp_path / "kept.txt"
    kept.write_text(middle.published)
    assert world.verify(world.alone(retained=[kept]), domain=False).holds
    rewritten(world)
    verdict = world.verify(world.alone(retained=[kept]))
    assert "the checkpoint kept in kept.txt states" in found(verdict, "roots")[0].sentence
    assert names(verdict, world.early)


def test_bytes_that_are_not_canonical_are_refused_though_every_hash_fits(world):
    for entry, raw in (
        (world.early, json.dumps(json.loads(bytes(world.early.body))).encode()),
        (world.late, b'{"v":1,"v":1}'),
    ):
        with undone():
            update("tracker_entry", "id", entry.pk, body=raw)
            rehash(world, entry, leaf_hash(raw), "checkpoints")
            verdict = world.verify(world.alone(), domain=False)
            assert names(verdict, entry)
            assert "canonical JSON" in verdict.first.sentence


# --- Entries that go, come and move -------------------------------------------------


def test_a_deleted_entry_is_missed_at_its_place(world):
    entry = world.early
    seq = place_of(entry)
    forget(entry, "disclosure", "entry")
    (gone,) = found(world.verify(world.alone(), domain=False), "places")
    assert (gone.entry, gone.place) == (entry.pk, seq)
    assert "the entry itself is gone" in gone.sentence
    assert world.verify().first.record == entry.record


def test_an_entry_deleted_with_its_place_leaves_a_hole(world):
    entry = world.early
    seq = place_of(entry)
    forget(entry, "leaf", "disclosure", "entry")
    verdict = world.verify()
    assert f"The log has nothing at place {seq}" in found(verdict, "places")[0].sentence
    assert verdict.first.record == entry.record


def test_deleted_last_entries_are_missed_by_every_checkpoint_that_counted_them(world):
    entry = world.late
    for leaf in Leaf.objects.filter(seq__gte=place_of(entry)).order_by("-seq"):
        forget(Entry.objects.get(pk=leaf.entry_id), "leaf", "disclosure", "entry")
    verdict = world.verify()
    said = [one.sentence for one in found(verdict, "rollback")]
    assert [s.split(" counts ")[0] for s in said] == [
        "The signer’s memory",
        "The published checkpoint",
        "A checkpoint of its own",
    ]
    assert any(one.record == entry.record for one in verdict.differences)
    assert verdict.first.record is not None


@pytest.mark.parametrize("which", ["early", "late"])
def test_two_places_that_were_exchanged_are_named(world, which):
    entry = getattr(world, which)
    first = place_of(entry) - 1
    other = Leaf.objects.get(seq=first + 1)
    this = Leaf.objects.get(seq=first)
    update("tracker_leaf", "seq", first, entry_id=-1)
    update("tracker_leaf", "seq", first + 1, entry_id=this.entry_id, hash=bytes(this.hash))
    update("tracker_leaf", "seq", first, entry_id=other.entry_id, hash=bytes(other.hash))
    verdict = world.verify()
    assert verdict.first.place == first
    assert entry.record in {one.record for one in verdict.differences}


def test_an_entry_inserted_in_the_middle_is_named(world):
    """Everything after it moves by one place, and tiles and roots are made anew."""
    seq = place_of(world.early)
    added = waiting()
    with lifted():
        sql("UPDATE tracker_leaf SET seq = seq + 10000 WHERE seq >= %s", seq)
        sql("UPDATE tracker_leaf SET seq = seq - 9999 WHERE seq >= 10000")
        sql("DELETE FROM tracker_pending WHERE entry_id = %s", added.pk)
        place_at(seq, added)
    verdict = world.verify(domain=False)
    assert names(verdict, added)
    assert verdict.first.place == seq


def waiting(**fields) -> Entry:
    """One more entry, in the queue."""
    with transaction.atomic():
        items = [(uuid.uuid4(), fields)]
        (number,) = actions.record_many("authority", op="create", by=None, items=items)
    return Entry.objects.get(pk=number)


def place_at(seq: int, entry: Entry) -> None:
    leaf = leaf_hash(bytes(entry.body))
    sql("INSERT INTO tracker_leaf (seq, entry_id, hash) VALUES (%s, %s, %s)", seq, entry.pk, leaf)


def test_an_entry_taken_out_of_the_queue_is_named(world):
    entry = waiting()
    assert world.verify(domain=False).checks["entries that wait"] == 1
    forget(entry, "pending")
    verdict = world.verify(domain=False)
    assert names(verdict, entry)
    assert "does not wait for one" in verdict.first.sentence


def test_an_entry_that_waits_and_has_a_place_is_named(world):
    with lifted():
        sql("INSERT INTO tracker_pending (entry_id) VALUES (%s)", world.early.pk)
    verdict = world.verify(domain=False)
    assert names(verdict, world.early)
    assert found(verdict, "queue")


def test_an_entry_that_waits_is_held_against_itself(world):
    entry = waiting()
    update("tracker_entry", "id", entry.pk, op="amend")
    assert names(world.verify(domain=False), entry)


def test_a_revision_whose_predecessor_is_gone_is_named(world):
    second = Entry.objects.filter(rev=2).order_by("pk").first()
    first = Entry.objects.get(record=second.record, rev=1)
    forget(first, "leaf", "disclosure", "entry")
    verdict = world.verify(domain=False)
    assert names(verdict, second)
    assert "revision 1 of the record, which came before it, is gone" in verdict.first.sentence


# --- Columns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column, value",
    [
        ("at", None),
        ("actor", uuid.uuid4()),
        ("kind", "program"),
        ("op", "revise"),
        ("rev", 7),
        ("record", uuid.uuid4()),
    ],
)
def test_a_changed_column_of_an_entry_is_named(world, column, value):
    entry = world.early
    if column == "at":
        value = str(entry.at.replace(tzinfo=None) - timedelta(days=30))
    if isinstance(value, uuid.UUID) and connection.vendor == "sqlite":
        value = value.hex
    update("tracker_entry", "id", entry.pk, **{column: value})
    verdict = world.verify(domain=False)
    assert names(verdict, Entry.objects.get(pk=entry.pk))
    assert f"its column {column} says" in verdict.first.sentence


# --- Disclosures -----------------------------------------------------------------------


def changed(world, values: dict):
    change_values(world.early, values)
    return world.verify(domain=False)


def test_a_changed_value_is_named(world):
    verdict = changed(world, {**values_of(world.early), "payee": disclosure("A Shell Company")})
    assert names(verdict, world.early)
    assert "the disclosure of payee does not have the digest" in verdict.first.sentence


def test_a_stray_disclosure_is_named(world):
    verdict = changed(world, {**values_of(world.early), "commission": disclosure("1000")})
    assert names(verdict, world.early)
    assert "“commission” lies there that no slot of it refers to" in verdict.first.sentence


def test_a_duplicate_disclosure_is_named(world):
    values = values_of(world.early)
    verdict = changed(world, {**values, "commission": values["payee"]})
    assert names(verdict, world.early)
    assert "the same disclosure lies there twice" in verdict.first.sentence


def test_disclosures_in_each_others_slots_are_named(world):
    values = values_of(world.early)
    swapped = values | {"payee": values["kind"], "kind": values["payee"]}
    verdict = changed(world, swapped)
    assert names(verdict, world.early)
    said = {one.what for one in verdict.differences}
    assert "the disclosure of kind lies there as that of payee." in said
    assert "the disclosure of payee lies there as that of kind." in said


@pytest.mark.parametrize("whole", [True, False])
def test_a_disclosure_that_was_dropped_without_a_decision_is_named(world, whole):
    entry = world.early
    if whole:
        forget(entry, "disclosure")
    else:
        change_values(entry, {k: v for k, v in values_of(entry).items() if k != "payee"})
    verdict = world.verify(domain=False)
    assert names(verdict, entry)
    assert "payee" in verdict.first.sentence
    assert "no decision erased it" in verdict.first.sentence


def decision(entry: Entry, fields: list[str], on: Entry) -> None:
    by, second = (make_person(Role.DISCLOSURE) for _ in "12")
    actions.erase(
        entry=entry.pk, fields=fields, basis="Law 1", reason="Asked.", by=by, confirmed_by=second
    )


def test_a_value_that_a_decision_erased_is_no_difference_and_every_proof_stays(world):
    decision(world.early, ["payee"], world.early)
    assert world.pipeline.round().said == []
    verdict = world.verify(domain=False)
    assert verdict.differences == []
    assert verdict.checks["erased values"] == 1


def test_a_decision_covers_only_the_fields_and_the_entry_that_it_names(world):
    decision(world.early, ["payee"], world.early)
    change_values(world.early, {k: v for k, v in values_of(world.early).items() if k != "amount"})
    assert "amount is gone" in world.verify(domain=False).first.sentence
    forget(world.late, "disclosure")
    update("tracker_erasure", "target_id", world.early.pk, target_id=world.late.pk)
    gone = world.verify(domain=False).differences
    assert {one.entry for one in gone} == {world.early.pk, world.late.pk}


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text, says",
    [
        (lambda: disclosure("x", salt="c2hvcnQ"), "a salt of fewer than 128 bits"),
        (lambda: disclosure("x") + "=", "is not base64url of canonical JSON"),
        (lambda: disclosure("x")[:-1] + "*", "is not base64url of canonical JSON"),
        (lambda: b64_of(b'["AAAAAAAAAAAAAAAAAAAAAA", "x"]'), "is not base64url of canonical JSON"),
        (lambda: b64_of(b'["AAAAAAAAAAAAAAAAAAAAAA",1.5]'), "is not base64url of canonical JSON"),
        (lambda: b64_of(b'["AAAAAAAAAAAAAAAAAAAAAA","f","x"]'), "is not a salt and a value"),
        (lambda: b64_of(b'{"a":1}'), "is not a salt and a value"),
        (lambda: b64_of('["AAAAAAAAAAAAAAAAAAAAAA","Cafe\u0301"]'.encode()), "not in NFC"),
    ],
)
def test_a_disclosure_that_breaks_a_rule_is_refused_though_its_digest_fits(world, text, says):
    forge(world, world.early, "checkpoints", text=text())
    verdict = world.verify(world.alone(), domain=False)
    assert names(verdict, world.early)
    assert says in verdict.first.sentence


def b64_of(raw: bytes) -> str:
    import base64

    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_two_slots_with_one_digest_are_refused(world):
    values = values_of(world.early)
    forge(world, world.early, "checkpoints", field="payee", text=values["amount"])
    verdict = world.verify(world.alone(), domain=False)
    assert names(verdict, world.early)
    assert "the same digest" in verdict.first.sentence


def test_a_text_that_came_decomposed_is_stored_composed_and_verifies(world):
    title = unicodedata.normalize("NFD", "Hôpital de Besançon")
    program = make_program(title=title)
    entry = Entry.objects.filter(record=program.uid).order_by("rev").first()
    assert disclosed_value(entry.disclosure.values["title"]) == "Hôpital de Besançon"
    assert world.verify().differences == []


# --- Checkpoints -----------------------------------------------------------------------


def newest() -> Checkpoint:
    return Checkpoint.objects.order_by("-size").first()


def said_of(world, check: str, **note) -> str:
    update("tracker_checkpoint", "size", newest().size, **note)
    return found(world.verify(domain=False), check)[0].sentence


def test_a_checkpoint_with_another_root_beside_its_note_is_named(world):
    said = said_of(world, "checkpoints", root=bytes(32))
    assert f"checkpoint of {world.size} entries has other columns" in said


def test_a_checkpoint_whose_signature_was_touched_is_named(world):
    note = Note.read(newest().note)
    spoilt = Signature(note.signatures[0].name, note.signatures[0].id, bytes(64))
    said = said_of(world, "checkpoints", note=str(Note(note.text, (spoilt,))))
    assert "does not verify" in said


def test_a_checkpoint_of_another_log_and_one_by_another_key_are_named(world):
    head = Head("elsewhere.example/log", world.size, log.root_at(world.size))
    note = str(sign_head(head, Key.make(head.origin)))
    assert "of the log elsewhere" in said_of(world, "checkpoints", note=note)
    head = Head(world.signer.origin, world.size, head.root)
    note = str(sign_head(head, Key.make(head.origin)))
    assert "No key that we know" in said_of(world, "checkpoints", note=note)


def test_an_unknown_signature_line_is_ignored_and_a_known_bad_one_rejects(world):
    note = Note.read(newest().note)
    grease = Signature("grease.example", b"abcd", bytes(64))
    more = str(Note(note.text, (grease, *note.signatures, grease)))
    update("tracker_checkpoint", "size", world.size, note=more)
    assert world.verify(domain=False).holds
    bad = Signature(note.signatures[0].name, note.signatures[0].id, bytes(64))
    said = said_of(world, "checkpoints", note=str(Note(note.text, (*note.signatures, bad))))
    assert "does not verify" in said


def test_a_retired_key_counts_up_to_its_size_and_no_further(world):
    (key,) = Keys.of(world.signer.keyring).known
    for until, holds in ((world.size, True), (world.size - 1, False)):
        keys = Keys(world.signer.origin, ((key[0], until),))
        assert world.verify(world.outside(keys=keys), domain=False).holds == holds


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_deleted_checkpoint_is_missed_by_what_was_published(world, which):
    size = Checkpoint.objects.order_by("size")[which].size
    with lifted():
        sql("DELETE FROM tracker_checkpoint WHERE size = %s", size)
    verdict = world.verify(domain=False)
    assert any(str(size) in one.sentence for one in verdict.differences)


# --- What was published, and the signer's memory -----------------------------------------


def test_a_changed_published_tile_is_named_with_the_record_it_lies_about(world):
    place = place_of(world.early)
    flip(world.publication.folder / "tile/0/000", place * 32)
    verdict = world.verify(domain=False)
    assert names(verdict, world.early)
    assert "the published file tile/0/000" in verdict.first.sentence


def test_published_tiles_that_are_gone_or_do_not_belong_are_named(world):
    tiles = world.publication.folder / "tile"
    (tiles / "0/000").unlink()
    (tiles / "0/007").write_bytes(bytes(8192))
    (tiles / "notes.txt").write_text("x")
    said = " ".join(one.sentence for one in found(world.verify(domain=False), "published tiles"))
    assert "tile/0/000 is missing" in said
    assert "tile/0/007 holds hashes of entries that the database does not have" in said
    assert "tile/notes.txt, which is no tile" in said


def test_a_changed_published_tile_of_a_higher_level_is_named(world):
    flip(world.publication.folder / "tile/1/000.p/1", 3)
    (one,) = found(world.verify(domain=False), "published tiles")
    assert "the places 0 to 255" in one.sentence


def test_a_changed_published_checkpoint_is_refused(world):
    file = world.publication.folder / "checkpoint"
    file.write_text(file.read_text().replace(f"\n{world.size}\n", f"\n{world.size - 1}\n"))
    assert "does not verify" in found(world.verify(domain=False), "published")[0].sentence
    file.unlink()
    assert "its checkpoint is gone" in found(world.verify(domain=False), "published")[0].sentence


def test_a_memory_that_cannot_be_read_or_is_of_another_log_is_said(world):
    mark = world.folder / "signer" / "mark.json"
    mark.write_text("{}")
    assert "cannot be read" in found(world.verify(domain=False), "signer")[0].sentence


def test_what_is_not_there_is_said_and_not_made(world, tmp_path, settings):
    from tracker.journal.verification import here

    for name in ("KEYS_DIR", "SIGNER_DIR", "JOURNAL_DIR"):
        setattr(settings, name, tmp_path / name)
    settings.JOURNAL_POLICY = tmp_path / "none"
    verdict = verify(outside=here(), domain=False)
    assert verdict.holds
    said = " ".join(verdict.not_compared)
    for what in ("no verification key", "the signer's memory", "published log", "witnesses"):
        assert what in said
    assert not any((tmp_path / name).exists() for name in ("KEYS_DIR", "SIGNER_DIR", "JOURNAL_DIR"))


# --- The tree's own rows ----------------------------------------------------------------


def test_tiles_that_are_gone_or_too_many_are_named(world):
    with lifted():
        sql("DELETE FROM tracker_tile WHERE level = 0 AND number = 0")
        for level, number in ((0, 1), (5, 0)):
            sql(
                "INSERT INTO tracker_tile (level, number, row, above) VALUES (%s, %s, %s, %s)",
                level,
                number,
                bytes(8192),
                bytes(32),
            )
    said = {one.sentence for one in found(world.verify(domain=False), "tiles")}
    assert said == {
        "Tile 0/0 of the log is missing.",
        "Tile 0/1 of the log is there, but its entries are not.",
        "Tile 5/0 of the log is there, but its entries are not.",
    }


def test_a_tile_of_the_wrong_length_is_named(world):
    update("tracker_tile", "number", 0, row=bytes(8000))
    (one,) = found(world.verify(domain=False), "tiles")
    assert "has 8000 bytes instead of 8192" in one.sentence


# --- Domain tables ------------------------------------------------------------------------


def test_a_changed_domain_row_is_named(world):
    payment = world.payments[5]
    with lifted():
        sql("UPDATE tracker_transaction SET amount = amount + 1 WHERE id = %s", payment.pk)
    assert world.verify(domain=False).holds
    verdict = world.verify()
    assert verdict.first.record == payment.uid
    assert str(payment.uid) in verdict.first.sentence


# --- What the database itself refuses -------------------------------------------------------


RULES = "append_only|leaf_without_a_gap|checkpoint_grows"


def refused(statement: str, *values) -> None:
    with pytest.raises(DatabaseError, match=RULES), transaction.atomic():
        sql(statement, *values)


@on_sqlite
@pytest.mark.parametrize("table", ["entry", "leaf", "tile", "checkpoint"])
def test_insert_or_replace_is_refused(world, table):
    refused(f"INSERT OR REPLACE INTO tracker_{table} SELECT * FROM tracker_{table} LIMIT 1")


@on_postgres
@pytest.mark.parametrize("table", ["entry", "leaf", "tile", "checkpoint"])
def test_a_session_that_calls_itself_a_replica_is_refused(world, table):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET session_replication_role = replica")
    refused(f"DELETE FROM tracker_{table}")
    sql("SET session_replication_role = origin")


@on_postgres
@pytest.mark.parametrize("table", ["entry", "leaf", "tile", "checkpoint"])
def test_truncate_is_refused(world, table):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    refused(f"TRUNCATE tracker_{table} CASCADE")


@on_postgres
def test_a_disabled_trigger_is_named(world):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE tracker_entry DISABLE TRIGGER tracker_entry_no_update")
    (one,) = world.verify(domain=False).differences
    assert "The trigger tracker_entry_no_update is missing, switched off or altered" in one.sentence


def test_a_dropped_trigger_is_named(world):
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("DROP TRIGGER leaf_without_a_gap ON tracker_leaf")
    else:
        sql("DROP TRIGGER leaf_without_a_gap")
    (one,) = world.verify(domain=False).differences
    assert "The trigger leaf_without_a_gap" in one.sentence


# --- No fault -------------------------------------------------------------------------------


def test_a_clock_that_went_back_is_a_remark_and_no_difference(world, monkeypatch):
    from tracker.shared.clock import database_now

    earlier = database_now() - timedelta(hours=2)
    for module in ("recording", "checkpointing"):
        monkeypatch.setattr(f"tracker.journal.actions.{module}.database_now", lambda: earlier)
    waiting()
    assert world.pipeline.round().signed == world.size + 1
    verdict = world.verify(domain=False)
    assert verdict.differences == []
    said = " ".join(verdict.remarks)
    assert "1 entries state a time more than a minute before" in said
    assert f"The checkpoint of {world.size + 1} entries states an earlier time" in said


def test_an_entry_that_waits_for_long_is_a_remark(world, monkeypatch):
    from tracker.shared.clock import database_now

    earlier = database_now() - timedelta(hours=2)
    monkeypatch.setattr("tracker.journal.actions.recording.database_now", lambda: earlier)
    waiting()
    verdict = world.verify(domain=False)
    assert verdict.differences == []
    assert "1 entries have waited for their place" in verdict.remarks[0]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "table, column",
    [
        *(("entry", c) for c in ("kind", "op", "rev", "actor", "at", "body", "leaf", "record")),
        *(("leaf", c) for c in ("entry_id", "hash")),
        *(("tile", c) for c in ("row", "above", "level", "number")),
        *(("checkpoint", c) for c in ("root", "note", "at")),
    ],
)
@pytest.mark.parametrize("rubbish", ["'rubbish'", "x'ff00'", "9e99", "-1"])
@on_sqlite
def test_rubbish_of_any_type_in_any_column_is_a_difference(world, table, column, rubbish):
    """SQLite keeps anything anywhere; whoever writes rubbish into a column hides nothing by it."""
    with lifted():
        sql("PRAGMA ignore_check_constraints = ON")
        last = f"SELECT MAX(rowid) FROM tracker_{table}"
        sql(f"UPDATE tracker_{table} SET {column} = {rubbish} WHERE rowid = ({last})")
        sql("PRAGMA ignore_check_constraints = OFF")
    if (table, column) != ("checkpoint", "at"):  # nothing vouches for it: a remark at most
        assert not world.verify(domain=False).holds
    else:
        world.verify(domain=False)
