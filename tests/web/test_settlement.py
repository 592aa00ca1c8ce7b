"""A settlement as a document: both sides get the very same file, and the page finds what was changed."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from datetime import timedelta

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import errors
from pypdf import PdfReader
from tests.support.folding import fold_all
from tests.support.papers import pdf_with
from tests.support.town import CITY, CODE, NAME, OFFICER, Town
from tests.web.consumer_lab import EN, Browser, filed, signed_in

from hejie.base.actor import Actor, Role
from hejie.base.errors import Refused
from hejie.desk.papers import PAPERS
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome
from hejie.documents import agreement
from hejie.documents import paper as documents
from hejie.documents.fonts import chain
from hejie.documents.paper import can_print
from hejie.papers.agreement import Kind
from hejie.papers.paper import Issue, paper_of
from hejie.web.consumer import verify


@pytest.fixture(autouse=True)
def _typesetter(lacking):
    if not can_print():
        lacking("typst and a Chinese font (make documents brings them)")


async def agreed(here: Town, browser: Browser) -> str:
    dispute = await filed(here, browser)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    return dispute


async def papers(here: Town) -> list[tuple]:
    return await here.rows("select number, language, json_sha256, pdf_sha256 from paper order by language desc")


def text_of(raw: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)


async def test_both_sides_get_the_very_same_file_and_its_digests_are_kept(here: Town, browser: Browser, database):
    dispute = await agreed(here, browser)
    assert f"disputes/{dispute}/agreement.pdf" in (await browser.open(f"disputes/{dispute}")).text
    asked = [browser.http.get(f"/{CITY}/disputes/{dispute}/agreement.pdf") for _ in range(3)]
    first, *more = await asyncio.gather(*asked)
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    here.advance(hours=30)
    merchant = await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)
    officer = await signed_in(here, Role.officer, OFFICER.id, OFFICER.organisation)
    for who, portal in ((merchant, "merchant"), (officer, "officer")):
        page = await who.open(f"{portal}/disputes/{dispute}")
        assert f"{portal}/disputes/{dispute}/agreement.pdf" in page.text
    more.append(await merchant.open(f"merchant/disputes/{dispute}/agreement.pdf"))
    more.append(await officer.open(f"officer/disputes/{dispute}/agreement.pdf"))
    assert {each.content for each in more} == {first.content}
    [(number, language, inside, whole)] = await papers(here)
    assert language == "zh"
    assert whole == hashlib.sha256(first.content).hexdigest()
    [[attached]] = PdfReader(io.BytesIO(first.content)).attachments.values()
    assert inside == hashlib.sha256(attached).hexdigest()
    told = json.loads(attached)
    assert (told["number"], told["subject"], told["terms"][0]["amount_fen"]) == (number, dispute, 5000)
    text = text_of(first.content)
    for said in ("和解协议", number, NAME, CODE, "全额退款", "¥50.00", "片儿川", f"/{CITY}/verify?number={number}"):
        assert said in text, said
    assert (await here.read(dispute)).consumer not in attached.decode(), "nobody is named who need not be"
    [(sealed,)] = await here.rows("select sealed from content where subject like 'paper:%%'")
    assert number.encode() not in bytes(sealed)
    with psycopg.connect(database.superuser_url) as connection:
        assert fold_all(connection)["paper"] == 1
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        connection.execute(f"select set_config('hejie.city', '{CITY}', false)")
        for statement in ("update paper set number = 'x'", "delete from paper", "truncate paper"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.execute("select set_config('hejie.city', '510100', false)")
        assert connection.execute("select count(*) from paper").fetchone() == (0,)


async def test_the_translation_is_a_document_of_its_own(here: Town, browser: Browser):
    dispute = await agreed(here, browser)
    await browser.open(f"disputes/{dispute}/agreement.pdf")
    english = await browser.open(f"disputes/{dispute}/agreement.pdf?in=en")
    (zh, *_), (en, language, *_) = await papers(here)
    assert (language, zh != en) == ("en", True)
    text = text_of(english.content)
    assert en in text
    assert "the Chinese document governs" in text
    assert (await browser.open(f"disputes/{dispute}/agreement.pdf?in=fr")).status_code == 422


async def test_what_is_not_agreed_or_not_theirs_gives_no_document(here: Town, browser: Browser, monkeypatch):
    dispute = await filed(here, browser)
    assert (await browser.open(f"disputes/{dispute}/agreement.pdf")).status_code == 409
    stranger = await signed_in(here, Role.consumer, "nobody", "")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    assert (await stranger.open(f"disputes/{dispute}/agreement.pdf")).status_code == 404
    command = Issue(
        number="HJ-330100-2026-00000-00000", kind=Kind.settlement, noun="dispute", subject=dispute, edition=1,
        language="zh", json_sha256="0" * 64, pdf_sha256="0" * 64, made_at=here.app.clock.now(), size=1,
    )  # fmt: skip
    key = paper_of("dispute", dispute, Kind.settlement, 1, "zh")
    for actor, code in ((here.as_merchant, "not_allowed"), (Actor(Role.system, ""), "agreement_missing")):
        with pytest.raises(Refused, match=code):
            await here.app.desk.act(PAPERS, CITY, key, command, actor)
    monkeypatch.setattr(documents, "chain", lambda: type("None_", (), {"files": ()}))
    assert (await browser.open(f"disputes/{dispute}/agreement.pdf")).status_code == 422
    assert "无法生成 PDF" in (await browser.open(f"disputes/{dispute}")).text
    monkeypatch.undo()
    other = await filed(here, browser)
    await browser.send("offer", remedy="other", words="换一碗")
    offer = (await here.read(other)).offers[-1].id
    await here.act(other, d.AcceptOffer(offer=offer), here.as_merchant)
    lacks = replace(chain(), characters=chain().characters - {ord("碗")})
    monkeypatch.setattr(agreement, "chain", lambda: lacks)
    page = await browser.open(f"disputes/{other}/agreement.pdf")
    assert page.status_code == 422
    assert "碗 (U+7897)" in page.text, "a character that no font has stops it, and is named"
    assert await papers(here) == []
    assert await here.rows("select 1 from log where noun = 'paper'") == []


async def check(browser: Browser, raw: bytes, number: str = "") -> str:
    """What the page says of a file, in one word; a refusal's words for anything that is no document."""
    await browser.open("verify")
    await browser.send("check", {"file": ("a.pdf", raw, "application/pdf")}, number=number)
    word = browser.html.partition('data-verdict="')[2].partition('"')[0]
    return word or browser.text


