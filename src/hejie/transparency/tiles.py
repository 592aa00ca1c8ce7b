"""Tiles: 256 hashes of one level side by side, as they are kept, served and proved from (C2SP tlog-tiles)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from hejie.base.errors import Missing
from hejie.base.merkle import HASH_BYTES, Node, Range, nodes_of, range_hash, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES
MOST_LEVEL = 63
MOST_ENTRY = 0xFFFF

Place = tuple[int, int]
"""Level, and place from the left."""
_ELEMENTS = re.compile(r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class Wanted(Struct, frozen=True):
    """A tile or bundle that an address names."""

    tile: int
    width: int
    """How many hashes or entries of it; a full one has 256."""


def path_of(tile: int, width: int = WIDTH) -> str:
    """The end of an address: 1234067 → `x001/x234/067`, and `.p/W` for a part."""
    parts = [f"{tile % 1000:03d}"]
    while tile := tile // 1000:
        parts.append(f"x{tile % 1000:03d}")
    return "/".join(reversed(parts)) + (f".p/{width}" if width < WIDTH else "")


def read_path(text: str) -> Wanted:
    """What `path_of` wrote; `Missing("tile_unknown")` for any other writing."""
    found = _ELEMENTS.fullmatch(text)
    if found is None:
        raise Missing("tile_unknown")
    before, last, width = found.groups()
    wanted = Wanted(int(before.replace("x", "").replace("/", "") + last), int(width or WIDTH))
    if path_of(wanted.tile, wanted.width) != text:
        raise Missing("tile_unknown")
    return wanted


def tiles_for(parts: Iterable[Range]) -> set[Place]:
    """Every tile from which the hashes over these ranges can be computed."""
    return {_of(node)[0] for part in parts for node in nodes_of(part)}


def hashes_over(parts: Iterable[Range], tiles: Mapping[Place, bytes]) -> list[bytes]:
    """The hash over each range, from tiles that hold at least what `tiles_for` names."""
    node = _reader(tiles)
    return [range_hash(part, node) for part in parts]


def edge_of(size: int) -> list[Place]:
    """The tiles at the right edge of a tree that are not full: from the leaves up."""
    found, level = list[Place](), 0
    while size:
        if size % WIDTH:
            found.append((level, size // WIDTH))
        size, level = size // WIDTH, level + 1
    return found


def appended(size: int, edge: Mapping[Place, bytes], leaves: Sequence[bytes]) -> dict[Place, bytes]:
    """Every tile that changes as the hashes of leaves join a tree; `edge` holds those of `edge_of(size)`."""
    changed, fresh, level = dict[Place, bytes](), list(leaves), 0
    while fresh:
        first = size // WIDTH
        whole = edge.get((level, first), b"")[: size % WIDTH * HASH_BYTES] + b"".join(fresh)
        fresh = []
        for number, at in enumerate(range(0, len(whole), TILE_BYTES)):
            tile = changed[level, first + number] = whole[at : at + TILE_BYTES]
            if len(tile) == TILE_BYTES:
                fresh.append(root_of(_cut(tile)))
        size, level = first, level + 1
    return changed


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries behind their lengths, two bytes each, big-endian; none may be longer than `MOST_ENTRY`."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def _of(node: Node) -> tuple[Place, int, int]:
    """The tile that a subtree is computed from, and which of its hashes: the first one, and how many."""
    height, at = node
    level, inside = divmod(height, HEIGHT)
    first = at << inside
    return (level, first // WIDTH), first % WIDTH, 1 << inside


def _reader(tiles: Mapping[Place, bytes]) -> Callable[[Node], bytes]:
    def node(wanted: Node) -> bytes:
        place, first, count = _of(wanted)
        return root_of(_cut(tiles[place][first * HASH_BYTES : (first + count) * HASH_BYTES]))

    return node


def _cut(raw: bytes) -> list[bytes]:
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]
