"""Work items at the desk: in words, ended with a note, tasks let run again, refunds written down."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.web.officer.officer_town import CITY, Town, keys

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import Refused
from hejie.desk import items
from hejie.desk.refunds import REFUNDS
from hejie.payments import refund as r
from hejie.queries.officer import read_item, read_refund
from hejie.store.pool import city_transaction

DESK = f"/{CITY}/officer"
_ITEM = """
insert into work_item (city, id, kind, noun, subject, body, opened_at) values (%s, %s, %s, %s, %s, %s::jsonb, %s)
"""
_TASK = """
insert into task (city, kind, noun, subject, destination, due_at, attempts, parked, last_error, payload)
values (%s, 'notify', 'dispute', %s, 'sms', %s, 9, true, 'sms_not_connected', '{}') returning id
"""


async def run(town: Town, statement: str, *values: Any) -> Any:
    async with city_transaction(town.house.pool, CITY) as connection:
        cursor = await connection.execute(statement, [CITY, *values])
        return await cursor.fetchall() if cursor.description else None


async def item(town: Town, identifier: str, kind: str, noun: str, subject: str, body: str = "{}") -> None:
    await run(town, _ITEM, identifier, kind, noun, subject, body, town.house.clock.now())


async def read(town: Town, identifier: str) -> Any:
    async with city_transaction(town.house.pool, CITY) as connection:
        return await read_item(connection, CITY, identifier)


async def test_an_item_says_what_happened_and_what_to_do_and_ends_with_a_note(officer, town):
    case = await town.dispute()
    await item(town, "i1", "merchant_unreachable", "dispute", case)
    listed = await officer.get(f"{DESK}/items")
    assert "A merchant cannot be reached" in listed.text
    page = await officer.get(f"{DESK}/items/i1")
    assert f"{DESK}/disputes/{case}" in page.text
    assert "Find the number" in page.text
    empty = await officer.post(f"{DESK}/items/i1/done", data=keys(page.text) | {"note": " "})
    assert empty.status_code == 422
    assert (await read(town, "i1")).done_at is None
    done = await officer.post(f"{DESK}/items/i1/done", data=keys(page.text) | {"note": "已电话告知 <店长>"})
    assert done.headers["location"] == f"{DESK}/items?done=done"
    found = await read(town, "i1")
    assert (found.done_by, found.note) == ("王警官", "已电话告知 <店长>")
    assert "已电话告知 &lt;店长&gt;" in (await officer.get(f"{DESK}/items/i1")).text
    assert "i1" not in (await officer.get(f"{DESK}/items")).text.split("<main")[1]
    twice = await officer.post(f"{DESK}/items/i1/done", data=keys(page.text) | {"note": "again"})
    assert twice.status_code == 409
    assert (await read(town, "i1")) == found


async def test_a_stopped_task_runs_again_and_may_stop_again(officer, town):
    case = await town.dispute()
    [(task,)] = await run(town, _TASK, case, town.house.clock.now())
    name = f"{CITY}-task-{task}"
    body = f'{{"kind": "notify", "task": {task}, "why": "sms_not_connected"}}'
    await item(town, name, "task_parked", "dispute", case, body)
    page = await officer.get(f"{DESK}/items/{name}")
    assert "send a message" in page.text
    assert "9 tries" in page.text
    again = await officer.post(f"{DESK}/items/{name}/retry", data=keys(page.text) | {"note": "key mended"})
    assert again.headers["location"] == f"{DESK}/items?done=retry"
    assert await run(town, "select parked, attempts from task where city = %s and id = %s", task) == [(False, 1)]
    await item(town, name, "task_parked", "dispute", case, body)
    notes = await run(
        town, "select note from work_item where city = %s and subject = %s order by note nulls last", case
    )
    assert notes == [("key mended",), (None,)]


async def test_only_a_stopped_task_can_run_again_and_only_officers_end_items(officer, town):
    await item(town, "i1", "merchant_unreachable", "dispute", await town.dispute())
    page = await officer.get(f"{DESK}/items/i1")
    answer = await officer.post(f"{DESK}/items/i1/retry", data=keys(page.text) | {"note": "x"})
    assert answer.status_code == 409
    with pytest.raises(Refused, match="not_allowed"):
        await items.finish(town.desk, CITY, "i1", "x", Actor(Role.merchant, "owner-1", town.merchant))
    assert (await read(town, "i1")).done_at is None
    assert (await officer.get(f"{DESK}/items/none")).status_code == 404


@pytest.mark.parametrize(("outcome", "state"), [("moved", "succeeded"), ("not_moved", "failed")])
async def test_the_outcome_of_an_unknown_refund_is_written_down_once(officer, town, outcome, state):
    case = await town.dispute()
    trade, key = town.trade, f"{case}-1"
    for command in (
        r.Order(dispute=case, wallet="alipay", trade_no=trade, amount_fen=1200),
        r.Send(),
        r.Doubt(reason="wallet_silent"),
        r.HandOver(),
    ):
        await town.desk.act(REFUNDS, CITY, key, command, SYSTEM)
    await item(town, "i1", "refund_unknown", "refund", key, f'{{"dispute": "{case}", "code": "wallet_silent"}}')
    page = await officer.get(f"{DESK}/items/i1")
    assert key in page.text
    assert "¥12.00" in page.text
    assert f"{DESK}/disputes/{case}" in page.text
    nothing = await officer.post(f"{DESK}/items/i1/refund", data=keys(page.text) | {"note": "x"})
    assert nothing.status_code == 422
    noted = {"outcome": outcome, "note": "支付宝客服 11 月 24 日确认"}
    done = await officer.post(f"{DESK}/items/i1/refund", data=keys(nothing.text) | noted)
    assert done.status_code == 303
    async with city_transaction(town.house.pool, CITY) as connection:
        assert (await read_refund(connection, CITY, key)).state.value == state
    assert (await read(town, "i1")).done_at is not None


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("task_parked", '{"kind": "unheard_of", "task": 1, "why": "ValueError"}'),
        ("wallet_disagrees", '{"wallet": "FINISHED", "ours": "mediating"}'),
        ("payment_differs", '{"trade_no": "2026010122001100000000000001"}'),
        ("notice_refused", '{"audience": "consumer", "template": "offered"}'),
        ("case_without_merchant", '{"trade_no": "2026"}'),
        ("unheard_of", "{}"),
    ],
)
async def test_every_kind_has_words_in_both_languages(officer, town, kind, body):
    noun = "wallet_case" if kind == "case_without_merchant" else "dispute"
    await item(town, "i1", kind, noun, await town.dispute(), body)
    for language in ("zh", "en"):
        page = await officer.get(f"{DESK}/items/i1", headers={"accept-language": language})
        assert page.status_code == 200
        assert "{" not in page.text.split("<main")[1]


async def test_a_number_that_is_a_merchants_goes_on_with_its_successor(officer, town):
    """First paid before the succession: to each merchant for its own time, in one act."""
    heir = await town.second()
    await town.succeed(town.merchant, heir, days=9)
    first = town.house.clock.now() - timedelta(days=20)
    told = {"merchant": town.merchant, "shop": town.shop, "number": "898330158120001", "acquirer": "48021000"}
    body = told | {"name": "奎元馆", "first_at": first.isoformat(), "probability": 0.9, "reasons": []}
    await item(town, "I1", "link_asked", "identity", "acquirer/48021000/898330158120001", json.dumps(body))
    page = f"{DESK}/items/I1"
    form = keys((await officer.get(page)).text) | {"same": "same", "note": "asked the shop"}
    assert (await officer.post(f"{page}/link", data=form)).status_code == 303
    found = await run(town, "select merchant, shop, begins, ends from binding where city = %s order by begins")
    assert [(who, shop) for who, shop, _, _ in found] == [(town.merchant, town.shop), (heir, "")]
    assert (found[0][2], found[0][3], found[1][3]) == (first, found[1][2], None)
