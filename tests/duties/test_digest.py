"""One message a day, through the worker and the sandbox's provider; and who of the merchant's side hears first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.connectors.sms.sms_lab import SmsLab
from tests.duties.notice_lab import CITY, MERCHANT, PHONE, SHOP, NoticeLab, messenger

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.desk.act import Content
from hejie.desk.handlings import HANDLINGS
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.duties.table import bound
from hejie.merchants import commands as m
from hejie.merchants.answering import AnsweringRule, Answers
from hejie.merchants.handling import Assign, handling_of
from hejie.merchants.model import Rank, Staff
from hejie.merchants.office import Digest
from hejie.queries.queue import read_handling
from hejie.settings import Settings
from hejie.store.pool import city_transaction, open_pool
from hejie.worker import Worker

OWNER = Actor(Role.merchant, "owner-1", MERCHANT)
SHOP_PHONE = "+8613800002222"


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
    await tell(house, m.AddStaff(staff=Staff(person="owner-1", rank=Rank.owner)), SYSTEM)
    outside.box.ledger.write("delete from sms")
    outside.box.knobs.all_off()
    yield house
    await connector.close()
    await pool.close()


async def tell(lab: NoticeLab, command: m.Command, actor: Actor = OWNER, *contents: Content) -> None:
    await lab.desk.act(MERCHANTS, CITY, MERCHANT, command, actor, contents=contents)


async def work(lab):
    settings = Settings(database_url="unused", keys=lab.tools.settings.keys, retry_seconds=(0,))
    await Worker(lab.pool, lab.clock, bound(lab.tools), settings).drain()


def to(outside, phone=PHONE):
    return [each for each in outside.outbox() if each["to"] == phone.removeprefix("+")]


async def gather(lab: NoticeLab, *templates: str, hour: int = 9) -> None:
    digest = Digest(templates=templates, hour=hour) if templates else None
    await tell(lab, m.SetDigest(digest=digest))


async def statuses(lab):
    rows = await lab.rows(
        "select template, channel, status from notice where audience = 'merchant' order by id::bigint"
    )
    return [tuple(row) for row in rows]


async def test_what_is_gathered_comes_as_one_message_once(lab, outside):
    await gather(lab, "filed", "said")
    disputes = [await lab.file() for _ in range(3)]
    await lab.act(disputes[0], Role.consumer, d.Say(words="W"))
    await work(lab)
    assert to(outside) == []
    assert await statuses(lab) == [*[("filed", "digest", "waiting")] * 3, ("said", "digest", "waiting")]
    lab.clock.at = datetime(2026, 11, 24, 0, 59, tzinfo=UTC)
    await work(lab)
    assert to(outside) == []
    lab.clock.advance(minutes=1)
    await work(lab)
    (sent,) = to(outside)
    assert "有3件消费纠纷有新进展，其中3件待贵方答复" in sent["text"]
    assert sent["text"].endswith(f"/{CITY}/merchant")
    assert {status for _, _, status in await statuses(lab)} == {"sent"}
    lab.clock.advance(hours=24)
    await work(lab)
    assert len(to(outside)) == 1, "nothing waits, nothing is sent"
    await lab.file()
    await work(lab)
    lab.clock.advance(hours=24)
    await work(lab)
    assert len(to(outside)) == 2, "and the day after it goes again"


async def test_what_cannot_wait_goes_at_once(lab, outside):
    await gather(lab, "filed", "said", "escalated")
    dispute = await lab.file()
    await work(lab)
    assert to(outside) == []
    lab.clock.at = datetime(2026, 11, 26, 0, 5, tzinfo=UTC)
    await work(lab)
    before = len(to(outside))
    await lab.act(dispute, Role.consumer, d.Say(words="W"))
    await work(lab)
    assert len(to(outside)) == before, "the daily message comes within the hour"
    lab.clock.at = datetime(2026, 11, 26, 2, 5, tzinfo=UTC)
    await work(lab)
    before = len(to(outside))
    await lab.act(dispute, Role.consumer, d.Say(words="V"))
    await work(lab)
    assert len(to(outside)) > before, "due within 12 hours of the next daily message"


async def test_a_lost_answer_sends_the_same_message_again_and_one_arrives(lab, outside):
    await gather(lab, "filed")
    await lab.file()
    await work(lab)
    lab.clock.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    outside.once("sms_drop_after_commit")
    await work(lab)
    await work(lab)
    assert len(to(outside)) == 1
    assert [status for _, _, status in await statuses(lab)] == ["sent"]


async def test_ended_it_sends_what_waits_and_no_more(lab, outside):
    await gather(lab, "filed")
    await lab.file()
    await work(lab)
    await gather(lab)
    await lab.file()
    await work(lab)
    assert len(to(outside)) == 1
    lab.clock.advance(hours=24)
    await work(lab)
    assert len(to(outside)) == 2
    assert await lab.rows("select 1 from task where kind = 'digest'") == []


async def test_set_anew_it_goes_once_a_day(lab, outside):
    for hour in (9, 10, 9, 10):
        await gather(lab, "filed", hour=hour)
        lab.clock.advance(seconds=1)
    await lab.file()
    await work(lab)
    lab.clock.at = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    await work(lab)
    assert len(to(outside)) == 1
    assert len(await lab.rows("select 1 from task where kind = 'digest'")) == 1


async def test_head_office_hears_of_what_it_answers_and_the_shop_of_the_rest(lab, outside):
    content = Content(id="SHOP-PHONE", kind="phone", plain=SHOP_PHONE.encode())
    await tell(lab, m.SetContact(content=content.id, shop=SHOP), SYSTEM, content)
    await work(lab)
    assert len(to(outside)) == 1, "the number in use hears of the new one"
    await lab.file()
    await work(lab)
    assert (len(to(outside)), len(to(outside, SHOP_PHONE))) == (1, 1)
    rule = AnsweringRule(id="R", answers=Answers.office, least_fen=4_800, person="owner-1")
    await tell(lab, m.SetAnswering(rules=(rule,)))
    dispute = await lab.file()
    await work(lab)
    assert (len(to(outside)), len(to(outside, SHOP_PHONE))) == (2, 1)
    async with city_transaction(lab.pool, CITY) as connection:
        handling = await read_handling(connection, CITY, dispute.id)
    assert (handling.answers, handling.assignee, handling.rule) == (Answers.office, "owner-1", "R")
    assert await lab.rows("select assignee from dispute where id = %s", [dispute.id]) == [("owner-1",)]
    await lab.desk.act(HANDLINGS, CITY, handling_of(dispute.id), Assign(answers=Answers.shop), OWNER)
    await lab.act(dispute, Role.consumer, d.Say(words="W"))
    await work(lab)
    assert (len(to(outside)), len(to(outside, SHOP_PHONE))) == (2, 2)