async def test_the_page_says_what_became_of_a_file(here: Town, browser: Browser):
    dispute = await agreed(here, browser)
    raw = (await browser.open(f"disputes/{dispute}/agreement.pdf")).content
    [(number, _, inside, whole)] = await papers(here)
    stranger = Browser(here)
    assert await check(stranger, raw) == "unchanged"
    shown = stranger.html.replace(" ", "")
    assert inside in shown
    assert whole in shown
    assert "这就是本站发出的文书" in stranger.text
    for personal in (NAME, CODE, dispute, "片儿川", "50.00"):
        assert personal not in stranger.html, personal
    assert await check(browser, raw) == "unchanged", "whoever is signed in may check too"
    assert await check(stranger, raw, number.lower().replace("-", " ")) == "unchanged"
    assert await check(stranger, raw, "HJ-330100-2026-00000-00000") == "other_number"
    assert await check(stranger, raw + b"\n") == "resaved"
    [[attached]] = PdfReader(io.BytesIO(raw)).attachments.values()
    assert await check(stranger, pdf_with(attached)) == "resaved"
    assert await check(stranger, pdf_with(attached.replace(b"5000", b"9000"))) == "altered"
    elsewhere = attached.replace(number.encode(), b"HJ-330100-2026-00000-00000")
    assert await check(stranger, pdf_with(elsewhere)) == "unknown"
    assert await papers(here) == [(number, "zh", inside, whole)]


HOSTILE = {
    "no file": (b"", "请选择一个 PDF 文件"),
    "no PDF": (b"GIF89a", "这不是 PDF 文件"),
    "nothing attached": (b"%PDF-1.7\n%%EOF", "没有附带协议数据"),
    "two attachments": (pdf_with(b"{}", b"{}"), "不止一个文件"),
    "no JSON": (pdf_with(b"<x/>"), "不是本站的协议"),
    "a name twice": (pdf_with(b'{"schema":"hejie-agreement/1","number":"1","number":"2"}'), "不是本站的协议"),
    "NaN": (pdf_with(b'{"schema":"hejie-agreement/1","number":NaN}'), "不是本站的协议"),
    "a bomb": (pdf_with(bytes(20_000_000), packed=True), "附带的内容过大"),
    "too large": (b"%PDF-1.7\n" + bytes(2_600_000), "文件过大"),
}


async def test_hostile_files_and_numbers_are_refused_in_words(here: Town, browser: Browser, monkeypatch):
    for which, (raw, said) in HOSTILE.items():
        assert said in await check(browser, raw), which
        assert browser.page.status_code == 422, which
    assert "这不是文书编号" in await check(browser, pdf_with(b"{}"), "<script>")
    await browser.open("verify?number=%22%3E%3Cscript%3E")
    assert "<script>" not in browser.html.partition("<main")[2]
    assert (await browser.http.post(f"/{CITY}/verify", content=bytes(5_000_000))).status_code in {403, 413, 415, 422}
    monkeypatch.setattr(verify, "CHECKED", replace(verify.CHECKED, name="papers-of-a-test", most=1))
    english = Browser(here, EN)
    assert "This is not a PDF file" in await check(english, b"x")
    await check(english, b"x")
    assert english.page.status_code == 429, "files are not checked without end"


async def test_a_record_without_a_solution_names_what_is_still_open(here: Town, browser: Browser):
    dispute = await filed(here, browser)
    await here.act(dispute, d.Answer(words="w"), here.as_merchant)
    await here.act(dispute, d.Withdraw(), here.as_consumer_of(await here.read(dispute)))
    assert (await here.read(dispute)).outcome is Outcome.withdrawn
    text = text_of((await browser.open(f"disputes/{dispute}/record.pdf")).content).replace("\n", "")
    begun = (await here.read(dispute)).payments[0].paid_at + timedelta(hours=8)
    for said in ("您还可以怎么做", "消费者协会", "12315", "诉讼时效为三年", "第188条", f"{begun.year + 3}-"):
        assert said in text.replace(" ", "") or said in text, said
    merchant = await signed_in(here, Role.merchant, f"link:{dispute}", here.merchant, dispute)
    page = await merchant.open(f"merchant/disputes/{dispute}/record.pdf")
    assert "您还可以怎么做" not in text_of(page.content)
