"""Witnesses: the small one that others run, and how we ask them. Real servers on real ports."""

import hashlib
import http.client
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.journal.test_pipeline import write
from tracker.journal import log
from tracker.journal.checkpoints import Head, cosign, cosignatures, read_checkpoint, sign_head
from tracker.journal.merkle import EMPTY_ROOT, Reader
from tracker.journal.models import Cosignature
from tracker.journal.notes import COSIGNATURE, ED25519, Key, Note, Signature, encoded
from tracker.journal.pipeline import Pipeline, Stop, Witnessed
from tracker.journal.publication import Publication
from tracker.journal.signer import Signer
from tracker.journal.tiles import MemoryTiles
from tracker.journal.witness.client import Asking, Ours, request
from tracker.journal.witness.keeper import Keeper, key_in
from tracker.journal.witness.policy import BadPolicy, Policy
from tracker.journal.witness.server import Server

ORIGIN = "countersign.example/journal/log"
ROOT = Path(__file__).resolve().parents[2]


def known_key(name, kind=ED25519):
    """The same key in every process, so that tests have the same names in all of them."""
    return Key(name, kind, hashlib.sha256(name.encode()).digest())


LOG = known_key(ORIGIN)
NAME = hashlib.sha256(ORIGIN.encode()).hexdigest()


class Tree:
    """A log of numbered leaves; `salt` makes another history."""

    def __init__(self, size: int, salt: bytes = b"\0") -> None:
        self.reader = Reader(MemoryTiles([bytes([n]) * 31 + salt for n in range(size)]), size)
        self.head = Head(ORIGIN, size, self.reader.root())
        self.note = str(sign_head(self.head, LOG))

    def grown_from(self, old: int) -> bytes:
        return request(old, self.reader.consistency(old), self.note)


@pytest.fixture
def keeper(tmp_path):
    key = key_in(tmp_path / "w", "audit.example/w1")
    return Keeper(tmp_path / "w", key, [LOG.verifier], time.time)


# --- What the small witness answers --------------------------------------------------


def test_it_cosigns_the_first_checkpoint_and_growth(keeper):
    for old, size in ((0, 3), (3, 3), (3, 7)):
        tree = Tree(size)
        reply = keeper.add_checkpoint(tree.grown_from(old))
        assert reply.status == 200
        note = Note(tree.head.text, (Signature.read(reply.body.strip()),))
        (seen,) = cosignatures(note, [keeper.key.verifier])
        assert abs(seen.time - time.time()) < 10


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "old, proof"),
        (b"\xff\n\n", "decode"),
        (b"old x\n\n" + Tree(1).note.encode(), "not a whole number"),
        (b"old 01\n\n" + Tree(1).note.encode(), "not a whole number"),
        (b"old 0\nrubbish\n\n" + Tree(1).note.encode(), "not base64"),
        (b"old 0\n" + b"AAAA\n" * 64 + b"\n" + Tree(1).note.encode(), "more than 63"),
        (b"old 0\n\nno checkpoint", "no signatures"),
        (Tree(2).grown_from(0).replace(b"old 0", b"old 3"), "larger than the checkpoint"),
    ],
)
def test_what_is_malformed_is_answered_with_400(keeper, body, says):
    reply = keeper.add_checkpoint(body)
    assert (reply.status, says in reply.body) == (400, True), reply.body


def test_a_log_that_it_does_not_know_is_answered_with_404(keeper):
    other = Key.make("elsewhere.example/log")
    note = sign_head(Head(other.name, 0, EMPTY_ROOT), other)
    assert keeper.add_checkpoint(request(0, [], str(note))).status == 404


def test_a_checkpoint_that_the_log_did_not_sign_is_answered_with_403(keeper):
    head = Tree(2).head
    stranger = sign_head(head, Key.make(ORIGIN))
    assert keeper.add_checkpoint(request(0, [], str(stranger))).status == 403
    forged = Tree(2).note.replace(head.text, Tree(2, b"x").head.text)
    assert keeper.add_checkpoint(request(0, [], forged)).status == 403


