"""A city's settings over time: put in once, never changed, folded from the log."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import reduce

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hejie.base.errors import Refused
from hejie.cities.city import ApplySettings, City, SettingsApplied, decide, evolve
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import CitySettings

FIRST = replace(read_city(shipped("330100")), version=1)
NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # 23 November in Shanghai
SECOND = replace(FIRST, version=2, valid_from=date(2026, 11, 23))
ROWS = st.builds(
    lambda version, days, code: replace(
        FIRST, code=code, version=version, valid_from=date(2026, 1, 1) + timedelta(days=days)
    ),
    st.integers(1, 6),
    st.integers(0, 700),
    st.sampled_from(["330100", "330100", "510100"]),
)


def after(*rows: CitySettings) -> City:
    city = None
    for row in rows:
        for event in decide(city, ApplySettings(settings=row), NOW):
            city = evolve(city, event)
    assert city is not None
    return city


def test_the_first_row_may_begin_in_the_past_and_later_ones_today() -> None:
    city = after(FIRST, SECOND)
    assert (city.version, city.name.zh) == (2, "杭州市")
    assert city.at(NOW - timedelta(seconds=1)) == FIRST
    assert city.at(NOW) == SECOND


def test_the_same_file_twice_changes_nothing() -> None:
    assert decide(after(FIRST, SECOND), ApplySettings(settings=FIRST), NOW) == []


def test_a_newer_row_that_ships_begins_today_in_a_city_that_runs_and_is_put_in_once() -> None:
    ships = ApplySettings(settings=replace(FIRST, version=2), ships=True)
    assert decide(None, ships, NOW)[0].settings.valid_from == FIRST.valid_from
    city = after(FIRST)
    (event,) = decide(city, ships, NOW)
    assert event.settings == SECOND
    city = evolve(city, event)
    assert decide(city, ships, NOW + timedelta(days=9)) == []
    other = replace(ships.settings, sms_signature="另一个")
    with pytest.raises(Refused, match="settings_version_taken"):
        decide(city, ApplySettings(settings=other, ships=True), NOW)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (replace(SECOND, version=3, code="510100"), "settings_of_another_city"),
        (replace(SECOND, sms_signature="另一个"), "settings_version_taken"),
        (replace(SECOND, version=1), "settings_version_taken"),
        (replace(SECOND, version=3, valid_from=date(2026, 11, 22)), "settings_begin_too_early"),
    ],
)
def test_refusals(row: CitySettings, code: str) -> None:
    city = after(FIRST, SECOND)
    with pytest.raises(Refused) as caught:
        decide(city, ApplySettings(settings=row), NOW)
    assert caught.value.code == code
    assert city == after(FIRST, SECOND)


def test_versions_only_rise() -> None:
    with pytest.raises(Refused) as caught:
        decide(after(replace(FIRST, version=5)), ApplySettings(settings=SECOND), NOW)
    assert caught.value.code == "settings_version_old"


def test_a_row_does_not_begin_before_the_one_it_follows() -> None:
    ahead = replace(SECOND, valid_from=date(2027, 1, 1))
    with pytest.raises(Refused):
        decide(after(FIRST, ahead), ApplySettings(settings=replace(SECOND, version=3)), NOW)


@given(st.lists(st.tuples(ROWS, st.integers(0, 400)), max_size=12))
def test_the_log_gives_the_row_and_the_past_stays(asked: list[tuple[CitySettings, int]]) -> None:
    city: City | None = None
    log: list[bytes] = []
    now = NOW
    for row, days in asked:
        now += timedelta(days=days)
        before = city
        try:
            events = decide(city, ApplySettings(settings=row), now)
        except Refused:
            continue
        for event in events:
            city = evolve(city, event)
            log.append(msgspec.json.encode(event))
        yesterday = now - timedelta(days=1)
        if before and city and before.settings[0].begins <= yesterday:
            assert city.at(yesterday) == before.at(yesterday)
    folded: City | None = reduce(evolve, [msgspec.json.decode(line, type=SettingsApplied) for line in log], None)
    assert folded == city
    if city is not None:
        assert list(city.settings) == sorted(city.settings, key=lambda row: (row.valid_from, row.version))
