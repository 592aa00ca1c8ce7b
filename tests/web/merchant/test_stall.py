"""A printed code at the shop: what it shows to whom, and where fresh links go."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from tests.web.merchant.merchant_town import ZH, keys, linked, merchant_of, sign_in
from tests.web.officer.officer_town import CITY, Town

from hejie.documents.paper import can_print
from hejie.edge.links import check_handle
from hejie.merchants import commands as m
from hejie.merchants.model import Rank, Staff
from hejie.store.pool import city_transaction
from hejie.web.merchant.stall import ASKED

PAGE = f"/{CITY}/merchant/settings"


async def act(client, path: str, **fields: Any):
    html = (await client.get(PAGE)).text
    return await client.post(f"{PAGE}/{path}", data=keys(html) | fields)


async def hang(phone, town: Town) -> str:
    """The owner has a code made; its address."""
    await sign_in(phone, town)
    shop = (await merchant_of(town)).shops[0].id
    made = await act(phone, "stall", stall_shop=shop)
    assert made.status_code == 200
    found = re.search(rf"/{CITY}/stall/[0-9a-z]{{8}}\b", made.text)
    assert found is not None
    return found[0]


async def asked(town: Town) -> list[Any]:
    async with city_transaction(town.house.pool, CITY) as connection:
        cursor = await connection.execute("select subject, payload from task where kind = 'fresh_links' order by id")
        return await cursor.fetchall()


async def test_a_code_shows_the_shop_and_its_masked_number_and_no_dispute(phone, town):
    dispute = await town.dispute()
    where = await hang(phone, town)
    phone.cookies.clear()
    page = await phone.get(where)
    shop = (await merchant_of(town)).shops[0]
    assert page.status_code == 200
    assert shop.name in page.text
    assert "****" in page.text
    assert dispute not in page.text
    assert f"/{CITY}/start" in page.text
    assert f"/{CITY}/12315" in page.text
    assert (await phone.get(where.upper().replace("/STALL/", "/stall/"))).status_code == 200


async def test_the_answer_is_the_same_whether_anything_waits_or_not(phone, town):
    where = await hang(phone, town)
    phone.cookies.clear()

    async def ask() -> str:
        form = keys((await phone.get(where)).text)
        answer = await phone.post(f"{where}/links", data=form)
        assert answer.status_code == 200
        return re.sub(r'(value|nonce)="[^"]*"', "", answer.text)

    before = await ask()
    await town.dispute()
    assert await ask() == before
    assert 'id="asked"' in before
    shop = (await merchant_of(town)).shops[0].id
    assert await asked(town) == [(town.merchant, {"shop": shop, "dispute": ""})] * 2
    await ask()
    form = keys((await phone.get(where)).text)
    assert (await phone.post(f"{where}/links", data=form)).status_code == 429
    assert len(await asked(town)) == ASKED.most


async def test_a_new_code_ends_the_old_one_and_an_ended_one_opens_nothing(phone, town):
    first, second = await hang(phone, town), await hang(phone, town)
    assert (await phone.get(first)).status_code == 404
    assert (await phone.get(second)).status_code == 200
    shop = (await merchant_of(town)).shops[0].id
    assert (await act(phone, "stall/end", stall_shop=shop)).status_code == 303
    gone = await phone.get(second)
    assert gone.status_code == 404
    assert "no longer in use" in gone.text
    for wrong in ("abcdefgh", "x", "12345678", "'%20or"):
        assert (await phone.get(f"/{CITY}/stall/{wrong}")).status_code == 404
        assert (await phone.post(f"/{CITY}/stall/{wrong}/links", data=keys(gone.text))).status_code in {403, 404}
    assert await asked(town) == []


async def test_only_an_owner_makes_prints_and_ends_codes(phone, town):
    where = await hang(phone, town)
    await town.tell(m.AddStaff(staff=Staff(person="manager-1", rank=Rank.manager)))
    await sign_in(phone, town, "manager-1")
    shop = (await merchant_of(town)).shops[0].id
    assert 'data-act="stall"' not in (await phone.get(PAGE)).text
    for path in ("stall", "stall/end", "stall/poster"):
        answer = await act(phone, path, stall_shop=shop, stall_code=where.rpartition("/")[2])
        assert answer.status_code == 403
    assert (await phone.get(where)).status_code == 200


async def test_nothing_of_the_code_is_kept_in_plain(phone, town):
    code = (await hang(phone, town)).rpartition("/")[2]
    async with city_transaction(town.house.pool, CITY) as connection:
        rows = await (await connection.execute("select s::text from stall_code s")).fetchall()
    assert len(rows) == 1
    assert code not in rows[0][0]
    assert check_handle(town.house.vaults(CITY), code).hex() not in rows[0][0], "another purpose, another handle"


async def test_the_poster_carries_name_and_address_in_both_languages(phone, town):
    if not can_print():
        pytest.skip("no typesetter here")
    where = await hang(phone, town)
    made = await act(phone, "stall/poster", stall_code=where.rpartition("/")[2])
    assert made.headers["content-type"] == "application/pdf"
    reader = PdfReader(BytesIO(made.content))
    (page,) = reader.pages
    text = page.extract_text()
    assert round(float(page.mediabox.width) / 72 * 25.4) == 105
    assert where in text.replace("\n", "")
    assert (await merchant_of(town)).shops[0].name in text
    assert "12315" in text
    assert "店员" in text
    assert (await act(phone, "stall/poster", stall_code="abcdefgh")).status_code == 404


async def test_a_link_that_was_ours_can_be_had_anew_and_only_at_the_registered_number(phone, town):
    dispute = await town.dispute()
    old = await linked(town, dispute, town.house.clock.now())
    where = f"/{CITY}/m/{old.rpartition('/')[2]}"
    closed = await phone.get(where)
    assert closed.status_code == 403
    assert 'data-act="fresh-link"' in closed.text
    assert dispute not in closed.text
    sent = await phone.post(f"{where}/fresh", data=keys(closed.text))
    assert 'id="asked"' in sent.text
    ((merchant, payload),) = await asked(town)
    assert (merchant, payload["dispute"]) == (town.merchant, dispute)
    forged = await phone.get(f"/{CITY}/m/0123456789ab")
    assert 'data-act="fresh-link"' not in forged.text
    assert (await phone.post(f"/{CITY}/m/0123456789ab/fresh", data=keys(forged.text))).status_code == 403
    assert len(await asked(town)) == 1


async def test_a_link_says_to_whose_number_it_was_sent(phone, town):
    dispute = await town.dispute()
    contact = (await merchant_of(town)).contacts[0].id
    link = await linked(town, dispute, town.house.clock.now().replace(year=2099), contact)
    opened = await phone.get(link)
    page = await phone.get(opened.headers["location"], headers=ZH)
    assert 'id="sent-to"' in page.text
    assert "****" in page.text.partition('id="sent-to"')[2].partition("</p>")[0]
    other = await phone.get(f"/{CITY}/merchant/disputes/{dispute}?sent=nobody")
    assert 'id="sent-to"' not in other.text
