"""Signed notes, checkpoints, cosignatures and proofs, against the specifications' own examples and their traps."""

import base64

import pytest

from tracker.journal.checkpoints import (
    Cosignature,
    Head,
    Proof,
    cosign,
    cosignatures,
    read_checkpoint,
    sign_head,
)
from tracker.journal.merkle import Reader, leaf_hash
from tracker.journal.notes import (
    COSIGNATURE,
    DASH,
    ED25519,
    BadNote,
    Key,
    Note,
    Signature,
    Verifier,
    signature,
    signed,
)
from tracker.journal.tiles import MemoryTiles

# The example of the signed-note specification.
VECTOR_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
VECTOR_TEXT = "This is an example message.\n"

ORIGIN = "journal.example.org/log"
LOG = Key(ORIGIN, ED25519, bytes(range(32)))
WITNESS = Key("witness.example.org", COSIGNATURE, bytes(range(1, 33)))
OTHER = Key("stranger.example.org", ED25519, bytes(range(2, 34)))
HEAD = Head(ORIGIN, 7, leaf_hash(b"seven"))


def grease(note):
    """Signature lines of kinds and keys that no reader knows."""
    unknown = Signature("grease.example.org", b"\xff\x00\xff\x00", b"\x00" * 11)
    same_name_other_id = Signature(ORIGIN, b"\x01\x02\x03\x04", b"\x00" * 64)
    return Note(note.text, (unknown, *note.signatures, same_name_other_id))


def test_the_vkey_of_the_specification_is_read_and_written_as_it_stands():
    verifier = Verifier.read(VECTOR_VKEY)
    assert verifier.name == "example.com/foo"
    assert verifier.id.hex() == "530d903a"
    assert verifier.vkey == VECTOR_VKEY


def test_a_note_survives_being_written_and_read():
    note = Note.read(str(signed(VECTOR_TEXT, LOG)).encode())
    assert note.text == VECTOR_TEXT
    assert note.signed_by([LOG.verifier]) == [LOG.verifier]


def test_the_text_of_a_note_may_hold_blank_lines():
    note = Note.read(str(signed("one\n\ntwo\n", LOG)))
    assert note.text == "one\n\ntwo\n"
    assert note.signed_by([LOG.verifier])


def test_unknown_signature_lines_are_ignored():
    note = grease(sign_head(HEAD, LOG))
    assert read_checkpoint(str(note), LOG.verifier)[0] == HEAD


def test_a_known_signature_that_does_not_verify_spoils_the_note():
    good = signature(VECTOR_TEXT, OTHER)
    bad = Signature(LOG.name, LOG.verifier.id, b"\x00" * 64)
    note = Note(VECTOR_TEXT, (good, bad))
    assert note.signed_by([OTHER.verifier]) == [OTHER.verifier]
    with pytest.raises(BadNote, match=r"of journal\.example\.org/log does not verify"):
        note.signed_by([OTHER.verifier, LOG.verifier])


def test_a_note_that_nobody_we_know_signed_is_refused():
    with pytest.raises(BadNote, match="No key that we know"):
        signed(VECTOR_TEXT, OTHER).signed_by([LOG.verifier])


def line(name="a", blob="AAAAAAAA"):
    return f"{DASH}{name} {blob}\n"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"text\n\n\xff\n", "not UTF-8"),
        ("te\txt\n\n" + line(), "control character"),
        ("text\n" + line(), "no signatures"),
        ("text\n\n" + line().strip(), "no signatures"),
        ("text\n\n- a AAAAAAAA\n", "reads"),
        ("text\n\n" + line(blob="AAAAAAA"), "not base64"),
        ("text\n\n" + line(blob="AAAAAAB="), "canonical"),
        ("text\n\n" + line(blob="AAAA"), "too short"),
        ("text\n\n" + line(name="a+b"), "cannot be a key's name"),
        ("text\n\n" + line() * 101, "more than 100"),
    ],
)
def test_what_is_not_a_note_is_refused_with_a_sentence(raw, says):
    with pytest.raises(BadNote, match=says):
        Note.read(raw)


@pytest.mark.parametrize(
    ("vkey", "says"),
    [
        ("example.com/foo+530d903a", r"name\+id\+key"),
        (VECTOR_VKEY.replace("530d903a", "530d903b"), "does not have the id"),
        (VECTOR_VKEY.replace("+Ae", "+Be"), "not an Ed25519 key"),
        (VECTOR_VKEY.replace("example.com/foo", "a b"), "cannot be a key's name"),
    ],
)
def test_what_is_not_a_vkey_is_refused_with_a_sentence(vkey, says):
    with pytest.raises(BadNote, match=says):
        Verifier.read(vkey)


