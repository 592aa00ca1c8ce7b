"""Translations beside the original: when they are asked for, what comes of hostile answers, and of none at all."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from tests.support.town import CITY, Town, town
from tests.web.consumer_lab import EN, Browser, filed, signed_in

from hejie.base.actor import Role
from hejie.connectors.translation.engine import HttpTranslator
from hejie.desk.act import Content, subject_of
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.duties.tools import no_translator
from hejie.duties.translate import directions, fit
from hejie.edge.phrases import phrases
from hejie.settings import read_connections
from hejie.store.contents import erase
from hejie.store.pool import city_transaction

COLD, KALT = "The noodles were cold.", "面是凉的。"
OURS = "我们愿意退一半。"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


@pytest.fixture
async def ada(here: Town) -> AsyncIterator[Browser]:
    browser = Browser(here, EN)
    yield browser
    await browser.http.aclose()


async def say(here: Town, dispute: str, text: str, *, phrase: str = "") -> str:
    """The merchant writes; the name of its words."""
    said = Content(id=here.app.desk.mint(CITY), kind="text", plain=text.encode())
    command = d.Say(words=said.id, phrase=phrase)
    await here.app.desk.act(DISPUTES, CITY, dispute, command, here.as_merchant, contents=[said])
    return said.id


async def at_the_counter(here: Town, dispute: str) -> str:
    owner = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    await owner.open(f"merchant/disputes/{dispute}")
    await owner.http.aclose()
    return owner.html


async def kept(here: Town) -> int:
    return int((await here.rows("select count(*) from content where kind = 'translation'"))[0][0])


async def left_over(here: Town) -> list[tuple[str, ...]]:
    """Tasks that are not done, and what a person was asked."""
    return await here.rows(
        "select kind from task where kind = 'translate' union all select kind from work_item where kind = 'task_parked'"
    )


async def test_each_reads_the_other_in_its_own_language_beside_the_original(here: Town, ada: Browser):
    dispute = await filed(here, ada, words=COLD)
    await here.work()
    await say(here, dispute, OURS)
    await here.work()
    page = await at_the_counter(here, dispute)
    assert re.search(rf"(?s){COLD}.*机器翻译，以原文为准：.*{KALT}", page)
    await ada.open(f"disputes/{dispute}")
    assert f"{OURS} Machine translation; the original counts: We are willing to refund half." in ada.text
    assert KALT not in ada.text
    assert (
        await here.rows(
            "select 1 from content where kind = 'translation' and position(%s in sealed) > 0", KALT.encode()
        )
        == []
    )
    assert await left_over(here) == []


async def test_an_offers_words_are_translated_too(here: Town, ada: Browser):
    dispute = await filed(here, ada)
    await ada.send("offer", remedy="refund_part", amount="25", words="Please refund half.")
    await here.work()
    assert (await at_the_counter(here, dispute)).count("请退一半。") == 2


async def test_chinese_among_chinese_and_ready_sentences_are_never_sent_out(here: Town, ada: Browser):
    asked: list[str] = []
    engine = here.app.tools.translator(CITY)

    async def listening(text: str, source: str, target: str) -> str:
        asked.append(text)
        return await type(engine).translate(engine, text, source, target)

    engine.translate = listening  # type: ignore[method-assign]
    lin = Browser(here)
    dispute = await filed(here, lin, words=KALT)
    await say(here, dispute, OURS)
    await here.work()
    assert asked == []
    abroad = await filed(here, ada)
    await ada.open(f"disputes/{abroad}")
    await ada.send("say", phrase="consumer.soon")
    await ada.open(f"disputes/{abroad}")
    await ada.send("say", phrase="consumer.soon", words=COLD)
    await here.work()
    assert asked == [COLD]
    soon = phrases()["consumer.soon"]
    assert re.search(rf"(?s){re.escape(soon.zh)}.*{KALT}", await at_the_counter(here, abroad))
    await lin.http.aclose()


async def test_without_an_engine_nothing_is_asked_and_nothing_is_left(here: Town, ada: Browser):
    object.__setattr__(here.app.tools, "translator", no_translator)
    dispute = await filed(here, ada, words=COLD)
    await here.work()
    assert (await kept(here), await left_over(here)) == (0, [])
    page = await at_the_counter(here, dispute)
    assert COLD in page
    assert "机器翻译" not in page


@pytest.mark.parametrize("knob", ["translation_unavailable", "translation_garbage", "translation_drop"])
async def test_an_engine_that_is_down_is_asked_again_then_let_be(here: Town, ada: Browser, knob: str):
    here.wallet.knob(knob)
    dispute = await filed(here, ada, words=COLD)
    await here.work()
    assert KALT in await at_the_counter(here, dispute)
    here.wallet.post("knobs", name=knob, probability=1)
    await say(here, dispute, OURS)
    await here.work()
    await ada.open(f"disputes/{dispute}")
    assert OURS in ada.text
    assert "Machine translation" not in ada.text
    assert await left_over(here) == []


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"url": "http://127.0.0.1:9"}])
async def test_an_engine_that_refuses_us_or_is_not_there_leaves_the_original_alone(here: Town, ada: Browser, wrong):
    given = read_connections(here.app.settings.connections)[CITY].translation
    assert given
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        engine = HttpTranslator(replace(given, **wrong), here.app.clock, client)
        object.__setattr__(here.app.tools, "translator", lambda _: engine)
        await refused_or_not_there(here, ada)


async def refused_or_not_there(here: Town, ada: Browser):
    dispute = await filed(here, ada, words=COLD)
    await here.work()
    assert COLD in await at_the_counter(here, dispute)
    assert (await kept(here), await left_over(here)) == (0, [])


async def test_markup_is_only_text(here: Town, ada: Browser):
    here.wallet.knob("translation_markup")
    dispute = await filed(here, ada, words=COLD)
    await here.work()
    page = await at_the_counter(here, dispute)
    assert "<script>alert" not in page
    assert "<b onclick" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b onclick" in page
    assert "{{ 7 * 7 }}" in page


async def test_control_characters_are_dropped_and_far_too_much_is(here: Town, ada: Browser):
    here.wallet.knob("translation_control")
    dispute = await filed(here, ada, words=COLD)
    await here.work()
    page = await at_the_counter(here, dispute)
    assert KALT in page
    assert not re.search("[\x00\x1b\u202e\ufeff]", page)
    here.wallet.knob("translation_long")
    await say(here, dispute, OURS)
    await here.work()
    assert await kept(here) == 1
    assert await left_over(here) == []


async def test_the_same_task_twice_keeps_one(here: Town, ada: Browser):
    dispute = await filed(here, ada)
    words = await say(here, dispute, OURS)
    for _ in range(2):
        await here.task("translate", dispute, {"words": words})
    await here.work()
    assert await kept(here) == 1
    assert await left_over(here) == []


async def test_what_is_erased_does_not_come_back_translated(here: Town, ada: Browser):
    dispute = await filed(here, ada, words=COLD)
    async with city_transaction(here.app.pool, CITY) as connection:
        await erase(connection, CITY, subject_of("dispute", dispute))
    await here.work()
    assert await here.rows("select 1 from content where subject = %s", f"dispute:{dispute}") == []
    assert await here.rows("select 1 from data_key where subject = %s", f"dispute:{dispute}") == []
    assert await left_over(here) == []


async def test_the_record_holds_the_original_and_says_which_is_a_machines(here: Town, ada: Browser):
    dispute = await filed(here, ada)
    await say(here, dispute, OURS)
    await here.work()
    await ada.open(f"disputes/{dispute}")
    taken: httpx.Response = await ada.http.get(f"/{CITY}/disputes/{dispute}/record.zip")

    with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
        story = json.loads(archive.read("record.json"))["story"]
        assert b"willing" not in archive.read("log.jsonl")
    said = next(line for line in story if line["kind"] == "Said")
    assert (said["words"], said["translation"]) == (OURS, "We are willing to refund half.")


@pytest.mark.parametrize(
    ("text", "reader", "found"),
    [
        ("面是凉的", "zh", ("zh", "")),
        ("面是凉的", "en", ("zh", "en")),
        ("iPhone坏了", "en", ("zh", "en")),
        ("买的 Nike Air Max 鞋子坏了", "zh", ("zh", "")),
        ("Cold noodles", "en", ("", "zh")),
        ("I bought 片儿川 at 奎元馆 last week", "zh", ("", "zh")),
        ("麺が冷たい", "zh", ("", "zh")),
        ("국수가 차갑다", "en", ("", "zh")),
        ("Лапша холодная", "en", ("", "zh")),
        ("¥ 30.00 !!! 12:00 👍", "en", ("", "")),
        ("", "en", ("", "")),
    ],
)
def test_from_which_language_to_which(text: str, reader: str, found: tuple[str, str]):
    assert directions(text, reader) == found


@pytest.mark.parametrize(
    ("original", "answer", "shown"),
    [
        ("好", "All right, we agree to this.", "All right, we agree to this."),
        ("面" * 100, "x" * 900, "x" * 900),
        ("面" * 100, "x" * 901, ""),
        ("a", "面" * 67, ""),
        ("Cold", "Cold", ""),
        ("Cold", " \u200b\u202e\x00 ", ""),
        ("Cold", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("Cold", "一\r\n二\u2028三", "一\n二\n三"),
        ("Cold", "\ud800凉", "凉"),
    ],
)
def test_what_of_an_answer_is_shown(original: str, answer: str, shown: str):
    assert fit(original, answer) == shown
