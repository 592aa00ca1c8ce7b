"""Amounts that are none, more money than was paid, and two who ask for it at once: refused, and nothing changed."""

from __future__ import annotations

import asyncio

import pytest
from tests.hostile.stage import CITY, JSON, Stage

from hejie.base.errors import HejieError
from hejie.desk.refunds import REFUNDS
from hejie.disputes import commands as c
from hejie.disputes.model import Remedy
from hejie.payments import refund as r

BAD_WORDS = (
    ("-1", "amount_unreadable"),
    ("+1", "amount_unreadable"),
    ("−1", "amount_unreadable"),
    ("0", "amount_not_positive"),
    ("0.00", "amount_not_positive"),
    ("1.234", "amount_too_fine"),
    ("0.001", "amount_too_fine"),
    ("１２", "amount_unreadable"),
    ("٣", "amount_unreadable"),
    ("1e1", "amount_unreadable"),
    ("1E2", "amount_unreadable"),
    ("0x10", "amount_unreadable"),
    ("1,000", "amount_unreadable"),
    ("1_0", "amount_unreadable"),
    ("NaN", "amount_unreadable"),
    ("Infinity", "amount_unreadable"),
    ("", "amount_unreadable"),
    ("¥1", "amount_unreadable"),
    ("=1+1", "amount_unreadable"),
    ("1\n2", "amount_unreadable"),
    ("1\x002", "amount_unreadable"),
    ("007", "amount_unreadable"),
    ("9" * 18, "amount_too_large"),
    ("9" * 5000, "amount_unreadable"),
    ("50.01", "amount_above_paid"),
)
"""What is typed for a payment of 50.00, and its code."""
BAD_NUMBERS = (
    ("-1", 422),
    ("0", 422),
    ("-0", 422),
    ("1.5", 422),
    ("1e3", 422),
    ("100.0", 422),
    ('"100"', 422),
    ("true", 422),
    ("null", 422),
    ("[1]", 422),
    ("5001", 422),
    ("1000000000001", 422),
    ("99999999999999999999", 422),
    ("9" * 400, 400),
    ("NaN", 400),
    ("Infinity", 400),
    ("-Infinity", 400),
    ("１００", 400),
    ("0x10", 400),
    ("1_000", 400),
    ("007", 400),
)


async def test_amounts_typed_into_the_filing_form(stage: Stage):
    consumer, trade = await stage.hand("x", **JSON), await stage.pay()
    fields = {"trade": trade, "problem": "quality", "remedy": "refund_part"}
    before = stage.everything()
    for typed, code in BAD_WORDS:
        answer = await consumer.post(f"/{CITY}/disputes", fields | {"amount": typed})
        assert answer.status_code == 422, (typed, code)
        wrong = {"problem": "wrong_amount", "right_amount": typed, "remedy": "refund_part", "trade": trade}
        if code not in {"amount_not_positive", "amount_above_paid"}:
            assert (await consumer.post(f"/{CITY}/disputes", wrong)).status_code == 422, typed
    assert stage.everything() == before


async def test_amounts_typed_into_a_counter_offer_say_what_is_wrong_in_the_readers_language(stage: Stage):
    dispute = await stage.file()
    consumer = await stage.hand("x")
    before = stage.everything()
    for typed, code in BAD_WORDS:
        fields = {"remedy": "refund_part", "amount": typed}
        answer = await consumer.post(f"/{CITY}/disputes/{dispute}/offer", fields)
        assert answer.status_code == 422, (typed, code)
        told = {
            "amount_unreadable": "write the amount in digits",
            "amount_too_fine": "at most two decimal places",
            "amount_not_positive": "more than zero",
            "amount_too_large": "too large",
            "amount_above_paid": "more than what is left",
        }[code]
        assert told in answer.text, typed
    assert stage.everything() == before


async def test_amounts_in_json(stage: Stage):
    consumer, trade = await stage.hand("x"), await stage.pay()
    before = stage.everything()
    for number, status in BAD_NUMBERS:
        body = f'{{"trades":["{trade}"],"problem":"quality","remedy":"refund_part","amount_fen":{number}}}'
        answer = await consumer.api(f"/api/{CITY}/disputes", raw=body.encode())
        assert answer.status_code == status, (number, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert stage.everything() == before


async def test_two_filings_on_one_payment_at_once_make_one_dispute(stage: Stage):
    consumer, trade = await stage.hand("x"), await stage.pay()
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_full"}
    answers = await asyncio.gather(*(consumer.api(f"/api/{CITY}/disputes", body) for _ in range(6)))
    assert sorted(each.status_code for each in answers) == [201, *[409] * 5]
    assert {each.json()["code"] for each in answers if each.status_code != 201} <= {"payment_in_open_dispute", "stale"}
    assert stage.sql("select count(*) from dispute") == [(1,)]


async def test_two_who_accept_at_once_order_the_money_once(stage: Stage):
    dispute = await stage.file()
    own = stage.desk.mint(CITY)
    await stage.do(dispute, c.MakeOffer(id=own, remedy=Remedy.refund_part, amount_fen=3000, road="api"), "a")

    async def tries(command: c.Command, who: str) -> str:
        try:
            await stage.do(dispute, command, who)
        except HejieError as error:
            return error.code
        return "done"

    said = await asyncio.gather(
        *(tries(c.AcceptOffer(offer="claim"), "a") for _ in range(3)),
        *(tries(c.AcceptOffer(offer=own), "x") for _ in range(3)),
    )
    assert said.count("done") == 1, said
    (row,) = stage.sql("select body->'refunds' from dispute")
    assert sum(each["amount_fen"] for each in row[0]) in {3000, 5000}
    assert stage.sql("select count(*) from task where kind = 'refund'") == [(1,)]


async def test_the_same_refund_cannot_be_asked_again_in_a_second_dispute(stage: Stage):
    dispute = await stage.file(paid_fen=5000)
    (trade,) = stage.sql("select trade_no from dispute_payment where dispute = %s", dispute)[0]

    async def order(key: str, fen: int) -> str:
        command = r.Order(dispute=dispute, wallet="alipay", trade_no=trade, amount_fen=fen)
        try:
            await stage.desk.act(REFUNDS, CITY, key, command, stage.actor("a"))
        except HejieError as error:
            return error.code
        return "done"

    said = await asyncio.gather(*(order(f"{dispute}-{n}", 2000) for n in range(1, 7)))
    assert sorted(said) == ["amount_above_paid"] * 4 + ["done"] * 2
    assert stage.sql("select sum(amount_fen) from refund") == [(4000,)]


@pytest.mark.parametrize("remedy", ["exchange", "apology", "repair"])
async def test_an_amount_where_none_belongs_is_refused(stage: Stage, remedy: str):
    consumer, trade = await stage.hand("x"), await stage.pay()
    before = stage.everything()
    body = {"trades": [trade], "problem": "quality", "remedy": remedy, "amount_fen": 100}
    answer = await consumer.api(f"/api/{CITY}/disputes", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "amount_not_for_remedy")
    assert stage.everything() == before
