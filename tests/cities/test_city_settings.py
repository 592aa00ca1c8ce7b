"""City files: what the shipped one says, and what a bad one gets."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused
from hejie.cities.promises import first_clash
from hejie.cities.reading import read_city, shipped, shipped_codes
from hejie.cities.settings import CitySettings, in_force, owed

TEXT = shipped("330100")
HANGZHOU = read_city(TEXT)


def test_hangzhou_as_published() -> None:
    clocks = HANGZHOU.clocks
    assert (clocks.answer_hours, clocks.confirm_days, clocks.settle_hours, clocks.filing_days) == (96, 7, 72, 30)
    assert clocks.confirm_reminder_days == (1, 3, 6)
    assert "answer_hours" not in clocks.provisional
    assert "confirm_days" in clocks.provisional
    assert HANGZHOU.door.phone == "12315"
    assert HANGZHOU.agency("330113").division == "Linping District"


def test_the_problems_and_their_foreign_codes() -> None:
    assert [problem.id for problem in HANGZHOU.problems] == [
        "wrong_amount",
        "charged_twice",
        "not_served",
        "quality",
        "price",
        "promise_broken",
        "refund_refused",
        "prepaid_card",
        "injury",
        "unsafe_goods",
        "child_at_risk",
        "shop_ran_away",
        "other",
    ]
    dangers = [problem.id for problem in HANGZHOU.problems if problem.safety]
    assert dangers == ["injury", "unsafe_goods", "child_at_risk", "shop_ran_away"]
    assert [problem.id for problem in HANGZHOU.problems if problem.asks_right_amount] == ["wrong_amount"]
    for problem in (each for each in HANGZHOU.problems if not each.safety):
        assert problem.code_in("alipay")
        assert problem.code_in("12315")
        assert not any(code.confirmed for code in problem.codes)
        assert HANGZHOU.problem_from("alipay", [problem.code_in("alipay")]) == problem


@pytest.mark.parametrize(
    ("codes", "problem"),
    [
        (["SERVICE_NOT_WORK"], "not_served"),
        (["REFUND"], "other"),
        (["OTHERS"], "other"),
        (["unheard of", "SERVICE_NOT_WORK"], "not_served"),
        (["SERVICE_NOT_WORK", "OTHERS"], "not_served"),
        (["商品质量问题"], None),
        (["unheard of", ""], None),
        ([], None),
    ],
)
def test_the_first_kind_that_the_city_knows_names_the_problem(codes: list[str], problem: str | None) -> None:
    found = HANGZHOU.problem_from("wechatpay", codes)
    assert (found.id if found else None) == problem


@pytest.mark.parametrize(
    ("wallet", "code", "remedy"),
    [
        ("alipay", "退款", "refund_full"),
        ("alipay", "赔礼道歉", "apology"),
        ("wechatpay", "REFUND", "refund_full"),
        ("wechatpay", "退款", "other"),
        ("alipay", "", "other"),
    ],
)
def test_what_a_wallets_payer_asks_for_is_a_remedy(wallet: str, code: str, remedy: str) -> None:
    assert HANGZHOU.demand_from(wallet, code) == remedy


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('code = "SERVICE_NOT_WORK"', 'code = "OTHERS"', "problems.codes: wechatpay OTHERS"),
        ('code = "换货"', 'code = "退款"', "demands.codes: alipay 退款"),
        ('remedy = "exchange"', 'remedy = "voucher"', "demands"),
    ],
)
def test_a_wallets_word_means_one_thing_here(old: str, new: str, where: str) -> None:
    assert old in TEXT
    with pytest.raises(Refused, match="city_file_invalid") as refusal:
        read_city(TEXT.replace(old, new, 1))
    assert where in str(refusal.value.facts["where"])


def test_settings_survive_storage() -> None:
    assert msgspec.json.decode(msgspec.json.encode(HANGZHOU), type=CitySettings) == HANGZHOU


def test_settings_change_at_shanghai_midnight() -> None:
    later = msgspec.structs.replace(HANGZHOU, version=6, valid_from=date(2026, 7, 1))
    rows = [later, HANGZHOU]
    assert in_force(rows, datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)).version == 5
    assert in_force(rows, datetime(2026, 6, 30, 16, 0, tzinfo=UTC)).version == 6
    with pytest.raises(Missing) as caught:
        in_force(rows, datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    assert caught.value.code == "settings_not_in_force"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("answer_hours = 96", "answer_hours = 0", "clocks.answer_hours"),
        ("answer_hours = 96", 'answer_hours = "96"', "clocks.answer_hours"),
        ("answer_hours = 96", "anwser_hours = 96", "clocks"),
        ('code = "330100"\nname', 'code = "3301"\nname', "code"),
        ('code = "330100"\nname', 'code = "330199"\nname', "330199"),
        ("[1, 3, 6]", "[1, 3, 7]", "clocks.confirm_reminder_days"),
        ("[1, 3, 6]", "[3, 1]", "clocks.confirm_reminder_days"),
        ('"survey_days", "reach', '"surve_days", "reach', "surve_days"),
        ('id = "other"', 'id = "misc"', "other"),
        ('id = "quality"', 'id = "price"', "problems: price"),
        (
            'system = "12315", code = "质量"',
            'system = "alipay", code = "商品质量问题"',
            "problems.quality.codes: alipay 商品质量问题",
        ),
        ('code = "330114"', 'code = "330115"', "330115"),
        ('code = "330114"', 'code = "330113"', "agencies: 330113"),
        ('[[agencies]]\ncode = "330100"', '[[x]]\ncode = "330100"', ""),
        ("https://", "javascript://", "door.url"),
        ("valid_from = 2026-01-01", 'valid_from = "soon"', "valid_from"),
        ('id = "rights"', 'id = "returns"', "promises: returns"),
        ('id = "rights"\n', 'id = "rights"\nvalid_to = 2025-12-31\n', "promises: rights"),
        ('title = "维权放心"', 'titel = "维权放心"', "promises[5].zh"),
        ('id = "rights"', 'id = "Rights"', "promises[5].id"),
    ],
)
def test_a_bad_city_file_says_where(old: str, new: str, where: str) -> None:
    assert old in TEXT
    with pytest.raises(Refused) as caught:
        read_city(TEXT.replace(old, new, 1))
    assert caught.value.code == "city_file_invalid"
    assert caught.value.facts["where"] == where
    assert caught.value.facts["why"]


def rung(step: str, days: int = 5) -> str:
    return f'{{ step = "{step}", announce_days = {days}, appeal_days = 15 }}'


@pytest.mark.parametrize(
    ("ladder", "why", "where"),
    [
        ("valid_from = 2027-01-01", "ladder_empty", "ladder.steps"),
        (f"valid_to = 2027-01-01\nsteps = [{rung('warning')}]", "ladder_days", "ladder.valid_to"),
        (f"steps = [{rung('inspection')}, {rung('warning')}]", "ladder_order", "ladder.steps"),
        (f"steps = [{rung('warning')}, {rung('warning')}]", "ladder_order", "ladder.steps"),
        (f"steps = [{rung('warning', 0)}]", "Expected `int` >= 1", "ladder.steps[0].announce_days"),
        (f"steps = [{rung('prison')}]", "Invalid enum value 'prison'", "ladder.steps[0].step"),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(ladder: str, why: str, where: str) -> None:
    with pytest.raises(Refused) as caught:
        read_city(f"{TEXT}\n[ladder]\n{ladder}\n")
    assert caught.value.facts == {"why": why, "where": where}


def test_the_ladder_is_off_until_a_city_names_a_day_and_may_leave_steps_out() -> None:
    assert not HANGZHOU.ladder.holds(date(2030, 1, 1))
    steps = f"steps = [{rung('warning')}, {rung('publication')}]"
    on = read_city(f"{TEXT}\n[ladder]\nvalid_from = 2027-01-01\nvalid_to = 2027-12-31\n{steps}\n").ladder
    days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1))
    assert [on.holds(day) for day in days] == [False, True, True, False]
    assert [each.step for each in on.steps] == ["warning", "publication"]


def test_a_district_without_its_agency_is_refused() -> None:
    start = TEXT.index('[[agencies]]\ncode = "330182"')
    with pytest.raises(Refused) as caught:
        read_city(TEXT[:start])
    assert caught.value.facts == {"why": "agency_missing", "where": "330182"}


@pytest.mark.parametrize("text", ["code = ", 'code = "1"\ncode = "2"', "\x00"])
def test_what_is_no_toml_is_unreadable(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_city(text)
    assert caught.value.code == "city_file_unreadable"


@pytest.mark.parametrize("code", ["999999", "../settings", ""])
def test_only_shipped_cities_are_found(code: str) -> None:
    assert shipped_codes() == ("140100", "330100", "350200", "450100", "510100", "620100")
    with pytest.raises(Missing):
        shipped(code)


def test_what_is_not_on_the_lists_is_missing() -> None:
    with pytest.raises(Missing):
        HANGZHOU.problem("misc")
    with pytest.raises(Missing):
        HANGZHOU.agency("510104")


def test_six_promises_ship_and_none_is_confirmed() -> None:
    assert [each.id for each in HANGZHOU.promises] == ["quality", "safety", "price", "service", "returns", "rights"]
    assert all(each.provisional and each.said("zh") != each.said("en") for each in HANGZHOU.promises)


def test_a_promise_is_owed_from_its_first_day_to_its_last() -> None:
    old, *others = HANGZHOU.promises
    new = replace(old, valid_from=date(2026, 7, 1))
    row = replace(HANGZHOU, promises=(replace(old, valid_to=date(2026, 6, 30)), *others[:1], new))
    assert first_clash(row.promises) == ""
    days = [(2025, 12, 31, 15), (2025, 12, 31, 16), (2026, 6, 30, 15), (2026, 6, 30, 16)]
    told = [row.promises_on(datetime(*day, 59, tzinfo=UTC)) for day in days]
    assert told == [(), (row.promises[0], others[0]), (row.promises[0], others[0]), (others[0], new)]


def test_what_was_promised_once_stays_owed_in_its_last_words() -> None:
    """Given up by a later row, or by a last day: never by somebody who paid under it."""
    old, second, *_ = HANGZHOU.promises
    reworded = replace(old, valid_from=date(2026, 7, 1), zh=replace(old.zh, sentence="另一种说法。"))
    first = replace(HANGZHOU, promises=(replace(old, valid_to=date(2026, 6, 30)), second, reworded))
    later = replace(first, version=5, valid_from=date(2026, 9, 1), promises=(second,))
    names = (second.id, old.id, "never")
    for day, words in ((date(2026, 6, 30), old.zh), (date(2026, 7, 1), reworded.zh), (date(2026, 9, 1), reworded.zh)):
        found = owed([later, first], names, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))
        assert [each.id for each in found] == [second.id, old.id]
        assert found[1].zh == words
    assert owed([later, first], names, datetime(2025, 12, 31, 4, tzinfo=UTC)) == ()


def test_a_row_from_before_there_were_promises_still_reads() -> None:
    older = msgspec.to_builtins(HANGZHOU)
    del older["promises"]
    assert msgspec.json.decode(msgspec.json.encode(older), type=CitySettings) == replace(HANGZHOU, promises=())
