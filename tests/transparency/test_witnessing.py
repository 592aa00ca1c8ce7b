"""What a witness answers, status by status, and when a log may sign: tables of the C2SP rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.transparency.making import AT, LOG, WITNESSES, Tree, entries, signer

from hejie.base.errors import Refused
from hejie.base.merkle import EMPTY
from hejie.transparency.checkpoints import Checkpoint, cosign, nothing, sign
from hejie.transparency.keys import Kind
from hejie.transparency.notes import Note
from hejie.transparency.witnessing import (
    Known,
    Shown,
    Signing,
    judge,
    may_sign,
    must_be_trusted,
    read_shown,
    written,
)

TREE, OTHER = Tree(entries(300)), Tree(entries(300, "other"))
TRUSTED = (LOG.verifier(Kind.log),)
MANY = 64


def shown(old, size, *, tree=TREE, proof=None, proves=None):
    head = tree.checkpoint(size)
    path = (proves or tree).consistency(old, size) if proof is None and 0 < old <= size else proof or []
    return Shown(old=old, proof=tuple(path), note=sign(head, LOG), checkpoint=head)


def known(size, *, same=None):
    latest = TREE.checkpoint(size) if size else nothing(LOG.name)
    return Known(latest=latest, same_size=same)


JUDGED = {
    "first": (shown(0, 10), known(0), 200),
    "first with a proof": (shown(0, 10, proof=[bytes(32)]), known(0), 422),
    "first and empty": (shown(0, 0), known(0), 200),
    "grown": (shown(10, 300), known(10), 200),
    "the same again": (shown(10, 10), known(10, same=TREE.checkpoint(10)), 200),
    "the same with a proof": (shown(10, 10, proof=[bytes(32)]), known(10, same=TREE.checkpoint(10)), 422),
    "from an older size": (shown(5, 20), known(10), 409),
    "from nothing, though known": (shown(0, 20), known(10), 409),
    "from a larger size": (shown(20, 30), known(10), 409),
    "shrunk": (shown(10, 5), known(10), 400),
    "no proof": (shown(10, 20, proof=[]), known(10), 422),
    "a proof of another tree": (shown(10, 20, proves=OTHER), known(10), 422),
    "another tree": (shown(10, 20, tree=OTHER), known(10), 422),
    "two faces": (shown(10, 10, tree=OTHER), known(10, same=TREE.checkpoint(10)), 409),
    "two faces of long ago": (shown(0, 5, tree=OTHER), known(10, same=TREE.checkpoint(5)), 409),
}


@pytest.mark.parametrize("case", JUDGED)
def test_judged(case):
    told, before, status = JUDGED[case]
    word = judge(told, before)
    assert word.status == status
    assert word.split == case.startswith("two faces")
    if status == 409:
        assert word.size == before.latest.size


def test_an_empty_tree_has_one_root():
    head = Checkpoint(origin=LOG.name, size=0, root=bytes(32))
    told = Shown(old=0, proof=(), note=sign(head, LOG), checkpoint=head)
    assert judge(told, known(0)).status == 422


def test_whom_a_witness_trusts():
    head, forger = TREE.checkpoint(7), signer(LOG.name, 77)
    ours, forged = sign(head, LOG), sign(head, forger)
    broken = Note(ours.text.replace("\n7\n", "\n8\n"), ours.signatures)
    mixed = Note(ours.text, (*forged.signatures, *ours.signatures))
    cosigned = Note(ours.text, (cosign(head, LOG, AT),))
    told = [
        must_be_trusted(Shown(old=0, proof=(), note=note, checkpoint=head), TRUSTED)
        for note in (ours, mixed, forged, broken, cosigned)
    ]
    assert [word and word.status for word in told] == [None, None, 403, 403, 403]
    assert must_be_trusted(shown(0, 7), ()).status == 404
    assert must_be_trusted(shown(0, 7), [WITNESSES[0].verifier(Kind.log)]).status == 404


RAW = written(10, TREE.consistency(10, 300), sign(TREE.checkpoint(300), LOG))


def test_a_request_comes_back_as_it_was():
    assert read_shown(RAW) == shown(10, 300)
    assert RAW.startswith(b"old 10\n")
    assert read_shown(written(0, [], sign(TREE.checkpoint(3), LOG))).proof == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"old 10\n",
        RAW[4:],
        RAW.replace(b"old 10", b"old  10"),
        RAW.replace(b"old 10", b"old 010"),
        RAW.replace(b"old 10", b"old -1"),
        RAW.replace(b"old 10", b"Old 10"),
        RAW.replace(b"old 10", b"old 10 "),
        RAW.replace(b"old 10", b"old 99999999999999999999"),
        RAW.replace(b"\n", b"\r\n"),
        RAW.replace(b"=\n", b"\n", 1),
        RAW[:-1],
        RAW.replace(b"old 10\n", b"old 10\nAAAA\n"),
        written(10, [bytes(32)] * MANY, sign(TREE.checkpoint(300), LOG)),
        RAW + b"x" * 70_000,
        "old １０\n\n".encode() + str(sign(TREE.checkpoint(300), LOG)).encode(),
    ],
)
def test_requests_that_are_none(raw):
    with pytest.raises(Refused, match="note_unreadable"):
        read_shown(raw)


def test_sixty_three_lines_are_read():
    assert len(read_shown(written(10, [bytes(32)] * 63, sign(TREE.checkpoint(300), LOG))).proof) == 63


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_a_changed_request_is_never_cosigned_as_something_else(at, change):
    raw = RAW[:at] + bytes([RAW[at] ^ change]) + RAW[at + 1 :]
    try:
        told = read_shown(raw)
        if must_be_trusted(told, TRUSTED) is None and judge(told, known(10)).status == 200:
            assert told.checkpoint == TREE.checkpoint(300)
            raise AssertionError("verified")
    except Refused:
        pass


SEEN = {
    "nobody answers": (20, [], Signing.silent),
    "nothing seen": (20, [nothing(LOG.name)], Signing.may),
    "less seen": (20, [TREE.checkpoint(10)], Signing.may),
    "as much seen": (20, [TREE.checkpoint(20), nothing(LOG.name)], Signing.may),
    "more seen by one": (20, [TREE.checkpoint(10), TREE.checkpoint(21)], Signing.behind),
    "another tree seen": (20, [OTHER.checkpoint(10)], Signing.two_views),
    "another of the same size": (20, [TREE.checkpoint(10), OTHER.checkpoint(20)], Signing.two_views),
    "empty and silent": (0, [], Signing.silent),
    "empty": (0, [nothing(LOG.name)], Signing.may),
}


@pytest.mark.parametrize("case", SEEN)
def test_when_a_log_may_sign(case):
    size, seen, decided = SEEN[case]
    roots = lambda at: TREE.checkpoint(at).root if at else EMPTY  # noqa: E731
    assert may_sign(size, seen, roots) is decided
