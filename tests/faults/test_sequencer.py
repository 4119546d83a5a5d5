"""A round of the journal's pipeline is killed (-9) between any two of its steps: the next round repairs everything."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]

# What a killed round leaves behind: places, waiting entries, the signer's mark, the kept and the published checkpoint.
NOTHING_NEW = (300, 300, 300, 300, 300)
PLACED = (600, 0, 300, 300, 300)
MARKED = (600, 0, 600, 300, 300)
KEPT = (600, 0, 600, 600, 300)
STEPS = {
    "places given, not committed": NOTHING_NEW,
    "tiles kept, not committed": NOTHING_NEW,
    "sequenced, not signed": PLACED,
    "marked, not signed": MARKED,
    "signed, not kept": MARKED,
    "kept, not committed": MARKED,
    "kept, not witnessed": KEPT,
    "witnessed, not published": KEPT,
    "within a tile": KEPT,
    "between tiles": KEPT,
    "between tiles and checkpoint": KEPT,
    "all done": (600, 0, 600, 600, 600),
}


def environment(folder):
    return os.environ | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'tracker.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "JOURNAL_ORIGIN": "countersign.example/journal/log",
        "JOURNAL_EMBEDDED": "0",
    }


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty database file, made once."""
    folder = tmp_path_factory.mktemp("empty")
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(folder), check=True)
    return folder / "tracker.sqlite3"


@pytest.mark.parametrize("step", STEPS)
def test_a_round_that_was_killed_is_repaired_by_the_next_one(step, empty, tmp_path):
    shutil.copy(empty, tmp_path / "tracker.sqlite3")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.dying", step],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    left = json.loads(ran.stdout)
    assert left.pop("signal") == 9
    assert tuple(left.values()) == STEPS[step]
