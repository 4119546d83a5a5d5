"""The journal in public: its page, its files, proofs that travel, and what hostile strangers bring to be checked."""

import hashlib
from copy import deepcopy
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile

from tests.factories import ledger, publishing
from tests.public.conftest import proof_of
from tests.public.world import SECRET_PAYEE
from tracker.journal import service
from tracker.journal.checkpoints import Head, Proof, sign_head
from tracker.journal.notes import Key, Note
from tracker.journal.verifier import unpacked
from tracker.public.journal.tiles import tile_at


def build():
    """A released payment whose payee is withheld."""
    found = ledger.make_disbursement(ledger.make_commitment(), payee=SECRET_PAYEE)
    publishing.withhold(found.program, "transaction", "payee", found.uid)
    publishing.publish(found.program)
    return found


@pytest.fixture
def payment(built, signed):
    """The payment under a signed checkpoint."""
    signed()
    return deepcopy(built)


def with_extra(text: str, change) -> str:
    proof = Proof.read(text)
    return str(Proof(proof.index, proof.path, proof.checkpoint, change(proof.extra)))


# --- The page and the log ------------------------------------------------------------


# The first test: once the payment is built, there are entries.
def test_an_empty_log_has_a_page_and_no_checkpoint(client, read):
    page = read("/journal/")
    assert "Nothing has been signed yet" in page
    assert "No key yet" in page
    assert client.get("/journal/log/checkpoint").status_code == 404


def test_without_a_witness_the_page_says_that_nobody_keeps_the_log(read, payment):
    page = read("/journal/")
    assert "nobody outside keeps this log yet" in page
    assert service.keyring().verifiers()[0].vkey in page.replace("&#x2B;", "+")


def test_a_stopped_signing_is_said_in_general_words(read, payment):
    service.stop().set("The secret cause at host db7.")
    page = read("/journal/")
    assert "Signing is stopped" in page
    assert "db7" not in page


def test_the_log_is_served_as_its_files_are(client, payment):
    answer = client.get("/journal/log/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    size = Head.read(Note.read(answer.content).text).size
    tile = client.get(f"/journal/log/tile/0/000.p/{size}")
    assert (len(tile.content), tile["Content-Type"]) == (32 * size, "application/octet-stream")
    assert "immutable" in tile["Cache-Control"]
    again = client.get(f"/journal/log/tile/0/000.p/{size}", headers={"if-none-match": tile["ETag"]})
    assert again.status_code == 304
    assert client.head("/journal/log/checkpoint").status_code == 200


def test_a_partial_tile_that_was_not_published_is_cut_from_the_full_one(client, payment):
    tile = service.publication().folder / "tile/0/007"
    tile.write_bytes(bytes(range(256)) * 32)
    assert client.get("/journal/log/tile/0/007.p/3").content == tile.read_bytes()[:96]


@pytest.mark.parametrize(
    "path",
    ["0/0", "0/0000", "0/x000/001", "0/1234", "64/000", "00/000", "0/000.p/0", "0/000.p/256",
     "0/000.p/007", "0/../checkpoint", "0/000/", "-1/000", "0/٠٠٠", "0/x1/000"],
)  # fmt: skip
def test_only_the_canonical_path_of_a_tile_is_one(client, path):
    assert tile_at(path) is None
    assert client.get(f"/journal/log/tile/{path}").status_code == 404


def test_bundles_of_entries_are_not_served_and_the_reason_is_given(client):
    answer = client.get("/journal/log/tile/entries/000")
    assert (answer.status_code, "with the release of its record" in answer.content.decode()) == (
        404,
        True,
    )


# --- Proofs of rows --------------------------------------------------------------------


def test_the_proof_of_a_row_tells_what_the_release_states_and_nothing_else(client, read, payment):
    text = proof_of(client, f"/journal/records/{payment.uid}")
    _, told = unpacked(Proof.read(text).extra)
    assert told["amount"] == payment.amount.plain
    assert not {"payee", "at", "by", "version", "import_key"} & set(told)
    page = read(f"/journal/records/{payment.uid}/")
    assert SECRET_PAYEE not in page
    assert "<b>withheld</b>" in page and "The proof holds" in page
    assert f">{payment.fiscal_year}<" in page  # a year, not an amount


def without_question(answer) -> bytes:
    asked = answer.request["QUERY_STRING"].removeprefix("what=").encode()
    return answer.content.replace(asked or b"-", b"")


def test_unknown_and_unreleased_records_answer_alike(client, payment, count_queries):
    hidden = ledger.make_commitment()
    for address in (
        "/journal/records/{}/",
        "/journal/records/{}.tlog-proof",
        "/journal/verify/?what={}",
    ):
        there, nowhere = (client.get(address.format(uid)) for uid in (hidden.uid, uuid4()))
        assert there.status_code == nowhere.status_code
        assert without_question(there) == without_question(nowhere)
        costs = {
            count_queries(lambda a=address, u=uid: client.get(a.format(u)))
            for uid in (hidden.uid, uuid4())
        }
        assert costs == {1}


# --- Files ----------------------------------------------------------------------------


def test_a_data_file_holds_with_its_proof_and_by_its_digest_alone(client, verify, payment):
    address = f"/programs/{payment.program.uid}/transactions.csv"
    raw = b"".join(client.get(address))
    proof = proof_of(client, address)
    for brought in ((raw, proof), (proof, raw), (raw,)):
        assert "byte for byte what was published" in verify(*brought)
    digest = hashlib.sha256(raw).hexdigest()
    assert "byte for byte" in client.get(f"/journal/verify/?what={digest}").content.decode()
    assert "but not for this file" in verify(raw + b"x", proof)
    assert "were not published here" in verify(raw + b"x")


def test_a_report_is_the_same_bytes_every_time_and_has_its_proof(client, verify, signed):
    report = publishing.make_report_at("published")
    assert client.get(f"/reports/{report.uid}/report.json.tlog-proof").status_code == 404
    signed()
    first, second = (client.get(f"/reports/{report.uid}/report.json").content for _ in "12")
    assert first == second
    assert "byte for byte" in verify(first, proof_of(client, f"/reports/{report.uid}/report.json"))


# --- Hostile proofs and checkpoints ------------------------------------------------------


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda extra: extra.replace(b'"rev":1', b'"rev":2'), "does not lead from this entry"),
        (lambda extra: extra + b"~" + extra.split(b"~")[1], "told twice"),
        (lambda extra: extra + b"~WyJzYWx0Iiwi", "does not commit to"),
        (lambda extra: b"~".join([*extra.split(b"~")[:1], *extra.split(b"~")[:0:-1]]), "order of their fields"),
        (lambda extra: b"{}", "form of an entry"),
        (lambda extra: b"\xff\x00", "not JSON"),
        (lambda extra: b"[" * 60000, "not JSON"),
    ],
)  # fmt: skip
def test_a_forged_proof_does_not_hold_and_the_cause_is_said(client, verify, payment, change, said):
    text = proof_of(client, f"/journal/records/{payment.uid}")
    page = verify(with_extra(text, change))
    assert "It does not hold" in page
    assert said in page


