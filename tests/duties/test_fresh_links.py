"""Fresh links go to the registered number, for what is open at the shop, once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.connectors.sms.sms_lab import SmsLab
from tests.duties.notice_lab import CITY, MERCHANT, SHOP, NoticeLab, messenger

from hejie.base.actor import SYSTEM, Role
from hejie.desk.act import Content
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.duties.fresh_links import MOST, fresh_links
from hejie.merchants import commands as m
from hejie.merchants.contacts import Channel
from hejie.store.pool import open_pool


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    running = SmsLab(tmp_path_factory.mktemp("sandbox"))
    yield running
    running.stop()


@pytest.fixture
async def lab(outside, app_url):
    pool = await open_pool(app_url, 4)
    connector = messenger(outside.account)
    house = NoticeLab(pool, connector)
    await house.open_city()
    outside.box.ledger.write("delete from sms")
    outside.box.knobs.all_off()
    yield house
    await connector.close()
    await pool.close()


def wanted(lab, dispute: str = "", number: int = 7):
    return replace(lab.work("fresh_links", MERCHANT, shop=SHOP, dispute=dispute), id=number)


async def test_the_newest_open_disputes_of_the_shop_each_with_a_link_of_its_own(lab, outside):
    made = []
    for _ in range(MOST + 2):
        made.append(await lab.file())
        lab.clock.advance(minutes=1)
    await lab.act(made[-1], Role.consumer, d.Withdraw())
    for _ in range(2):
        await fresh_links(wanted(lab), lab.tools)
    told = await lab.rows("select dispute from delivery order by made_at")
    assert sorted(dispute for (dispute,) in told) == sorted(each.id for each in made[1:-1])
    await lab.hand_over()
    sent = outside.outbox()
    assert {each["to"] for each in sent} == {"8613800001111"}
    assert len({each["params"]["link"] for each in sent}) == MOST
    assert all("新链接" in each["text"] for each in sent)


async def test_one_dispute_that_a_link_once_opened(lab, outside):
    first, _ = await lab.file(), await lab.file()
    await fresh_links(wanted(lab, first.id), lab.tools)
    assert await lab.rows("select dispute from delivery") == [(first.id,)]


async def test_no_call_and_nobody_is_sent_where_no_number_takes_messages(lab, outside):
    content = Content(id=lab.desk.mint(CITY), kind="text", plain=b"+8657187654321")
    line = m.EnrolContact(id=content.id, channel=Channel.voice, content=content.id, shop=SHOP)
    await lab.desk.act(MERCHANTS, CITY, MERCHANT, line, SYSTEM, contents=[content])
    await lab.file()
    await fresh_links(wanted(lab), lab.tools)
    assert await lab.rows("select channel from delivery") == [("sms",)]
    (number,) = await lab.rows("select body -> 'contacts' -> 0 ->> 'id' from merchant where id = %s", [MERCHANT])
    gone = m.FailContact(contact=number[0], why="number_gone")
    await lab.desk.act(MERCHANTS, CITY, MERCHANT, gone, SYSTEM)
    await fresh_links(wanted(lab, number=8), lab.tools)
    assert len(await lab.rows("select 1 from delivery")) == 1


async def test_nothing_open_nothing_sent(lab):
    await fresh_links(wanted(lab), lab.tools)
    assert await lab.rows("select 1 from notice") == []
