"""Paycodes in the database: one in force per shop, also where everybody acts at once; payments remember theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from tests.conftest import Database
from tests.support.folding import fold_all
from tests.support.town import CITY, CODE, OFFICER, PHONE, Town, town

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.act import Once
from hejie.desk.merchants import MERCHANTS
from hejie.desk.paycodes import PAYCODES, grant_instead
from hejie.intake.payments import name_payee
from hejie.merchants import commands as m
from hejie.merchants.model import Rank, Shop, Staff
from hejie.merchants.uscc import check_character
from hejie.payments.emvco_writer import written
from hejie.payments.paycode import Apply, EndPaycode, Grant, Refuse
from hejie.store.pool import city_transaction

SIX = ("quality", "safety", "price", "service", "returns", "rights")


def payload(account: str = "4802100048021000898330154110001") -> str:
    return written(
        [("00", "01"), ("15", account), ("52", "5812"), ("53", "156"), ("58", "CN"), ("59", "奎元馆"), ("60", "HZ")]
    )


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def shop_of(here: Town) -> str:
    [(shop,)] = await here.rows("select id from shop where merchant = %s", here.merchant)
    return str(shop)


async def other_merchant(here: Town) -> tuple[Actor, str]:
    """A second merchant's owner and shop."""
    identifier, shop = here.app.desk.mint(CITY), here.app.desk.mint(CITY)
    code = CODE[:-2] + "1" + check_character(CODE[:-2] + "1")
    for command in (
        m.RegisterMerchant(city=CITY, id=identifier, credit_code=code, name="别家"),
        m.AddShop(shop=Shop(id=shop, name="别家店", district="330102", address="解放路 1 号")),
        m.AddStaff(staff=Staff(person="owner-2", rank="owner")),
    ):
        await here.app.desk.act(MERCHANTS, CITY, identifier, command, SYSTEM)
    return Actor(Role.merchant, "owner-2", identifier), shop


async def ask(here: Town, shop: str, *, actor: Actor | None = None, number: int = 1, code: str = "") -> str:
    actor = actor or here.as_merchant
    command = Apply(
        id=here.app.desk.mint(CITY),
        number=f"{number:010}",
        merchant=actor.organisation,
        shop=shop,
        payload=code or payload(),
        promises=SIX,
    )
    await here.app.desk.act(PAYCODES, CITY, command.id, command, actor)
    return command.id


async def tell(here: Town, paycode: str, command: Grant | Refuse | EndPaycode, actor: Actor = OFFICER) -> str:
    try:
        await here.app.desk.act(PAYCODES, CITY, paycode, command, actor)
    except HejieError as error:
        return error.code
    return "done"


async def outcome(coming: Awaitable[object]) -> str:
    try:
        await coming
    except HejieError as error:
        return error.code
    return "done"


def folded(database: Database) -> int:
    with psycopg.connect(database.superuser_url) as connection:
        return fold_all(connection)["paycode"]


async def test_asked_granted_ended(here: Town, database: Database):
    code = await ask(here, await shop_of(here))
    assert await tell(here, code, Grant()) == "done"
    assert await tell(here, code, Refuse(reason="no")) == "paycode_decided"
    assert await tell(here, code, EndPaycode(reason="closed"), here.as_merchant) == "done"
    assert await here.rows("select state, version from paycode") == [("ended", 3)]
    assert folded(database) == 1


async def test_of_many_who_ask_at_once_one_is_heard(here: Town):
    shop = await shop_of(here)
    told = await asyncio.gather(*[outcome(ask(here, shop, number=n)) for n in range(6)])
    assert sorted(told) == ["done"] + ["paycode_asked_already"] * 5
    assert await here.rows("select count(*) from paycode") == [(1,)]


async def test_granted_twice_at_once_a_shop_has_one(here: Town, database: Database):
    """A second one is asked for while the first is in force: it is granted only once that one is over."""
    shop = await shop_of(here)
    first = await ask(here, shop)
    assert await tell(here, first, Grant()) == "done"
    second = await ask(here, shop, number=2)
    assert await tell(here, second, Grant()) == "paycode_granted_already"
    acts = [tell(here, first, EndPaycode(reason="replaced")), *(tell(here, second, Grant()) for _ in range(4))]
    told = await asyncio.gather(*acts, tell(here, second, Refuse(reason="no")))
    assert set(told) <= {"done", "paycode_granted_already", "paycode_decided", "stale"}
    rows = await here.rows("select state, count(*) from paycode group by state order by state")
    assert rows in ([("ended", 1), ("granted", 1)], [("ended", 1), ("refused", 1)])
    assert folded(database) == 2


