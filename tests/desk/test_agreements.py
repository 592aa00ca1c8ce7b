"""Agreements on the real database: two at once, and who answers a dispute that falls under one."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from msgspec.structs import replace
from tests.desk.conftest import CITY, NOW, OFFICER
from tests.support.folding import fold_all

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError
from hejie.desk.agreements import AGREEMENTS
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Dispute, Remedy, Road
from hejie.merchants import agreements as a
from hejie.merchants import commands as m
from hejie.merchants.agreements import Bond, Counts, Part, Terms
from hejie.merchants.model import Shop, Staff

if TYPE_CHECKING:
    from tests.desk.conftest import Town

TERMS = Terms(answers=Part.member, pays=Part.principal, both_see=True, counts=Counts.member)
MAKE = a.MakeAgreement(
    id="A1", kind=Bond.mall, principal="M1", member="M2", shop="P7", terms=TERMS, begins=date(2026, 1, 1), ends=None,
    principal_words="C1", member_words="C2",
)  # fmt: skip
STALL = Actor(Role.merchant, "S2", "M2")


@pytest.fixture
async def mall(town: Town) -> Town:
    """M1 is a mall with a place P7, M2 a stall."""
    register = m.RegisterMerchant(city=CITY, id="M2", credit_code="91330106MA2CFLDC09", name="某小吃店")
    await town.desk.act(MERCHANTS, CITY, "M2", register, OFFICER)
    place = m.AddShop(shop=Shop(id="P7", name="七号档口", district="330102", address="一路"))
    await town.desk.act(MERCHANTS, CITY, "M1", place, OFFICER)
    for merchant, person in (("M1", "S1"), ("M2", "S2")):
        staff = m.AddStaff(staff=Staff(person=person, rank="owner"))
        await town.desk.act(MERCHANTS, CITY, merchant, staff, SYSTEM)
    return town


async def agree(town: Town, command: a.MakeAgreement = MAKE, actor: Actor = OFFICER) -> None:
    await town.desk.act(AGREEMENTS, CITY, command.id, command, actor)


async def code(town: Town, command: a.MakeAgreement, actor: Actor = OFFICER) -> str:
    before = town.rows("select count(*) from agreement")
    with pytest.raises(HejieError) as why:
        await agree(town, command, actor)
    assert town.rows("select count(*) from agreement") == before
    return why.value.code


async def file(town: Town, trade: str, shop: str = "P7") -> Dispute:
    town.run("update payment set shop = %s where trade_no = %s", [shop, trade])
    command = c.File(
        id=f"D-{trade}", trades=(trade,), problem="quality", claim=Claim(remedy=Remedy.refund_full), words="W"
    )
    done = await town.desk.act(DISPUTES, CITY, command.id, command, town.consumer)
    assert done.row is not None
    return done.row


async def test_what_overlaps_is_refused(mall: Town):
    await agree(mall, replace(MAKE, ends=date(2026, 6, 30)))
    assert await code(mall, replace(MAKE, id="A2", begins=date(2026, 6, 30))) == "agreement_overlaps"
    whole = replace(MAKE, id="A3", principal="M2", member="M1", shop="")
    assert await code(mall, whole) == "agreement_overlaps", "all that M1 is paid, its place P7 too"
    await agree(mall, replace(MAKE, id="A4", begins=date(2026, 7, 1)))
    assert await code(mall, replace(MAKE, id="A5", shop="P8")) == "agreement_shop_elsewhere"
    assert await code(mall, replace(MAKE, id="A6", member="M9")) == "party_unknown"
    assert await code(mall, replace(MAKE, id="A7"), STALL) in {"not_allowed", "agreement_unknown"}


async def test_of_two_at_once_one_is_refused(mall: Town):
    both = [replace(MAKE, id=f"A{n}", begins=date(2026, n, 1)) for n in range(1, 9)]
    answers = await asyncio.gather(*(agree(mall, each) for each in both), return_exceptions=True)
    codes = [each.code for each in answers if isinstance(each, HejieError)]
    assert len(codes) == 7, answers
    assert set(codes) <= {"agreement_overlaps", "stale"}
    assert mall.rows("select count(*) from agreement") == [(1,)]


async def test_the_table_itself_refuses_too(mall: Town):
    await agree(mall)
    copy = (
        "insert into agreement select city, 'A9', version, kind, principal, member, scope, '', begins, ends,"
        " changed_at, body from agreement"
    )
    with pytest.raises(psycopg.errors.ExclusionViolation):
        mall.run(copy)
    mall.run(copy.replace("scope, ''", "scope, 'P8'"))
    assert mall.rows("select count(*) from agreement") == [(2,)]


async def test_the_stall_answers_what_the_mall_was_paid_and_the_mall_pays(mall: Town):
    await agree(mall)
    row = await file(mall, "T1")
    assert (row.merchant, row.shop, row.counts_for) == ("M2", "P7", ("M2",))
    assert row.under is not None
    assert (row.under.other, row.under.pays) == ("M1", "M1")
    assert row.offers[0].road is Road.api
    with pytest.raises(HejieError):
        await mall.desk.act(DISPUTES, CITY, row.id, c.AcceptOffer(offer="claim"), mall.merchant)
    done = await mall.desk.act(DISPUTES, CITY, row.id, c.AcceptOffer(offer="claim", road=Road.api), STALL)
    assert done.row is not None
    assert len(done.row.refunds) == 1
    elsewhere = await file(mall, "T2", shop="")
    assert (elsewhere.merchant, elsewhere.under, elsewhere.counts_for) == ("M1", None, ("M1",))


async def test_where_the_stall_pays_no_money_leaves_the_malls_account(mall: Town):
    await agree(mall, replace(MAKE, terms=replace(TERMS, pays=Part.member, counts=Counts.both)))
    row = await file(mall, "T1")
    assert (row.merchant, row.offers[0].road, row.counts_for) == ("M2", Road.by_hand, ("M1", "M2"))
    for road in (Road.api, Road.own_tool):
        with pytest.raises(HejieError) as why:
            await mall.desk.act(DISPUTES, CITY, row.id, c.AcceptOffer(offer="claim", road=road), STALL)
        assert why.value.code == "payment_of_another"


async def test_the_brand_answers_for_all_that_a_franchisee_is_paid(mall: Town):
    terms = replace(TERMS, answers=Part.principal, pays=Part.member)
    await agree(mall, replace(MAKE, kind=Bond.franchise, principal="M2", member="M1", shop="", terms=terms))
    row = await file(mall, "T1", shop="")
    assert row.under is not None
    assert (row.merchant, row.under.other, row.under.pays) == ("M2", "M1", "M1")


async def test_only_in_its_days_and_either_side_ends_it(mall: Town):
    await agree(mall)
    mall.clock.time = NOW + timedelta(days=3)
    last = (NOW + timedelta(days=3)).date()
    stranger = Actor(Role.merchant, "S9", "M9")
    with pytest.raises(HejieError):
        await mall.desk.act(AGREEMENTS, CITY, "A1", a.EndAgreement(last=last), stranger)
    await mall.desk.act(AGREEMENTS, CITY, "A1", a.EndAgreement(last=last), STALL)
    mall.run("update payment set paid_at = %s", [NOW + timedelta(days=4)])
    mall.clock.time = NOW + timedelta(days=5)
    assert (await file(mall, "T1")).under is None
    with psycopg.connect(mall.superuser_url) as connection:
        assert fold_all(connection)["agreement"] == 1
