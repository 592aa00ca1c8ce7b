"""Trades as a list names them, and as they are counted."""

from __future__ import annotations

import pytest

from hejie.base.errors import Refused
from hejie.merchants.trades import division, trade_code


@pytest.mark.parametrize(
    ("typed", "kept"), [("", ""), (" 6210 ", "6210"), ("62", "62"), ("餐饮业", "62"), ("521", "521")]
)
def test_a_trade_is_read(typed: str, kept: str):
    assert trade_code(typed) == kept


@pytest.mark.parametrize("typed", ["6", "62100", "0110", "饭店", "６２", "62a"])
def test_what_is_no_trade_is_refused(typed: str):
    with pytest.raises(Refused, match="trade_unknown"):
        trade_code(typed)


def test_a_category_is_counted_under_its_division():
    assert (division("6210"), division("food"), division("")) == ("62", "", "")
