"""An export verifies, byte for byte, with tlog and note implementations that we did not write; a changed one does not."""

import shutil

import pytest

from tests.journal.exporting import export, own_log, write
from tests.judges import ask, build_go_judge, rust
from tracker.demo import load
from tracker.journal import export as exporting
from tracker.journal.actions import keep_cosignatures
from tracker.journal.checkpoints import cosign, cosignatures
from tracker.journal.models import Checkpoint, Entry
from tracker.journal.notes import COSIGNATURE, Key, Note


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    return build_go_judge(tmp_path_factory.mktemp("judge"))


@pytest.fixture
def service(settings, tmp_path):
    return own_log(settings, tmp_path / "ours")


def grow_and_judge(judge, tmp_path, sizes):
    """One log that grows through the sizes, exported and judged at each."""
    there = 0
    for checkpoints, size in enumerate(sizes, start=1):
        write(size - there)
        there = size
        folder = tmp_path / f"at-{size}"
        export(folder, "--all", "--disclosures", "--proofs", "200")
        code, said = ask(judge, folder)
        assert code == 0, said
        assert f"verified: size {size}," in said
        assert f"entries {size}, checkpoints {checkpoints}," in said
        assert f"proofs {min(size, 200)}, cosignatures 0, disclosures {size}" in said
        links = checkpoints - 1 + (checkpoints > 2)
        assert rust.judge(folder) == (checkpoints, links, min(size, 200))
        shutil.rmtree(folder)


@pytest.mark.thorough
@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513])
def test_a_log_of_any_size_verifies(judge, tmp_path, service, size):
    grow_and_judge(judge, tmp_path, [size])


@pytest.mark.thorough
def test_a_log_verifies_as_it_grows(judge, tmp_path, service):
    grow_and_judge(judge, tmp_path, [1, 2, 255, 256, 257, 511, 512, 513])


@pytest.mark.faults
def test_a_log_verifies_as_it_grows_over_the_second_level_of_tiles(judge, tmp_path, service):
    grow_and_judge(judge, tmp_path, [65_535, 65_536, 65_537, 70_000])


@pytest.mark.faults
def test_the_demo_verifies_and_so_it_does_after_20_000_further_events(judge, tmp_path, service):
    load.everything(say=lambda sentence: None)
    events = Entry.objects.count()
    assert events > 300
    for rounds in (0, 20):
        for _ in range(rounds):
            write(1000)
            service.bring_up_to_date()
        folder = tmp_path / f"after-{rounds}"
        export(folder, "--all", "--disclosures")
        code, said = ask(judge, folder)
        assert code == 0, said
        assert f"entries {Entry.objects.count()}," in said
        assert rust.judge(folder)[2] == min(Entry.objects.count(), 1000)
    assert Entry.objects.count() == events + 20_000


def test_a_public_export_verifies_too(judge, tmp_path, service):
    write(2)
    service.bring_up_to_date()
    write(298)
    export(tmp_path / "export")
    assert ask(judge, tmp_path / "export") == (
        0,
        "verified: size 300, tiles 3, entries 0, checkpoints 2, consistency 1, proofs 0, "
        "cosignatures 0, disclosures 0",
    )


def test_keys_that_rotated_and_witnesses_verify(judge, tmp_path, service):
    witness = Key.make("witness.example/one", COSIGNATURE)
    write(3)
    service.bring_up_to_date()
    service.keyring().add()
    write(2)
    service.bring_up_to_date()
    service.keyring().retire_all_but_newest(5)
    write(1)
    service.bring_up_to_date()
    for kept in Checkpoint.objects.all():
        line = cosign(Note.read(kept.note).text, witness, 1_700_000_000)
        note = Note.read(kept.note + line.line)
        seen = [(one, line.line) for one in cosignatures(note, [witness.verifier])]
        keep_cosignatures(checkpoint=kept, seen=seen)
    folder = tmp_path / "export"
    exporting.export(
        folder=folder,
        content=exporting.Content(),
        witnesses=[witness.verifier],
        say=lambda sentence: None,
    )
    code, said = ask(judge, folder)
    assert code == 0, said
    assert "checkpoints 3" in said
    assert "cosignatures 4" in said  # log/checkpoint, and each of checkpoints/

    retired = folder / "log-2.retired-at-5.vkey"
    retired.rename(folder / "log-2.retired-at-2.vkey")  # before it signed the first alone
    code, said = ask(judge, folder)
    assert (code, "checkpoints/3: " in said) == (1, True), said


# --- A judge that cannot say no is none ---------------------------------------------


