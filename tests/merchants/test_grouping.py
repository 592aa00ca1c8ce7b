"""Identities grouped into merchants; as tables, and as properties of any links at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.merchants.grouping import MARGIN, Ground, merchants
from hejie.merchants.joined import Joined
from hejie.merchants.linking import Lineages, Pair, Reason, Sighting
from hejie.merchants.uscc import check_character


def _code(number: int) -> str:
    body = f"91330106{number:09}"
    return body + check_character(body)


A, B, C = _code(1), _code(2), _code(3)


def _row(name: str, code: str = "", account: str = "", phone: str = "", number: str = "") -> Sighting:
    return Sighting(id=name, code=code, account=account, phone=phone, number=number)


def _pair(one: str, other: str, probability: float, bits: float | None = None) -> Pair:
    reasons = () if bits is None else (Reason(comparison="name", level="the same core", bits=bits),)
    return Pair(one=one, other=other, probability=probability, reasons=reasons)


@pytest.mark.parametrize(
    ("rows", "pairs", "groups"),
    [
        ([], [], ()),
        ([_row("1"), _row("2")], [], (("1",), ("2",))),
        ([_row("1"), _row("2"), _row("3")], [_pair("1", "3", 0.99)], (("1", "3"), ("2",))),
        ([_row("1"), _row("2")], [_pair("1", "2", 0.98)], (("1",), ("2",))),
        ([_row("1", A), _row("2"), _row("3", A)], [], (("1", "3"), ("2",))),
        ([_row("1", A), _row("2", C)], [], (("1", "2"),)),
        ([_row("1", "", "x"), _row("2", A, "x"), _row("3", A)], [], (("1", "2", "3"),)),
        ([_row("1", "", "x"), _row("2", A, "x"), _row("3", B, "x")], [], (("1",), ("2",), ("3",))),
        ([_row("1", A), _row("2", B)], [_pair("1", "2", 1.0)], (("1",), ("2",))),
        # Two codes claim the one without: the much likelier has it; where it is near, neither has.
        (
            [_row("1", A), _row("2"), _row("3", B)],
            [_pair("1", "2", 0.999, 12), _pair("2", "3", 0.9999, 12 + MARGIN + 0.1)],
            (("1",), ("2", "3")),
        ),
        (
            [_row("1", A), _row("2"), _row("3", B)],
            [_pair("1", "2", 0.999, 12), _pair("2", "3", 0.9999, 12 + MARGIN)],
            (("1",), ("2",), ("3",)),
        ),
        # A claim reaches through others that have no code either.
        (
            [_row("1", A), _row("2"), _row("3"), _row("4", B)],
            [_pair("2", "3", 1.0, 30), _pair("1", "2", 0.999, 12), _pair("3", "4", 0.999, 11)],
            (("1",), ("2", "3"), ("4",)),
        ),
        # Sign and place agree, the telephones of both sides do not: a second owner, perhaps.
        ([_row("1", phone="p"), _row("2", phone="q")], [_pair("1", "2", 0.999)], (("1",), ("2",))),
        ([_row("1", phone="p"), _row("2")], [_pair("1", "2", 0.999)], (("1", "2"),)),
        ([_row("1", phone="p", number="7"), _row("2", phone="q", number="7")], [_pair("1", "2", 0.999)], (("1", "2"),)),
        (
            [_row("1", phone="p"), _row("2", phone="q", account="x"), _row("3", phone="p", account="x")],
            [_pair("1", "2", 0.999)],
            (("1", "2", "3"),),
        ),
    ],
)
def test_groups(rows, pairs, groups):
    assert merchants(rows, pairs, Lineages([(A, C)])).groups == groups


def test_what_is_refused_and_what_is_asked_is_told():
    rows = [_row("1", A), _row("2"), _row("3", B), _row("4"), _row("5")]
    pairs = [_pair("2", "3", 0.999), _pair("1", "2", 0.995), _pair("4", "5", 0.6), _pair("1", "3", 0.9)]
    found = merchants(rows, pairs, Lineages())
    assert found.links == ()
    assert [(edge.one, edge.other) for edge in found.refused] == [("2", "3"), ("1", "2")]
    assert [(pair.one, pair.other) for pair in found.asked] == [
        ("4", "5")
    ]  # 1 and 3 have two codes: nobody need decide


def test_a_link_names_its_ground():
    rows = [_row("1", A), _row("2", A), _row("3", C, "x"), _row("4", "", "x")]
    grounds = [edge.ground for edge in merchants(rows, [], Lineages([(A, C)])).links]
    assert grounds == [Ground.code, Ground.succession, Ground.account]


NAMES = [str(number) for number in range(8)]
ROWS = st.tuples(
    *(st.builds(_row, st.just(name), st.sampled_from(["", A, B, C]), st.sampled_from(["", "x", "y"])) for name in NAMES)
)
PAIRS = st.lists(
    st.builds(_pair, st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from([0.3, 0.7, 0.99, 0.999])),
    max_size=20,
)


@given(rows=ROWS, pairs=PAIRS, mixed=st.randoms(use_true_random=False))
def test_no_merchant_ever_has_two_codes_and_the_order_of_pairs_is_nothing(rows, pairs, mixed):
    lineages = Lineages([(A, C)])
    pairs = [pair for pair in pairs if pair.one != pair.other]
    found = merchants(rows, pairs, lineages)
    codes = {row.id: lineages.of(row.code) for row in rows}
    assert sorted(name for group in found.groups for name in group) == NAMES
    assert all(len({codes[name] for name in group} - {""}) <= 1 for group in found.groups)
    assert len(found.groups) == len(rows) - len(found.links)
    mixed.shuffle(pairs)
    assert merchants(rows, pairs, lineages) == found


def test_an_account_joins_those_only_that_are_akin():
    rows = [_row(name, account="x") for name in "1234"]
    found = merchants(rows, [], Lineages(), lambda one, other: int(one) % 2 == int(other) % 2)
    assert found.groups == (("1", "3"), ("2", "4"))
    assert [edge.ground for edge in found.links] == [Ground.account, Ground.account]


def test_joined_sets_keep_to_one_mark():
    joined = Joined({"a": "x", "b": "y"})
    assert joined.join("c", "a")
    assert joined.mark("c") == "x"
    assert not joined.may("c", "b")
    assert not joined.join("c", "b")
    assert not joined.join("a", "c")
    assert (joined.root("c"), joined.root("b"), joined.mark("d")) == ("a", "b", "")
