"""Due times: the instant, and the reason that travels with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from hejie.base.clock import SHANGHAI
from hejie.cities.dues import SOURCES, WALLET_SOURCES, Due, Rule, confirm_reminders, due, told_due
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import Clocks, WalletClock

HANGZHOU = read_city(shipped("330100"))
FILED = datetime(2026, 11, 22, 10, 15, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("rule", "hours", "provisional"),
    [
        (Rule.merchant_answer, 96, False),
        (Rule.consumer_confirm, 168, True),
        (Rule.performance, 72, True),
        (Rule.offer_expires, 168, True),
        (Rule.filing_window, 720, False),
        (Rule.reopen, 720, True),
        (Rule.survey, 720, True),
    ],
)
def test_spans_of_hangzhou(rule: Rule, hours: int, *, provisional: bool) -> None:
    result = due(rule, FILED, HANGZHOU)
    assert result.at - FILED == timedelta(hours=hours)
    assert (result.hours, result.provisional) == (hours, provisional)


def test_every_rule_has_a_source_in_the_clocks() -> None:
    assert set(SOURCES) | set(WALLET_SOURCES) == set(Rule)
    assert {source.setting for source in SOURCES.values()} <= set(Clocks.__struct_fields__)
    assert {source.setting for source in WALLET_SOURCES.values()} <= set(WalletClock.__struct_fields__)


def test_a_due_time_explains_itself() -> None:
    assert due(Rule.merchant_answer, FILED, HANGZHOU) == Due(
        rule=Rule.merchant_answer,
        at=datetime(2026, 11, 26, 2, 15, tzinfo=UTC),
        start=datetime(2026, 11, 22, 2, 15, tzinfo=UTC),
        hours=96,
        set_by="330100",
        settings_version=5,
        settings_from=date(2026, 1, 1),
    )


def test_no_holiday_stops_the_hours() -> None:
    eve = datetime(2026, 9, 30, 18, 0, tzinfo=SHANGHAI)
    assert due(Rule.merchant_answer, eve, HANGZHOU).at == datetime(2026, 10, 4, 18, 0, tzinfo=SHANGHAI)


def test_the_time_has_run_out_at_the_instant_itself() -> None:
    result = due(Rule.merchant_answer, FILED, HANGZHOU)
    assert not result.passed(result.at - timedelta(microseconds=1))
    assert result.passed(result.at)


def test_a_wallets_own_deadline_is_never_recomputed() -> None:
    at = FILED + timedelta(hours=5)
    result = told_due(Rule.merchant_answer, FILED, at, "alipay")
    assert (result.at, result.set_by, result.hours, result.settings_from) == (at, "alipay", 0, None)


def test_reminders_fall_before_the_confirmation_is_due() -> None:
    last = due(Rule.consumer_confirm, FILED, HANGZHOU).at
    reminders = confirm_reminders(FILED, HANGZHOU)
    assert [(instant - FILED).days for instant in reminders] == [1, 3, 6]
    assert all(instant < last for instant in reminders)


def test_instants_without_a_zone_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due(Rule.merchant_answer, FILED.replace(tzinfo=None), HANGZHOU)


def test_a_due_time_survives_the_log() -> None:
    result = due(Rule.performance, FILED, HANGZHOU)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Due) == result