async def test_a_newer_one_takes_the_formers_place_in_one_act_or_nothing_changes(here: Town, database: Database):
    """The second part fails: the shop keeps what it had, and nothing stands in the log. Then both parts are done."""
    shop, once = await shop_of(here), Once("k" * 16, b"d" * 32)
    stranger, theirs = await other_merchant(here)
    forged = payload("4802100048021000898330154110777")
    first = await ask(here, shop)
    assert await tell(here, first, Grant()) == "done"
    second = await ask(here, shop, number=2, code=forged)
    assert await tell(here, await ask(here, theirs, actor=stranger, number=3, code=forged), Grant()) == "done"
    nouns = "select id, state, version from paycode order by id"
    look = (nouns, "select count(*) from log", "select count(*) from task")
    before = [await here.rows(each) for each in look]
    with pytest.raises(Refused, match="paycode_account_taken"):
        await grant_instead(here.app.desk, CITY, second, OFFICER, once)
    assert [await here.rows(each) for each in look] == before
    assert await here.rows("select count(*) from once where key = %s", once.key) == [(0,)]
    [(taken,)] = await here.rows("select id from paycode where merchant = %s", stranger.organisation)
    assert await tell(here, taken, EndPaycode(reason="not theirs")) == "done"
    for _ in range(2):  # the same request once more changes nothing
        await grant_instead(here.app.desk, CITY, second, OFFICER, once)
    rows = await here.rows("select id, state, version, body->>'reason' from paycode where merchant = %s", here.merchant)
    assert sorted(rows) == sorted([(first, "ended", 3, "replaced"), (second, "granted", 2, "")])
    [(ends,), (begins,)] = await here.rows("select coalesce(ended_at, granted_at) from paycode where shop = %s", shop)
    assert ends == begins
    assert folded(database) == 3


@pytest.mark.parametrize(
    ("command", "words"),
    [(Grant(), "奎元馆解放路店的放心消费收款码已获准"), (Refuse(reason="名称不符"), "未获准，理由见商户页面")],
)
async def test_the_merchant_hears_what_was_decided(here: Town, command: Grant | Refuse, words: str):
    code = await ask(here, await shop_of(here))
    assert await here.work() == 0
    assert await tell(here, code, command) == "done"
    await here.work()
    [sent] = [each for each in here.wallet.get("sms") if "收款码" in each["text"]]
    assert f"+{sent['to']}" == PHONE
    assert words in sent["text"]
    assert "名称不符" not in sent["text"]
    assert await here.rows("select count(*) from work_item") == [(0,)]


async def test_where_no_number_takes_the_message_a_person_is_asked(here: Town):
    code = await ask(here, await shop_of(here))
    [(contact,)] = await here.rows("select body->'contacts'->0->>'id' from merchant where id = %s", here.merchant)
    await here.tell(m.FailContact(contact=contact, why="number_gone"))
    assert await tell(here, code, Grant()) == "done"
    await here.work()
    rows = await here.rows("select kind, noun, subject from work_item where noun <> 'merchant'")
    assert rows == [("paycode_untold", "paycode", code)]


async def test_one_account_is_in_force_for_one_merchant(here: Town):
    """Another merchant's acquirer code cannot be dressed up as one's own, not even at the same moment."""
    stranger, theirs = await other_merchant(here)
    ours = await ask(here, await shop_of(here))
    forged = await ask(here, theirs, actor=stranger, number=2)
    told = await asyncio.gather(*[tell(here, each, Grant()) for each in (ours, forged)])
    assert sorted(told) == ["done", "paycode_account_taken"]
    assert await here.rows("select count(*) from paycode where state = 'granted'") == [(1,)]


async def test_what_is_in_force_elsewhere_cannot_even_be_asked_for(here: Town):
    stranger, theirs = await other_merchant(here)
    await tell(here, await ask(here, await shop_of(here)), Grant())
    assert await outcome(ask(here, theirs, actor=stranger, number=2)) == "paycode_account_taken"
    assert await here.rows("select count(*) from log where noun = 'paycode'") == [(2,)]


