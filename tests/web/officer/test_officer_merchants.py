"""Merchants at the desk: found, registered, enrolled, closed; the city's settings in words."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.web.officer.officer_town import ACCOUNT, CITY, CODE, Town, keys

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.connectors import signing
from hejie.connectors.acquirer import Door
from hejie.desk.cities import CITIES
from hejie.edge.entry import EntryDoor
from hejie.merchants.uscc import check_character
from hejie.payments.bank_hours import BankHours
from hejie.queries.merchant import read_merchant
from hejie.queries.officer import find_merchants, phone_of
from hejie.store.pool import city_transaction

DESK = f"/{CITY}/officer"
BODY = "91330106MA2CFLDC1"
FRESH = BODY + check_character(BODY)
GOOD = {
    "credit_code": FRESH.lower(),
    "name": "杭州知味小吃店",
    "kind": "individual",
    "phone": "138 0000 0002",
    "shop": "知味小吃文三路店",
    "district": "330106",
    "address": "文三路 1 号",
}


async def merchants(town: Town, words: str = "") -> tuple[Any, ...]:
    async with city_transaction(town.house.pool, CITY) as connection:
        return (await find_merchants(connection, CITY, words)).rows


async def merchant(town: Town) -> Any:
    async with city_transaction(town.house.pool, CITY) as connection:
        return await read_merchant(connection, CITY, town.merchant)


async def tasks(town: Town, kind: str) -> list[Any]:
    async with city_transaction(town.house.pool, CITY) as connection:
        cursor = await connection.execute("select payload from task where city = %s and kind = %s", [CITY, kind])
        return [payload for (payload,) in await cursor.fetchall()]


async def send(client, page: str, path: str, **fields: str) -> Any:
    return await client.post(path, data=keys((await client.get(page)).text) | fields)


async def test_a_merchant_is_registered_with_its_first_shop_and_a_sealed_number(officer, town):
    new = f"{DESK}/merchants/new"
    form = keys((await officer.get(new)).text) | GOOD
    answer = await officer.post(new, data=form)
    assert answer.status_code == 303
    (made,) = await merchants(town, "知味")
    assert (made.credit_code, made.kind.value, made.shops[0].district) == (FRESH, "individual", "330106")
    async with city_transaction(town.house.pool, CITY) as connection:
        vault = town.house.vaults(CITY)
        assert await phone_of(connection, vault, CITY, f"merchant:{made.id}", made.number_for("")) == "+8613800000002"
    page = await officer.get(answer.headers["location"])
    assert "138****0002" in page.text
    assert "13800000002" not in page.text
    assert "文三路店" in page.text
    assert (await officer.post(new, data=form)).headers["location"] == answer.headers["location"]
    assert len(await merchants(town)) == 2


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"credit_code": FRESH[:-1]}, "credit_code", "has 18 characters; this one has 17"),
        ({"credit_code": "I" + FRESH[1:]}, "credit_code", "Character 1"),
        ({"credit_code": BODY + ("0" if FRESH[-1] != "0" else "1")}, "credit_code", "last character"),
        ({"credit_code": CODE}, "credit_code", "already enrolled"),
        ({"name": " "}, "name", "enter a name"),
        ({"shop": ""}, "shop", "enter a name"),
        ({"district": "310101"}, "shop", "not in this city"),
        ({"phone": "057112345"}, "phone", "11 digits"),
    ],
)
async def test_what_is_wrong_with_a_registration_is_said_beside_it(officer, town, wrong, field, words):
    before = await merchants(town)
    answer = await send(officer, f"{DESK}/merchants/new", f"{DESK}/merchants/new", **(GOOD | wrong))
    assert answer.status_code in {409, 422}
    assert words in answer.text
    assert f'href="#{field}"' in answer.text
    assert wrong.get("address", GOOD["address"]) in answer.text
    assert await merchants(town) == before


async def test_merchants_are_found_by_name_shop_and_credit_code(officer, town):
    for words, found in (
        ("奎元馆面业", True),
        ("解放路店", True),
        (CODE.lower(), True),
        ("%", False),
        ("无此店", False),
    ):
        page = await officer.get(f"{DESK}/merchants", params={"q": words})
        assert (f'data-merchant="{town.merchant}"' in page.text) is found, words


async def test_a_merchant_is_enrolled_by_credit_code_or_by_a_sample_payment_and_closed(officer, town):
    page = f"{DESK}/merchants/{town.merchant}"
    assert (await send(officer, page, f"{page}/enrol", how="all")).status_code == 303
    wrong = await send(officer, page, f"{page}/enrol", how="trade", trade_no="12 34")
    assert wrong.status_code == 422
    assert 'href="#trade_no"' in wrong.text
    by_trade = await send(officer, page, f"{page}/enrol", how="trade", trade_no="2026010122001100000000000001")
    assert by_trade.status_code == 303
    asked = [payload["trade_no"] for payload in await tasks(town, "enrol")]
    assert asked == ["", "2026010122001100000000000001"]
    closed = await send(officer, page, f"{page}/close", account=f"alipay {ACCOUNT}")
    assert closed.status_code == 303
    assert (await tasks(town, "close_enrolment")) == [{"wallet": "alipay", "account": ACCOUNT}]
    again = await officer.post(f"{page}/close", data=keys(wrong.text) | {"account": f"alipay {ACCOUNT}"})
    assert again.status_code == 409
    assert "being closed" in (await officer.get(f"{page}/accounts")).text


async def test_an_account_at_wechat_pay_is_named_by_its_number(officer, town):
    page = f"{DESK}/merchants/{town.merchant}"
    assert 'name="number"' not in (await officer.get(page)).text, "this city is not connected to WeChat Pay"
    town.house.entries = {(CITY, "wechatpay"): EntryDoor(app="1900000109", keys=())}
    for wrong in ("", "12 34", "1900-0209", "\uff11\uff19\uff10\uff10\uff10\uff10\uff10\uff12\uff10\uff19", "19" * 20):
        refused = await send(officer, page, f"{page}/enrol", how="wechatpay", number=wrong)
        assert refused.status_code == 422
        assert 'href="#number"' in refused.text
    assert await tasks(town, "enrol") == []
    assert (await send(officer, page, f"{page}/enrol", how="wechatpay", number="1900000209")).status_code == 303
    assert await tasks(town, "enrol") == [{"wallet": "wechatpay", "trade_no": "", "account": "1900000209"}]


async def test_an_account_at_an_acquirer_is_named_with_the_acquirers_number(officer, town):
    page = f"{DESK}/merchants/{town.merchant}"
    town.house.acquirers = {(CITY, "48030001"): bank("")}
    assert 'name="number"' not in (await officer.get(page)).text, "this one only announces"
    town.house.acquirers = {(CITY, "48030001"): bank("https://bank.example")}
    assert "a hyphen" in (await officer.get(page)).text
    for wrong in ("", "898330154119999", "48030001-", "48030001-a/b", "48-a b"):
        refused = await send(officer, page, f"{page}/enrol", how="acquirer", number=wrong)
        assert refused.status_code == 422
    named = await send(officer, page, f"{page}/enrol", how="acquirer", number="48030001-898330154119999")
    assert named.status_code == 303
    assert await tasks(town, "enrol") == [{"wallet": "acquirer", "trade_no": "", "account": "48030001-898330154119999"}]


def bank(gateway: str) -> Door:
    key = signing.private_key("city-1", "sm2-sm3", "11" * 32)
    return Door("48030001", frozenset({"48030001"}), {}, (), key, gateway, BankHours())


async def test_shops_and_numbers_are_added_and_refused(officer, town):
    page = f"{DESK}/merchants/{town.merchant}"
    shop = {"shop": "奎元馆文三路店", "district": "330106", "address": "文三路 2 号"}
    assert (await send(officer, page, f"{page}/shops", **shop)).status_code == 303
    assert [each.name for each in (await merchant(town)).shops] == ["奎元馆解放路店", "奎元馆文三路店"]
    before = await merchant(town)
    assert (await send(officer, page, f"{page}/shops", **shop | {"address": ""})).status_code == 422
    assert (await send(officer, page, f"{page}/contact", phone="1380000000a")).status_code == 422
    assert (await send(officer, page, f"{page}/contact", phone="13800000003", shop_of="none")).status_code == 404
    assert await merchant(town) == before
    assert (await send(officer, page, f"{page}/contact", phone="13800000003", shop_of=town.shop)).status_code == 303
    assert "138****0003" in (await officer.get(page)).text
    assert (await officer.get(f"{DESK}/merchants/{CITY}-0-0")).status_code == 404


async def test_the_settings_stand_there_in_words_with_what_is_provisional_and_to_come(officer, town):
    page = await officer.get(f"{DESK}/settings")
    assert "96 hours" in page.text
    assert page.text.count("provisional") == 14
    assert "No change is planned" in page.text
    coming = town.house.clock.now().astimezone(SHANGHAI).date().replace(year=2099)
    later = replace(read_city(shipped(CITY)), version=6, valid_from=coming)
    await town.desk.act(CITIES, CITY, CITY, ApplySettings(settings=later), SYSTEM)
    page = await officer.get(f"{DESK}/settings")
    assert f"From {coming.isoformat()} on, version 6" in page.text
