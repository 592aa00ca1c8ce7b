"""Rules as files: all shipped ones are whole, a faulty one says where, and the day and the rank choose the wording."""

from __future__ import annotations

from datetime import date

import pytest

from hejie.base.errors import Missing, Refused
from hejie.law.reading import examine, load
from hejie.law.rules import Rank, Roll, Unit
from hejie.law.shipped import book

LAW = """
[law.order]
zh = "办法"
en = "Order"
rank = "ministry_rule"

[law.act]
zh = "条例"
en = "Act"
rank = "regulation"
"""
RULE = """
[[rule]]
id = "A1"
title = { zh = "受理", en = "Acceptance" }
sentence = { zh = "七个工作日内决定。", en = "It decides within 7 working days." }
source = [{ law = "order", at = "15" }]
valid_from = 2026-04-15
unit = "working_days"
amount = 7
actor = "authority"
trigger = { key = "received", zh = "收到", en = "received" }
effect = { zh = "决定。", en = "It decides." }
confirmed = true
"""
OLDER = RULE.replace("valid_from = 2026-04-15", "valid_from = 2020-01-01\nvalid_to = 2026-04-14")


def _faults(text: str) -> list[tuple[str, str, str]]:
    return [fault[1:4] for fault in examine({"x.toml": LAW + text}).faults]


def test_a_whole_file_loads():
    found = load({"x.toml": LAW + OLDER + RULE})
    assert [rule.text.valid_from.year for rule in found.book.rules] == [2020, 2026]
    assert found.book.rules[0].rank is Rank.ministry_rule


@pytest.mark.parametrize(
    ("before", "after", "field", "why"),
    [
        ('unit = "working_days"', 'unit = "fortnights"', "unit", "unit_unknown"),
        ('actor = "authority"', 'actor = "nobody"', "actor", "actor_unknown"),
        ('unit = "working_days"', 'unit = "calendar_days"\nroll = "R999"', "roll", "roll_unknown"),
        ("confirmed = true", 'confirmed = true\nkinds = ["stall"]', "kinds[0]", "kinds_unknown"),
        ("confirmed = true", 'confirmed = true\ncompetent = ["home"]', "competent[0]", "competent_unknown"),
        ('source = [{ law = "order", at = "15" }]', "", "source", "source_missing"),
        ('source = [{ law = "order", at = "15" }]', "source = []", "source", "source_missing"),
        ('law = "order"', 'law = "lost"', "source", "source_missing"),
        (', at = "15"', "", "source", "source_missing"),
        ('at = "15"', 'at = "fifteen"', "source[0].at", "value_wrong"),
        ("valid_from = 2026-04-15", "valid_from = 2026-02-30", "valid_from", "date_impossible"),
        ("valid_from = 2026-04-15", 'valid_from = "2026-02-30"', "valid_from", "date_impossible"),
        ("valid_from = 2026-04-15", "", "valid_from", "field_missing"),
        ("valid_from = 2026-04-15", "valid_from = 2026-04-15\nvalid_to = 2026-04-01", "valid_to", "dates_reversed"),
        ("amount = 7", "", "amount", "amount_missing"),
        ("amount = 7", "amount = 0", "amount", "value_wrong"),
        ("amount = 7", "amount = -7", "amount", "value_wrong"),
        ('unit = "working_days"', 'unit = "none"', "amount", "amount_without_unit"),
        ("amount = 7", "amount = 7\nas_promised = true", "as_promised", "amount_twice"),
        ("amount = 7", 'amount = 7\nroll = "R203"', "roll", "roll_without_days"),
        ("amount = 7", "amount = 7\nbefore = true", "before", "before_in_plain_days"),
        ('unit = "working_days"', 'unit = "hours"\nstopped_by = ["A1"]', "stopped_by", "stop_without_days"),
        ("amount = 7", 'amount = 7\nstopped_by = ["Z9"]', "stopped_by", "stop_unknown"),
        ("amount = 7", 'amount = 7\nalso = "A1"', "also", "repeated"),
        ("amount = 7", "amount = 7\nnumber = 7", "number", "field_unknown"),
        ('id = "A1"', 'id = "a-1"', "id", "value_wrong"),
        (', en = "Acceptance" }', " }", "title.en", "field_missing"),
    ],
)
def test_a_faulty_rule_says_where(before, after, field, why):
    assert before in RULE
    own = "a-1" if 'id = "a-1"' in after else "A1"
    assert _faults(RULE.replace(before, after)) == [(own, field, why)]


@pytest.mark.parametrize(
    ("older", "why"),
    [
        (OLDER.replace("2026-04-14", "2026-04-15"), "overlap"),
        (OLDER.replace("valid_to = 2026-04-14", ""), "overlap"),
        (OLDER.replace("2026-04-14", "2026-04-13"), "gap"),
        (OLDER.replace("2026-04-14", "2026-04-13").replace('law = "order"', 'law = "act"'), "gap"),
    ],
)
def test_wordings_that_overlap_or_leave_a_gap_do_not_load(older, why):
    assert _faults(older + RULE) == [("A1", "valid_from", why)]
    with pytest.raises(Refused) as caught:
        load({"x.toml": LAW + older + RULE})
    assert caught.value.code == "law_file_wrong"
    assert caught.value.facts == {"file": "x.toml", "rule": "A1", "field": "valid_from", "why": why, "said": ""}