def test_another_old_size_is_answered_with_409_and_the_one_it_knows(keeper):
    keeper.add_checkpoint(Tree(3).grown_from(0))
    reply = keeper.add_checkpoint(Tree(5).grown_from(0))
    assert (reply.status, reply.body, reply.content_type) == (409, "3\n", "text/x.tlog.size")


@pytest.mark.parametrize(
    "fork",
    [
        Tree(3, b"x").grown_from(3),
        Tree(6, b"x").grown_from(3),
        request(3, [], Tree(6).note),
        request(3, Tree(7).reader.consistency(3), Tree(6).note),
    ],
    ids=["same size", "larger", "no proof", "proof of another"],
)
def test_another_history_is_answered_with_422_and_never_cosigned(keeper, fork):
    keeper.add_checkpoint(Tree(3).grown_from(0))
    assert keeper.add_checkpoint(fork).status == 422
    assert Tree(3).note in keeper.kept(NAME).body


def test_a_proof_for_an_empty_past_is_answered_with_422(keeper):
    body = request(0, [bytes(32)], Tree(3).note)
    assert keeper.add_checkpoint(body).status == 422
    empty = sign_head(Head(ORIGIN, 0, bytes(32)), LOG)
    assert keeper.add_checkpoint(request(0, [], str(empty))).status == 422


def test_unknown_signature_lines_are_ignored(keeper):
    grease = Signature("grease.example", b"abcd", b"whatever").line
    body = request(0, [], Tree(3).note + grease)
    assert keeper.add_checkpoint(body).status == 200


def test_a_clock_that_goes_backwards_does_not_show_in_what_it_signs(tmp_path):
    times = iter([2_000_000_000, 1_000_000_000])
    key = key_in(tmp_path, "audit.example/w1")
    keeper = Keeper(tmp_path, key, [LOG.verifier], lambda: next(times))
    found = []
    for old, size in ((0, 1), (1, 2)):
        tree = Tree(size)
        line = Signature.read(keeper.add_checkpoint(tree.grown_from(old)).body.strip())
        found += cosignatures(Note(tree.head.text, (line,)), [key.verifier])
    assert [one.time for one in found] == [2_000_000_000, 2_000_000_000]


def test_what_it_keeps_can_be_read_by_everybody(keeper):
    assert keeper.kept(NAME).status == 404
    keeper.add_checkpoint(Tree(3).grown_from(0))
    kept = keeper.kept(NAME).body
    head, note = read_checkpoint(kept, LOG.verifier)
    assert head.size == 3
    assert cosignatures(note, [keeper.key.verifier])
    assert keeper.kept("0" * 64).status == 404


@pytest.mark.parametrize("theirs", ["many", "in its name"])
def test_lines_of_strangers_do_not_spoil_what_it_shows(keeper, theirs):
    keeper.add_checkpoint(Tree(3).grown_from(0))
    grease = [Signature(f"g{n}.example", b"abcd", b"rubbish").line for n in range(99)]
    ours = Signature(keeper.key.name, keeper.key.verifier.id, bytes(72)).line
    lines = "".join(grease) if theirs == "many" else ours
    assert keeper.add_checkpoint(request(3, [], Tree(3).note + lines)).status == 200
    head, note = read_checkpoint(keeper.kept(NAME).body, LOG.verifier)
    assert head.size == 3
    assert cosignatures(note, [keeper.key.verifier])


def test_a_key_without_its_memory_is_refused(keeper):
    keeper.add_checkpoint(Tree(3).grown_from(0))
    keeper.file.unlink()
    with pytest.raises(ValueError, match="is missing beside the key"):
        Keeper(keeper.file.parent, keeper.key, [LOG.verifier], time.time)


def test_a_key_that_others_can_read_is_refused(tmp_path):
    key_in(tmp_path, "audit.example/w1")
    (tmp_path / "witness.key").chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        key_in(tmp_path, "audit.example/w1")


