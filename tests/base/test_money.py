"""Yuan texts become fen, or are refused with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.base.money import MOST_FEN, fen, positive_fen, yuan


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("0.01", 1), ("12", 1200), ("12.5", 1250), ("12.50", 1250), ("10000000000.00", MOST_FEN)],
)
def test_yuan_as_people_and_wallets_write_it(text, value):
    assert fen(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-1", "amount_unreadable"),
        ("+1", "amount_unreadable"),
        ("", "amount_unreadable"),
        (" 1", "amount_unreadable"),
        ("1\n", "amount_unreadable"),
        ("1.", "amount_unreadable"),
        (".5", "amount_unreadable"),
        ("01", "amount_unreadable"),
        ("1,000", "amount_unreadable"),
        ("1e3", "amount_unreadable"),
        ("0x10", "amount_unreadable"),
        ("1_000", "amount_unreadable"),
        ("NaN", "amount_unreadable"),
        ("Infinity", "amount_unreadable"),
        ("１２.５", "amount_unreadable"),
        ("１２", "amount_unreadable"),
        ("٣", "amount_unreadable"),
        ("1．5", "amount_unreadable"),
        ("¥1", "amount_unreadable"),
        ("1.000", "amount_too_fine"),
        ("0.001", "amount_too_fine"),
        ("10000000000.01", "amount_too_large"),
        ("99999999999", "amount_too_large"),
        ("9" * 20, "amount_too_large"),
        ("9" * 5000, "amount_unreadable"),
    ],
)
def test_anything_else_is_refused(text, code):
    for read in (fen, positive_fen):
        with pytest.raises(Refused) as refused:
            read(text)
        assert refused.value.code == code


@pytest.mark.parametrize("text", ["0", "0.0", "0.00"])
def test_zero_is_no_positive_amount(text):
    with pytest.raises(Refused, match="amount_not_positive"):
        positive_fen(text)


@given(st.integers(0, MOST_FEN))
def test_there_and_back(amount):
    assert fen(yuan(amount)) == amount


def test_a_negative_amount_can_be_printed_though_never_read():
    assert yuan(-5) == "-0.05"
    assert yuan(-12345) == "-123.45"
