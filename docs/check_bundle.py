"""Check a bundle of evidence with nothing of the project: python3 check_bundle.py [LOG.vkey]

Run it in the folder into which the zip was unpacked. Python 3.9 or newer, its standard library alone. It checks that
every file is the one that was exported, that every entry is in the signed log, and that the entries of each record
follow one another without a gap. Name a key that you got elsewhere: the one in the bundle proves nothing about itself.
"""

import base64
import json
import sys
from hashlib import sha256, sha512
from pathlib import Path


def need(holds, sentence):
    if not holds:
        raise ValueError(sentence)


# --- Ed25519 (RFC 8032 §5.1), verification only ------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


def recovered_x(y, odd):
    """The x of a point with this y, even or odd; an error if there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    need(
        (x * x - square) % P == 0 and (x or not odd), "a signature or key is no point of the curve"
    )
    return P - x if (x & 1) != odd else x


def point(raw):
    need(len(raw) == 32, "a signature or key has a wrong length")
    y = int.from_bytes(raw, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    need(y < P, "a signature or key is not in its canonical form")
    x = recovered_x(y, odd)
    return x, y, 1, x * y % P


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor, one):
    total = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = add(total, one)
        one, factor = add(one, one), factor >> 1
    return total


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    """Did the key sign the message? S·B = R + h·A."""
    if len(signature) != 64:
        return False
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, point(key)))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- The log: signed notes, inclusion proofs, values ---------------------------------


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, "base64 in another than its canonical form")
    return raw


def number(text):
    need(text.isascii() and text.isdigit() and str(int(text)) == text, f"“{text}” is no number")
    return int(text)


def read_key(line):
    name, key_id, key = line.strip().split("+", 2)
    key = unbase64(key)
    need(len(key) == 33 and key[0] == 1, "not an Ed25519 key of a log")
    need(sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id, "the key's id is wrong")
    return name, key_id, key[1:]


known = {}


def head_of(checkpoint, keys):
    """Size and root that one of the keys signed. Most proofs share a checkpoint, so each is checked once."""
    if checkpoint not in known:
        text, _, lines = checkpoint.rpartition("\n\n")
        found = False
        for line in lines.removesuffix("\n").split("\n"):
            _dash, who, blob = line.split(" ")
            blob = unbase64(blob)
            for name, key_id, key in keys:
                if who == name == text.split("\n")[0] and blob[:4].hex() == key_id:
                    found = found or signed(key, (text + "\n").encode(), blob[4:])
        need(found, "no known key signed the checkpoint")
        _name, size, root, *_ = text.split("\n")
        known[checkpoint] = number(size), unbase64(root)
    return known[checkpoint]


def root_of(leaf, index, size, path):
    """RFC 9162 §2.1.3.2: from the entry's hash up to the root."""
    need(index < size, "the log was not that long when the checkpoint was signed")
    here, last, node = index, size - 1, leaf
    for sibling in path:
        need(last > 0 and len(sibling) == 32, "the path is too long, or a hash of it too short")
        if here & 1 or here == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        here, last = here >> 1, last >> 1
    need(last == 0, "the path is too short")
    return node


def check_values(entry, disclosures):
    """Each value that is shown stands in exactly one slot of the entry (RFC 9901)."""
    slots = {slot[0]["..."]: field for field, slot in json.loads(entry)["f"].items()}
    for disclosure in disclosures:
        digest = base64.urlsafe_b64encode(sha256(disclosure).digest()).decode().rstrip("=")
        need(digest in slots, "a value is shown that the entry does not hold")
        del slots[digest]


def check_proof(text, keys):
    """The entry of a proof, once it is under a root that a known key signed."""
    before, _, checkpoint = text.partition("\n\n")
    first, extra, index, *path = before.split("\n")
    need(first == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
    entry, *disclosures = unbase64(extra.removeprefix("extra ")).split(b"~")
    size, root = head_of(checkpoint, keys)
    leaf = sha256(b"\x00" + entry).digest()
    found = root_of(leaf, number(index.removeprefix("index ")), size, map(unbase64, path))
    need(found == root, "the entry is not under the signed root")
    check_values(entry, disclosures)
    return entry


# --- The bundle ----------------------------------------------------------------------


def check_sums(folder):
    """Every file is there with its digest, and no other file is."""
    told = {}
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ", 1)
        told[name] = digest
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    there -= {"SHA256SUMS"}
    need(there == set(told), f"files are missing or added: {sorted(there ^ set(told))[:5]}")
    for name, digest in told.items():
        with (folder / name).open("rb") as file:
            found = sha256()
            while piece := file.read(1 << 18):
                found.update(piece)
        need(found.hexdigest() == digest, f"{name} is not the file that was exported")
        if name.startswith("documents/"):
            need(name == f"documents/{digest}", f"{name} is not the document of that name")
    return set(told)


def check_entry(folder, names, record, rev, leaf, keys):
    """The entry's body and whether it is proven, once its bytes hash to the leaf that was listed."""
    name = f"records/{record}/{rev}"
    if f"{name}.tlog-proof" in names:
        entry, proven = check_proof((folder / f"{name}.tlog-proof").read_text("utf-8"), keys), True
    else:
        said = json.loads((folder / f"{name}.waiting.json").read_text("utf-8"))
        entry, proven = said["entry"].encode(), False
        check_values(entry, [one.encode() for one in said["disclosures"].values()])
    found = base64.b64encode(sha256(b"\x00" + entry).digest()).decode()
    need(found == leaf, f"{name} is another entry than the one that was exported")
    body = json.loads(entry)
    need(body["id"] == record and body["rev"] == int(rev), f"{name} lies in a wrong place")
    return body, proven


def check(folder, keys):
    names = check_sums(folder)
    _format, _title, *lines = (folder / "contents.txt").read_text("utf-8").splitlines()
    last, proven, waiting, documents = {}, 0, 0, set()
    for line in lines:
        word, *rest = line.split(" ")
        if word == "document":
            need(f"documents/{rest[0]}" in names, f"document {rest[0]} is missing")
            documents.add(f"documents/{rest[0]}")
            continue
        need(word == "entry" and len(rest) == 3, f"contents.txt says “{line}”")
        record, rev, leaf = rest
        body, is_proven = check_entry(folder, names, record, rev, leaf, keys)
        need(body["prev"] == last.get(record), f"an entry of {record} is missing before {rev}")
        last[record] = leaf
        proven, waiting = proven + is_proven, waiting + (not is_proven)
    listed = {n for n in names if n.startswith("records/")}
    need(len(listed) == proven + waiting, "there are records that contents.txt does not list")
    extra = {n for n in names if n.startswith("documents/")} - documents
    need(not extra, f"there are documents that contents.txt does not list: {sorted(extra)[:5]}")
    return len(last), proven, waiting, len(documents)


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    elsewhere = len(sys.argv) > 1
    keyfile = Path(sys.argv[1]) if elsewhere else here / "log.vkey"
    try:
        keys = [read_key(line) for line in keyfile.read_text("utf-8").splitlines() if line.strip()]
        records, proven, waiting, documents = check(here, keys)
    except (ValueError, LookupError, TypeError, OSError) as error:
        sys.exit(f"NOT VERIFIED: {error}")
    print(f"VERIFIED: {records} records, {proven} entries proven, {documents} documents.")
    if waiting:
        print(f"{waiting} entries were not under a signed checkpoint yet: they are not proven.")
    if not elsewhere:
        print("With the key from the bundle itself. Get the key elsewhere and name it here.")
