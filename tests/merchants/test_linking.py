"""What links two identities by itself, what never does, and what a person decides, as tables."""

from __future__ import annotations

import pytest

from hejie.merchants.linking import (
    Lineages,
    Sighting,
    Verdict,
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


def _row(name: str, code: str = "", account: str = "") -> Sighting:
    return Sighting(id=name, code=code, account=account)


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
    assert verdict(one, other, probability, lineages, shared={"s"}) is expected
    assert verdict(other, one, probability, lineages, shared={"s"}) is expected


def test_an_account_alone_says_nothing_of_two_that_have_nothing_in_common():
    one, other = _row("1", A, "x"), _row("2", "", "x")
    assert verdict(one, other, 0.6, Lineages(), akin=True) is Verdict.link
    assert verdict(one, other, 0.6, Lineages(), akin=False) is Verdict.ask
    assert verdict(one, _row("2", A, "x"), 0.0, Lineages(), akin=False) is Verdict.link


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