def test_many_at_once_get_one_history(keeper):
    """Twenty forks of the same size: one is cosigned, and it is the one that is kept."""
    forks = [Tree(4, bytes([n])) for n in range(20)]
    replies = [None] * len(forks)

    def ask(place):
        replies[place] = keeper.add_checkpoint(forks[place].grown_from(0)).status

    threads = [threading.Thread(target=ask, args=[n]) for n in range(len(forks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies.count(200) == 1
    assert replies.count(409) == len(forks) - 1
    assert forks[replies.index(200)].note in keeper.kept(NAME).body


def test_its_key_is_its_own_and_readable_by_it_alone(tmp_path):
    key = key_in(tmp_path, "audit.example/w1")
    assert key_in(tmp_path, "audit.example/w1") == key
    assert (tmp_path / "witness.key").stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match=r"holds the key of audit\.example/w1"):
        key_in(tmp_path, "other")


# --- On HTTP --------------------------------------------------------------------------


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def plainly(url, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_over_http_it_answers_posts_reads_and_refuses_the_rest(keeper):
    with serving(Server(("127.0.0.1", 0), keeper)) as url:
        assert plainly(url, "POST", "/add-checkpoint", Tree(3).grown_from(0))[0] == 200
        status, kept = plainly(url, "GET", f"/{NAME}/checkpoint")
        assert (status, Tree(3).note.encode() in kept) == (200, True)
        assert plainly(url, "GET", "/")[1].decode().strip() == keeper.key.verifier.vkey
        assert plainly(url, "GET", "/elsewhere")[0] == 404
        assert plainly(url, "POST", "/elsewhere", b"x")[0] == 404
        assert plainly(url, "POST", "/add-checkpoint", b"x" * (256 * 1024 + 1))[0] == 413
        for length in ("many", "9" * 5000):
            unstated = {"Content-Length": length}
            assert plainly(url, "POST", "/add-checkpoint", None, unstated)[0] == 411


# --- Our side ---------------------------------------------------------------------------


def policy_of(*witnesses, quorum="all"):
    lines = [f"witness w{n} {key.verifier.vkey} {url}" for n, (key, url) in enumerate(witnesses)]
    names = " ".join(f"w{n}" for n in range(len(witnesses)))
    return Policy.read("\n".join([*lines, f"group g {quorum} {names}", "quorum g"]))


def ask(policy, tree, known=None, timeout=0.5):
    ours = Ours(
        [LOG.verifier],
        tree.head.size,
        lambda n: Reader(tree.reader.tiles, n).root(),
        tree.reader.consistency,
    )
    return Asking(policy, tree.note, tree.head, ours, timeout).ask(known or {})


def test_a_witness_gives_us_its_cosignature(keeper):
    with serving(Server(("127.0.0.1", 0), keeper)) as url:
        policy = policy_of((keeper.key, url))
        outcome = ask(policy, Tree(3))
        assert (outcome.cosigned, outcome.said, outcome.stop) == (["w0"], [], None)
        ((seen, line),) = outcome.lines
        assert seen.witness == "audit.example/w1"
        assert cosignatures(Note.read(Tree(3).note + line), [keeper.key.verifier]) == [seen]
        assert policy.met(outcome.cosigned)


def test_after_a_409_we_try_again_from_the_size_it_knows(keeper):
    keeper.add_checkpoint(Tree(3).grown_from(0))
    with serving(Server(("127.0.0.1", 0), keeper)) as url:
        outcome = ask(policy_of((keeper.key, url)), Tree(7))  # we forgot that it saw 3
    assert (outcome.cosigned, outcome.said) == (["w0"], [])


def test_a_witness_that_saw_more_than_we_have_stops_us(keeper):
    keeper.add_checkpoint(Tree(7).grown_from(0))
    with serving(Server(("127.0.0.1", 0), keeper)) as url:
        outcome = ask(policy_of((keeper.key, url)), Tree(3))
    assert "keeps a checkpoint of ours with 7 entries, and the log has 3" in outcome.stop
    assert outcome.cosigned == []


@pytest.mark.parametrize("size", [3, 5])
def test_a_witness_that_saw_another_history_stops_us(keeper, size):
    keeper.add_checkpoint(Tree(3, b"x").grown_from(0))
    with serving(Server(("127.0.0.1", 0), keeper)) as url:
        outcome = ask(policy_of((keeper.key, url)), Tree(size), {"w0": 3})
    assert "3 entries and another root" in outcome.stop


class Liar(BaseHTTPRequestHandler):
    """Answers with what it was given: status, headers, body; or trickles."""

    answer = (200, "text/plain", b"")
    kept = (404, b"")
    trickle = False

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self._give(*self.answer)

    def do_GET(self):
        self._give(self.kept[0], "text/plain", self.kept[1])

    def _give(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if self.trickle:
            self.end_headers()
            for _ in range(100):
                time.sleep(0.05)
                try:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                except OSError:
                    return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


W = known_key("w.example", COSIGNATURE)


def lying(**says):
    return serving(ThreadingHTTPServer(("127.0.0.1", 0), type("It", (Liar,), says)))


def _line(tree, key=W, **changed):
    return cosign(changed.get("text", tree.head.text), key, changed.get("time", 1)).line.encode()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((200, "text/plain", b""), "without a cosignature"),
        ((200, "text/plain", b"rubbish\n"), "signature line reads"),
        ((200, "text/plain", b"\xff"), "not text"),
        ((200, "text/plain", _line(Tree(3), text=Tree(4).head.text)), "does not verify"),
        ((200, "text/plain", _line(Tree(3), Key.make("w.example", COSIGNATURE))), "without a cos"),
        ((200, "text/plain", b"x" * 70_000), "more than 65536 bytes"),
        ((200, "text/plain", _line(Tree(3), time=(1 << 63) + 5)), "no time that can be"),
        ((200, "text/plain", _line(Tree(3), time=1 << 62)), "more than a day ahead"),
        ((302, "text/plain", b""), "refuses our checkpoint (302)"),
        ((500, "text/plain", b"oops"), "refuses our checkpoint (500)"),
        ((409, "text/x.tlog.size", b"-1\n"), "not a whole number"),
        ((409, "text/x.tlog.size", b"2\n"), "refuses our checkpoint (409)"),
        ((409, "text/html", b"2"), "refuses our checkpoint (409)"),
        ((409, "text/x.tlog.size", b"99\n"), "shows no checkpoint of ours"),
        ((422, "text/plain", b"no"), "shows no checkpoint of ours"),
    ],
)
def test_a_witness_that_lies_is_reported_and_spoils_nothing(keeper, answer, says):
    with serving(Server(("127.0.0.1", 0), keeper)) as good, lying(answer=answer) as bad:
        policy = policy_of((W, bad), (keeper.key, good), quorum="1")
        outcome = ask(policy, Tree(3))
    assert any(says in sentence for sentence in outcome.said), outcome.said
    assert outcome.cosigned == ["w1"]
    assert outcome.stop is None
    assert policy.met(outcome.cosigned)


def test_a_checkpoint_that_we_did_not_sign_stops_nobody():
    forged = str(sign_head(Tree(9).head, Key.make(ORIGIN))).encode()
    with lying(answer=(422, "text/plain", b""), kept=(200, forged)) as bad:
        outcome = ask(policy_of((W, bad)), Tree(3))
    assert outcome.stop is None
    assert any("No key that we know signed this" in sentence for sentence in outcome.said)


def test_a_slow_witness_has_one_deadline_for_all_its_bytes():
    with lying(trickle=True) as slow:
        start = time.monotonic()
        outcome = ask(policy_of((W, slow)), Tree(3), timeout=0.3)
        assert time.monotonic() - start < 2
    assert "did not answer within 0.3 s" in outcome.said[0]


def test_a_witness_that_is_down_is_said_and_the_quorum_decides():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    policy = policy_of((W, f"http://127.0.0.1:{port}"))
    outcome = ask(policy, Tree(3))
    assert "did not answer" in outcome.said[0]
    assert not policy.met(outcome.cosigned)


# --- The policy -------------------------------------------------------------------------

_KEYS = [known_key(f"{n}.example", COSIGNATURE) for n in "abcd"]
_A, _B, _C, _D = (key.verifier.vkey for key in _KEYS)
_TWIN = Key("twin.example", COSIGNATURE, _KEYS[0].seed).verifier.vkey
_HEAD = f"log {LOG.verifier.vkey}\n# a comment\nwitness a {_A} https://a.example/\nwitness b {_B}\nwitness c {_C}\n"


@pytest.mark.parametrize(
    ("tail", "cosigned", "met"),
    [
        ("quorum none", [], True),
        ("quorum a", ["b"], False),
        ("quorum a", ["a"], True),
        ("group g 2 a b c\nquorum g", ["a"], False),
        ("group g 2 a b c\nquorum g", ["a", "c"], True),
        ("group g any a b\nquorum g", ["b"], True),
        ("group g all a b\nquorum g", ["b"], False),
        ("group g any a b\ngroup h all g c\nquorum h", ["a", "b"], False),
        ("group g any a b\ngroup h all g c\nquorum h", ["b", "c"], True),
    ],
)
def test_a_policy_says_whose_cosignatures_suffice(tail, cosigned, met):
    assert Policy.read(_HEAD + tail).met(cosigned) is met


@pytest.mark.parametrize(
    ("tail", "says"),
    [
        ("", "has no quorum line"),
        ("quorum d", "Line 6 .* d was not declared"),
        ("quorum a\nquorum b", "one quorum"),
        ("group g 4 a b c\nquorum g", "cannot be met"),
        ("group g 0 a b\nquorum g", "cannot be met"),
        ("group g ² a b\nquorum g", "cannot be met"),
        ("group g any g a\nquorum g", "g was not declared"),
        ("group g any a a\nquorum g", "a is a member already"),
        ("group g any a b\ngroup h any a c\nquorum h", "a is a member already"),
        ("group g 01 a b\nquorum g", "cannot be met"),
        (f"log {LOG.verifier.vkey}\nquorum none", "stands here twice"),
        (f"witness d {_TWIN}\nquorum d", "one key, one voice"),
        ("quorum\u00a0a", "none of log, witness"),
        (f"witness d {_D} http://d:99999\nquorum d", "not the address"),
        (
            "".join(f"group g{n} any {'a' if n == 0 else f'g{n - 1}'}\n" for n in range(120)),
            "at most 100",
        ),
        ("group a any b\nquorum a", "the name a is taken"),
        ("group none any b\nquorum none", "the name none is taken"),
        (f"witness d {_A}\nquorum d", "stands here twice"),
        (f"witness d {LOG.verifier.vkey}\nquorum d", "is not a witness's key"),
        (f"log {_A}\nquorum a", "is not a log's key"),
        (f"witness d {_C[:-4]}AAA=\nquorum d", "Line 6"),
        ("witness d ftp", "Line 6"),
        (f"witness d {_D} ftp://d\nquorum d", "not the address"),
        ("quorums a", "none of log, witness"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_with_its_line(tail, says):
    with pytest.raises(BadPolicy, match=says):
        Policy.read(_HEAD + tail)


# --- The whole way ----------------------------------------------------------------------


@contextmanager
def second_process(folder, *vkeys):
    """`manage.py journal_witness` as an audit office runs it."""
    logs = [word for vkey in vkeys for word in ("--log", vkey)]
    command = [sys.executable, "manage.py", "journal_witness", "--folder", str(folder)]
    command += ["--name", "audit.example/w1", "--listen", "127.0.0.1:0", *logs]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        vkey = process.stdout.readline().strip()
        yield vkey, "http://" + process.stdout.readline().split(" on ")[1].strip()
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.fixture
def pipeline(tmp_path, settings):
    from tracker.journal import service

    settings.JOURNAL_POLICY = tmp_path / "policy"
    settings.KEYS_DIR, settings.SIGNER_DIR = tmp_path / "keys", tmp_path / "signer"
    settings.JOURNAL_DIR = tmp_path / "log"
    return service.pipeline()


@pytest.mark.thorough
def test_a_witness_in_its_own_process_refuses_a_fork_and_we_stop_and_say_why(
    pipeline, tmp_path, settings
):
    (vkey,) = [key.verifier.vkey for key in pipeline.signer.keyring.signing()]
    with second_process(tmp_path / "office", vkey) as (witness, url):
        settings.JOURNAL_POLICY.write_text(f"witness office {witness} {url}\nquorum office\n")
        write(3)
        assert pipeline.round().published == 3
        assert witness.split("+")[0] in pipeline.publication.checkpoint()
        assert Cosignature.objects.get().checkpoint_id == 3

        # Somebody shows the witness another history, signed with the log's own key.
        (key,) = pipeline.signer.keyring.signing()
        fork = Tree(9, b"x")
        note = sign_head(fork.head, key)
        body = request(3, fork.reader.consistency(3), str(note))
        assert plainly(url, "POST", "/add-checkpoint", body)[0] == 422

        # And an older memory of ours, in which the witness's three entries are others.
        signer = Signer(pipeline.signer.keyring, tmp_path / "fresh")
        other = Pipeline(signer, Publication(tmp_path / "other"), Stop(tmp_path / "fresh"))
        other.ask = pipeline.ask
        _another_history()
        (said,) = other.round().said[-1:]
        assert "Signing is stopped: office keeps a checkpoint of ours with 3 entries" in said
        assert other.publication.checkpoint() is None
        write(1)
        assert "Signing is stopped" in other.round().said[-1]


def _another_history():
    """As if the first entry had never been: what only an insider with the database and the key can do."""
    from django.db import connection

    from tracker.shared import triggers

    triggers.drop()
    with connection.cursor() as cursor:
        for table in ("cosignature", "checkpoint"):
            cursor.execute(f"DELETE FROM tracker_{table}")
        cursor.execute("UPDATE tracker_leaf SET hash = %s WHERE seq = 0", [b"\1" * 32])
    connection.check_constraints()
    triggers.install()


def test_a_quorum_that_is_not_met_publishes_nothing_and_is_met_later(pipeline, keeper, settings):
    settings.JOURNAL_POLICY.write_text(
        f"witness office {keeper.key.verifier.vkey} http://127.0.0.1:9\nquorum office\n"
    )
    keeper.logs = {ORIGIN: [key.verifier for key in pipeline.signer.keyring.signing()]}
    write(2)
    report = pipeline.round()
    assert (report.signed, report.published) == (2, None)
    assert "Too few witnesses answered" in report.said[-1]
    with serving(Server(("127.0.0.1", 0), keeper)) as url:
        settings.JOURNAL_POLICY.write_text(
            f"witness office {keeper.key.verifier.vkey} {url}\nquorum office\n"
        )
        assert pipeline.round().published == 2
        assert pipeline.round().published == 2  # asked once: it has cosigned this one
    assert log.cosigned_sizes() == {"audit.example/w1": 2}


def test_nobody_is_asked_without_a_policy(pipeline):
    write(1)
    report = pipeline.round()
    assert (report.published, report.said) == (1, [])
    assert pipeline.ask("", Head(ORIGIN, 1, bytes(32))) == Witnessed()


def test_the_command_prints_its_key_and_refuses_what_it_cannot_use(tmp_path, capsys):
    common = {"folder": tmp_path / "w", "name": "audit.example/w1"}
    call_command("journal_witness", print_key=True, **common)
    printed = capsys.readouterr().out.strip()
    assert printed.startswith("audit.example/w1+")
    for more, says in (
        ({}, "Name the log to keep"),
        ({"log": ["rubbish"]}, "reads name"),
        ({"log": [printed]}, "Name the log to keep"),
        ({"log": [LOG.verifier.vkey], "listen": "nowhere"}, "cannot be listened on"),
        ({"name": "other", "print_key": True}, "holds the key of"),
    ):
        with pytest.raises(CommandError, match=says):
            call_command("journal_witness", **common | more)


def test_the_lines_we_send_are_those_of_the_specification():
    tree = Tree(5)
    proof = tree.reader.consistency(3)
    expected = "old 3\n" + "".join(encoded(h) + "\n" for h in proof) + "\n" + tree.note
    assert tree.grown_from(3).decode() == expected
