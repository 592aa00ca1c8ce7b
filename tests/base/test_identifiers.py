"""Identifiers sort by their time, tell the city of their birth, and do not meet."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base.identifiers import birth_city, mint

MOMENTS = st.integers(0, 2**50 - 1)


@given(MOMENTS, MOMENTS)
def test_the_earlier_one_sorts_first(one, other):
    early, late = sorted((one, other))
    if early < late:
        assert mint("330100", early, lambda size: b"\xff" * size) < mint("330100", late, lambda size: b"\0" * size)


def test_shape_and_birth_city():
    made = mint("330100", 1_795_000_000_000, os.urandom)
    assert re.fullmatch(r"330100-[0-9A-HJKMNP-TV-Z]{10}-[0-9A-HJKMNP-TV-Z]{12}", made)
    assert birth_city(made) == "330100"


def test_one_moment_mints_many():
    assert len({mint("330100", 1, os.urandom) for _ in range(2000)}) == 2000


@pytest.mark.parametrize("bits", [4, 32, 63])
def test_chance_reaches_the_letters(bits):
    zero = mint("330100", 1, lambda size: b"\0" * size)
    assert mint("330100", 1, lambda size: (1 << bits).to_bytes(size, "big")) != zero