async def test_nobody_touches_anothers(here: Town):
    stranger, theirs = await other_merchant(here)
    shop = await shop_of(here)
    code = await ask(here, shop)
    clerk = Staff(person="clerk-1", rank=Rank.clerk)
    await here.tell(m.AddStaff(staff=clerk))
    away = Staff(person="manager-1", rank=Rank.manager, shops=("elsewhere",))
    elsewhere = Shop(id="elsewhere", name="奎元馆二店", district="330106", address="文三路 1 号")
    await here.tell(m.AddShop(shop=elsewhere))
    await here.tell(m.AddStaff(staff=away))
    end = EndPaycode(reason="x")
    before = await here.rows("select count(*) from log")
    assert await tell(here, code, end, stranger) == "paycode_unknown"
    assert await tell(here, code, end, here.as_consumer) == "not_allowed"
    for who in ("clerk-1", "manager-1", "nobody"):
        assert await tell(here, code, end, Actor(Role.merchant, who, here.merchant)) == "not_allowed"
    for actor in (here.as_merchant, SYSTEM, here.as_consumer):
        assert await tell(here, code, Grant(), actor) == "not_allowed"
        assert await tell(here, code, Refuse(reason="x"), actor) == "not_allowed"
    with pytest.raises(Missing, match="shop_unknown"):
        await ask(here, theirs, number=2)
    with pytest.raises(Refused, match="not_allowed"):
        await ask(here, shop, actor=OFFICER, number=2)
    assert await here.rows("select count(*) from log") == before
    assert await here.rows("select state from paycode") == [("applied",)]


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (payload()[:-4] + "0000", "paycode_checksum"),
        (payload().replace("898330154110001", "898330154110002"), "paycode_checksum"),
        ("00" * 100_000, "paycode_payload"),
        ("https://qr.example/pay", "paycode_payload"),
    ],
)
async def test_a_forged_code_leaves_nothing(here: Town, code: str, refusal: str):
    with pytest.raises(Refused, match=refusal):
        await ask(here, await shop_of(here), code=code)
    assert await here.rows("select count(*) from paycode") == [(0,)]
    assert await here.rows("select count(*) from log where noun = 'paycode'") == [(0,)]


async def test_a_payment_remembers_what_was_in_force_then(here: Town):
    """Paid before, under the first, between, under the second: told by the payment's own moment, not by today's."""
    shop, now = await shop_of(here), here.app.clock.now()
    codes, trades = [], []
    trades.append(await here.pay())
    for number in (1, 2):
        here.advance(hours=1)
        codes.append(await ask(here, shop, number=number))
        await tell(here, codes[-1], Grant())
        here.advance(hours=1)
        trades.append(await here.pay())
        if number == 1:
            await tell(here, codes[-1], EndPaycode(reason="replaced"))
    assert here.app.clock.now() > now + timedelta(hours=3)
    async with city_transaction(here.app.pool, CITY) as connection:
        await connection.execute("update payment set merchant = '', shop = ''")
        for trade in trades:
            await name_payee(connection, CITY, "alipay", trade, here.merchant, shop)
    found = dict(await here.rows("select trade_no, paycode from payment"))
    assert [found[trade] for trade in trades] == ["", *codes]


async def test_a_dispute_says_which_promise_it_is_about_in_the_words_of_then(here: Town, database: Database):
    shop = await shop_of(here)
    code = await ask(here, shop)
    await tell(here, code, Grant())
    here.advance(minutes=5)
    trade = await here.pay()
    async with city_transaction(here.app.pool, CITY) as connection:
        await connection.execute("update payment set merchant = ''")
        await name_payee(connection, CITY, "alipay", trade, here.merchant, shop)
    await tell(here, code, EndPaycode(reason="closed"))
    with pytest.raises(Refused, match="promise_not_shown"):
        await here.file(trade, promise="free_lunch")
    dispute = await here.read(await here.file(trade, promise="returns", problem="promise_broken"))
    assert dispute.promise is not None
    assert (dispute.promise.id, dispute.promise.paycode) == ("returns", code)
    assert (dispute.promise.zh.title, dispute.promise.en.title) == ("退货放心", "Seven-day returns")
    assert folded(database) == 1


async def test_what_was_not_shown_cannot_be_named(here: Town):
    """Paid an hour before the grant: nothing had been promised."""
    shop, trade = await shop_of(here), await here.pay()
    here.advance(hours=1)
    await tell(here, await ask(here, shop), Grant())
    async with city_transaction(here.app.pool, CITY) as connection:
        await name_payee(connection, CITY, "alipay", trade, here.merchant, shop)
    with pytest.raises(Refused, match="promise_not_shown"):
        await here.file(trade, promise="returns")
    assert await here.rows("select count(*) from dispute") == [(0,)]
