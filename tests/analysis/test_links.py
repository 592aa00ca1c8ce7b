"""Soft links: what is compared, what the model says of it and why, and the whole way on a small town."""

from __future__ import annotations

import pytest

from hejie.analysis.features import features, house, sound
from hejie.analysis.links import akin, link, score
from hejie.analysis.model import labels, settings, shipped
from hejie.cities.divisions import NAMES
from hejie.merchants.linking import ASKS, LINKS, Lineages, Sighting
from hejie.merchants.uscc import check_character
from hejie.merchants.words import places

PLACES = places(NAMES)
NOBODY = Lineages()


def _code(number: int) -> str:
    body = f"91330106{number:09}"
    return body + check_character(body)


A, B = _code(1), _code(2)
SHOP = Sighting(
    id="1", name="老章面馆", address="杭州市西湖区文三路12号", phone="p1", acquirer="通联", number="1", code=A
)
SAME = Sighting(id="2", name="老張麵館(文三路店)", address="文三路12号", phone="p1", acquirer="富友", number="9")
ELSE = Sighting(id="3", name="杭州禾果水果店", address="庆春路7号", phone="p3", acquirer="富友", number="3")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("杭州市西湖区文三路12号", ("文三路", "文三路12", "")),
        ("文三路 12 号", ("文三路", "文三路12", "")),
        ("杭州市上城区延安路100号银泰城B203", ("延安路", "延安路100", "b203")),
        ("延安路100号银泰城3楼301室", ("延安路", "延安路100", "301室")),
        ("四季青市场", ("四季青市场", "", "")),
        ("", ("", "", "")),
    ],
)
def test_an_address_is_taken_apart(address, expected):
    assert house(address, PLACES) == expected


def test_the_columns_of_an_identity():
    (row,) = features([SAME], PLACES, NOBODY)
    assert (row.core, row.sound, row.trade, row.branch) == ("老张", "lao zhang", "面馆", "文三路店")
    assert (row.house, row.merchant, row.code, row.terminal) == ("文三路12", "富友 9", None, None)
    assert sound("老章") == sound("老张")


def test_an_account_under_two_codes_is_not_compared():
    rows = [Sighting(id="1", code=A, account="x"), Sighting(id="2", code=B, account="x"), Sighting(id="3", account="y")]
    assert [row.account for row in features(rows, PLACES, NOBODY)] == [None, None, "y"]


def test_a_pair_tells_what_spoke_for_it_and_against_it():
    (pair,) = score([SHOP, SAME, ELSE], PLACES, NOBODY)
    told = {reason.comparison: (reason.level, reason.bits > 0) for reason in pair.reasons}
    assert (pair.one, pair.other) == ("1", "2")
    assert told == {
        "name": ("sounds the same", True),
        "trade": ("the same trade", True),
        "place": ("the same house", True),
        "phone": ("the same telephone", True),
        "merchant": ("different", False),
    }
    assert ASKS <= pair.probability <= 1


def test_the_whole_way():
    found, pairs = link([SHOP, SAME, ELSE], PLACES, NOBODY)
    assert found.groups == (("1", "2"), ("3",))
    assert pairs[0].probability >= LINKS
    assert link([], PLACES, NOBODY)[0].groups == ()
    assert link([SHOP], PLACES, NOBODY)[0].groups == (("1",),)


def test_the_model_that_travels_is_of_these_comparisons():
    ours, theirs = settings(), shipped()
    assert labels(ours) == labels(theirs)
    assert [rule["blocking_rule"] for rule in ours["blocking_rules_to_generate_predictions"]] == [
        rule["blocking_rule"] for rule in theirs["blocking_rules_to_generate_predictions"]
    ]
    for comparison in theirs["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        assert all(0 < level["m_probability"] <= 1 and 0 < level["u_probability"] <= 1 for level in levels)


def test_every_condition_is_the_one_that_was_fitted():
    ours = [level["sql_condition"] for each in settings()["comparisons"] for level in each["comparison_levels"]]
    theirs = [level["sql_condition"] for each in shipped()["comparisons"] for level in each["comparison_levels"]]
    assert ours == theirs


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"name": "老张饭店"}, True),
        ({"name": "老章饭店"}, True),
        ({"name": "老小张饭店"}, True),
        ({"name": "禾果", "address": "文三路12号"}, True),
        ({"name": "禾果"}, False),
    ],
)
def test_akin(other, expected):
    one, two = features([SAME, Sighting(id="9", **other)], PLACES, NOBODY)
    assert akin(one, two) is expected
