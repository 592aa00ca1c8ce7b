"""`hejie deadline` and `hejie law`: worked dates, refusals in both languages, every rule in words, files checked."""

from __future__ import annotations

import json

import pytest
from tests.support.law_cases import DATES, PROVISIONAL, Dated

from hejie import cli
from hejie.edge.words import LANGUAGES
from hejie.law.reading import Fault
from hejie.law.shipped import book
from hejie.web.law_lines import WRONG, fault_line


def _json(capsys, *words: str) -> dict:
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _words(case: Dated) -> list[str]:
    pauses = [word for first, last in case.pauses for word in ("--pause", f"{first}..{last}")]
    more = [word for name in ("span", "city") if (value := getattr(case, name)) for word in (f"--{name}", value)]
    return [case.rule, case.start, *pauses, *more, *(["--extended"] if case.extended else [])]


@pytest.mark.parametrize("case", DATES)
def test_worked_dates_from_the_command_line(case, capsys):
    told = _json(capsys, "deadline", *_words(case))
    assert (told["due_day"], told["status"]) == (case.due, "final")
    assert [each["due_day"] for each in told["readings"]] == [case.due, *case.others]
    assert told["source"][0]["zh"]


def test_what_json_tells_of_a_deadline(capsys):
    told = _json(capsys, "deadline", "A1", "2026-04-30T16:20", "--city", "510100")
    assert told["due"] == "2026-05-14T00:00:00+08:00"
    assert [each["reason"] for each in told["skipped"]] == ["holiday"] * 5 + ["weekend"]
    assert told["skipped"][0] == {
        "day": "2026-05-01", "reason": "holiday", "name": {"zh": "劳动节", "en": "Labour Day"}, "statutory": True,
    }  # fmt: skip
    assert told["worked_by_swap"] == ["2026-05-09"]
    assert (told["province"]["code"], told["province"]["filled"]) == ("510000", False)
    older = _json(capsys, "deadline", "M1", "2026-04-14")
    assert [(each["rank"], each["due_day"]) for each in older["outranked"]] == [("ministry_rule", "2026-06-18")]
    hours = _json(capsys, "deadline", "R8", "2026-09-30T18:00", "--span", "48h")
    assert hours["due"] == "2026-10-02T18:00:00+08:00"
    other = _json(capsys, "deadline", "A1", "2026-05-06", "--city", "320500")
    assert other["province"] == {"code": "320000", "filled": False, "unknown": None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_without_its_notice_is_told_in_words(language, capsys):
    rule, start, year = PROVISIONAL
    assert _json(capsys, "deadline", rule, start)["missing_years"] == [year]
    assert cli.main(["deadline", rule, start, "--lang", language]) == 0
    said = capsys.readouterr().out
    assert {"zh": "暂定", "en": "Provisional"}[language] in said
    assert "2027" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_readings_are_told_in_words(language, capsys):
    assert cli.main(["deadline", "M1", "2026-04-28", "--lang", language, "--city", "330100"]) == 0
    said = capsys.readouterr().out
    assert {"zh": "2026-06-29: 按《民法典》第203条理解", "en": "2026-06-29: read by the Civil Code"}[language] in said
    assert cli.main(["deadline", "M1", "2026-06-01", "--pause", "2026-06-20..2026-07-09", "--lang", language]) == 0
    assert "2026-06-20 – 2026-07-09" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("A1", "2026-02-30"),
        ("A1", "tomorrow"),
        ("A1", "0001-01-01"),
        ("A1", "9999-12-31T23:00-08:00"),
        ("A1", "9999-12-31T23:00Z"),
        ("A1", "1980-01-01"),
        ("Z9", "2026-05-06"),
        ("A1", "2019-05-06"),
        ("J1", "2026-05-06"),
        ("M1", "2026-05-06", "--pause", "2026-07-09..2026-06-20"),
        ("M1", "2026-05-06", "--pause", "2026-06-20..2026-06-31"),
        ("M1", "2026-05-06", "--pause", "2026-06-20"),
        ("M1", "2026-05-06", "--pause", "2026-06-20..2100-12-31"),
        ("A1", "2026-05-06", "--pause", "2026-06-20..2026-06-21"),
        ("A1", "2026-05-06", "--city", "999900"),
        ("A1", "2026-05-06", "--city", "330106"),
        ("A1", "2026-05-06", "--city", "330000"),
        ("A1", "2026-05-06", "--city", "Hangzhou"),
        ("ZJ1", "2026-05-06"),
        ("ZJ1", "2026-05-06", "--city", "510100"),
        ("R8", "2026-05-06"),
        ("R8", "2026-05-06", "--span", "48h"),
        ("R8", "2026-05-06T10:00", "--span", "soon"),
        ("R8", "2026-05-06T10:00", "--span", "٤٨h"),
        ("A1", "2026-05-06", "--span", "3d"),
        ("A1", "2026-05-06", "--extended"),
    ],
)
def test_bad_input_is_refused_in_both_languages(words, capsys):
    assert cli.main(["deadline", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    chinese, english = told.err.splitlines()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert english.isascii() or "“" in english or "浙江" in english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_a_sentence_with_article_and_dates(language, capsys):
    for name in sorted({rule.id for rule in book().rules}):
        assert cli.main(["law", "show", name, "--lang", language]) == 0
        said = capsys.readouterr().out
        for rule in book().versions(name, "330000"):
            assert rule.text.sentence.said(language) in said
            assert str(rule.text.valid_from) in said
            assert all(source.cited(language) in said for source in rule.sources)
        assert ("Source:" in said) is (language == "en")
    assert cli.main(["law", "list", "--lang", language]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(book().rules)


def test_a_list_for_a_city_leaves_out_other_provinces(capsys):
    told = _json(capsys, "law", "list", "--city", "350200")
    assert {each["province"] for each in told} == {""}
    assert _json(capsys, "law", "show", "M1")[0]["amount"] == 45
    assert cli.main(["law", "show", "Z9"]) == 2


def test_files_are_checked_and_faults_told_where(tmp_path, capsys):
    good = tmp_path / "good.toml"
    good.write_text('[law.order]\nzh = "办法"\nen = "Order"\nrank = "ministry_rule"\n', encoding="utf-8")
    assert cli.main(["law", "check", str(good)]) == 0
    assert capsys.readouterr().out == "files: 1, rules: 0, calendars: 0, faults: 0\n"
    bad = tmp_path / "bad.toml"
    bad.write_text('[[rule]]\nid = "M1"\nvalid_from = 2026-02-30\n', encoding="utf-8")
    assert cli.main(["law", "check", str(tmp_path)]) == 1
    chinese, english, _ = capsys.readouterr().out.splitlines()
    assert chinese.startswith(f"{bad} M1 valid_from: 没有这一天")
    assert english.startswith(f"{bad} M1 valid_from: there is no such day")
    (tmp_path / "empty").mkdir()
    assert cli.main(["law", "check", str(tmp_path / "empty")]) == 2
    assert cli.main(["law", "check", str(tmp_path / "none.toml")]) == 2


def test_every_fault_has_words():
    for why in WRONG:
        zh, en = (fault_line(language, Fault("f", "A1", "unit", why)) for language in LANGUAGES)
        assert zh != en


def test_the_worked_routings_from_the_command_line(capsys):
    told = cli.main(
        [
            "law",
            "competent",
            "--kind",
            "shop",
            "--place",
            "510104",
            "--domicile",
            "510105",
            "--on",
            "2026-11-23",
            "--json",
        ]
    )
    assert told == 0
    assert [each["division"] for each in json.loads(capsys.readouterr().out)] == ["510104", "510105"]
    seller = ["law", "competent", "--kind", "platform_seller", "--place", "510104", "--on", "2026-11-23"]
    assert cli.main([*seller, "--platform-domicile", "330106", "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("330106 浙江省杭州市西湖区  registered address of the platform  (J3, ")
    assert cli.main([*seller, "--platform-domicile", "330103"]) == 2
    assert cli.main(["law", "competent", "--kind", "shop", "--place", "510104", "--on", "2026-02-30"]) == 2
