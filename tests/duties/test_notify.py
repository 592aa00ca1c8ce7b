"""Notices on a real database, through the sandbox's provider on a real socket."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.connectors.sms.sms_lab import SmsLab
from tests.duties.notice_lab import CITY, MUTE, PHONE, URL, NoticeLab, messenger

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused, Unknown
from hejie.disputes import commands as d
from hejie.disputes.model import Remedy, Road
from hejie.duties.notify import QUIET, notify
from hejie.edge.links import opened_case
from hejie.settings import Settings
from hejie.store.pool import city_transaction, open_pool
from hejie.worker import Work, Worker


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


async def only(lab, dispute, template: str) -> Work:
    (work,) = [work for work in await lab.works(dispute) if work.payload["template"] == template]
    return work


async def test_a_merchant_is_told_once_with_a_link_that_opens_the_case(lab, outside):
    dispute = await lab.file()
    work = await only(lab, dispute, "filed")
    await lab.tell(work)
    (sent,) = outside.outbox()
    words, _, token = sent["text"].rpartition(f" {URL}/{CITY}/m/")
    code = sent["params"]["number"]
    assert words == (
        "【杭州一键和解】消费者对奎元馆解放路店一笔48元消费提出诉求，请于11月27日12:05前答复。"
        f"编号{code}，可拨12315核实。"
    )
    async with city_transaction(lab.pool, CITY) as connection:
        opened = await opened_case(connection, lab.vault, CITY, token, lab.clock.now())
    assert opened.dispute == dispute.id
    delivery = await lab.delivery(work)
    assert (sent["to"], sent["key"]) == (PHONE.removeprefix("+"), delivery)
    assert (sent["signature_name"], sent["template"]) == ("杭州一键和解", "filed_merchant_zh")
    assert await lab.notice(work) == (dispute.id, "merchant", "filed", "sms", "sent", sent["message_id"])
    assert await lab.sealed(f"delivery:{await lab.delivery(work)}") == (0, 0)
    await lab.tell(work)
    assert len(outside.outbox()) == 1


async def test_a_lost_answer_is_asked_again_by_the_same_key_and_words(lab, outside):
    dispute = await lab.file()
    work = await only(lab, dispute, "filed")
    outside.once("sms_drop_after_commit")
    with pytest.raises(Unknown, match="sms_silent"):
        await lab.tell(work)
    assert (await lab.notice(work))[4:] == ("sending", "")
    assert await lab.sealed(f"delivery:{await lab.delivery(work)}") == (1, 1)
    await lab.act(dispute, Role.consumer, d.Withdraw())
    lab.clock.advance(hours=2)
    await lab.tell(work)
    (sent,) = outside.outbox()
    assert (await lab.notice(work))[4:] == ("sent", sent["message_id"])
    assert await lab.sealed(f"delivery:{await lab.delivery(work)}") == (0, 0)


async def test_the_number_and_the_words_lie_nowhere_in_plain(lab, outside):
    dispute = await lab.file(phone="+8613911112222")
    work = await only(lab, dispute, "filed")
    outside.once("sms_unavailable")
    with pytest.raises(Unknown):
        await lab.tell(work)
    for table in ("task", "notice", "content", "log", "dispute"):
        (row,) = await lab.rows(f"select coalesce(string_agg(t::text, ''), '') from {table} t")
        assert "1380000" not in row[0]
        assert "1391111" not in row[0]
        assert "消费者对" not in row[0]


async def test_nothing_is_sent_inside_an_open_transaction(lab):
    class Looking:
        async def send(self, message):
            stats = lab.pool.get_stats()
            free.append(stats["pool_available"] == stats["pool_size"])
            return "m1"

    free: list[bool] = []
    lab.messenger = Looking()
    await lab.tell(await only(lab, await lab.file(), "filed"))
    assert free == [True]


async def test_a_consumer_reads_their_own_language_and_their_own_page(lab, outside):
    dispute = await lab.file(language="en", phone="+447700900123")
    offer = d.MakeOffer(id=lab.desk.mint(CITY), remedy=Remedy.refund_part, amount_fen=2_050, road=Road.own_tool)
    await lab.act(dispute, Role.merchant, offer)
    await lab.tell(await only(lab, dispute, "offered"))
    (sent,) = outside.outbox()
    assert sent["to"] == "447700900123"
    assert sent["text"] == (
        "【杭州一键和解】奎元馆解放路店 offers for your ¥48 dispute: partial refund of ¥20.50."
        f" Please answer by 30 Nov 12:05. No. {sent['params']['number']}; to check, call 12315."
        f" {URL}/{CITY}/disputes/{dispute.id}"
    )


async def test_a_consumer_without_a_number_sees_it_on_the_page(lab, outside):
    dispute = await lab.file()
    await lab.act(dispute, Role.merchant, d.Answer(words="c1"))
    work = await only(lab, dispute, "answered")
    await lab.tell(work)
    await lab.tell(work)
    assert outside.outbox() == []
    assert await lab.notice(work) == (dispute.id, "consumer", "answered", "page", "shown", "")
    assert await lab.works(dispute, "raise_item") == []


async def test_a_merchant_without_a_number_becomes_a_work_item(lab, outside):
    dispute = await lab.file(merchant=MUTE)
    work = await only(lab, dispute, "filed")
    await lab.tell(work)
    assert outside.outbox() == []
    assert (await lab.notice(work))[3:5] == ("page", "shown")
    (item,) = await lab.works(dispute, "raise_item")
    assert item.payload == {"kind": "merchant_unreachable", "audience": "merchant", "template": "filed"}


async def test_a_number_the_provider_refuses_becomes_a_work_item(lab, outside):
    await lab.set_contact("+86 no number")
    dispute = await lab.file()
    work = await only(lab, dispute, "filed")
    await lab.tell(work)
    assert outside.outbox() == []
    assert (await lab.notice(work))[3:] == ("sms", "refused", "")
    assert await lab.sealed(f"delivery:{await lab.delivery(work)}") == (0, 0)
    (item,) = await lab.works(dispute, "raise_item")
    assert item.payload["kind"] == "notice_refused"


async def test_a_refusal_that_is_ours_to_mend_keeps_the_message(lab, outside):
    dispute = await lab.file()
    work = await only(lab, dispute, "filed")
    mended, lab.messenger = lab.messenger, messenger(replace(outside.account, secret="old"))
    with pytest.raises(Refused, match="sms_account_refused"):
        await lab.tell(work)
    await lab.messenger.close()
    lab.messenger = None
    with pytest.raises(Refused, match="sms_not_connected"):
        await lab.tell(work)
    assert outside.outbox() == []
    assert (await lab.notice(work))[4] == "sending"
    lab.messenger = mended
    await lab.tell(work)
    assert [message["key"] for message in outside.outbox()] == [await lab.delivery(work)]


async def test_a_reminder_is_for_the_clock_it_was_made_with(lab, outside):
    dispute = await lab.file(phone="+8613911112222")
    await lab.act(dispute, Role.merchant, d.Answer(words="c1"))
    first, *_ = [w for w in await lab.works(dispute) if w.payload["template"] == "confirm_reminder"]
    await lab.tell(first)
    (sent,) = outside.outbox()
    assert "待您确认，请于11月30日12:05前答复" in sent["text"]
    lab.clock.advance(hours=1)
    await lab.act(dispute, Role.merchant, d.Answer(words="c2"))
    reminders = [w for w in await lab.works(dispute) if w.payload["template"] == "confirm_reminder"]
    await lab.tell(reminders[1])
    assert await lab.notice(reminders[1]) is None
    await lab.act(dispute, Role.consumer, d.Escalate())
    await lab.tell(reminders[-1])
    assert await lab.notice(reminders[-1]) is None
    assert len(outside.outbox()) == 1


async def test_what_is_overtaken_is_neither_sent_nor_noted(lab, outside):
    dispute = await lab.file()
    work = await only(lab, dispute, "filed")
    await lab.act(dispute, Role.consumer, d.Withdraw())
    await lab.tell(work)
    assert outside.outbox() == []
    assert await lab.notice(work) is None


async def test_much_talk_is_one_message_in_a_while(lab, outside):
    dispute = await lab.file()
    for _ in range(3):
        await lab.act(dispute, Role.consumer, d.Say(words="c"))
    works = [work for work in await lab.works(dispute) if work.payload["template"] == "said"]
    for work in works[:2]:
        await lab.tell(work)
    assert len(outside.outbox()) == 1
    assert (await lab.notice(works[1]))[3:5] == ("page", "shown")
    assert await lab.works(dispute, "raise_item") == []
    lab.clock.advance(seconds=QUIET.total_seconds() + 1)
    await lab.tell(works[2])
    assert len(outside.outbox()) == 2


async def test_an_unknown_dispute_is_missing(lab, outside):
    work = await only(lab, await lab.file(), "filed")
    with pytest.raises(Missing, match="dispute_unknown"):
        await notify(replace(work, id=0, subject="330100-nobody"), lab.tools)
    assert outside.outbox() == []


async def test_the_worker_sends_what_a_filing_caused(lab, outside):
    async def nothing(work):
        """Another author's duty."""

    async def tell(work):
        await lab.tell(work)

    dispute = await lab.file()
    duties = {
        "notify": tell,
        "standing_answer": nothing,
        "sweep_cases": nothing,
        "tend_wallet": nothing,
        "tidy": nothing,
    }
    settings = Settings(database_url="unused", keys=lab.tools.settings.keys)
    await Worker(lab.pool, lab.clock, duties, settings).drain()
    assert [message["template"] for message in outside.outbox()] == ["filed_merchant_zh"]
    assert await lab.works(dispute) == []
