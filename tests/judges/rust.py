"""A second judge: the Rust library metamorphic-log checks every checkpoint, consistency file and proof of an export.

Only the cutting of files into lines, and SHA-256 of an entry's bytes, are ours. It knows no cosignatures and no tiles.
"""

import base64
import hashlib
from pathlib import Path

import metamorphic_log as rust

REFUSES = (rust.VerifyError, ValueError)


def judge(folder: Path) -> tuple[int, int, int]:
    """How many checkpoints, consistency files and proofs were verified. Raises one of REFUSES at the first bad one."""
    keys = [path.read_text().strip() for path in sorted(folder.glob("log*.vkey"))]
    checkpoints = {path.name: path.read_text() for path in (folder / "checkpoints").iterdir()}
    for size, note in checkpoints.items():
        if rust.checkpoint_verify(note, keys).size != int(size):
            raise ValueError(f"checkpoints/{size} states another size")
    if (folder / "log/checkpoint").read_text() not in checkpoints.values():
        raise ValueError("log/checkpoint is not among the checkpoints")
    links = list((folder / "consistency").glob("*"))
    for path in links:
        _check_link(path, checkpoints, keys)
    proofs = list((folder / "proofs").glob("*"))
    for path in proofs:
        _check_proof(path, keys)
    return len(checkpoints), len(links), len(proofs)


def _check_link(path: Path, checkpoints: dict[str, str], keys: list[str]) -> None:
    older, newer = path.name.split("-")
    lines, _, note = path.read_text().partition("\n\n")
    old, *proof = lines.split("\n")
    if old != f"old {older}" or note != checkpoints[newer]:
        raise ValueError(f"{path.name} is of other checkpoints")
    rust.checkpoint_verify_consistency(checkpoints[older], note, keys, _decoded(proof))


def _check_proof(path: Path, keys: list[str]) -> None:
    lines, _, note = path.read_text().partition("\n\n")
    first, extra, index, *proof = lines.split("\n")
    if first != "c2sp.org/tlog-proof@v1":
        raise ValueError(f"{path.name} is no proof")
    entry = base64.b64decode(extra.removeprefix("extra "), validate=True)
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    place = int(index.removeprefix("index "))
    rust.checkpoint_verify_inclusion(note, keys, place, leaf, _decoded(proof))


def _decoded(lines: list[str]) -> list[bytes]:
    return [base64.b64decode(line, validate=True) for line in lines]
