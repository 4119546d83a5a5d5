"""Draw an audit sample again with nothing of the project: python3 draw_sample.py POPULATION.csv PLAN.json

Needs Python 3 and no package. Both files are on the sample's page. Read it first, it is short; docs/sampling.md
explains each step. That the checkpoint was signed and holds the plan's entry, docs/check_proof.py checks.
"""

import base64
import json
import sys
from hashlib import sha256
from uuid import UUID

SPAN = 1 << 128


def numbers(seed):
    """Block i is SHA-256(seed ‖ i in 8 bytes); each block gives two numbers of 16 bytes, big-endian."""
    counter = 0
    while True:
        block = sha256(seed + counter.to_bytes(8, "big")).digest()
        yield int.from_bytes(block[:16], "big")
        yield int.from_bytes(block[16:], "big")
        counter += 1


def below(stream, bound):
    """One of 0 … bound-1; numbers above the last multiple of the bound are passed over."""
    last = SPAN - SPAN % bound
    return next(number for number in stream if number < last) % bound


def subset(stream, size, of):
    """Floyd's algorithm: `size` different ones of 0 … of-1."""
    taken = set()
    for last in range(of - size, of):
        drawn = below(stream, last + 1)
        taken.add(last if drawn in taken else drawn)
    return taken


def in_strata(stream, rows, plan):
    wanted = [subset(stream, s["sample"], s["items"]) for s in plan["strata"]]
    seen = [0] * len(wanted)
    for uid, _amount, stratum in rows:
        if seen[stratum] in wanted[stratum]:
            yield uid
        seen[stratum] += 1


def systematic(stream, rows, plan):
    count, size = plan["strata"][0]["items"], plan["strata"][0]["sample"]
    start = below(stream, count)
    places = {(start + i * count) // size for i in range(size)}
    return (uid for place, (uid, _amount, _stratum) in enumerate(rows) if place in places)


def monetary(stream, rows, plan):
    interval = int(plan["interval"])
    aim, passed = below(stream, interval) + 1, 0
    for uid, amount, _stratum in rows:
        if amount >= interval:
            yield uid
            continue
        passed += amount
        if passed >= aim:
            aim += interval
            yield uid


METHODS = {
    "random": in_strata,
    "stratified": in_strata,
    "systematic": systematic,
    "monetary": monetary,
}


def rows_of(lines):
    for line in lines:
        uid, amount, _currency, stratum = line.decode().rstrip("\n").split(",")
        yield uid, int(amount or 0), int(stratum)


def seed_of(plan):
    """SHA-256 over the root in the third line of the checkpoint, the engagement's and the plan's identifiers."""
    root = base64.b64decode(plan["checkpoint"].split("\n")[2], validate=True)
    return sha256(root + UUID(plan["engagement"]).bytes + UUID(plan["plan"]).bytes).digest()


def main(population, plan_file):
    with open(plan_file, encoding="utf-8") as file:
        plan = json.load(file)
    with open(population, "rb") as file:
        digest = sha256(file.read()).hexdigest()
        if digest != plan["sha256"]:
            return f"The population is not the one of the plan: its SHA-256 is {digest}."
        file.seek(0)
        stream = numbers(seed_of(plan))
        drawn = list(METHODS[plan["method"]](stream, rows_of(file), plan))
    for uid in drawn:
        print(uid)
    if drawn != plan["drawn"]:
        return "This is another sample than the one on record."
    print(f"{len(drawn)} items: the sample on record.", file=sys.stderr)
    return None


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: draw_sample.py POPULATION.csv PLAN.json")
    sys.exit(main(*sys.argv[1:]))
