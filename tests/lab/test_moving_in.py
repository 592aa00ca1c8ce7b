"""A small town moves in by the real road, once however often it is asked, and lives."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

import psycopg
import pytest

from hejie.app import build
from hejie.base.errors import Refused
from hejie.disputes.states import State
from hejie.merchants.model import Enrolment
from hejie_lab.settling import WALLET, move_in, payment
from hejie_lab.town import CITY, make_town, purchase
from hejie_lab.traffic import Traffic


@pytest.fixture(scope="module")
def town(platform):
    return make_town(platform.memory.founded, traders=9, payers=4, each=12)


@pytest.fixture(scope="module")
def merchants(platform, town):
    return move_in(platform, town)


def events(platform):
    with psycopg.connect(platform.memory.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        return Counter(row[0] for row in connection.execute("select event from log where noun = 'merchant'"))


def test_every_trader_is_registered_enrolled_and_authorised_as_it_wishes(platform, town, merchants):
    for trader in town.traders:
        merchant = merchants[trader.code]
        assert {shop.name for shop in merchant.shops} == {place.name for place in trader.places}
        assert merchant.contacts
        assert merchant.link_limit_fen == trader.link_limit_fen
        assert [rule.most_fen for rule in merchant.standing_rules] == (
            [trader.standing_fen] * bool(trader.standing_fen)
        )
        account = merchant.account(WALLET, trader.account)
        assert (account is not None) == trader.enrolled
        if account is not None:
            assert account.enrolment in {Enrolment.opening, Enrolment.open}
            assert (account.kind == "indirect") == trader.stall
        assert bool(merchant.authorisations) == (trader.enrolled and trader.authorised)
    opened = {row["merchant_id"] for row in platform.sandbox.ledger()["openings"]}
    assert opened == {account for trader in town.traders if trader.enrolled for account in _accounts(trader)}


def _accounts(trader):
    """Its account at the wallet and, where it moved, the former one."""
    return {trader.account, *(tool.account for tool in trader.tools if tool.wallet == WALLET)}


def test_the_merchant_that_moved_has_every_number_for_its_time(platform, town, merchants):
    tools = {(tool.wallet, tool.account): tool for tool in town.merchant.tools}
    merchant = merchants[town.merchant.code]
    assert {(each.wallet, each.account) for each in merchant.accounts} == set(tools)
    assert {(each.wallet, each.account) for each in merchant.authorisations} == set(tools)
    with psycopg.connect(platform.memory.app_url) as connection:
        connection.execute("select set_config('hejie.city', %s, false)", [CITY])
        rows = connection.execute("select identity, ends is null from binding where merchant = %s", [merchant.id])
        assert dict(rows.fetchall()) == {
            f"{wallet}//{account}": tool.until_hours is None for (wallet, account), tool in tools.items()
        }


def test_moving_in_again_changes_nothing(platform, town, merchants):
    before, trades = events(platform), len(platform.sandbox.ledger()["trades"])
    assert set(move_in(platform, town)) == set(merchants)
    after = events(platform)
    assert {name: after[name] for name in before if name != "EnrolmentNoted"} == {
        name: count for name, count in before.items() if name != "EnrolmentNoted"
    }
    assert len(platform.sandbox.ledger()["trades"]) == trades


def test_traffic_pays_disputes_answers_and_agrees(platform, town, merchants):
    async def live():
        async with build(platform.settings) as app:
            traffic = Traffic(app, platform, town, merchants)
            before = platform.memory.traffic
            await traffic.pay()
            assert platform.memory.traffic == before + 1
            shop = next(trader for trader in town.traders[1:] if trader.manner == "accepts")
            made = purchase(traffic._chance, town.payers[1], shop, app.clock.now())
            await asyncio.to_thread(platform.sandbox.load, payments=[payment(made)])
            filed = await traffic.file(made)
            assert filed is not None
            assert [paid.trade_no for paid in filed.payments] == [made.trade_no]
            async with asyncio.timeout(20):
                while (now := await traffic._hands.read(filed.id)).state is not State.settled:
                    with contextlib.suppress(Refused):  # a standing rule may have been quicker, as in the demo
                        await traffic.answer()
                    await asyncio.sleep(0.1)
            return made, now

    made, dispute = asyncio.run(live())
    assert dispute.refunded_fen == platform.sandbox.refunded_fen(made.trade_no)
    assert dispute.refunded_fen > 0
    assert platform.sandbox.await_sms(next(t.phone for t in town.traders if t.account == made.account))
