"""How one person files, counted and nothing more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.disputes.dispute_cases import T0

from hejie.disputes.model import Outcome
from hejie.disputes.patterns import Near, patterns, plain_words


def near(name: str, days: float = 0, **other: object) -> Near:
    given = {"consumer": "P1", "merchant": "M1", "outcome": None, "items": ("片儿川",), "trades": (f"T{name}",)}
    facts = given | {"same_words": False, "same_contact": False} | other
    return Near(id=name, place="", filed_at=T0 - timedelta(days=days), **facts)


THIS = near("0")


def names(found: tuple[Near, ...]) -> list[str]:
    return [each.id for each in found]


def test_alone_there_is_nothing_to_tell():
    found = patterns(THIS, [])
    assert found.silent
    assert (found.merchants, found.busiest_week) == (1, 1)


def test_pace_and_merchants_are_the_consumers_own():
    others = [near("1", 1, merchant="M2"), near("2", 6.9), near("3", 7), near("4", 3, consumer="P2", same_words=True)]
    found = patterns(THIS, others)
    assert names(found.near) == ["1", "2", "3"]
    assert (found.merchants, found.busiest_week) == (2, 3)
    assert names(found.same_words) == ["4"]
    assert not found.silent


def test_a_number_is_shared_only_by_others():
    found = patterns(THIS, [near("1", same_contact=True), near("2", consumer="P2", same_contact=True)])
    assert names(found.same_contact) == ["2"]


def test_goods_of_the_same_name_and_nameless_ones():
    others = [near("1", items=(" 片儿川 ",)), near("2", items=("虾爆鳝面",)), near("3", items=("",))]
    assert names(patterns(THIS, others).same_goods) == ["1"]
    assert patterns(near("0", items=("",)), [near("3", items=("",))]).same_goods == ()


@pytest.mark.parametrize(
    ("other", "seen"),
    [
        (near("1", 5, outcome=Outcome.performed), True),
        (near("1", 5, outcome=Outcome.mediated, merchant="M2", trades=("T0",)), True),
        (near("1", 5, outcome=Outcome.performed, merchant="M2"), False),
        (near("1", 5, outcome=Outcome.withdrawn), False),
        (near("1", 5), False),
        (near("1", -5, outcome=Outcome.performed), False),
        (near("1", 5, outcome=Outcome.performed, consumer="P2", same_words=True), False),
    ],
)
def test_settled_before_and_filed_again(other, seen):
    assert bool(patterns(THIS, [other]).settled_before) is seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("面里有一根很长的头发，恶心！", " 面里 有一根很长的头发 恶心"),
        ("Ａ hair IN my bowl of soup", "a hair in my bowl of soup!!"),
    ],
)
def test_the_same_words_in_other_signs(one, other):
    assert plain_words(one) == plain_words(other) != ""


def test_short_words_are_everybodys():
    assert plain_words("面里有头发。") == ""
