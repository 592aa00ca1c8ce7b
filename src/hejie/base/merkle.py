"""A Merkle tree of SHA-256 hashes (RFC 6962 §2.1): roots, proofs from stored hashes, their checks (RFC 9162 §2.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Range = tuple[int, int]
"""Leaves from the first number to before the second."""
Node = tuple[int, int]
"""Height above the leaves, and place from the left, of a subtree that is complete: 2**height leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_of(part: Range) -> list[Node]:
    """The complete subtrees, from the left, that make up a range which begins where a subtree of its size may."""
    first, end = part
    found = []
    while first < end:
        height = (end - first).bit_length() - 1
        found.append((height, first >> height))
        first += 1 << height
    return found


def range_hash(part: Range, node: Callable[[Node], bytes]) -> bytes:
    """The hash over a range from the hashes of its complete subtrees; of no leaves, that of the empty tree."""
    hashes = [node(each) for each in nodes_of(part)]
    if not hashes:
        return EMPTY
    whole = hashes.pop()
    while hashes:
        whole = node_hash(hashes.pop(), whole)
    return whole


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """What an inclusion proof holds, from the leaf's sibling to the root's child; `index` must be below `size`."""
    first, end, found = 0, size, list[Range]()
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """What a consistency proof from one size to another holds, in its order; `old` must be within 1 to `new`."""
    first, end, found, whole = 0, new, list[Range](), True
    while end != old:
        middle = first + _split(end - first)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first, whole = middle, False
    if not whole:
        found.append((first, end))
    return found[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that the leaf's hash stands at `index` in the tree (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _hashes(leaf, root, *proof):
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            at, last = _up_to_the_right(at, last)
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that one tree begins with the other, which must have leaves (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new or not _hashes(*proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path or not proof:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(each, before), node_hash(each, after)
            at, last = _up_to_the_right(at, last)
        else:
            after = node_hash(after, each)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaves' hashes whose number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(left, right) for left, right in list(pairwise(level))[::2]]
    return level[0]


def root_of_stream(entries: Iterable[bytes]) -> bytes:
    """The root over any number of entries in their order; one hash a height is kept."""
    peaks: list[tuple[int, bytes]] = []
    for entry in entries:
        height, found = 0, leaf_hash(entry)
        while peaks and peaks[-1][0] == height:
            found = node_hash(peaks.pop()[1], found)
            height += 1
        peaks.append((height, found))
    hashes = [each for _, each in peaks] or [EMPTY]
    whole = hashes.pop()
    while hashes:
        whole = node_hash(hashes.pop(), whole)
    return whole


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _up_to_the_right(at: int, last: int) -> tuple[int, int]:
    """Past the levels on which the path is the right edge and has no sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _hashes(*given: bytes) -> bool:
    return all(len(each) == HASH_BYTES for each in given)
