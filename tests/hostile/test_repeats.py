"""The same request twice, one key for two requests, two at once, and steps out of their order."""

from __future__ import annotations

import asyncio

import psycopg
from tests.hostile.stage import CITY, JSON, Stage

from hejie.disputes import commands as c
from hejie.disputes.model import Remedy

KEY = "a-key-of-one-request-0001"


async def test_the_same_request_twice_gets_the_same_answer_and_is_done_once(stage: Stage):
    consumer, trade = await stage.hand("x"), await stage.pay()
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_full", "words": "面里有头发"}
    first = await consumer.api(f"/api/{CITY}/disputes", body, key=KEY)
    before = stage.everything()
    again = await consumer.api(f"/api/{CITY}/disputes", body, key=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    other = await consumer.api(f"/api/{CITY}/disputes", body | {"words": "别的话"}, key=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    elsewhere = await consumer.api(f"/api/{CITY}/disputes/{first.json()['id']}/withdraw", key=KEY)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "key_reused")
    assert stage.everything() == before


async def test_a_form_sent_twice_is_one_message(stage: Stage):
    dispute, consumer = await stage.file(), await stage.hand("x")
    path = f"/{CITY}/disputes/{dispute}/say"
    answers = [await consumer.post(path, {"words": "在吗", "once": KEY}) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    before = stage.everything()
    other = await consumer.post(path, {"words": "还在吗", "once": KEY}, JSON)
    assert other.status_code == 422
    moved = await consumer.post(f"/{CITY}/disputes/{dispute}/withdraw", {"once": KEY}, JSON)
    assert moved.status_code == 422
    assert stage.everything() == before
    assert stage.sql("select count(*) from log where event = 'Said'") == [(1,)]


async def test_another_person_may_use_the_same_key(stage: Stage):
    for who in ("x", "y"):
        hand, trade = await stage.hand(who), await stage.pay(payer=who)
        body = {"trades": [trade], "problem": "quality", "remedy": "refund_full"}
        assert (await hand.api(f"/api/{CITY}/disputes", body, key=KEY)).status_code == 201
    assert stage.sql("select count(distinct consumer) from dispute") == [(2,)]


async def test_the_same_request_while_it_is_under_way_is_409(stage: Stage):
    consumer, trade = await stage.hand("x"), await stage.pay()
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_full"}
    answers = await asyncio.gather(*(consumer.api(f"/api/{CITY}/disputes", body, key=KEY) for _ in range(8)))
    done = [each for each in answers if each.status_code == 201]
    assert done
    assert len({each.text for each in done}) == 1
    assert {each.json()["code"] for each in answers if each.status_code != 201} <= {"in_flight"}
    assert stage.sql("select count(*) from dispute") == [(1,)]


async def test_a_request_surely_under_way_is_409(stage: Stage):
    consumer, trade = await stage.hand("x"), await stage.pay()
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_full"}
    with psycopg.connect(stage.superuser_url) as holding:  # the first request stands still behind this lock
        holding.execute("select 1 from payment where trade_no = %s for update", [trade])
        first = asyncio.create_task(consumer.api(f"/api/{CITY}/disputes", body, key=KEY))
        async with asyncio.timeout(20):
            while not stage.sql("select 1 from pg_locks where locktype = 'advisory' and granted"):  # noqa: ASYNC110  a lock rings no bell
                await asyncio.sleep(0.01)
        second = await consumer.api(f"/api/{CITY}/disputes", body, key=KEY)
        assert (second.status_code, second.json()["code"]) == (409, "in_flight")
        holding.rollback()
    assert (await first).status_code == 201


async def test_a_refused_request_may_be_mended_under_the_same_key(stage: Stage):
    consumer, trade = await stage.hand("x"), await stage.pay()
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_part", "amount_fen": 9999}
    assert (await consumer.api(f"/api/{CITY}/disputes", body, key=KEY)).status_code == 422
    mended = await consumer.api(f"/api/{CITY}/disputes", body | {"amount_fen": 100}, key=KEY)
    assert mended.status_code == 201


async def test_keys_that_are_none(stage: Stage):
    consumer, trade = await stage.hand("x", **JSON), await stage.pay()
    before = stage.everything()
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_full"}
    for key, code in (("", "key_missing"), ("short", "key_unreadable"), ("x" * 65, "key_unreadable"),
                      ("../" * 8, "key_unreadable"), ("a b" * 8, "key_unreadable")):  # fmt: skip
        answer = await consumer.api(f"/api/{CITY}/disputes", body, **{"idempotency-key": key})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        fields = {"trade": trade, "problem": "quality", "remedy": "refund_full", "once": key}
        form = await consumer.post(f"/{CITY}/disputes", fields)
        assert form.status_code in {400, 422}, key
    assert stage.everything() == before


async def test_steps_out_of_order_are_409(stage: Stage):
    fresh = await stage.file()
    ended = await stage.file()
    await stage.do(ended, c.Withdraw(), "x")
    consumer = await stage.hand("x", **JSON)
    before = stage.everything()
    for verb in ("confirm", "deny", "reopen", "rate", "escalate"):
        answer = await consumer.api(f"/api/{CITY}/disputes/{fresh}/{verb}", {"solved": True, "mood": 3})
        assert answer.status_code == 409, verb
    for verb in ("say", "offer", "withdraw", "escalate", "confirm", "deny", "reopen", "rate"):
        body = {"words": "?", "remedy": "apology", "solved": True, "mood": 3}
        answer = await consumer.api(f"/api/{CITY}/disputes/{ended}/{verb}", body)
        assert answer.status_code == 409, verb
        fields = {"words": "?", "remedy": "apology", "solved": "yes", "mood": "3"}
        assert (await consumer.post(f"/{CITY}/disputes/{ended}/{verb}", fields)).status_code == 409, verb
    own = await consumer.api(f"/api/{CITY}/disputes/{fresh}/accept", {"offer": "claim"})
    assert (own.status_code, own.json()["code"]) == (422, "offer_own")
    seen = await consumer.api(f"/api/{CITY}/disputes/{fresh}/say", {"words": "?", "version": 7})
    assert (seen.status_code, seen.json()["code"]) == (409, "stale")
    assert stage.everything() == before


async def test_an_offer_of_another_dispute_or_a_replaced_one_cannot_be_accepted(stage: Stage):
    one, two, consumer = await stage.file(), await stage.file(), await stage.hand("x")
    offers = [stage.desk.mint(CITY) for _ in range(3)]
    for dispute, offer in ((one, offers[0]), (two, offers[1]), (two, offers[2])):
        await stage.do(dispute, c.MakeOffer(id=offer, remedy=Remedy.apology), "a")
    before = stage.everything()
    foreign = await consumer.api(f"/api/{CITY}/disputes/{two}/accept", {"offer": offers[0]})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "offer_unknown")
    replaced = await consumer.api(f"/api/{CITY}/disputes/{two}/accept", {"offer": offers[1]})
    assert (replaced.status_code, replaced.json()["code"]) == (409, "offer_over")
    assert stage.everything() == before
