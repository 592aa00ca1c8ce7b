"""A merchant is tried contact by contact, on a real database and through the sandbox's provider on a real socket."""

from __future__ import annotations

import pytest
from tests.connectors.sms.sms_lab import SmsLab
from tests.duties.notice_lab import CITY, MERCHANT, NoticeLab, messenger

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.desk import items
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.duties.deliver import await_receipt, check_reached, take_receipt
from hejie.duties.items import raise_item
from hejie.duties.tell_contact import tell_contact
from hejie.merchants import commands as m
from hejie.merchants.contacts import Channel
from hejie.queries.merchant import read_merchant
from hejie.queries.record import read_dispute
from hejie.store.pool import city_transaction, open_pool
from hejie.worker import AgainError, LaterError

SECOND = "+8613800002222"


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
    for table in ("sms", "sms_receipts"):
        outside.box.ledger.write(f"delete from {table}")
    outside.box.knobs.all_off()
    await enrol(house, Channel.sms, SECOND)
    await enrol(house, Channel.market_office, "文三路市场办公室 陈师傅")
    yield house
    await connector.close()
    await pool.close()


async def enrol(lab, channel: Channel, plain: str) -> None:
    content = Content(id=lab.desk.mint(CITY), kind="text", plain=plain.encode())
    command = m.EnrolContact(id=content.id, channel=channel, content=content.id)
    await lab.desk.act(MERCHANTS, CITY, MERCHANT, command, SYSTEM, contents=[content])


async def filed(lab):
    dispute = await lab.file()
    (work,) = [each for each in await lab.works(dispute) if each.payload["template"] == "filed"]
    return dispute, work


async def receipt(lab, delivery: str, arrival: str, code: str = "") -> None:
    await take_receipt(lab.work("take_receipt", delivery, arrival=arrival, code=code), lab.tools)


async def row(lab, dispute):
    async with city_transaction(lab.pool, CITY) as connection:
        return await read_dispute(connection, CITY, dispute.id)


async def test_what_does_not_arrive_goes_to_the_next_number_with_a_link_of_its_own(lab, outside):
    _, work = await filed(lab)
    await receipt(lab, await lab.tell(work), "failed", "not_delivered")
    await lab.hand_over()
    first, second = reversed(outside.outbox())
    assert (first["to"], second["to"]) == ("8613800001111", "8613800002222")
    assert first["params"]["link"] != second["params"]["link"]
    assert first["params"]["number"] != second["params"]["number"]
    assert await lab.deliveries(work) == [("sms", "failed"), ("sms", "sent")]
    await receipt(lab, await lab.delivery(work, 1), "delivered")
    assert await lab.deliveries(work) == [("sms", "failed"), ("sms", "delivered")]
    assert (await lab.notice(work))[4] == "delivered"


async def test_a_call_reads_the_message_aloud_without_a_link_and_an_unanswered_one_goes_on(lab, outside):
    await enrol(lab, Channel.voice, "+8657187654321")
    async with city_transaction(lab.pool, CITY) as connection:
        first, second, office, line = [c.id for c in (await read_merchant(connection, CITY, MERCHANT)).contacts]
    order = m.OrderContacts(contacts=(line, first, second, office))
    await lab.desk.act(MERCHANTS, CITY, MERCHANT, order, SYSTEM)
    _, work = await filed(lab)
    delivery = await lab.tell(work)
    call = outside.outbox()[0]
    assert (call["to"], call["channel"]) == ("8657187654321", "voice")
    assert "http" not in call["text"]
    assert call["params"]["number"] in call["text"]
    assert "12315" in call["text"]
    await receipt(lab, delivery, "failed", "no_answer")
    assert await lab.deliveries(work) == [("voice", "failed"), ("sms", "sending")]


async def test_a_receipt_twice_or_late_is_one_and_delivered_is_never_taken_back(lab, outside):
    _, work = await filed(lab)
    delivery = await lab.tell(work)
    await receipt(lab, delivery, "failed", "x")
    await receipt(lab, delivery, "failed", "x")
    await receipt(lab, delivery, "delivered")
    await receipt(lab, delivery, "failed", "x")
    await receipt(lab, "330100-nobodys", "delivered")
    assert await lab.deliveries(work) == [("sms", "delivered"), ("sms", "sending")]


async def test_without_a_receipt_the_provider_is_asked_and_then_the_next_is_tried(lab, outside):
    outside.once("sms_no_receipt")
    _, work = await filed(lab)
    delivery = await lab.tell(work)
    for _ in range(2):
        await await_receipt(lab.work("await_receipt", delivery), lab.tools)
    assert await lab.deliveries(work) == [("sms", "unknown"), ("sms", "sending")]
    await lab.hand_over()
    await await_receipt(lab.work("await_receipt", await lab.delivery(work, 1)), lab.tools)
    assert await lab.deliveries(work) == [("sms", "unknown"), ("sms", "delivered")]


