"""Secret limits: bound by what is told of them, opened by the two secrets only, and nothing else shows them."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hejie.base import blind
from hejie.base.blind import Limit
from hejie.base.errors import Refused

HERE, THERE = "D1/1/consumer", "D1/1/merchant"
fens = st.integers(1, 10**9)
secrets = st.binary(min_size=32, max_size=32)


@given(fens, fens, secrets, secrets)
def test_a_limit_is_bound_and_opens_for_the_other_secret_only(fen, other_fen, secret, other):
    mine, theirs = Limit(fen, secret), Limit(other_fen, other)
    told = blind.commitment(HERE, mine)
    assert blind.keeps(HERE, mine, told)
    assert not blind.keeps(HERE, Limit(fen + 1, secret), told)
    assert not blind.keeps(THERE, mine, told)
    closed = blind.close(HERE, mine, blind.public(THERE, other), THERE)
    assert blind.opened(HERE, closed, blind.public(HERE, secret), theirs.secret, THERE) == mine
    stranger = bytes(byte ^ 1 for byte in other)
    with pytest.raises(Refused, match="bid_wrong"):
        blind.opened(HERE, closed, blind.public(HERE, secret), stranger, THERE)
    with pytest.raises(Refused, match="bid_wrong"):
        blind.opened(HERE, closed[:-1] + bytes([closed[-1] ^ 1]), blind.public(HERE, secret), other, THERE)
    with pytest.raises(Refused, match="bid_wrong"):
        blind.opened("D2/1/consumer", closed, blind.public(HERE, secret), other, THERE)


@given(fens, secrets)
def test_the_browser_keeps_it_as_it_was(fen, secret):
    assert blind.read(blind.written(Limit(fen, secret))) == Limit(fen, secret)


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é" * 54, "A" * 53, "A" * 60])
def test_what_no_browser_of_ours_kept_is_nothing(text):
    assert blind.read(text) is None


def test_every_possible_limit_tried_against_what_is_told_finds_nothing():
    """Who reads everything that is kept but has no secret cannot even guess: a small price is not found by trying."""
    secret = os.urandom(32)
    told = blind.commitment(HERE, Limit(1234, secret))
    public = blind.public(HERE, secret)
    for guess in range(1, 3000):
        for made_up in (bytes(32), bytes.fromhex(public), bytes.fromhex(told)):
            assert not blind.keeps(HERE, Limit(guess, made_up), told)


@pytest.mark.parametrize("public", ["", "00", "zz" * 32, "00" * 32])
def test_a_public_key_that_is_none_is_refused(public):
    with pytest.raises(Refused, match="bid_wrong"):
        blind.close(HERE, Limit(1, bytes(32)), public, THERE)
