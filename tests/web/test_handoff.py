"""The pages of a hand-off to 12315: what goes is shown whole, agreed to by its digest, and nothing else ever goes."""

from __future__ import annotations

import json
import re

from tests.duties.test_hand_off import decide, escalated, handoff, let, look, there
from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import Browser, png, signed_in

from hejie.base.actor import Role
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.handoff import HandoffState

WHO = {"name": "林晓", "phone": "139 0001 0001", "address": "杭州市上城区解放路 1 号"}


async def consumer(here: Town) -> Browser:
    return await signed_in(here, Role.consumer, here.consumer, "")


async def officer(here: Town) -> Browser:
    return await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)


async def say(here: Town, dispute: str, words: str) -> None:
    said = Content(id=here.app.desk.mint(CITY), kind="text", plain=words.encode())
    shown = Content(id=here.app.desk.mint(CITY), kind="png", plain=png())
    command = d.Say(words=said.id, pictures=(shown.id,))
    await here.app.desk.act(DISPUTES, CITY, dispute, command, here.as_consumer, contents=[said, shown])


async def test_what_is_shown_is_agreed_to_and_is_what_goes(here: Town):
    await let(here, "officer")
    dispute = await escalated(here)
    await say(here, dispute, "请别告诉别人")
    lin, desk = await consumer(here), await officer(here)
    await lin.open(f"disputes/{dispute}")
    assert f"/disputes/{dispute}/12315" in lin.html
    await lin.open(f"disputes/{dispute}/12315")
    await lin.send("who", **{**WHO, "phone": "12"})
    assert (lin.page.status_code, 'id="phone-fault"' in lin.html) == (422, True)
    await lin.send("who", **WHO)
    for told in ("+8613900010001", "杭州奎元馆", "91330106MA2CFLDC09", "SHA-256"):
        assert told in lin.text, told
    assert "请别告诉别人" not in lin.text
    shown = lin.html
    assert (await here.read(dispute)).handoff is None

    await say(here, dispute, "又来一句")  # another picture is other data: the old yes is worth nothing
    form = re.search(r'(?s)<form[^>]*id="agree".*?</form>', shown)
    assert form
    await lin.send("agree")
    assert lin.page.status_code == 409
    assert (await here.read(dispute)).handoff is None
    await lin.send("agree")
    assert "没有发送" in lin.text or "尚未发送" in lin.text or "未发送" in lin.text
    found = await handoff(here, dispute)
    assert found.digest in lin.text

    await desk.open(f"officer/disputes/{dispute}")
    await desk.send("hand-off")
    assert desk.page.status_code == 200
    await here.work()
    (row,) = there(here)
    assert row["sha256"] == found.digest
    went = json.loads(row["package"])
    assert (went["complainant"]["name"], len(went["evidence"]), went["version"]) == ("林晓", 2, 1)
    assert set(went) == {
        "format", "version", "city", "dispute", "complainant", "respondent", "payments", "claim", "evidence", "steps",
    }  # fmt: skip
    assert "又来一句" not in row["package"]

    decide(here, row["key"], "refused", code="N3", words="不属于日常消费")
    await look(here)
    await lin.open(f"disputes/{dispute}/12315")
    for told in (row["number"], "不予受理", "N3", "向法院起诉"):
        assert told in lin.text, told
    await lin.open(f"disputes/{dispute}")
    assert "不属于日常消费" in lin.text
    await desk.open("officer/coverage")
    assert "不予受理" in desk.text


async def test_taken_back_on_the_page_nothing_goes(here: Town):
    await let(here, "officer")
    dispute = await escalated(here)
    lin, desk = await consumer(here), await officer(here)
    await lin.open(f"disputes/{dispute}/12315")
    await lin.send("who", **WHO)
    await lin.send("agree")
    await desk.open(f"officer/disputes/{dispute}")
    await lin.send("take-back")
    assert "资料已删除" in lin.text
    await desk.send("hand-off")
    assert desk.page.status_code in {409, 422}
    await here.work()
    assert there(here) == []
    assert (await handoff(here, dispute)).state is HandoffState.withdrawn
    key = (await handoff(here, dispute)).package
    assert await here.rows("select 1 from content where id = %s", key) == []


async def test_where_the_city_is_off_nothing_is_offered(here: Town):
    dispute = await escalated(here)
    lin = await consumer(here)
    await lin.open(f"disputes/{dispute}")
    assert f"/disputes/{dispute}/12315" not in lin.html
    await lin.open(f"disputes/{dispute}/12315")
    assert 'id="who"' not in lin.html


async def test_an_odr_enterprise_reads_of_its_time_and_may_end_it(here: Town):
    await let(here, "consent")
    desk = await officer(here)
    await desk.open(f"officer/merchants/{here.merchant}")
    await desk.send("odr", odr_first="2026-07-01", odr_last="2026-06-01")
    assert (desk.page.status_code, 'id="odr_first-fault"' in desk.html) == (422, True)
    await desk.send("odr", odr_first="2026-01-01", odr_last="")
    assert "2026-01-01" in desk.text
    dispute = await escalated(here)
    lin = await consumer(here)
    await lin.open(f"disputes/{dispute}/12315")
    await lin.send("who", **WHO)
    await lin.send("agree")
    assert "ODR" in lin.text
    owner = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await owner.open(f"merchant/disputes/{dispute}")
    assert 'id="odr"' in owner.html
    assert "（24:00）" in owner.text or "24:00" in owner.text
    await owner.tap("end-odr")
    assert owner.page.status_code == 200
    await here.work()
    assert len(there(here)) == 1
