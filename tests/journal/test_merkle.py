"""The tree against the definitions of RFC 6962, written down a second time as plainly as they read."""

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.journal import merkle
from tracker.journal.merkle import (
    EMPTY_ROOT,
    Growth,
    Reader,
    consistency_holds,
    inclusion_holds,
    leaf_hash,
)
from tracker.journal.tiles import MemoryTiles, Tile, bundle, bundle_path, grown, numbered

SMALL = (0, 1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 511, 512, 513)
LARGE = (65_535, 65_536, 65_537, 70_000)


def leaf(i):
    return leaf_hash(b"entry %d" % i)


LEAVES = [leaf(i) for i in range(600)]


@cache
def mth(start, end):
    if end - start == 1:
        return leaf(start)
    if start == end:
        return hashlib.sha256(b"").digest()
    k = 1
    while k * 2 < end - start:
        k *= 2
    return hashlib.sha256(b"\x01" + mth(start, start + k) + mth(start + k, end)).digest()


def path(m, start, end):
    if end - start == 1:
        return []
    k = 1
    while k * 2 < end - start:
        k *= 2
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m, start, end, whole):
    if m == end - start:
        return [] if whole else [mth(start, end)]
    k = 1
    while k * 2 < end - start:
        k *= 2
    if m <= k:
        return [*subproof(m, start, start + k, whole), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


def tree(size):
    return Reader(MemoryTiles(LEAVES[:size]), size)


def test_the_empty_tree_and_a_leaf_hash_as_the_rfc_says():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


def test_every_size_up_to_600_has_the_root_of_the_definition_however_it_is_computed():
    growth, tiles = Growth(), MemoryTiles(LEAVES)
    for size in range(601):
        assert growth.root() == mth(0, size) == Reader(tiles, size).root(), size
        if size < 600:
            growth.append(LEAVES[size])


@pytest.mark.parametrize("size", SMALL)
def test_a_tree_that_is_continued_grows_as_if_it_had_never_stopped(size):
    continued, whole = Growth.of(MemoryTiles(LEAVES[:size]), size), Growth()
    for one in LEAVES[:size]:
        whole.append(one)
    list(whole.take())
    for one in LEAVES[size:]:
        continued.append(one)
        whole.append(one)
    assert list(continued.take()) == list(whole.take())
    assert continued.root() == whole.root() == mth(0, 600)


@pytest.mark.parametrize("size", SMALL)
def test_inclusion_proofs_are_those_of_the_definition_and_hold(size):
    read = tree(size)
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        proof = read.inclusion(index)
        assert proof == path(index, 0, size)
        assert inclusion_holds(LEAVES[index], index, size, proof, mth(0, size))


@pytest.mark.parametrize("size", SMALL)
def test_consistency_proofs_are_those_of_the_definition_and_hold(size):
    read = tree(size)
    for old in {0, 1, 2, 3, 128, 255, 256, 257, size - 1, size} & set(range(size + 1)):
        proof = read.consistency(old)
        assert proof == ([] if old == 0 else subproof(old, 0, size, True))
        assert consistency_holds(old, size, mth(0, old), mth(0, size), proof)


@pytest.mark.parametrize("size", LARGE)
def test_trees_with_three_levels_of_tiles_agree_with_the_definition(size):
    tiles = MemoryTiles([leaf(i) for i in range(size)])
    read = Reader(tiles, size)
    assert read.root() == mth(0, size)
    for index in (0, 255, 256, 65_534, size - 1):
        proof = read.inclusion(index)
        assert proof == path(index, 0, size)
        assert inclusion_holds(leaf(index), index, size, proof, read.root())
    for old in (1, 255, 256, 65_535, size):
        proof = read.consistency(old)
        assert proof == subproof(old, 0, size, True)
        assert consistency_holds(old, size, mth(0, old), read.root(), proof)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_proof_holds_and_none_holds_after_a_change(data):
    size = data.draw(st.integers(1, 600))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    read, root = tree(size), mth(0, size)
    inclusion, consistency = read.inclusion(index), read.consistency(old)
    assert inclusion_holds(LEAVES[index], index, size, inclusion, root)
    assert consistency_holds(old, size, mth(0, old), root, consistency)

    assert not inclusion_holds(leaf(-1), index, size, inclusion, root)
    assert not inclusion_holds(LEAVES[index], index, size, [*inclusion, root], root)
    assert not consistency_holds(old, size, leaf(-1), root, consistency)
    assert not consistency_holds(old, size, mth(0, old), leaf(-1), consistency)
    if inclusion:
        at = data.draw(st.integers(0, len(inclusion) - 1))
        changed = [*inclusion[:at], leaf(-1), *inclusion[at + 1 :]]
        assert not inclusion_holds(LEAVES[index], index, size, changed, root)
        assert not inclusion_holds(LEAVES[index], index, size, inclusion[:-1], root)
    if consistency:
        at = data.draw(st.integers(0, len(consistency) - 1))
        changed = [*consistency[:at], leaf(-1), *consistency[at + 1 :]]
        assert not consistency_holds(old, size, mth(0, old), root, changed)
        assert not consistency_holds(old, size, mth(0, old), root, consistency[:-1])


def test_what_cannot_be_a_proof_is_refused():
    root = mth(0, 4)
    proof = tree(4).inclusion(1)
    assert not inclusion_holds(LEAVES[1], 4, 4, proof, root)
    assert not inclusion_holds(LEAVES[1], -1, 4, proof, root)
    assert not inclusion_holds(LEAVES[1], 1, 4, [proof[0][:31], proof[1]], root)
    assert not inclusion_holds(LEAVES[0], 0, 1, [root] * 64, root)
    assert not consistency_holds(5, 4, root, root, [])
    assert not consistency_holds(4, 4, root, root, [root])
    assert not consistency_holds(0, 4, root, root, [])
    assert not consistency_holds(0, 4, EMPTY_ROOT, root, [root])
    assert not consistency_holds(2, 4, mth(0, 2), root, [])
    with pytest.raises(ValueError, match="no leaf 4"):
        merkle.inclusion_spans(4, 4)
    with pytest.raises(ValueError, match="cannot grow"):
        merkle.consistency_spans(5, 4)


def test_a_tile_that_was_cut_off_is_noticed():
    class Short:
        def tile(self, level, number, width):
            return b"\x00" * (width * 32 - 1)

    with pytest.raises(ValueError, match="Tile 0/0 has 63 bytes instead of 64"):
        Reader(Short(), 2).root()


@pytest.mark.parametrize(
    ("number", "width", "expected"),
    [
        (0, 256, "000"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1_234_067, 256, "x001/x234/067"),
        (1_234_067, 5, "x001/x234/067.p/5"),
    ],
)
def test_tiles_are_numbered_in_groups_of_three(number, width, expected):
    assert numbered(number, width) == expected
    assert bundle_path(number, width) == f"tile/entries/{expected}"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, []),
        (1, ["tile/0/000.p/1"]),
        (255, ["tile/0/000.p/255"]),
        (256, ["tile/0/000", "tile/1/000.p/1"]),
        (257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
        (513, ["tile/0/000", "tile/0/001", "tile/0/002.p/1", "tile/1/000.p/2"]),
    ],
)
def test_a_tree_has_the_tiles_of_the_specification(size, expected):
    assert [tile.path for tile in grown(0, size)] == expected


def test_70000_leaves_have_the_tiles_of_the_specification():
    tiles = list(grown(0, 70_000))
    assert sum(t.level == 0 and t.width == 256 for t in tiles) == 273
    assert Tile(0, 273, 112) in tiles
    assert Tile(1, 1, 17) in tiles
    assert Tile(2, 0, 1) in tiles
    assert len(tiles) == 273 + 1 + 1 + 1 + 1


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_growth_names_exactly_the_tiles_that_are_new(a, b):
    old, new = sorted((a, b))
    assert set(grown(old, new)) == set(grown(0, new)) - set(grown(0, old))


def test_a_bundle_states_each_entrys_length():
    assert bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
