"""A new city's file: the generator makes what ships, what it makes is read again, and nonsense is refused."""

from __future__ import annotations

from datetime import date

import pytest

from hejie.base.errors import Refused
from hejie.cities.drafting import Answers, draft, read_answers
from hejie.cities.reading import read_city, shipped

DAY = date(2026, 1, 1)
FIVE = ("510100", "350200", "450100", "140100", "620100")


@pytest.mark.parametrize("code", FIVE)
def test_the_files_that_ship_are_the_generators_own(code: str) -> None:
    assert shipped(code) == draft(Answers(code=code), DAY)


@pytest.mark.parametrize("code", FIVE)
def test_a_new_city_says_that_nothing_is_confirmed(code: str) -> None:
    city = read_city(shipped(code))
    assert set(city.clocks.provisional) == set(type(city.clocks).__struct_fields__) - {"provisional"}
    assert all(each.provisional for each in city.promises)
    assert city.safety.provisional
    assert all(paper.since is None for paper in city.papers)
    assert all(each.division.isascii() for each in city.agencies)


def test_what_was_answered_stands_in_the_file() -> None:
    told = """
    code = "320500"
    zh = "苏州"
    en = "Suzhou"
    valid_from = 2027-02-01
    clocks = { answer_hours = 48, confirm_days = 9, confirm_reminder_days = [2, 8] }
    confirmed = ["answer_hours"]
    promises = ["rights", "quality"]
    duty_phone = "+8651212345"
    [divisions]
    320508 = "Gusu District"
    """
    city = read_city(draft(read_answers(told), DAY))
    assert (city.name.zh, city.name.en, city.valid_from) == ("苏州", "Suzhou", date(2027, 2, 1))
    assert (city.clocks.answer_hours, city.clocks.confirm_reminder_days) == (48, (2, 8))
    assert "answer_hours" not in city.clocks.provisional
    assert [each.id for each in city.promises] == ["rights", "quality"]
    assert city.safety.duty_phone("320500", "") == "+8651212345"
    assert city.agency("320508").name.zh == "苏州姑苏区市场监督管理局"
    assert city.agency("320508").division == "Gusu District"
    assert city.agency("320583").division == "昆山市"


def test_english_names_that_nobody_knows_are_said_to_be_unknown() -> None:
    assert draft(Answers(code="320500"), DAY).count("English name unknown") == 10  # the city and nine below it
    assert "English name unknown" not in draft(Answers(code="320500", languages=("zh",)), DAY)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ('code = "330106"', "city_code_wrong"),
        ('code = "330000"', "city_code_wrong"),
        ('code = "999900"', "city_code_wrong"),
        ('code = "33"', "city_answers_unreadable"),
        ("zh = ", "city_answers_unreadable"),
        ('code = "320500"\nmayor = "x"', "city_answers_unreadable"),
        ('code = "320500"\nlanguages = ["en"]', "city_languages_wrong"),
        ('code = "320500"\nlanguages = ["fr"]', "city_answers_unreadable"),
        ('code = "320500"\nzh = "苏\\n[clocks]"', "city_name_wrong"),
        ('code = "320500"\nclocks = { answer_hours = 0 }', "city_file_invalid"),
        ('code = "320500"\nclocks = { answers = 4 }', "city_clock_unknown"),
        ('code = "320500"\nconfirmed = ["answers"]', "city_clock_unknown"),
        ('code = "320500"\nclocks = { confirm_days = 2 }', "city_file_invalid"),
        ('code = "320500"\npromises = ["wealth"]', "city_promise_unknown"),
        ('code = "320500"\nduty_phone = "12315"', "city_file_invalid"),
    ],
)
def test_nonsense_is_refused(told: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        draft(read_answers(told), DAY)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a'''b", "a # b", "{zh}"])
def test_no_name_breaks_out_of_its_line(name: str) -> None:
    city = read_city(draft(Answers(code="320500", zh=name, en=name, sms_signature=name), DAY))
    assert (city.name.zh, city.sms_signature) == (name, name)


def test_a_municipality_is_a_city() -> None:
    assert len(read_city(draft(Answers(code="310000"), DAY)).agencies) > 10
