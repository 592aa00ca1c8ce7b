"""The wallet's own time: from the complaint, by the city's dated record of it, never changed once it runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from hejie.base.errors import Refused
from hejie.cities.dues import Rule, due
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import WalletClock
from hejie.cities.wallet_dues import earliest, kept, wallet_dues, wallet_reminders

TEXT = shipped("330100")
HANGZHOU = read_city(TEXT)
BEGUN = datetime(2026, 3, 1, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_first_answer_in_a_day_and_done_in_three_each_explaining_itself() -> None:
    first, done = wallet_dues("wechatpay", BEGUN, HANGZHOU, answered=False)
    assert (first.rule, first.at - BEGUN) == (Rule.wallet_answer, 24 * HOUR)
    assert (done.rule, done.at - BEGUN) == (Rule.wallet_done, 72 * HOUR)
    for each in (first, done):
        assert (each.set_by, each.start, each.settings_from) == ("wechatpay", BEGUN, date(2026, 1, 1))
        assert not each.provisional
        assert each.at < due(Rule.merchant_answer, BEGUN, HANGZHOU).at
        assert not each.passed(each.at - HOUR / 3600)
        assert each.passed(each.at)


def test_once_answered_there_only_the_end_is_left() -> None:
    assert [each.rule for each in wallet_dues("wechatpay", BEGUN, HANGZHOU, answered=True)] == [Rule.wallet_done]


def test_a_city_that_wrote_nothing_down_has_the_usual_times_unconfirmed() -> None:
    plain = replace(HANGZHOU, wallet_clocks=())
    assert [(each.hours, each.provisional) for each in wallet_dues("wechatpay", BEGUN, plain, answered=False)] == [
        (24, True),
        (72, True),
    ]


def test_what_runs_keeps_its_time_when_the_settings_change() -> None:
    running = wallet_dues("wechatpay", BEGUN, HANGZHOU, answered=False)
    clock = WalletClock(wallet="wechatpay", first_answer_hours=48, done_hours=96)
    later = replace(HANGZHOU, version=99, wallet_clocks=(clock,))
    assert kept(wallet_dues("wechatpay", BEGUN, later, answered=True), running) == running[1:]
    again = wallet_dues("wechatpay", BEGUN + HOUR, later, answered=False)
    assert kept(again, running) == again


def test_the_merchant_is_reminded_before_each() -> None:
    dues = wallet_dues("wechatpay", BEGUN, HANGZHOU, answered=False)
    assert wallet_reminders(dues, HANGZHOU) == (
        (Rule.wallet_answer, BEGUN + 12 * HOUR),
        (Rule.wallet_done, BEGUN + 60 * HOUR),
    )


def test_the_earliest_counts_and_nothing_is_earliest_of_nothing() -> None:
    dues = wallet_dues("wechatpay", BEGUN, HANGZHOU, answered=False)
    assert earliest((due(Rule.merchant_answer, BEGUN, HANGZHOU), None, *dues)) == dues[0]
    assert earliest((None,)) is None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("first_answer_hours = 24", "first_answer_hours = 73", "wallet_clock_order"),
        ("remind_hours = 12", "remind_hours = 24", "wallet_clock_order"),
        ("first_answer_hours = 24", "first_answer_hours = 0", "Expected"),
        ("[[wallet_clocks]]", '[[wallet_clocks]]\nwallet = "wechatpay"\n\n[[wallet_clocks]]', "repeated"),
    ],
)
def test_a_clock_that_cannot_be_is_refused(old: str, new: str, why: str) -> None:
    assert old in TEXT
    with pytest.raises(Refused, match="city_file_invalid") as refusal:
        read_city(TEXT.replace(old, new, 1))
    assert why in str(refusal.value.facts["why"])
