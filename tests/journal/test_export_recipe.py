"""The recipe in docs/ that a stranger runs: it accepts our proofs and no others."""

import base64
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from django.conf import settings as ours

from tests.journal.exporting import export, own_log, write
from tracker.journal.models import Disclosure, Entry
from tracker.journal.notes import Key

PROGRAM = Path(ours.BASE_DIR) / "docs" / "check_proof.py"
BAD = (ValueError, LookupError, TypeError, InvalidSignature)


@pytest.fixture(scope="module")
def recipe():
    spec = importlib.util.spec_from_file_location("check_proof", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(settings, tmp_path):
    own_log(settings, tmp_path / "ours")
    write(71)
    export(tmp_path / "export", "--all")
    return tmp_path / "export"


@pytest.fixture
def vkey(folder):
    return (folder / "log.vkey").read_text()


@pytest.fixture
def proof(folder):
    return (folder / "proofs/5.tlog-proof").read_text()


def with_extra(proof, change):
    """The proof with another extra: `change` takes and gives bytes."""
    lines = proof.split("\n")
    extra = base64.b64decode(lines[1].removeprefix("extra "))
    lines[1] = f"extra {base64.b64encode(change(extra)).decode()}"
    return "\n".join(lines)


def disclosures():
    entry = Entry.objects.order_by("pk")[5]
    return Disclosure.objects.get(entry=entry).values


def run(*arguments):
    command = [sys.executable, str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_accepts_every_proof_of_an_export(recipe, folder, vkey):
    for index in range(71):
        proof = (folder / f"proofs/{index}.tlog-proof").read_text()
        found = recipe.check(proof, vkey)
        entry = Entry.objects.order_by("pk")[index]
        assert found[:2] == (index, 71)
        assert found[2]["id"] == str(entry.record)
        assert found[3] == {}


def test_it_shows_the_values_that_were_disclosed(recipe, proof, vkey):
    shown = disclosures()
    one = with_extra(proof, lambda extra: extra + b"~" + shown["title"].encode())
    assert recipe.check(one, vkey)[3] == {"title": "Authority 5"}
    everything = "".join(f"~{text}" for text in shown.values()).encode()
    whole = recipe.check(with_extra(proof, lambda extra: extra + everything), vkey)
    assert set(whole[3]) == set(shown)


def test_as_a_program_it_says_what_it_found(folder, proof, tmp_path):
    path = tmp_path / "one.tlog-proof"
    shown = disclosures()["title"].encode()
    path.write_text(with_extra(proof, lambda extra: extra + b"~" + shown))
    done = run(path, folder / "log.vkey")
    assert done.returncode == 0, done.stderr
    assert "VERIFIED: entry 5 of a log that held 71" in done.stdout
    assert 'title: "Authority 5"' in done.stdout
    assert "by: (not shown)" in done.stdout


@pytest.mark.parametrize(
    "old, new, why",
    [
        ("index 5", "index 6", "not under this root"),
        ("index 5", "index 71", "not that long"),
        ("index 5", "index 05", "no number"),
        ("tlog-proof@v1", "tlog-proof@v2", "not a tlog-proof"),
        ("\n71\n", "\n72\n", "the signature is wrong"),
        ("\nextra ", "\nother ", "no entry"),
    ],
)
def test_as_a_program_it_refuses_a_changed_proof(folder, proof, tmp_path, old, new, why):
    path = tmp_path / "one.tlog-proof"
    assert old in proof
    path.write_text(proof.replace(old, new, 1))
    done = run(path, folder / "log.vkey")
    assert done.returncode == 1
    assert done.stderr.startswith("NOT VERIFIED: ")
    assert why in done.stderr


def test_it_refuses_the_key_of_another_log(recipe, proof):
    same_name = Key.make("countersign.example/journal/log").verifier.vkey
    other_name = Key.make("other.example/log").verifier.vkey
    for vkey in (same_name, other_name):
        with pytest.raises(ValueError, match="this key did not sign"):
            recipe.check(proof, vkey)


def test_it_refuses_any_changed_letter_of_the_proof(recipe, proof, vkey):
    """Only the witnesses' lines could change without harm, and there are none here."""
    for place, letter in enumerate(proof):
        other = "B" if letter != "B" else "C"
        with pytest.raises(BAD):
            recipe.check(proof[:place] + other + proof[place + 1 :], vkey)


def test_it_refuses_a_path_that_is_too_long_or_too_short(recipe, proof, vkey):
    before, blank, checkpoint = proof.partition("\n\n")
    lines = before.split("\n")
    for changed in ([*lines, lines[-1]], lines[:-1]):
        with pytest.raises(ValueError, match=r"path|root"):
            recipe.check("\n".join(changed) + blank + checkpoint, vkey)


def test_it_refuses_values_that_the_entry_does_not_hold(recipe, proof, vkey):
    own = disclosures()["title"].encode()
    stray = Disclosure.objects.get(entry=Entry.objects.order_by("pk")[6]).values["title"].encode()
    for shown in (own + b"~" + own, stray, b"", own[:-1]):
        with pytest.raises(ValueError, match="does not hold"):
            recipe.check(with_extra(proof, lambda extra, s=shown: extra + b"~" + s), vkey)
