"""Check a .tlog-proof of the journal with nothing of the project: python3 check_proof.py FILE.tlog-proof LOG.vkey

Needs Python 3 and the package “cryptography”. Read it first, it is short; docs/verifying.md explains each step.
"""

import base64
import json
import sys
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def need(holds, sentence):
    if not holds:
        raise ValueError(sentence)


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, "base64 in another than its canonical form")
    return raw


def number(text):
    need(text.isascii() and text.isdigit() and str(int(text)) == text, f"“{text}” is no number")
    return int(text)


def signed_lines(note, vkey):
    """The lines of a signed note, once the key's signature over them holds. Other keys' lines are ignored."""
    name, key_id, key = vkey.strip().split("+", 2)
    key = unbase64(key)
    need(len(key) == 33 and key[0] == 1, "not an Ed25519 key of a log")
    need(sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id, "the key's id is wrong")
    need(note.endswith("\n"), "the checkpoint is cut off")
    text, _, signatures = note.rpartition("\n\n")
    found = False
    for line in signatures.removesuffix("\n").split("\n"):
        dash, who, blob = line.split(" ")
        need(dash == "\N{EM DASH}", "a signature line begins with a dash")
        blob = unbase64(blob)
        if who == name and blob[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(blob[4:], f"{text}\n".encode())
            found = True
    need(found, "this key did not sign the checkpoint")
    need(text.split("\n")[0] == name, "the checkpoint is of another log")
    return text.split("\n")


def root_of(entry, index, size, path):
    """RFC 9162 §2.1.3.2: from the entry's hash up to the root."""
    need(index < size, "the log was not that long when the checkpoint was signed")
    here, last, node = index, size - 1, sha256(b"\x00" + entry).digest()
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


def values_of(entry, disclosures):
    """The fields that were shown. RFC 9901: each string's digest stands in exactly one slot, and none comes twice."""
    slots = {slot[0]["..."]: field for field, slot in json.loads(entry)["f"].items()}
    shown = {}
    for disclosure in disclosures:
        digest = base64.urlsafe_b64encode(sha256(disclosure).digest()).decode().rstrip("=")
        need(
            digest in slots, "a value was shown that the entry does not hold, or the same one twice"
        )
        _salt, value = json.loads(base64.urlsafe_b64decode(disclosure + b"=="))
        shown[slots.pop(digest)] = value
    return shown


def check(proof, vkey):
    """Number of the entry, size of the log, the entry and the values shown with it. ValueError if anything is wrong."""
    before, _, checkpoint = proof.partition("\n\n")
    first, extra, index, *path = before.split("\n")
    need(first == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
    need(extra.startswith("extra ") and index.startswith("index "), "no entry in the proof")
    entry, *disclosures = unbase64(extra.removeprefix("extra ")).split(b"~")
    _name, size, root, *_ = signed_lines(checkpoint, vkey)
    index, size, path = number(index.removeprefix("index ")), number(size), map(unbase64, path)
    need(root_of(entry, index, size, path) == unbase64(root), "the entry is not under this root")
    return index, size, json.loads(entry), values_of(entry, disclosures)


if __name__ == "__main__":
    try:
        with open(sys.argv[1], encoding="utf-8") as one, open(sys.argv[2], encoding="utf-8") as two:
            index, size, entry, values = check(one.read(), two.read())
    except InvalidSignature:
        sys.exit("NOT VERIFIED: the signature is wrong")
    except (ValueError, LookupError, TypeError) as error:
        sys.exit(f"NOT VERIFIED: {error}")
    print(f"VERIFIED: entry {index} of a log that held {size} when it was signed.")
    print(f"{entry['kind']} {entry['op']}, record {entry['id']}, revision {entry['rev']}")
    for field in entry["f"]:
        print(f"  {field}: {json.dumps(values[field]) if field in values else '(not shown)'}")
