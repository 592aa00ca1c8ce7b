"""What an agreement must say, its canonical form, and its number."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.papers import AGREEMENT

from hejie.base.errors import Refused
from hejie.papers.agreement import (
    MOST_FEN,
    Agreement,
    Kind,
    Side,
    Term,
    attachment,
    digest,
    fresh_number,
    must_be_whole,
    read_number,
)

TERM, (CONSUMER, MERCHANT) = AGREEMENT.terms[0], AGREEMENT.parties


def test_a_whole_agreement_of_either_kind_is_taken():
    must_be_whole(AGREEMENT)
    must_be_whole(replace(AGREEMENT, kind=Kind.mediation, agency="上城区市场监督管理局", mediator="李"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parties": (CONSUMER,)}, "agreement_party_missing"),
        ({"parties": (CONSUMER, replace(MERCHANT, name=" "))}, "agreement_party_missing"),
        ({"terms": ()}, "agreement_term_missing"),
        ({"terms": (TERM, Term(who=Side.merchant, what=" "))}, "agreement_term_missing"),
        ({"terms": (replace(TERM, amount_fen=0),)}, "agreement_amount_wrong"),
        ({"terms": (replace(TERM, amount_fen=-1),)}, "agreement_amount_wrong"),
        ({"terms": (replace(TERM, amount_fen=MOST_FEN + 1),)}, "agreement_amount_wrong"),
        ({"kind": Kind.mediation}, "agreement_agency_missing"),
        ({"kind": Kind.mediation, "agency": "局"}, "agreement_agency_missing"),
    ],
)
def test_what_lacks_a_part_is_refused(change, code):
    with pytest.raises(Refused) as refused:
        must_be_whole(replace(AGREEMENT, **change))
    assert refused.value.code == code


def test_what_is_attached_is_canonical_and_its_digest_moves_with_every_word():
    raw = attachment(AGREEMENT)
    told = json.loads(raw)
    assert raw == json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert told["schema"] == "hejie-agreement/1"
    assert told["terms"][0]["amount_fen"] == 1200
    changes: list[Agreement] = [
        replace(AGREEMENT, terms=(replace(TERM, amount_fen=1201),)),
        replace(AGREEMENT, parties=(CONSUMER, replace(MERCHANT, name="别家"))),
        replace(AGREEMENT, salt="ff" * 16),
        replace(AGREEMENT, language="en"),
    ]
    assert len({digest(attachment(each)) for each in (AGREEMENT, *changes)}) == 5


@given(st.sampled_from(Kind), st.integers(2026, 2999), st.binary(min_size=7, max_size=7))
def test_a_number_is_read_as_people_write_it(kind, year, drawn):
    number = fresh_number(kind, "330100", year, lambda _: drawn)
    misread = number[:15] + number[15:].replace("0", "o").replace("1", "l")
    for typed in (number, number.lower(), number.replace("-", ""), f" {number.replace('-', ' ')} ", misread):
        assert read_number(typed) == number


def test_numbers_do_not_repeat():
    assert len({fresh_number(Kind.settlement, "330100", 2026, os.urandom) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("typed", ["", "x", "XX-330100-2026-7K3FM-92QDA", "HJ-330100-2026-7K3FM-92QD", "HJ" * 500])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(Refused, match="paper_number_unreadable"):
        read_number(typed)
