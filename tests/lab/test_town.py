"""The invented town: the same for a seed, and nothing in it that the house would refuse."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from hejie.cities import divisions
from hejie.merchants.uscc import credit_code as checked
from hejie_lab.cli.clock import span
from hejie_lab.errors import LabError
from hejie_lab.town import CITY, MONTH, kept_town, make_town
from hejie_lab.traders import MOVED_HOURS, credit_code

FOUNDED = datetime(2026, 11, 23, 4, 5, tzinfo=UTC)
TOWN = make_town(FOUNDED)


def test_the_same_arguments_make_the_same_town():
    assert make_town(FOUNDED) == TOWN
    assert make_town(FOUNDED, seed=2).traders != TOWN.traders


def test_a_town_once_made_is_kept_and_one_of_another_edition_is_told(tmp_path):
    assert kept_town(tmp_path, FOUNDED) == TOWN
    assert kept_town(tmp_path, FOUNDED + MONTH) == TOWN
    (tmp_path / "town.json").write_text('{"founded": "2026-11-23T00:00:00Z", "houses": []}')
    with pytest.raises(LabError, match="another edition"):
        kept_town(tmp_path, FOUNDED)


def test_traders_are_of_every_kind_and_lie_in_the_city():
    assert len(TOWN.traders) == 40
    assert {checked(trader.code) for trader in TOWN.traders} == {trader.code for trader in TOWN.traders}
    assert len({trader.account for trader in TOWN.traders}) == len({trader.phone for trader in TOWN.traders}) == 40
    places = [place for trader in TOWN.traders for place in trader.places]
    assert {place.district for place in places} <= set(divisions.children(CITY))
    assert len({place.store for place in places}) == len(places)
    assert {trader.kind for trader in TOWN.traders} == {"enterprise", "individual"}
    assert {trader.manner for trader in TOWN.traders} == {"accepts", "counters", "own_tool", "refuses", "silent"}
    assert any(trader.stall for trader in TOWN.traders)
    assert any(len(trader.places) > 3 for trader in TOWN.traders)
    assert any(not trader.enrolled for trader in TOWN.traders)


def test_payments_lie_in_the_last_month_and_have_numbers_of_their_own():
    assert len({each.trade_no for each in TOWN.purchases}) == len(TOWN.purchases) > 500
    assert all(timedelta() < FOUNDED - each.paid_at <= MONTH for each in TOWN.purchases)
    assert all(each.amount_fen > 0 and len(each.trade_no) == 28 for each in TOWN.purchases)


def test_the_consumers_bill_holds_a_purchase_of_every_story_and_rows_that_are_none():
    bill = TOWN.bill(TOWN.consumer)
    assert {TOWN.trader(each.account) for each in bill if each.account} == set(TOWN.traders[:6])
    former = next(each for each in TOWN.merchant.tools if each.wallet == "alipay" and each.until_hours)
    assert {each.account for each in bill if TOWN.founded - each.paid_at > timedelta(hours=MOVED_HOURS)} >= {
        former.account
    }
    assert {each.wallet for each in TOWN.elsewhere} == {"wechatpay", "unionpay"}
    assert {each.kind for each in bill} == {"purchase", "stall", "transfer", "red_packet", "wealth", "income"}
    assert bill == sorted(bill, key=lambda each: each.paid_at, reverse=True)


def test_credit_codes_are_valid_for_any_chance():
    for seed in range(300):
        code = credit_code(random.Random(seed), "330106", individual=seed % 2 == 0)
        assert checked(code) == code


@pytest.mark.parametrize(("text", "hours"), [("96h", 96), ("7d", 168), ("1d12h", 36), ("30m", 0.5), ("90s", 0.025)])
def test_spans_of_time_are_read(text, hours):
    assert span(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "96", "-1h", "1h2d", "one day", "1.5h"])
def test_other_words_for_time_are_refused(text):
    with pytest.raises(LabError):
        span(text)
