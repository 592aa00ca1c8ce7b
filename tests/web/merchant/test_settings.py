"""A merchant's settings: rules with their preview, the links' limit, authority, shops, contacts, staff."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from tests.web.merchant.merchant_town import authorise, keys, merchant_of, sign_in
from tests.web.officer.officer_town import ACCOUNT, CITY, PASSWORD, Town

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.reading import read_city, shipped
from hejie.connectors.acquirer import Door
from hejie.desk.merchants import MERCHANTS
from hejie.desk.successions import SUCCESSIONS
from hejie.edge import members
from hejie.edge.entry import EntryDoor
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment, Rank, Staff
from hejie.merchants.successions import UndoSuccession
from hejie.payments.bank_hours import BankHours
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction

PAGE = f"/{CITY}/merchant/settings"
WALLET_PAGE = "https://wallet.test/oauth2/appToAppAuth.htm?app_id=2021000000000001"


@pytest.fixture
async def owner(phone, town):
    await sign_in(phone, town)
    return phone


async def act(client, path: str, **fields: Any):
    html = (await client.get(PAGE)).text
    return await client.post(f"/{CITY}/merchant/{path}", data=keys(html) | fields)


async def grants(town: Town) -> list[tuple[str, str]]:
    async with city_transaction(town.house.pool, CITY) as connection:
        query = "select subject, payload ->> 'code' from task where kind = 'grant_authority'"
        return await (await connection.execute(query)).fetchall()


async def test_a_registered_succession_stands_among_the_payment_tools_and_an_undone_one_does_not(owner, town):
    assert "新东家" not in (await owner.get(PAGE)).text
    row = await town.succeed(town.merchant, await town.second())
    shown = (await owner.get(PAGE)).text.partition('id="tools"')[2]
    assert "Its business is gone on with by" in shown
    assert "新东家" in shown
    undo = UndoSuccession(reason="a namesake")
    await town.desk.act(SUCCESSIONS, CITY, row, undo, Actor(Role.officer, town.officer, "330102"))
    assert "新东家" not in (await owner.get(PAGE)).text


async def test_the_list_of_problems_hides_none_of_them(owner):
    page = (await owner.get(PAGE)).text
    shown = page.partition('name="problems"')[0].rpartition("<fieldset")[2]
    assert page.count('name="problems"') == len(read_city(shipped(CITY)).problems)
    assert 'class="ticks' not in shown, "a box that scrolls looks complete on a phone"


async def test_a_rule_says_what_it_does_before_it_is_on(owner, town):
    rule = {"most": "20", "problems": ["quality", "price"]}
    shown = await act(owner, "settings/rules", preview="yes", **rule)
    assert shown.status_code == 200
    assert re.search(r"up to ¥20\.00 .*In: every shop\.", shown.text)
    assert (await merchant_of(town)).standing_rules == ()
    assert 'value="quality" checked' in shown.text
    assert (await act(owner, "settings/rules", **rule)).status_code == 303
    (made,) = (await merchant_of(town)).standing_rules
    assert (made.most_fen, made.problems, made.shops) == (2000, ("quality", "price"), ())
    again = await act(owner, "settings/rules", **(rule | {"most": "30"}))
    assert again.status_code == 422
    assert len((await merchant_of(town)).standing_rules) == 1
    assert (await act(owner, "settings/rules/remove", rule=made.id)).status_code == 303
    assert (await merchant_of(town)).standing_rules == ()


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("settings/rules", {"most": "0"}),
        ("settings/rules", {"most": "１０"}),
        ("settings/rules", {"most": "5", "rule_shops": "nowhere"}),
        ("settings/limit", {"limit": "-3"}),
        ("settings/limit", {"limit": ""}),
        ("settings/contact", {"phone": "12"}),
        ("settings/contact", {"phone": ""}),
        ("settings/shops", {"shop_name": "", "district": "330102", "address": "x"}),
        ("settings/shops", {"shop_name": "店", "district": "310101", "address": "x"}),
        ("settings/staff", {"login": "a b", "password": PASSWORD, "rank": "clerk"}),
        ("settings/staff", {"login": "new", "password": "short", "rank": "clerk"}),
        ("settings/staff", {"login": "new", "password": PASSWORD, "rank": "king"}),
        ("settings/staff/remove", {"person": "nobody"}),
        ("settings/staff/remove", {"person": "owner-1"}),
        ("authority/withdraw", {"account": ACCOUNT}),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(owner, town, path, fields):
    before = await merchant_of(town)
    answer = await act(owner, path, **fields)
    assert 400 <= answer.status_code < 500
    assert 'id="summary"' in answer.text
    assert await merchant_of(town) == before


async def test_limit_contact_and_shop_are_set(owner, town):
    assert (await act(owner, "settings/limit", limit="88.5")).status_code == 303
    shop = {"shop_name": "奎元馆武林店", "district": "330105", "address": "武林路 1 号"}
    assert (await act(owner, "settings/shops", **shop)).status_code == 303
    merchant = await merchant_of(town)
    assert merchant.link_limit_fen == 8850
    assert merchant.shops[-1].name == "奎元馆武林店"


async def test_a_new_number_is_used_only_after_its_code_and_the_old_one_hears_of_it(owner, town):
    old = (await merchant_of(town)).contacts
    assert (await act(owner, "settings/contact", phone="139 0000 0002", contact_shop=town.shop)).status_code == 303
    merchant = await merchant_of(town)
    (new,) = [each for each in merchant.contacts if each not in old]
    assert merchant.ladder(town.shop) == old
    async with city_transaction(town.house.pool, CITY) as connection:
        query = "select payload->>'to' from task where kind = 'tell_contact'"
        told = await (await connection.execute(query)).fetchall()
    assert [row[0] for row in told] == [each.content for each in old]
    html = (await owner.get(PAGE)).text
    assert "139****0002" in html
    assert "13900000002" not in html
    assert (await act(owner, "settings/contact/verify", contact=new.id, contact_code="000000")).status_code == 422
    assert (await merchant_of(town)).ladder(town.shop) == old
    async with city_transaction(town.house.pool, CITY) as connection:
        vault = town.house.vaults(CITY)
        case = (await (await connection.execute("select subject from task where kind = 'notify_code'")).fetchone())[0]
        found = await read_contents(connection, vault, CITY, f"code:{case}", ["code", "phone"])
    assert found["phone"][1] == b"+8613900000002"
    code = found["code"][1].decode()
    assert (await act(owner, "settings/contact/verify", contact=new.id, contact_code=code)).status_code == 303
    merchant = await merchant_of(town)
    assert [each.id for each in merchant.ladder(town.shop)] == [new.id, *(each.id for each in old)]
    for each in old:
        assert (await act(owner, "settings/contact/remove", contact=each.id)).status_code == 303
    assert (await act(owner, "settings/contact/remove", contact=new.id)).status_code == 422
    assert [each.id for each in (await merchant_of(town)).contacts] == [new.id]


async def test_an_authority_is_asked_for_at_the_wallet_and_brought_back_once(owner, town):
    town.house.authorise = {(CITY, "alipay"): WALLET_PAGE}
    html = (await owner.get(PAGE)).text
    address = unescape(re.search(r'href="(https://wallet\.test[^"]+)"', html)[1])
    asked = parse_qs(urlsplit(address).query)
    back = urlsplit(asked["redirect_uri"][0]).path
    assert asked["app_id"] == ["2021000000000001"]
    assert back == f"/{CITY}/merchant/authority/alipay"
    for state in ("", "0" * 64):
        refused = await owner.get(back, params={"app_auth_code": "P1", "state": state})
        assert refused.status_code == 422
    assert (await owner.get(back, params={"state": asked["state"][0]})).status_code == 422
    assert await grants(town) == []
    for _ in range(2):
        answer = await owner.get(back, params={"app_auth_code": "P1", "state": asked["state"][0]})
        assert answer.status_code == 303
    assert await grants(town) == [(town.merchant, "P1")]


async def test_leave_at_wechat_pay_is_said_once_and_only_for_an_account_of_ones_own(owner, town):
    town.house.entries = {(CITY, "wechatpay"): EntryDoor(app="1900000109", keys=())}
    assert "authority-given" not in (await owner.get(PAGE)).text
    assert (await act(owner, "authority/given", wallet="wechatpay", account="1900000209")).status_code == 404
    noted = m.NoteEnrolment(
        wallet="wechatpay", account="1900000209", kind=AccountKind.indirect, enrolment=Enrolment.open
    )
    await town.house.desk.act(MERCHANTS, CITY, town.merchant, noted, SYSTEM)
    html = (await owner.get(f"{PAGE}?lang=en")).text
    assert "let the service provider 1900000109 refund for you" in html
    form = keys(html) | {"wallet": "wechatpay", "account": "1900000209"}
    for _ in range(2):
        assert (await owner.post(f"/{CITY}/merchant/authority/given", data=form)).status_code == 303
    assert await grants(town) == [(town.merchant, "1900000209")]


async def test_an_authority_is_taken_back(owner, town):
    await authorise(town)
    assert "authorised" in (await owner.get(f"{PAGE}/authority")).text
    assert (await act(owner, "authority/withdraw", account=ACCOUNT)).status_code == 303
    merchant = await merchant_of(town)
    assert merchant.authority("alipay", ACCOUNT, town.house.clock.now()) is None


async def test_an_owner_hires_and_parts(owner, town):
    hired = {"staff_name": "小陈", "login": "Chen", "password": PASSWORD, "rank": "clerk", "staff_limit": "30"}
    answer = await act(owner, "settings/staff", **hired)
    assert answer.status_code == 200
    secret = re.search(r'id="secret">([A-Z2-7]+)<', answer.text)[1]
    new = (await merchant_of(town)).staff[-1]
    assert (new.rank, new.refund_limit_fen) == (Rank.clerk, 3000)
    member = await members.sign_in(
        town.house,
        CITY,
        login="chen",
        password=PASSWORD,
        code=pyotp.TOTP(secret).now(),
        role=Role.merchant,
        address="t",
    )
    assert member.id == new.person
    assert secret not in (await owner.get(PAGE)).text
    taken = await act(owner, "settings/staff", **hired)
    assert taken.status_code == 409
    assert (await act(owner, "settings/staff/remove", person=new.person)).status_code == 303
    assert (await merchant_of(town)).member(new.person) is None


async def test_clerks_change_nothing_and_managers_no_staff(phone, town):
    await town.tell(m.AddStaff(staff=Staff(person="clerk", rank=Rank.clerk)))
    await town.tell(m.AddStaff(staff=Staff(person="manager", rank=Rank.manager)))
    await sign_in(phone, town, "manager")
    html = (await phone.get(PAGE)).text
    assert 'id="hire"' not in html
    before = await merchant_of(town)
    hired = {"login": "mine", "password": PASSWORD, "rank": "owner"}
    assert (await phone.post(f"{PAGE}/staff", data=keys(html) | hired)).status_code == 403
    token = keys(html)
    await sign_in(phone, town, "clerk")
    assert (await phone.get(PAGE)).status_code == 403
    csrf = keys((await phone.get(f"/{CITY}/merchant")).text)
    for path, fields in (("limit", {"limit": "9999"}), ("contact", {"phone": "13900000009"})):
        assert (await phone.post(f"{PAGE}/{path}", data=token | csrf | fields)).status_code == 403
    assert await merchant_of(town) == before


BANK = "48030001"


async def test_an_acquirer_is_let_answer_and_stopped(owner, town):
    """Only one through which the merchant is paid, up to an amount, for a year."""
    door = Door(BANK, frozenset({BANK}), {}, (), None, "", BankHours(), "杭州银行")
    town.house.acquirers = {(CITY, BANK): door}
    assert 'id="answers"' not in (await owner.get(PAGE)).text
    assert (await act(owner, "settings/answers", acquirer=BANK)).status_code == 404
    account = m.NoteEnrolment(
        wallet="acquirer", account=f"{BANK}-89833", kind=AccountKind.indirect, enrolment=Enrolment.open
    )  # fmt: skip
    await town.tell(account)
    assert "杭州银行" in (await owner.get(PAGE)).text
    for wrong in ("-1", "x", "1.001"):
        assert (await act(owner, "settings/answers", acquirer=BANK, **{f"most_{BANK}": wrong})).status_code == 422
    assert (await merchant_of(town)).answer_leaves == ()
    assert (await act(owner, "settings/answers", acquirer=BANK, **{f"most_{BANK}": "80"})).status_code == 303
    (leave,) = (await merchant_of(town)).answer_leaves
    assert (leave.acquirer, leave.most_fen) == (BANK, 8000)
    assert timedelta(days=364) < leave.expires_at - leave.given_at <= timedelta(days=365)
    html = (await owner.get(PAGE)).text
    assert "gives away at most ¥80.00 in one answer" in html
    town.house.acquirers = {}
    assert (await act(owner, "settings/answers/end", acquirer=BANK)).status_code == 303
    assert (await merchant_of(town)).answer_leaves == ()
    assert (await act(owner, "settings/answers/end", acquirer=BANK)).status_code == 403