@pytest.fixture
def folder(service, tmp_path, judge):
    for count in (2, 300):
        write(count)
        service.bring_up_to_date()
    export(tmp_path / "export", "--all", "--disclosures", "--proofs", "5")
    code, said = ask(judge, tmp_path / "export")
    assert code == 0, said
    return tmp_path / "export"


def flip(path, place):
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(bytes(raw))


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def other_letter(path, line):
    """Change the first letter of a line, so that it stays base64."""
    lines = path.read_text().split("\n")
    lines[line] = ("B" if lines[line][0] == "A" else "A") + lines[line][1:]
    path.write_text("\n".join(lines))


@pytest.mark.thorough
@pytest.mark.parametrize("place", [0, 4000, -2])
@pytest.mark.parametrize(
    "name",
    [
        "log/tile/0/000",
        "log/tile/0/001.p/46",
        "log/tile/1/000.p/1",
        "log/tile/entries/000",
        "log/tile/entries/001.p/46",
        "log/checkpoint",
        "checkpoints/2",
        "checkpoints/302",
        "consistency/2-302",
        "proofs/0.tlog-proof",
        "proofs/301.tlog-proof",
        "log.vkey",
        "disclosures.jsonl",
    ],
)
def test_one_flipped_bit_is_found(judge, folder, name, place):
    path = folder / name
    if "entries" in name:
        (folder / "disclosures.jsonl").unlink()  # the tree alone has to say it
    flip(path, place if place < path.stat().st_size else 0)
    code, said = ask(judge, folder)
    assert code == 1, said
    assert said.startswith("DIFFERENCE: ")


@pytest.mark.thorough
@pytest.mark.parametrize("place", [0, 60, -2])
@pytest.mark.parametrize(
    "name",
    [
        "log/checkpoint",
        "checkpoints/2",
        "checkpoints/302",
        "consistency/2-302",
        "proofs/0.tlog-proof",
        "proofs/301.tlog-proof",
        "log.vkey",
    ],
)
def test_the_second_judge_finds_a_flipped_bit_too(folder, name, place):
    assert rust.judge(folder) == (2, 1, 5)
    flip(folder / name, place)
    with pytest.raises(rust.REFUSES):
        rust.judge(folder)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "spoil, named",
    [
        (lambda f: other_letter(f / "proofs/150.tlog-proof", 4), "proofs/150.tlog-proof"),
        (lambda f: other_letter(f / "consistency/2-302", 1), "consistency/2-302"),
        (lambda f: other_letter(f / "checkpoints/2", 2), "checkpoints/2"),
        (lambda f: change(f / "checkpoints/2", "\n2\n", "\n3\n"), "checkpoints/2"),
        (lambda f: change(f / "proofs/150.tlog-proof", "index 150", "index 149"), "proofs/150"),
        (lambda f: (f / "proofs/150.tlog-proof").rename(f / "proofs/7.tlog-proof"), "proofs/7"),
        (lambda f: (f / "consistency/2-302").unlink(), "consistency/2-302 is missing"),
        (lambda f: (f / "checkpoints/302").unlink(), "checkpoints/302 is not log/checkpoint"),
        (lambda f: (f / "log/tile/0/000").unlink(), "no such file"),
        (lambda f: (f / "log/tile/0/007").write_bytes(b"x"), "belongs to no tile"),
        (lambda f: (f / "log/tile/entries/007").write_bytes(b"x"), "3 files instead of 2"),
        (lambda f: (f / "log/tile/entries/000").write_bytes(b"\x00\x09short"), "torn"),
        (lambda f: change(f / "disclosures.jsonl", '"index": 1', '"index": 0'), "line 2"),
        (lambda f: change(f / "disclosures.jsonl", '"title": "', '"title": "x'), "of title"),
    ],
)
def test_other_changes_are_found_and_named(judge, folder, spoil, named):
    spoil(folder)
    code, said = ask(judge, folder)
    assert code == 1
    assert named in said


def test_two_entries_that_changed_places_are_found(judge, folder):
    (folder / "disclosures.jsonl").unlink()  # the tree alone has to say it
    path = folder / "log/tile/entries/000"
    raw = path.read_bytes()
    first = 2 + int.from_bytes(raw[:2], "big")
    second = first + 2 + int.from_bytes(raw[first : first + 2], "big")
    path.write_bytes(raw[first:second] + raw[:first] + raw[second:])
    assert ask(judge, folder) == (1, "DIFFERENCE: the entries do not give the signed root")


def test_a_log_of_another_key_is_found(judge, folder):
    verifier = Key.make("countersign.example/journal/log").verifier
    (folder / "log.vkey").write_text(f"{verifier.vkey}\n")
    code, said = ask(judge, folder)
    assert code == 1
    assert "log/checkpoint" in said
