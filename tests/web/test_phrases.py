"""Each side writes in its own language: a ready sentence is read by each in theirs, with the original beside it."""

from __future__ import annotations

from tests.support.town import CITY, OFFICER, Town
from tests.web.consumer_lab import EN, Browser, filed, signed_in

from hejie.base.actor import Role
from hejie.disputes import commands as d
from hejie.edge.phrases import phrases

SORRY, AWAY, MORE = (phrases()[name] for name in ("merchant.sorry", "consumer.away", "officer.more"))


async def said(here: Town, dispute: str) -> list[str]:
    """The ready sentences in the log."""
    found = await here.rows(
        "select body->>'phrase' from log where id = %s and event = 'Said' order by version", dispute
    )
    return [name for (name,) in found]


async def at_the_counter(here: Town, dispute: str) -> Browser:
    owner = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await owner.open(f"merchant/disputes/{dispute}")
    return owner


async def test_both_sides_tap_a_sentence_and_read_the_others_in_their_own_language(here: Town):
    ada = Browser(here, EN)
    dispute = await filed(here, ada)
    await ada.send("say", phrase="consumer.away", words="I fly on Friday <i>")
    assert f"{AWAY.en} I fly on Friday <i>" in ada.text
    assert "Ready sentence, sent in" not in ada.text
    owner = await at_the_counter(here, dispute)
    assert f"{AWAY.zh} I fly on Friday <i>" in owner.text
    assert f"I fly on Friday <i> 常用语，发送时为英语： {AWAY.en}" in owner.text
    assert "<i>" not in owner.html.partition("<main")[2]
    await owner.send("say", phrase="merchant.sorry")
    assert SORRY.zh in owner.text
    await ada.open(f"disputes/{dispute}")
    assert f"{SORRY.en} Ready sentence, sent in Chinese: {SORRY.zh}" in ada.text
    assert await said(here, dispute) == ["consumer.away", "merchant.sorry"]
    await ada.http.aclose()
    await owner.http.aclose()


async def test_nobody_puts_anothers_sentence_into_a_mouth(here: Town):
    lin = Browser(here)
    dispute = await filed(here, lin)
    version = (await here.read(dispute)).version
    for name in ("merchant.sorry", "consumer.none", "x" * 300):
        await lin.open(f"disputes/{dispute}")
        await lin.send("say", phrase=name, words="原话留着")
        assert lin.page.status_code == 422
        assert "这句常用语已不存在" in lin.text
        assert "原话留着" in lin.text
    owner = await at_the_counter(here, dispute)
    await owner.send("say", phrase="officer.more")
    assert owner.page.status_code == 422
    assert (await here.read(dispute)).version == version
    await lin.http.aclose()
    await owner.http.aclose()


async def test_the_officer_writes_to_both_languages_at_once(here: Town):
    ada = Browser(here, EN)
    dispute = await filed(here, ada)
    await here.act(dispute, d.Answer(words="x"), here.as_merchant)
    await here.act(dispute, d.Escalate(), here.as_consumer)
    await here.act(dispute, d.Take(), OFFICER)
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    await officer.open(f"officer/disputes/{dispute}")
    await officer.tap("say", phrase="officer.more")
    assert MORE.zh in officer.text
    await ada.open(f"disputes/{dispute}")
    assert MORE.en in ada.text
    assert (await at_the_counter(here, dispute)).text.count(MORE.zh) == 1
    data = await ada.http.get(f"/{CITY}/disputes/{dispute}/record.zip")
    assert data.status_code == 200
    await ada.http.aclose()
    await officer.http.aclose()
