"""Several signers with one memory: never two heads for one size."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tracker.journal.checkpoints import Head
from tracker.journal.signer import Keyring, Mark, Signer, WillNotSign

pytestmark = pytest.mark.concurrency
ORIGIN = "countersign.example/journal/log"
SIGNERS = 8


def sign_at_once(folder, heads):
    """Each head is brought to a signer of its own, all from the same moment; the roots that were signed."""
    start = Barrier(len(heads))
    Keyring(folder / "keys", ORIGIN).signing()

    def run(head):
        signer = Signer(Keyring(folder / "keys", ORIGIN), folder / "signer")
        start.wait(timeout=60)
        try:
            signer.sign(head, [], fresh=True)
        except WillNotSign:
            return None
        return head.root

    with ThreadPoolExecutor(len(heads)) as pool:
        return [root for root in pool.map(run, heads) if root is not None]


@pytest.mark.parametrize("attempt", range(10))
def test_signers_at_once_sign_one_head_of_a_size(attempt, tmp_path):
    heads = [Head(ORIGIN, 5, secrets.token_bytes(32)) for _ in range(SIGNERS)]

    signed = sign_at_once(tmp_path, heads)

    assert len(signed) == 1
    assert Signer(Keyring(tmp_path / "keys", ORIGIN), tmp_path / "signer").mark() == Mark(
        5, signed[0]
    )


def test_signers_at_once_all_sign_the_same_head(tmp_path):
    head = Head(ORIGIN, 5, secrets.token_bytes(32))

    assert sign_at_once(tmp_path, [head] * SIGNERS) == [head.root] * SIGNERS


def test_without_the_lock_they_would_sign_several(tmp_path, monkeypatch):
    """The race is a real one: this test fails when the others prove nothing."""
    from contextlib import nullcontext

    monkeypatch.setattr(Signer, "_alone", lambda signer: nullcontext())
    for attempt in range(20):
        heads = [Head(ORIGIN, 5, secrets.token_bytes(32)) for _ in range(SIGNERS)]
        if len(sign_at_once(tmp_path / str(attempt), heads)) > 1:
            return
    pytest.fail("Nobody was ever overtaken.")
