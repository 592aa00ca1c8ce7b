"""Words keep their meaning and lose what could hide, overflow or turn around."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.edge.texts import MOST_CHARACTERS, clean_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  鱼不新鲜 ", "鱼不新鲜"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\n\n \n\n\nb", "a\n\nb"),
        ("a\tb\x00\x07\x1b[31m\x7f\x9f", "a b[31m"),
        ("收据\u202egnp.exe\u2066\u200f\u061c", "收据gnp.exe"),
        ("退\u200b款\ufeff\u2060", "退款"),
        ("half \ud83d emoji", "half  emoji"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
        ("e\u0301", "é"),
        ("１２．５０ ﬁ ㎏", "１２．５０ ﬁ ㎏"),
        ("<script>alert(1)</script> =1+1 {{7*7}} '; --", "<script>alert(1)</script> =1+1 {{7*7}} '; --"),
        ("\u200b \n\u200d\x00", ""),
        ("", ""),
    ],
)
def test_what_stays_of_a_text(typed: str, kept: str):
    assert clean_text(typed) == kept


def test_a_long_text_is_refused_and_never_cut():
    assert clean_text("字" * MOST_CHARACTERS) == "字" * MOST_CHARACTERS
    assert clean_text("  " + "字" * 10 + "\n\n", 10) == "字" * 10
    for text, most in (("字" * 2001, 2000), ("字" * 100_000, 2000), ("\x00" * 100_000, 2000), ("字" * 11, 10)):
        with pytest.raises(Refused) as caught:
            clean_text(text, most)
        assert caught.value.code == "text_too_long"
        assert caught.value.facts == {"length": len(text), "most": most}


@pytest.mark.parametrize("typed", ["", " \n\t", "\u202e\u200b\x00"])
def test_a_needed_text_is_not_empty(typed: str):
    with pytest.raises(Refused) as caught:
        clean_text(typed, needed=True)
    assert caught.value.code == "text_empty"


@given(st.text(st.characters(), max_size=300))
def test_a_clean_text_is_storable_and_stays_as_it_is(typed: str):
    kept = clean_text(typed)
    kept.encode()
    assert clean_text(kept) == kept
    assert not {unicodedata.category(c) for c in kept if c not in "\n\u200c\u200d"} & {"Cc", "Cf", "Cs"}
