"""Unified social credit codes against the vectors of GB 32100 and against typing slips."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.errors import Refused
from hejie.merchants.uscc import ALPHABET, check_character, credit_code

VALID = [
    "91110000600037341L",
    "92510104MA6ABCDE1E",
    "91350203M0001XYT25",
    "92450103MA5N0P0Q1D",
    "91140105MA0K123457",
    "91620102MA74WXYA0X",
]
BODIES = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", VALID)
def test_vectors(code: str) -> None:
    assert credit_code(code) == code
    assert credit_code(f"  {code.lower()}\n") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "credit_code_length"),
        ("91110000600037341", "credit_code_length"),
        ("91110000600037341LL", "credit_code_length"),
        ("91110000600037341I", "credit_code_letter"),
        ("9111000060003734-L", "credit_code_letter"),
        ("\uff1911110000600037341L"[:18], "credit_code_letter"),
        ("9111000060003734\ufb00", "credit_code_length"),
        ("9111000060003734\ufb001", "credit_code_letter"),
        ("91110000600037341M", "credit_code_check"),
        ("19110000600037341L", "credit_code_check"),
    ],
)
def test_slips_are_refused_with_their_reason(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        credit_code(text)
    assert caught.value.code == code


@given(BODIES)
def test_letters_are_allowed_everywhere(body: str) -> None:
    whole = body + check_character(body)
    assert credit_code(whole) == whole


@given(BODIES, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_every_single_slip_is_found(body: str, place: int, letter: str) -> None:
    slipped = body[:place] + letter + body[place + 1 :]
    if slipped == body:
        return
    with pytest.raises(Refused):
        credit_code(slipped + check_character(body))