def test_a_private_key_is_written_as_other_note_tools_do_and_read_back():
    key = Key.make(ORIGIN)
    assert key.secret.startswith(f"PRIVATE+KEY+{ORIGIN}+{key.verifier.id.hex()}+")
    assert Key.read(key.secret + "\n") == key
    with pytest.raises(BadNote):
        Key.read(key.verifier.vkey)


def test_a_checkpoint_has_three_lines():
    root = base64.b64encode(HEAD.root).decode()
    assert HEAD.text == f"{ORIGIN}\n7\n{root}\n"
    assert Head.read(HEAD.text) == HEAD
    assert Head.read(HEAD.text + "an extension\n") == HEAD


@pytest.mark.parametrize("size", ["+5", "007", "-1", "", "٣", "5 ", "1e3", str(1 << 63)])
def test_sizes_that_are_not_plain_decimals_are_refused(size):
    with pytest.raises(BadNote):
        Head.read(HEAD.text.replace("\n7\n", f"\n{size}\n"))


def test_a_root_has_32_bytes():
    with pytest.raises(BadNote, match="32 bytes"):
        Head.read(f"{ORIGIN}\n7\nAAAA\n")


def test_a_checkpoint_of_another_log_is_refused_even_when_our_key_signed_it():
    note = sign_head(Head("elsewhere.example.org", 7, HEAD.root), LOG)
    with pytest.raises(BadNote, match="of the log elsewhere"):
        read_checkpoint(str(note), LOG.verifier)


def test_a_cosignature_states_the_time_and_binds_to_it():
    note = sign_head(HEAD, LOG)
    line = cosign(note.text, WITNESS, 1_679_315_147)
    both = Note(note.text, (*note.signatures, line))
    assert cosignatures(both, [WITNESS.verifier]) == [Cosignature(WITNESS.name, 1_679_315_147)]
    assert WITNESS.verifier.holds(
        line.blob[8:], b"cosignature/v1\ntime 1679315147\n" + note.text.encode()
    )

    moved = Signature(line.name, line.id, (1_679_315_148).to_bytes(8, "big") + line.blob[8:])
    with pytest.raises(BadNote, match="cosignature of witness"):
        cosignatures(Note(note.text, (moved,)), [WITNESS.verifier])
    assert cosignatures(both, []) == []


def test_a_witness_that_signs_twice_counts_once():
    note = sign_head(HEAD, LOG)
    lines = (cosign(note.text, WITNESS, 5), cosign(note.text, WITNESS, 6))
    assert len(cosignatures(Note(note.text, lines), [WITNESS.verifier])) == 1


def test_the_logs_own_key_cannot_cosign():
    with pytest.raises(BadNote, match="not a witness's key"):
        cosign(HEAD.text, LOG, 1)


def proof_of(index, size, extra=None):
    leaves = [leaf_hash(b"%d" % i) for i in range(size)]
    read = Reader(MemoryTiles(leaves), size)
    note = sign_head(Head(ORIGIN, size, read.root()), LOG)
    return leaves, Proof(index, tuple(read.inclusion(index)), str(note), extra)


@pytest.mark.parametrize(("index", "size", "extra"), [(0, 1, None), (5, 9, b"{}"), (299, 300, b"")])
def test_a_proof_survives_being_written_and_read_and_holds(index, size, extra):
    leaves, proof = proof_of(index, size, extra)
    read = Proof.read(str(proof))
    assert read == proof
    assert read.check(leaves[index], LOG.verifier)[0].size == size
    with pytest.raises(BadNote, match=f"not number {index}"):
        read.check(leaf_hash(b"another"), LOG.verifier)


def test_a_proof_reads_as_the_specification_says():
    _, proof = proof_of(1, 2, b"{}")
    lines = str(proof).split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra e30=", "index 1"]
    assert lines[4] == ""
    assert lines[5] == ORIGIN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("proof@v1", "proof@v2"),
        ("index 1", "index 01"),
        ("index 1\n", ""),
        ("index 1\n", "index 1\nAAAA\n"),
        ("extra e30=", "extra e3="),
        ("index 1\n", "index 1\n" + (base64.b64encode(bytes(32)).decode() + "\n") * 64),
    ],
)
def test_what_is_not_a_proof_is_refused(old, new):
    _, proof = proof_of(1, 2, b"{}")
    with pytest.raises(BadNote):
        Proof.read(str(proof).replace(old, new))
