"""What links by itself, what never does, what a person decides; as tables, and as properties of any links at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.merchants.linking import (
    Ground,
    Identity,
    Lineages,
    Pair,
    Verdict,
    merchants,
    shared_accounts,
    valid_code,
    verdict,
)
from hejie.merchants.uscc import check_character


def _code(number: int) -> str:
    body = f"91330106{number:09}"
    return body + check_character(body)


A, B, C = _code(1), _code(2), _code(3)
WRONG = A[:-1] + ("0" if A[-1] != "0" else "1")


def _row(name: str, code: str = "", account: str = "") -> Identity:
    return Identity(id=name, code=code, account=account)


def _pair(one: str, other: str, probability: float) -> Pair:
    return Pair(one=one, other=other, probability=probability)


@pytest.mark.parametrize(
    ("codes", "accounts", "probability", "expected"),
    [
        (("", ""), ("", ""), 1.0, Verdict.link),
        (("", ""), ("", ""), 0.99, Verdict.link),
        (("", ""), ("", ""), 0.9899, Verdict.ask),
        (("", ""), ("", ""), 0.5, Verdict.ask),
        (("", ""), ("", ""), 0.4999, Verdict.nothing),
        (("", ""), ("", ""), 0.0, Verdict.nothing),
        ((A, A), ("", ""), 0.0, Verdict.link),
        ((A, A.lower()), ("", ""), 0.0, Verdict.link),
        ((A, B), ("", ""), 1.0, Verdict.never),
        ((A, B), ("x", "x"), 1.0, Verdict.never),
        ((A, C), ("", ""), 0.0, Verdict.link),  # C is registered as A's successor
        ((A, ""), ("x", "x"), 0.0, Verdict.link),
        ((A, ""), ("x", "y"), 0.0, Verdict.nothing),
        ((A, ""), ("s", "s"), 0.2, Verdict.nothing),  # s is used under two codes
        ((A, ""), ("s", "s"), 0.7, Verdict.ask),
        ((A, WRONG), ("", ""), 0.7, Verdict.ask),  # a slip neither joins nor parts
        ((WRONG, WRONG), ("", ""), 0.1, Verdict.nothing),
    ],
)
def test_verdict(codes, accounts, probability, expected):
    one, other = (_row(str(at), codes[at], accounts[at]) for at in (0, 1))
    lineages = Lineages([(A, C)])
    assert verdict(one, other, probability, lineages, {"s"}) is expected
    assert verdict(other, one, probability, lineages, {"s"}) is expected


def test_a_code_with_a_slip_is_none():
    assert valid_code(WRONG) == valid_code("") == valid_code("91") == ""
    assert valid_code(f" {A.lower()} ") == A
    assert Lineages().of(WRONG) == ""


def test_successions_reach_over_many_steps():
    lineages = Lineages([(A, B), (B, C)])
    assert lineages.of(A) == lineages.of(B) == lineages.of(C) != ""
    assert lineages.of(_code(9)) == _code(9)


def test_an_account_under_two_codes_is_shared_unless_one_succeeds_the_other():
    rows = [_row("1", A, "x"), _row("2", B, "x"), _row("3", C, "y"), _row("4", "", "y"), _row("5", WRONG, "y")]
    assert shared_accounts(rows, Lineages()) == {"x"}
    assert shared_accounts(rows, Lineages([(A, B)])) == frozenset()


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
        # The firmer link takes the one without a code; the other is refused.
        (
            [_row("1", A), _row("2"), _row("3", B)],
            [_pair("1", "2", 0.992), _pair("2", "3", 0.999)],
            (("1",), ("2", "3")),
        ),
    ],
)
def test_groups(rows, pairs, groups):
    assert merchants(rows, pairs, Lineages([(A, C)])).groups == groups


def test_what_is_refused_and_what_is_asked_is_told():
    rows = [_row("1", A), _row("2"), _row("3", B), _row("4"), _row("5")]
    pairs = [_pair("2", "3", 0.999), _pair("1", "2", 0.995), _pair("4", "5", 0.6), _pair("1", "3", 0.9)]
    found = merchants(rows, pairs, Lineages())
    assert [(edge.one, edge.other, edge.ground) for edge in found.links] == [("2", "3", Ground.score)]
    assert [(edge.one, edge.other) for edge in found.refused] == [("1", "2")]
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