async def test_a_number_that_nobody_has_is_used_no_more(lab, outside):
    _, work = await filed(lab)
    await receipt(lab, await lab.tell(work), "failed", "number_gone")
    async with city_transaction(lab.pool, CITY) as connection:
        merchant = await read_merchant(connection, CITY, MERCHANT)
    assert [contact.usable for contact in merchant.contacts] == [False, True, True]
    assert merchant.contacts[0].failed_why == "number_gone"


async def test_the_providers_limit_waits_and_is_no_failure(lab, outside):
    outside.box.ledger.write("update sms_accounts set per_minute = 0")
    try:
        _, work = await filed(lab)
        with pytest.raises(LaterError) as later:
            await lab.tell(work)
        assert later.value.seconds == 60
        assert await lab.deliveries(work) == [("sms", "sending")]
    finally:
        outside.box.ledger.write("update sms_accounts set per_minute = 30")
    await lab.hand_over()
    assert await lab.deliveries(work) == [("sms", "sent")]


async def test_after_the_numbers_somebody_goes_there_and_says_how_it_went(lab, outside):
    dispute, work = await filed(lab)
    await receipt(lab, await lab.tell(work), "failed", "x")
    await receipt(lab, await lab.delivery(work, 1), "failed", "x")
    assert await lab.deliveries(work) == [("sms", "failed"), ("sms", "failed"), ("market_office", "sent")]
    (asked,) = await lab.works(dispute, "raise_item")
    assert asked.payload["kind"] == "tell_merchant"
    await raise_item(asked, lab.tools)
    ((item,),) = await lab.rows("select id from work_item")
    officer = Actor(Role.officer, "wang", "330106")
    await items.finish_telling(lab.desk, CITY, item, "陈师傅当面告知", officer, heard=True)
    ((_, delivery, payload),) = await lab.rows("select kind, subject, payload from task where kind = 'take_receipt'")
    await receipt(lab, delivery, payload["arrival"])
    assert (await lab.deliveries(work))[-1] == ("market_office", "delivered")


async def test_a_merchant_nobody_reached_is_counted_so_and_its_clock_goes_on(lab, outside):
    dispute, work = await filed(lab)
    (check,) = await lab.works(dispute, "check_reached")
    assert (check.due_at - dispute.filed_at).total_seconds() == 24 * 3600
    delivery = await lab.tell(work)
    await receipt(lab, delivery, "failed", "x")
    lab.clock.advance(hours=24)
    await check_reached(check, lab.tools)
    given_up = await row(lab, dispute)
    assert given_up.unreachable
    assert given_up.due == dispute.due
    told = [each.payload["template"] for each in await lab.works(dispute)]
    assert told.count("unreached") == 1
    kinds = {each.payload["kind"] for each in await lab.works(dispute, "raise_item")}
    assert "merchant_unreached" in kinds
    await check_reached(check, lab.tools)
    assert (await row(lab, dispute)).version == given_up.version
    lab.clock.advance(hours=72)
    over = d.RunOut(rule="merchant_answer", at=dispute.due.at)
    ended = await lab.desk.act(DISPUTES, CITY, dispute.id, over, SYSTEM)
    assert ended.row.escalated_because == "unreached"


async def test_a_merchant_that_was_reached_is_silent_and_not_unreachable(lab, outside):
    dispute, work = await filed(lab)
    (check,) = await lab.works(dispute, "check_reached")
    await receipt(lab, await lab.tell(work), "delivered")
    lab.clock.advance(hours=24)
    await check_reached(check, lab.tools)
    assert (await row(lab, dispute)).unreached_at is None


async def test_a_lost_receipt_is_asked_for_before_anybody_is_called_unreachable(lab):
    dispute, work = await filed(lab)
    (check,) = await lab.works(dispute, "check_reached")
    lab.clock.advance(hours=24)
    with pytest.raises(AgainError):
        await check_reached(check, lab.tools)
    await lab.tell(work)
    await check_reached(check, lab.tools)
    assert (await row(lab, dispute)).unreached_at is None
    assert await lab.deliveries(work) == [("sms", "delivered")]


async def test_a_late_receipt_takes_unreachable_back(lab, outside):
    dispute, work = await filed(lab)
    (check,) = await lab.works(dispute, "check_reached")
    outside.once("sms_no_receipt")
    delivery = await lab.tell(work)
    lab.clock.advance(hours=24)
    await check_reached(check, lab.tools)
    await receipt(lab, delivery, "delivered")
    found = await row(lab, dispute)
    assert found.unreached_at is not None
    assert found.reached_at is not None
    assert not found.unreachable


async def test_the_numbers_in_use_hear_of_another_one_without_its_digits(lab, outside):
    (told,) = [
        lab.work("tell_contact", MERCHANT, **payload)
        for (payload,) in await lab.rows("select payload from task where kind = 'tell_contact'")
    ]
    await tell_contact(told, lab.tools)
    (sent,) = outside.outbox()
    assert sent["to"] == "8613800001111"
    assert "新增尾号22的号码" in sent["text"]
    assert "0002222" not in sent["text"]
    assert "12315" in sent["text"]
