"""What a verification says, against whom, and what it leaves alone."""

import io
import json
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.journal.verifying import forge
from tracker.journal import log
from tracker.journal.actions import keep_cosignatures
from tracker.journal.checkpoints import Cosignature, Head, cosign, sign_head
from tracker.journal.merkle import Reader, leaf_hash
from tracker.journal.models import Checkpoint, Entry, Leaf
from tracker.journal.notes import COSIGNATURE, Key
from tracker.journal.tiles import MemoryTiles
from tracker.journal.verification import recompute, root_of
from tracker.journal.verification.tree import Root, Row
from tracker.journal.witness.client import request
from tracker.journal.witness.keeper import Keeper, key_in
from tracker.journal.witness.policy import Policy
from tracker.journal.witness.server import Server

pytestmark = pytest.mark.thorough

# --- The tree ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 5000, 65_537])
def test_the_tree_is_recomputed_from_bytes_alone(size):
    bodies = [n.to_bytes(4, "big") for n in range(size)]
    tiles = MemoryTiles([leaf_hash(body) for body in bodies])
    wanted = sorted({0, 1, 2, 255, 256, 257, size // 2, size, size} & set(range(size + 1)))
    found = list(recompute(iter(bodies), iter(wanted)))
    roots = {one.size: one.root for one in found if isinstance(one, Root)}
    assert roots == {n: Reader(tiles, n).root() for n in wanted}
    rows = [one for one in found if isinstance(one, Row)]
    assert {(r.level, r.number): r.row for r in rows if r.above} == tiles.full
    for row in rows:
        assert row.row == tiles.tile(row.level, row.number, row.width)
    assert root_of(bodies) == Reader(tiles, size).root()


# --- Witnesses -------------------------------------------------------------------------


@contextmanager
def serving(server):
    often = {"poll_interval": 0.01}  # it ends as soon as it is told to
    thread = threading.Thread(target=server.serve_forever, kwargs=often, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def witness(world, tmp_path):
    """The small witness, which has seen the log's second checkpoint."""
    key = key_in(tmp_path / "w", "audit.example/w1")
    keeper = Keeper(tmp_path / "w", key, world.signer.keyring.verifiers(), time.time)
    second = Checkpoint.objects.order_by("size")[1]
    assert keeper.add_checkpoint(request(0, [], second.note)).status == 200
    with serving(Server(("127.0.0.1", 0), keeper)) as url:
        world.witness = keeper
        yield Policy.read(f"witness audit {key.verifier.vkey} {url}\nquorum audit")


def test_a_witness_that_saw_the_same_log_is_named_among_those_it_was_held_against(world, witness):
    verdict = world.verify(world.outside(policy=witness), domain=False)
    assert verdict.differences == []
    second = Checkpoint.objects.order_by("size")[1].size
    assert f"the witness audit ({second} entries)" in verdict.against
    assert verdict.not_compared == ["the domain tables: it was not asked for"]


def test_a_history_signed_again_is_caught_by_a_witness(world, witness):
    forge(world, world.early, "checkpoints")
    verdict = world.verify(world.alone(policy=witness))
    (fork,) = [one for one in verdict.differences if one.check == "roots"]
    assert "the witness audit states" in fork.sentence
    assert verdict.first.record == world.early.record


def test_a_witness_that_saw_more_says_that_the_database_is_older(world, witness):
    size = world.size + 5
    tiles = MemoryTiles(
        [*Leaf.objects.order_by("seq").values_list("hash", flat=True), *[bytes(32)] * 5]
    )
    tree = Reader(tiles, size)
    (key,) = world.signer.keyring.signing()
    note = str(sign_head(Head(world.signer.origin, size, tree.root()), key))
    old = Checkpoint.objects.order_by("size")[1].size
    assert world.witness.add_checkpoint(request(old, tree.consistency(old), note)).status == 200
    verdict = world.verify(world.alone(policy=witness), domain=False)
    (rollback,) = verdict.differences
    assert f"The witness audit counts {size} entries" in rollback.sentence


def test_a_witness_that_does_not_answer_is_said_and_no_difference(world):
    key = Key.make("audit.example/w1", COSIGNATURE).verifier.vkey
    policy = Policy.read(f"witness audit {key} http://127.0.0.1:9\nquorum audit")
    verdict = world.verify(world.outside(policy=policy), domain=False)
    assert verdict.holds
    assert verdict.not_compared[0].startswith("the witness audit: it did not answer")
    offline = world.verify(world.outside(policy=policy, ask=False), domain=False)
    assert offline.not_compared[0] == "witnesses: it was not asked for"


def test_cosignatures_are_verified_and_a_bad_one_is_named(world):
    key = Key.make("audit.example/w1", COSIGNATURE)
    other = Key.make("elsewhere.example/w", COSIGNATURE)
    policy = Policy.read(f"witness audit {key.verifier.vkey}\nquorum audit")
    newest = Checkpoint.objects.order_by("-size").first()
    text = newest.note.split("\n\n")[0] + "\n"
    keep_cosignatures(
        checkpoint=newest,
        seen=[(Cosignature(k.name, 1000), cosign(text, k, 1000).line) for k in (key, other)],
    )
    verdict = world.verify(world.outside(policy=policy), domain=False)
    assert verdict.holds
    assert verdict.checks["cosignatures"] == 2
    assert "1 cosignatures are of witnesses whose keys are not in the policy" in verdict.remarks[0]
    before = Checkpoint.objects.order_by("size")[1]
    keep_cosignatures(
        checkpoint=before, seen=[(Cosignature(key.name, 1000), cosign(text, key, 1000).line)]
    )
    verdict = world.verify(world.outside(policy=policy), domain=False)
    assert "The cosignature of audit.example/w1 does not verify" in verdict.first.sentence


# --- The command -------------------------------------------------------------------------


@pytest.fixture
def installed(world, settings, tmp_path):
    settings.KEYS_DIR = world.folder / "keys"
    settings.SIGNER_DIR = world.folder / "signer"
    settings.JOURNAL_DIR = world.folder / "log"
    settings.JOURNAL_POLICY = tmp_path / "none"
    return world


def run(*options) -> str:
    out = io.StringIO()
    call_command("journal_verify", *options, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_checked_and_against_whom(installed):
    said = run()
    assert f"{installed.size}  entries in the log" in said
    assert "nobody outside keeps this log yet" in said
    assert (
        f"The journal holds: {installed.size} entries in the log, held against the signer" in said
    )


def test_the_command_names_the_first_difference_and_ends_with_an_error(installed):
    entry = installed.early
    forge(installed, entry, "hash")
    with pytest.raises(CommandError) as refusal:
        run("--without-tables")
    said = str(refusal.value)
    assert said.count("\n") == 0
    assert f"The first difference: Record {entry.record} (entry {entry.pk}, place " in said
    assert refusal.value.returncode == 1


def test_the_command_lists_all_differences(installed):
    for payment in installed.payments[3:6]:
        forge(installed, Entry.objects.get(pk=payment.entry_id), "body")
    with pytest.raises(CommandError) as refusal:
        run("--all", "--without-tables")
    lines = str(refusal.value).split("\n")
    for payment in installed.payments[3:6]:
        assert any(str(payment.uid) in line for line in lines)


def test_the_list_of_differences_is_bounded_and_all_are_counted(world):
    for payment in world.payments[3:6]:
        forge(world, Entry.objects.get(pk=payment.entry_id), "body")
    verdict = world.verify(most=2, domain=False)
    assert len(verdict.differences) == 2
    assert verdict.found > 2


def test_the_command_speaks_json(installed):
    whole = json.loads(run("--json"))
    assert whole["holds"] is True
    assert whole["size"] == installed.size
    entry = installed.early
    forge(installed, entry, "hash")
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("journal_verify", "--json", "--without-tables", stdout=out)
    assert end.value.code == 1
    first = json.loads(out.getvalue())["first"]
    assert (first["record"], first["entry"]) == (str(entry.record), entry.pk)


def test_a_kept_checkpoint_and_a_key_known_from_elsewhere_are_used(installed, tmp_path):
    kept = tmp_path / "kept"
    kept.write_text(Checkpoint.objects.order_by("size").first().published)
    (key,) = installed.signer.keyring.verifiers()
    said = run("--checkpoint", kept, "--vkey", key.vkey, "--without-tables")
    assert "the checkpoint kept in kept" in said
    other = Key.make(installed.signer.origin).verifier.vkey
    with pytest.raises(CommandError, match="No key that we know signed this"):
        run("--checkpoint", kept, "--vkey", other)
    with pytest.raises(CommandError, match="verification key reads"):
        run("--vkey", "rubbish")
    kept.write_text("rubbish")
    with pytest.raises(CommandError, match="kept cannot be believed"):
        run("--checkpoint", kept)


# --- What it costs and what it leaves alone ----------------------------------------------


def test_it_writes_nothing(world):
    with CaptureQueriesContext(connection) as queries:
        assert world.verify().holds
    reads = ("SELECT", "DECLARE", "FETCH", "CLOSE")  # PostgreSQL reads through cursors
    written = [q["sql"] for q in queries if not q["sql"].lstrip("(").startswith(reads)]
    assert written == []


def test_chunks_cost_the_same_number_of_queries_however_many_rows_they_hold(world, monkeypatch):
    """Ten chunks cost ten times what one costs, and nothing is asked per entry."""

    def cost(chunk: int) -> int:
        monkeypatch.setattr("tracker.journal.verification.rows.CHUNK", chunk)
        with CaptureQueriesContext(connection) as queries:
            assert world.verify(domain=False).holds
        return len(queries)

    whole = cost(1024)
    halves = cost(world.size // 2 + 1)
    thirds = cost(world.size // 3 + 1)
    assert halves - whole == thirds - halves <= 3


def test_chunks_of_any_size_find_the_same(world, monkeypatch):
    forge(world, world.early, "place")
    for chunk in (1, 7, 255, 257):
        monkeypatch.setattr("tracker.journal.verification.rows.CHUNK", chunk)
        verdict = world.verify(domain=False)
        assert verdict.first.entry == world.early.pk


def test_entries_that_come_while_it_runs_are_no_difference(world, monkeypatch):
    """The log grows, is signed and published between two chunks."""
    from tests.journal.test_tampering import waiting
    from tracker.journal.verification import rows

    monkeypatch.setattr(rows, "CHUNK", 50)
    read = rows.entries

    def slowly(numbers, spoilt):
        waiting()
        if log.size() < world.size + 2:
            assert world.pipeline.round().said == []
        return read(numbers, spoilt)

    monkeypatch.setattr(rows, "entries", slowly)
    verdict = world.verify(domain=False)
    assert verdict.differences == []
    assert log.size() > verdict.size


def test_reading_disclosures_together_says_the_same_as_reading_each(world):
    """The quick way must accept nothing that the strict one refuses, wherever a text is cut or glued."""
    from tests.journal.verifying import b64, disclosure, values_of
    from tracker.journal.verification.entry import opened, opened_together

    values = values_of(world.early)
    assert opened_together(values) == {name: opened(text) for name, text in values.items()}
    salt = "A" * 22
    broken = [
        (b64(f'["{salt}",1],["{salt}",[[1]'.encode()), b64(f'["{salt}",3]]]'.encode())),
        (b64(f'["{salt}",1],["{salt}",2]'.encode()), disclosure(1)),
        (b64(f' ["{salt}",1]'.encode()), disclosure(1)),
        (b64(f'["{salt}",1e2]'.encode()), disclosure(1)),
        (b64(f'["{salt}",NaN]'.encode()), disclosure(1)),
        (b64(f'["{salt}",{{"b":1,"a":2}}]'.encode()), disclosure(1)),
        (b64(b"[" * 100_000), disclosure(1)),
        (b64(b"\xff"), disclosure(1)),
        ("", disclosure(1)),
    ]
    for texts in broken:
        assert opened_together(dict(zip("ab", texts, strict=True))) is None
        with pytest.raises(ValueError, match="is not base64url of canonical JSON"):
            opened(texts[0])
