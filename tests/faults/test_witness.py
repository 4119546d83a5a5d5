"""A witness that dies between check and answer never vouches for two histories."""

import subprocess
import sys
import time

import pytest

from tests.journal.test_witness import LOG, NAME, Tree
from tracker.journal.checkpoints import read_checkpoint
from tracker.journal.witness.keeper import Keeper, key_in

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("after", ["the check", "the record"])
def test_a_witness_killed_on_the_way_cosigns_one_history_only(tmp_path, after):
    key = key_in(tmp_path, "audit.example/w1")
    keeper = Keeper(tmp_path, key, [LOG.verifier], time.time)
    body = tmp_path / "body"
    body.write_bytes(Tree(4).grown_from(0))
    at = "cosign" if after == "the check" else "Reply"
    child = f"""
import os, signal, sys, time
from pathlib import Path
from tracker.journal.notes import Verifier
from tracker.journal.witness import keeper as room
folder = Path({str(tmp_path)!r})
found = room.Keeper(
    folder, room.key_in(folder, "audit.example/w1"), [Verifier.read({LOG.verifier.vkey!r})], time.time
)
room.{at} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
found.add_checkpoint(Path({str(body)!r}).read_bytes())
"""
    died = subprocess.run([sys.executable, "-c", child], check=False)
    assert died.returncode == -9

    first = keeper.kept(NAME)
    fork = keeper.add_checkpoint(Tree(4, b"x").grown_from(0))
    if after == "the check":
        assert first.status == 404  # nothing was said, nothing is remembered
        assert fork.status == 200
    else:
        assert read_checkpoint(first.body, LOG.verifier)[0] == Tree(4).head
        assert fork.status == 409
        assert keeper.add_checkpoint(Tree(4, b"x").grown_from(4)).status == 422
