"""Tiles grow as C2SP tlog-tiles says; whatever the batches, the same hashes stand in the same places."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hejie.base.errors import Missing
from hejie.base.merkle import (
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from hejie.transparency.tiles import TILE_BYTES, appended, bundle, edge_of, hashes_over, path_of, read_path, tiles_for

BIG = json.loads((Path(__file__).parents[1] / "contract/rfc6962/vectors.json").read_text())["big_roots"]


def leaves(first, end):
    return [leaf_hash(number.to_bytes(8, "big")) for number in range(first, end)]


def grown(*sizes: int):
    """Tiles of a tree that grew by these steps."""
    tiles: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in sizes:
        edge = {place: tiles[place] for place in edge_of(size)}
        tiles |= appended(size, edge, leaves(size, size + step))
        size += step
    return tiles


def root(tiles, size):
    parts = [(0, size)]
    assert tiles_for(parts) <= set(tiles)
    return hashes_over(parts, tiles)[0]


def test_the_example_of_the_specification():
    tiles = grown(70_000)
    widths = {place: len(raw) // 32 for place, raw in tiles.items()}
    assert sum(width == 256 for (level, _), width in widths.items() if level == 0) == 273
    assert sum(width == 256 for (level, _), width in widths.items() if level == 1) == 1
    assert (widths[0, 273], widths[1, 1], widths[2, 0]) == (112, 17, 1)
    assert len(tiles) == 274 + 2 + 1
    assert {len(raw) for raw in tiles.values() if len(raw) > TILE_BYTES} == set()
    for size, told in BIG.items():
        assert root(tiles, int(size)).hex() == told


def test_a_full_tile_begins_the_level_above():
    tiles = grown(256)
    assert {place: len(raw) // 32 for place, raw in tiles.items()} == {(0, 0): 256, (1, 0): 1}
    assert edge_of(256) == [(1, 0)]


@settings(max_examples=25)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=4), st.data())
def test_batches_do_not_matter_and_every_proof_holds(steps, data):
    size = sum(steps)
    tiles = grown(*steps)
    assert tiles == grown(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    parts = inclusion_ranges(index, size)
    leaf = leaf_hash(index.to_bytes(8, "big"))
    assert verify_inclusion(index, size, leaf, hashes_over(parts, tiles), root(tiles, size))
    assert len(tiles_for(parts)) <= 6
    proof = hashes_over(consistency_ranges(old, size), tiles)
    assert verify_consistency(old, size, root(tiles, old), root(tiles, size), proof)


def test_addresses():
    assert path_of(1_234_067) == "x001/x234/067"
    assert path_of(0, 7) == "000.p/7"
    for tile in (0, 5, 999, 1000, 1_234_067):
        for width in (1, 255, 256):
            found = read_path(path_of(tile, width))
            assert (found.tile, found.width) == (tile, width)


@pytest.mark.parametrize(
    "text",
    ["", "0", "00", "0000", "x001", "x000/001", "001/067", "001.p/0", "001.p/256", "001.p/01", "001.p/",
     "x001/x234/067/", "../001", "001.P/1", "٠٠١", "-01", "001\n"],
)  # fmt: skip
def test_addresses_that_are_none(text):
    with pytest.raises(Missing):
        read_path(text)


def test_bundles():
    assert bundle([b"ab", b"", b"x" * 300]) == b"\0\2ab\0\0\1\x2c" + b"x" * 300
    assert sha256(bundle([bytes(32)])).digest() != sha256(bytes(32)).digest()