def test_a_stronger_text_does_not_hide_a_gap_in_a_weaker_one():
    stronger = OLDER.replace('law = "order"', 'law = "act"').replace("valid_to = 2026-04-14", "")
    assert _faults(OLDER + stronger + RULE) == []
    assert _faults(OLDER.replace("2026-04-14", "2026-04-10") + stronger + RULE) == [("A1", "valid_from", "gap")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("= 1", ("", "", "unreadable")),
        ("[law.order]\nzh = 1", ("law.order", "zh", "value_wrong")),
        ('[law.order]\nzh = "a"\nen = "b"\nrank = "king"', ("law.order", "rank", "rank_unknown")),
        ('[pack]\nprovince = "33"', ("pack", "province", "value_wrong")),
        ("rules = 1", ("", "rules", "field_unknown")),
        ("rule = 1", ("rule 1", "", "value_wrong")),
    ],
)
def test_a_faulty_file_says_where(text, where):
    assert [fault[1:4] for fault in examine({"x.toml": text}).faults] == [where]


def test_one_rule_is_one_provinces():
    pack = '[pack]\nprovince = "330000"\nname = { zh = "浙江", en = "Zhejiang" }\nfilled = true\nread = 2026-11-30\n'
    pack += 'unknown = { zh = "无", en = "none" }\n'
    found = examine({"a.toml": LAW + OLDER, "b.toml": pack + LAW + RULE})
    assert [fault[:4] for fault in found.faults] == [("b.toml", "A1", "id", "repeated")]


def test_every_rule_of_the_facts_is_there():
    ids = {rule.id for rule in book().rules} | {rule.text.also for rule in book().rules}
    wanted = "J1 J2 J3 J4 J5 J6 A1 A2 A3 M1 M1-old M2 M4 M5 V1 X2 N1 N2 N3 N4 N5 N6 N7 T1 T2 T3 T4 T5 T6 T7 T8"
    wanted += " R1 R1x R1i R2 R3 R4 R5 R6 R8 P1 P2 P3 D1 D2 D3 D4 D5 O1 O2 O3 O4 O5"
    assert set(wanted.split()) <= ids
    assert {rule.id for rule in book().rules if rule.province} == {f"ZJ{number}" for number in range(1, 12)}


def test_packs_say_what_is_unknown():
    packs = book().packs
    assert {code: pack.filled for code, pack in packs.items()} == {
        "330000": True, "510000": False, "350000": False, "450000": False, "140000": False, "620000": False,
    }  # fmt: skip
    assert all(pack.unknown.zh and pack.unknown.en for pack in packs.values())


@pytest.mark.parametrize(
    ("name", "day", "unit", "amount", "rank"),
    [
        ("M1", date(2024, 6, 30), Unit.working_days, 45, Rank.ministry_rule),
        ("M1", date(2024, 7, 1), Unit.calendar_days, 60, Rank.regulation),
        ("M1", date(2026, 4, 14), Unit.calendar_days, 60, Rank.regulation),
        ("M1-old", date(2026, 4, 14), Unit.working_days, 45, Rank.ministry_rule),
        ("M1", date(2026, 4, 15), Unit.calendar_days, 60, Rank.regulation),
        ("A1", date(2026, 4, 14), Unit.working_days, 7, Rank.ministry_rule),
        ("P1", date(2025, 5, 1), Unit.calendar_days, 7, Rank.interpretation),
    ],
)
def test_the_day_and_then_the_rank_choose(name, day, unit, amount, rank):
    chosen = book().chosen(name, day)
    assert (chosen.text.unit, chosen.text.amount, chosen.rank) == (unit, amount, rank)


def test_what_gives_way_is_told():
    assert [rule.text.amount for rule in book().outranked("M1", date(2026, 4, 14))] == [45]
    assert book().outranked("M1", date(2026, 4, 15)) == ()
    assert book().chosen("M1", date(2026, 4, 15)).sources[0].cited("en").endswith("art. 23(1)(5)")


@pytest.mark.parametrize(
    ("name", "day", "province", "code"),
    [
        ("Z9", date(2026, 5, 1), "", "law_rule_unknown"),
        ("M1", date(2019, 12, 31), "", "law_rule_not_in_force"),
        ("M1-old", date(2026, 4, 15), "", "law_rule_not_in_force"),
        ("ZJ1", date(2026, 5, 1), "", "law_rule_elsewhere"),
        ("ZJ1", date(2026, 5, 1), "510000", "law_rule_elsewhere"),
    ],
)
def test_a_rule_that_is_not_there_is_refused(name, day, province, code):
    with pytest.raises((Missing, Refused)) as caught:
        book().chosen(name, day, province)
    assert caught.value.code == code


def test_a_provinces_rule_is_found_from_there():
    assert book().chosen("ZJ1", date(2026, 5, 1), "330000").text.roll is Roll.R203


def test_sources_are_cited_in_both_languages():
    (source, *_) = book().chosen("N3", date(2026, 5, 1)).sources
    assert source.cited("zh").endswith("》第16条第1款第3项、第17条")
    assert source.cited("en").endswith(", arts. 16(1)(3), 17")
    (source,) = book().chosen("A2", date(2026, 5, 1)).sources
    assert source.cited("zh").endswith("第18条至第19条")
    assert source.cited("en").endswith("arts. 18–19")
