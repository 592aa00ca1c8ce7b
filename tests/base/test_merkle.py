"""Trees and proofs agree with RFC 6962: published vectors valid and hostile, and a tree as the text has it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base import merkle

OWN = json.loads((Path(__file__).parents[1] / "contract/rfc6962/vectors.json").read_text())


def naive(leaves):
    """MTH(D[n]) as RFC 6962 §2.1 writes it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_path(m, leaves):
    """PATH(m, D[n]) of §2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive(leaves[:k])]


def naive_subproof(m, leaves, *, whole):
    """SUBPROOF(m, D[n], b) of §2.1.2."""
    if m == len(leaves):
        return [] if whole else [naive(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole=whole), naive(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], whole=False), naive(leaves[:k])]


def node_in(leaves):
    """Hashes of complete subtrees, as a store would have them."""
    return lambda node: naive(leaves[node[1] << node[0] : (node[1] + 1) << node[0]])


def proof_of(ranges, leaves):
    return [merkle.range_hash(part, node_in(leaves)) for part in ranges]


def included(probe):
    proof = [bytes.fromhex(each) for each in probe["proof"]]
    leaf, root = bytes.fromhex(probe["leaf_hash"]), bytes.fromhex(probe["root"])
    return merkle.verify_inclusion(probe["leaf_index"], probe["tree_size"], leaf, proof, root)


def consistent(probe):
    proof = [bytes.fromhex(each) for each in probe["proof"]]
    roots = bytes.fromhex(probe["root1"]), bytes.fromhex(probe["root2"])
    return merkle.verify_consistency(probe["size1"], probe["size2"], *roots, proof)


def test_hashes():
    for vector in OWN["hash_vectors"]:
        given_bytes = bytes.fromhex(vector["sha256_input"])
        made = {
            b"\0": lambda raw: merkle.leaf_hash(raw[1:]),
            b"\1": lambda raw: merkle.node_hash(raw[1:5], raw[5:]),
            b"": lambda _: merkle.EMPTY,
        }[given_bytes[:1]](given_bytes)
        assert made.hex() == vector["hash"], vector["what"]


def test_roots():
    leaves = [bytes.fromhex(each) for each in OWN["leaves"]]
    for size, root in enumerate(OWN["roots_by_size"]):
        assert merkle.range_hash((0, size), node_in(leaves)).hex() == root


def test_the_kept_probes():
    assert [p["file"] for p in OWN["inclusion"] if included(p) != p["valid"]] == []
    assert [p["file"] for p in OWN["consistency"] if consistent(p) != p["valid"]] == []
    assert sum(p["valid"] for p in OWN["inclusion"] + OWN["consistency"]) == 12


def test_all_published_probes(shared_data):
    file = shared_data / "rfc6962.json"
    if not file.is_file():
        pytest.skip("no rfc6962.json beside this checkout")
    told = json.loads(file.read_text())
    inclusion, consistency = told["published_inclusion_probes"], told["published_consistency_probes"]
    assert (len(inclusion), len(consistency)) == (98, 98)
    assert [p["file"] for p in inclusion if included(p) != p["valid"]] == []
    assert [p["file"] for p in consistency if consistent(p) != p["valid"]] == []


def test_all_pairs(shared_data):
    file = shared_data / "rfc6962.json"
    if not file.is_file():
        pytest.skip("no rfc6962.json beside this checkout")
    told = json.loads(file.read_text())
    leaves, roots = [bytes.fromhex(each) for each in told["leaves"]], told["roots_by_size"]
    for pair in told["derived_inclusion_all_pairs"]:
        index, size = pair["leaf_index"], pair["tree_size"]
        made = proof_of(merkle.inclusion_ranges(index, size), leaves)
        assert [each.hex() for each in made] == pair["proof"]
        leaf = merkle.leaf_hash(leaves[index])
        assert merkle.verify_inclusion(index, size, leaf, made, bytes.fromhex(roots[size]))
    for pair in told["derived_consistency_all_pairs"]:
        old, new = pair["size1"], pair["size2"]
        made = proof_of(merkle.consistency_ranges(old, new), leaves)
        assert [each.hex() for each in made] == pair["proof"]
        assert merkle.verify_consistency(old, new, bytes.fromhex(roots[old]), bytes.fromhex(roots[new]), made)
    assert (len(told["derived_inclusion_all_pairs"]), len(told["derived_consistency_all_pairs"])) == (36, 36)


SIZES = st.integers(1, 70)


@given(SIZES, st.data())
def test_inclusion_agrees_with_the_text(size, data):
    leaves = [str(number).encode() for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof = proof_of(merkle.inclusion_ranges(index, size), leaves)
    assert proof == naive_path(index, leaves)
    leaf, root = merkle.leaf_hash(leaves[index]), naive(leaves)
    assert merkle.verify_inclusion(index, size, leaf, proof, root)
    other = data.draw(st.integers(0, size + 1).filter(lambda at: at != index))
    assert not merkle.verify_inclusion(other, size, leaf, proof, root)
    assert not merkle.verify_inclusion(index, size, leaf, [*proof, leaf], root)
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), 1 << data.draw(st.integers(0, 7))
        proof[at] = bytes([proof[at][0] ^ bit]) + proof[at][1:]
        assert not merkle.verify_inclusion(index, size, leaf, proof, root)


@given(SIZES, st.data())
def test_consistency_agrees_with_the_text(new, data):
    leaves = [str(number).encode() for number in range(new)]
    old = data.draw(st.integers(1, new))
    proof = proof_of(merkle.consistency_ranges(old, new), leaves)
    assert proof == naive_subproof(old, leaves, whole=True)
    before, after = naive(leaves[:old]), naive(leaves)
    assert merkle.verify_consistency(old, new, before, after, proof)
    assert not merkle.verify_consistency(old, new, bytes(32), after, proof)
    assert not merkle.verify_consistency(old, new, before, bytes(32), proof)
    assert not merkle.verify_consistency(0, new, merkle.EMPTY, after, [])
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not merkle.verify_consistency(old, new, before, after, proof[:at] + proof[at + 1 :])
        proof[at] = proof[at][:31]
        assert not merkle.verify_consistency(old, new, before, after, proof)
