"""Files of rules: a bad one does not load and says where; those that travel with the house do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hejie.base.errors import Refused
from hejie.law import entitlements
from hejie.law.entitlement_rules import book, packs, read_pack, shipped

RULE = """
[[rules]]
id = "X1"
kind = "refund"
payer = "merchant"
article = { zh = "一", en = "one" }
valid_from = 2020-01-01
valid_to = 2020-12-31
values = { span_days = 7 }
says = { zh = "{span_days}日", en = "{span_days} days" }
"""
NEXT = RULE.replace("2020-01-01", "2021-01-01").replace("valid_to = 2020-12-31", "")


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("[[rules]", "-", ""),
        (RULE.replace('article = { zh = "一", en = "one" }', ""), "rules[0]", "article"),
        (RULE.replace('en = "one"', 'en = ""'), "rules[0].article.en", "length"),
        (RULE + "colour = 1", "rules[0]", "colour"),
        (RULE.replace("span_days", "span_weeks"), "X1 2020-01-01", "unknown unit: span_weeks"),
        (RULE.replace("span_days = 7", "span_days = -7"), "rules[0].values[...]", ">= 0"),
        (RULE.replace("{span_days} days", "{other_days} days"), "X1 2020-01-01", "other values"),
        (RULE.replace("{span_days} days", "seven days"), "X1 2020-01-01", "other values"),
        (RULE.replace("{span_days}日", "{span_days日"), "X1 2020-01-01", "other values"),
        (RULE.replace("2020-12-31", "2019-12-31"), "X1 2020-01-01", "ends before"),
        (RULE + NEXT.replace("2021-01-01", "2020-12-31"), "X1 2020-12-31", "overlaps"),
        (RULE + NEXT.replace("2021-01-01", "2021-01-02"), "X1 2021-01-02", "gap"),
        (NEXT + NEXT.replace("2021-01-01", "2022-01-01"), "X1 2022-01-01", "overlaps"),
    ],
)
def test_a_bad_file_of_rules_does_not_load_and_says_where(text, where, why):
    with pytest.raises(Refused) as refused:
        read_pack(text, "x")
    assert refused.value.code == "law_file_invalid"
    assert refused.value.facts["where"] == where
    assert why in str(refused.value.facts["why"])


def test_a_good_file_loads_and_all_that_are_shipped_do():
    assert len(read_pack(RULE + NEXT, "x").rules) == 2
    assert set(packs()) == {"national", "330000", "510000", "350000", "450000", "140000", "620000"}
    for name in packs():
        pack = shipped(name)
        assert pack.rules or pack.unknown
        assert all(each.article.zh and each.article.en for each in pack.rules)


def test_every_sentence_has_the_same_braces_in_both_languages():
    for name, words in book("330100").words.items():
        assert _braces(words.zh) == _braces(words.en), name


def _braces(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_every_sentence_is_used_and_every_used_one_is_there():
    folder = Path(entitlements.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("entitlement*.py"))
    known = set(book("330100").words)
    assert set(re.findall(r'word\(\s*"([a-z_]+)"', code)) <= known
    assert not {name for name in known if f'"{name}"' not in code and not name.startswith("intact_")}
