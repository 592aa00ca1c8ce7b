"""One-time codes: sent in time, to a known number, and forgotten."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.connectors.sms.sms_lab import SmsLab
from tests.duties.notice_lab import CITY, PHONE, NoticeLab, messenger

from hejie.base.errors import Unknown
from hejie.duties.notify_code import notify_code
from hejie.store.pool import open_pool
from hejie.worker import Work


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    running = SmsLab(tmp_path_factory.mktemp("sandbox"))
    yield running
    running.stop()


@pytest.fixture
async def lab(outside, app_url):
    pool = await open_pool(app_url, 2)
    connector = messenger(outside.account)
    house = NoticeLab(pool, connector)
    await house.open_city()
    outside.box.ledger.write("delete from sms")
    yield house
    await connector.close()
    await pool.close()


async def asked(lab, phone: str = PHONE) -> Work:
    await lab.seal("code:C1", {"phone": phone, "code": "482913"})
    payload = {"language": "zh", "minutes": 10}
    now = lab.clock.now()
    return Work(CITY, 7, "notify_code", "code", "C1", payload, 1, now, now)


async def test_a_code_arrives_and_is_forgotten(lab, outside):
    work = await asked(lab)
    await notify_code(work, lab.tools)
    (sent,) = outside.outbox()
    assert sent["text"] == "【杭州一键和解】验证码482913，10分钟内有效。请勿告诉任何人，工作人员不会索要。"
    assert (sent["to"], sent["key"], sent["template"]) == ("8613800001111", f"{CITY}-7", "code_zh")
    assert await lab.sealed("code:C1") == (0, 0)
    await notify_code(work, lab.tools)
    assert len(outside.outbox()) == 1


async def test_a_lost_answer_keeps_the_code_until_it_is_known_to_be_sent(lab, outside):
    work = await asked(lab)
    outside.once("sms_drop_after_commit")
    with pytest.raises(Unknown, match="sms_silent"):
        await notify_code(work, lab.tools)
    assert await lab.sealed("code:C1") == (2, 1)
    await notify_code(work, lab.tools)
    assert len(outside.outbox()) == 1
    assert await lab.sealed("code:C1") == (0, 0)


async def test_a_code_whose_time_is_over_is_not_sent(lab, outside):
    work = await asked(lab)
    lab.clock.advance(minutes=10)
    await notify_code(work, lab.tools)
    assert outside.outbox() == []
    assert await lab.sealed("code:C1") == (0, 0)


async def test_an_unknown_number_has_nothing_sealed_and_gets_nothing(lab, outside):
    work = await asked(lab)
    await notify_code(replace(work, subject="C2"), lab.tools)
    assert outside.outbox() == []
    assert await lab.sealed("code:C1") == (2, 1)


async def test_a_refused_number_is_forgotten(lab, outside):
    await notify_code(await asked(lab, "+86 no number"), lab.tools)
    assert outside.outbox() == []
    assert await lab.sealed("code:C1") == (0, 0)
