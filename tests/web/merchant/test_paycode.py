"""The merchant's page of payment codes: what is refused leaves nothing, and what is granted is printed and read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from PIL import Image
from pypdf import PdfReader
from tests.support.pages import pages
from tests.web.merchant.merchant_town import EN, keys, sign_in
from tests.web.officer.officer_town import CITY, Town

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.cities import CITIES
from hejie.desk.paycodes import PAYCODES
from hejie.documents.paper import can_print, sheet
from hejie.documents.square import square
from hejie.merchants import commands as m
from hejie.merchants.model import Rank, Staff
from hejie.payments.emvco import examine
from hejie.payments.emvco_writer import Link, around, link_in, written
from hejie.payments.paycode import EndPaycode, Grant, Refuse
from hejie.queries.paycodes import paycodes_of
from hejie.store.pool import city_transaction
from hejie.web import paycode_poster
from hejie.web.consumer import ROUTES

PAGE = f"/{CITY}/merchant/paycode"
OFFICER = Actor(Role.officer, "officer-1", "330102")
PAYLOAD = written(
    [("00", "01"), ("15", "x" * 31), ("52", "5812"), ("53", "156"), ("58", "CN"), ("59", "奎元馆"), ("60", "HZ")]
)


async def ask(phone, town: Town, payload: str = PAYLOAD, **more: Any) -> httpx.Response:
    form = keys((await phone.get(PAGE)).text) | {"code_shop": town.shop, "payload": payload}
    return await phone.post(PAGE, data=form | {"promises": ["returns", "rights"]} | more)


async def codes(town: Town) -> list[Any]:
    async with city_transaction(town.house.pool, CITY) as connection:
        return await paycodes_of(connection, CITY, town.merchant)


async def granted(phone, town: Town) -> str:
    """A code in force; its identifier."""
    assert (await ask(phone, town)).status_code == 303
    [found] = await codes(town)
    await town.desk.act(PAYCODES, CITY, found.paycode.id, Grant(), OFFICER)
    return str(found.paycode.id)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"payload": PAYLOAD[:-4] + "0000"}, "checksum of this code is wrong"),
        ({"payload": ""}, "not the text of a merchant-presented"),
        ({"payload": "99" * 60_000}, "checksum of this code is wrong"),
        ({"payload": around(PAYLOAD, Link("0123456789", "https://hejie.example/330100"))}, "with promises already"),
        ({"payload": PAYLOAD[:6] + chr(0) + PAYLOAD[6:]}, "checksum of this code is wrong"),
        ({"promises": []}, "choose at least one promise"),
        ({"promises": ["free_lunch"]}, "does not offer this promise"),
        ({"code_shop": "330100-0"}, "no such shop"),
    ],
)
async def test_what_is_refused_leaves_nothing(phone, town, typed, sentence):
    await sign_in(phone, town)
    answer = await ask(phone, town, **typed)
    assert 400 <= answer.status_code < 500
    assert sentence in answer.text
    assert await codes(town) == []


async def test_the_same_request_twice_asks_once(phone, town):
    await sign_in(phone, town)
    form = keys((await phone.get(PAGE)).text) | {"code_shop": town.shop, "payload": PAYLOAD, "promises": ["rights"]}
    assert [(await phone.post(PAGE, data=form)).status_code for _ in range(2)] == [303, 303]
    assert len(await codes(town)) == 1
    again = await ask(phone, town)
    assert 400 <= again.status_code < 500
    assert "has asked for a payment code already" in again.text


async def test_a_clerk_neither_sees_nor_asks(phone, town):
    await sign_in(phone, town)
    code = await granted(phone, town)
    await town.tell(m.AddStaff(staff=Staff(person="clerk-1", rank=Rank.clerk)))
    await sign_in(phone, town, "clerk-1")
    assert (await phone.get(PAGE)).status_code == 403
    assert (await phone.get(f"{PAGE}/{code}/poster.pdf")).status_code == 403
    assert len(await codes(town)) == 1


async def test_what_waits_or_is_over_is_not_printed(phone, town):
    await sign_in(phone, town)
    await ask(phone, town)
    [waiting] = await codes(town)
    address = f"{PAGE}/{waiting.paycode.id}/poster.png"
    assert "nothing to print" in (await phone.get(address)).text
    await town.desk.act(PAYCODES, CITY, waiting.paycode.id, Grant(), OFFICER)
    form = keys((await phone.get(PAGE)).text) | {"paycode": waiting.paycode.id}
    empty = await phone.post(f"{PAGE}/end", data=form | {"reason": ""})
    assert "write something here" in empty.text
    assert (await phone.post(f"{PAGE}/end", data=form | {"reason": "closing"})).status_code == 303
    assert "nothing to print" in (await phone.get(address)).text
    assert "closing" in (await phone.get(PAGE)).text
    assert (await phone.get(f"{PAGE}/330100-0/poster.png")).status_code == 404


async def test_the_poster_says_both_languages_and_holds_the_acquirers_code(phone, town, monkeypatch):
    if not can_print():
        pytest.skip("no typesetter here")
    squares: list[str] = []

    def draw(text: str) -> bytes:
        squares.append(text)
        return square(text)

    monkeypatch.setattr("hejie.web.paycode_poster.square", draw)
    await sign_in(phone, town)
    code = await granted(phone, town)
    made = await phone.get(f"{PAGE}/{code}/poster.pdf")
    assert made.headers["content-type"] == "application/pdf"
    (page,) = PdfReader(BytesIO(made.content)).pages
    text = page.extract_text()
    [found] = await codes(town)
    for word in ("奎元馆解放路店", "退货放心", "Seven-day returns", "12315", f"code/{found.paycode.number}"):
        assert word in text.replace("\n", ""), word
    assert "质量放心" not in text, "a promise that was not chosen"
    pays, reads = squares
    assert pays.startswith(PAYLOAD[:-8])
    assert link_in(examine(pays)) == (found.paycode.number, "http://hejie.test/330100")
    assert reads == f"http://hejie.test/330100/code/{found.paycode.number}"
    shown = Image.open(BytesIO((await phone.get(f"{PAGE}/{code}/poster.png")).content))
    assert (shown.format, shown.size) == ("PNG", (1748, 2480))


async def test_however_much_is_promised_it_stays_one_page(house):
    if not can_print():
        pytest.skip("no typesetter here")
    said = {"title": "放心" * 20, "sentence": "一切皆可退换。" * 28}
    english = {"title": "Everything " * 7, "sentence": "Everything may come back. " * 7}
    lines = dict.fromkeys(paycode_poster._LINES, "x" * 80)
    data = {
        "shop": "店" * 100,
        "city": "杭州市",
        "address": "hejie.example/330100/code/0123456789",
        "says": {"zh": lines, "en": lines},
        "promises": [{"zh": said, "en": english}] * 12,
    }
    pictures = dict.fromkeys(("pay.svg", "page.svg"), square("x"))
    made = sheet("paycode", data, pictures, house.clock.now())
    assert isinstance(made, bytes)
    assert Image.open(BytesIO(made)).size[1] > 2480


async def test_whoever_scans_it_sees_what_was_granted_and_nothing_before(phone, town, house):
    await sign_in(phone, town)
    await ask(phone, town)
    [asked] = await codes(town)
    where = f"/{CITY}/code/{asked.paycode.number}"
    transport = httpx.ASGITransport(pages(house, routes=ROUTES), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test", headers=EN) as passer:
        assert (await passer.get(where)).status_code == 404
        await town.desk.act(PAYCODES, CITY, asked.paycode.id, Grant(), OFFICER)
        page = await passer.get(where)
        assert page.status_code == 200
        for word in ("奎元馆解放路店", "Seven-day returns", "Shangcheng District", f"/{CITY}/start", "12315"):
            assert word in page.text, word
        assert "x" * 31 not in page.text, "the account is the acquirer's business"
        assert (await passer.get(where.upper().replace("/CODE/", "/code/"))).status_code == 200
        for wrong in ("0000000000", "x", "'%20or", "1" * 500):
            assert (await passer.get(f"/{CITY}/code/{wrong}")).status_code == 404
        await town.desk.act(PAYCODES, CITY, asked.paycode.id, EndPaycode(reason="secret"), OFFICER)
        over = await passer.get(where)
        assert 'id="over"' in over.text
        assert "secret" not in over.text


async def test_a_refused_one_is_told_why_and_opens_nothing(phone, town):
    await sign_in(phone, town)
    await ask(phone, town)
    [asked] = await codes(town)
    await town.desk.act(PAYCODES, CITY, asked.paycode.id, Refuse(reason="The name is another shop's."), OFFICER)
    assert "The name is another shop&#39;s." in (await phone.get(PAGE)).text
    assert (await ask(phone, town)).status_code == 303


async def test_a_promise_that_the_city_gave_up_is_still_owed_where_it_was_made(phone, town):
    await sign_in(phone, town)
    await granted(phone, town)
    row = read_city(shipped(CITY))
    day = town.house.clock.now().date()
    fewer = replace(row, version=row.version + 1, valid_from=day, promises=row.promises[:1])
    await town.desk.act(CITIES, CITY, CITY, ApplySettings(settings=fewer, ships=True), SYSTEM)
    page = (await phone.get(PAGE)).text
    assert "Seven-day returns" in page.partition('id="ask"')[0]
    assert "Seven-day returns" not in page.partition('id="ask"')[2]