def test_a_proof_of_another_log_does_not_hold(client, verify, payment):
    text = proof_of(client, f"/journal/records/{payment.uid}")
    proof = Proof.read(text)
    head = Head.read(Note.read(proof.checkpoint).text)
    foreign = sign_head(head, Key.make(head.origin))
    assert "No key that we know signed this" in verify(
        str(Proof(proof.index, proof.path, str(foreign), proof.extra))
    )


def test_a_kept_checkpoint_is_compared_and_a_strange_signature_beside_ours_ignored(verify, payment):
    kept = service.publication().checkpoint()
    assert "The checkpoint is ours" in verify(kept)
    grease = sign_head(Head.read(Note.read(kept).text), Key.make("grease.example")).signatures[0]
    assert "The checkpoint is ours" in verify(kept + grease.line)


def test_a_known_signature_that_is_bad_spoils_the_checkpoint(verify, payment):
    kept = service.publication().checkpoint()
    lines = kept.split("\n")
    lines[1] = str(int(lines[1]) + 1)
    assert "does not verify" in verify("\n".join(lines))


@pytest.mark.parametrize("more", [0, 5])
def test_a_checkpoint_that_we_signed_and_do_not_hold_raises_the_alarm(verify, payment, more):
    head = service.publication().head()
    (key,) = service.keyring().signing()
    fork = sign_head(Head(head.origin, head.size + more, b"\1" * 32), key)
    page = verify(str(fork))
    assert "This must not happen" in page
    assert "was signed by us, but is not in our log" in page


def test_what_cannot_be_checked_is_said_in_a_sentence(client, verify):
    assert "The file is empty" in verify(b"")
    assert "Nothing to check" in verify()
    assert "neither an identifier" in client.get("/journal/verify/?what=%00x").content.decode()
    assert "is not text" in verify(b"c2sp.org/tlog-proof@v1\n\xff")
    large = client.post(
        "/journal/verify/", {"file": ContentFile(b"x" * (5 * 1024 * 1024 + 1), "x")}
    )
    assert (large.status_code, "larger than 5 MB" in large.content.decode()) == (413, True)
