"""A bank tells the house, on a real socket: announcements become bindings, and hints have refunds asked for."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import anyio
import pytest
from tests.api.acquirer_lab import OTHER_CODE, bindings, line, results, tell
from tests.support.town import BANK, BANK_ACCOUNT, BANK_MERCHANT, CITY, OFFICER, Town

from hejie.base.actor import SYSTEM
from hejie.connectors.wallet import RefundOrder
from hejie.desk.bindings import BINDINGS
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.states import State
from hejie.merchants import bindings as b
from hejie.merchants import commands as m
from hejie.queries.trace import Belief, Reference, trace
from hejie.store.pool import city_transaction


async def test_an_announced_number_is_bound_by_its_credit_code(here: Town):
    answer = await tell(here, line(), line(terminal="T0000001"))
    assert results(answer) == [("bound", ""), ("bound", "")]
    begins = datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert await bindings(here) == [
        (f"acquirer/{BANK}/{BANK_MERCHANT}", here.merchant, begins, None, False),
        (f"terminal/{BANK}/T0000001", here.merchant, begins, None, False),
    ]
    evidence = await here.rows("select body->'evidence'->>'basis', body->'evidence'->>'source' from binding")
    assert set(evidence) == {("announced", f"acquirer:{BANK}")}
    assert [r[0] for r in await here.rows("select distinct actor from log where noun = 'binding'")] == [
        f"acquirer:{BANK}"
    ]


async def test_a_payment_through_it_finds_its_payee(here: Town):
    trade_no = await here.pay_acquirer()
    await here.rows("update payment set merchant = '' where trade_no = %s returning 1", trade_no)
    await tell(here, line())
    await here.work()
    assert await here.rows("select merchant from payment where trade_no = %s", trade_no) == [(here.merchant,)]
    async with city_transaction(here.app.pool, CITY) as connection:
        vault = here.app.tools.vaults(CITY)
        (found,) = await trace(connection, vault, CITY, Reference(number=trade_no))
    assert (found.belief, found.basis, found.merchant.id) == (Belief.bound, "announced", here.merchant)
    assert found.identities == (f"acquirer/{BANK}/{BANK_MERCHANT}",)


async def test_the_same_again_changes_nothing(here: Town):
    first = await tell(here, line(), key="key-0123456789abcdef")
    before = await here.rows("select * from log where noun in ('binding', 'intake') order by id, version")
    again = await tell(here, line(), key="key-0123456789abcdef")
    assert again["json"] == first["json"]
    assert await here.rows("select * from log where noun in ('binding', 'intake') order by id, version") == before
    fresh = await tell(here, line())
    assert fresh["json"] | {"taken_at": ""} == first["json"] | {"taken_at": ""}
    assert len(await bindings(here)) == 1
    other = await tell(here, line(terminal="T1"), key="key-0123456789abcdef")
    assert (other["status"], other["json"]["code"]) == (422, "key_reused")
    assert len(await bindings(here)) == 1


async def test_a_number_passes_to_another_merchant(here: Town):
    second = here.app.desk.mint(CITY)
    register = m.RegisterMerchant(city=CITY, id=second, credit_code=OTHER_CODE, name="别家面馆")
    await here.app.desk.act(MERCHANTS, CITY, second, register, SYSTEM)
    taken = line(credit_code=OTHER_CODE, name="别家面馆", valid_from="2026-06-01")
    assert results(await tell(here, line(), taken)) == [("bound", ""), ("rejected", "binding_overlaps")]
    answer = await tell(here, line(valid_to="2026-05-31"), taken)
    assert results(answer) == [("bound", ""), ("bound", "")]
    spans = [(row[1], row[2], row[3]) for row in await bindings(here)]
    change = datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert spans == [
        (here.merchant, datetime(2025, 12, 31, 16, tzinfo=UTC), change),
        (second, change, None),
    ]
    assert results(await tell(here, line())) == [("rejected", "binding_days")]
    assert [(row[1], row[2], row[3]) for row in await bindings(here)] == spans


async def test_what_an_officer_found_wrong_stays_so(here: Town):
    told = await tell(here, line())
    name = told["json"]["lines"][0]["binding"]
    await here.app.desk.act(BINDINGS, CITY, name, b.Undo(note="别家的终端"), OFFICER)
    assert results(await tell(here, line())) == [("rejected", "binding_undone")]
    assert [row[4] for row in await bindings(here)] == [True]


async def test_what_another_source_said_is_not_ended_by_an_acquirer(here: Town):
    identity = b.Identity(b.Scheme.acquirer, BANK_MERCHANT, BANK)
    name = here.app.desk.mint(CITY)
    bind = b.Bind(
        id=name,
        identity=identity,
        merchant=here.merchant,
        begins=datetime(2025, 12, 31, 16, tzinfo=UTC),
        evidence=b.Evidence(basis=b.Basis.registered),
    )
    await here.app.desk.act(BINDINGS, CITY, name, bind, OFFICER)
    assert results(await tell(here, line())) == [("bound", "")]
    assert results(await tell(here, line(valid_to="2026-05-31"))) == [("rejected", "binding_days")]
    assert [row[3] for row in await bindings(here)] == [None]


WRONG = [
    ({"acquirer": "99999999"}, "announcement_not_yours"),
    ({"merchant": ""}, "announcement_number"),
    ({"merchant": "a/b"}, "announcement_number"),
    ({"terminal": "终端"}, "announcement_number"),
    ({"name": " "}, "announcement_name"),
    ({"name": "a\u202eb"}, "announcement_name"),
    ({"name": "面" * 101}, "announcement_name"),
    ({"credit_code": "91330106MA2CFLDC08"}, "credit_code_check"),
    ({"credit_code": ""}, "credit_code_length"),
    ({"valid_from": "2026-02-30"}, "announcement_time"),
    ({"valid_from": "2026-01-01T00:00:00"}, "announcement_time"),
    ({"valid_from": "0001-01-01"}, "announcement_time"),
    ({"valid_from": "9999-12-31"}, "announcement_time"),
    ({"valid_to": "9999-12-31"}, "announcement_time"),
    ({"valid_to": "2025-12-31"}, "binding_days"),
]


async def test_wrong_lines_are_rejected_one_by_one(here: Town):
    answer = await tell(here, *(line(**change) for change, _ in WRONG), line(terminal="T9"))
    assert results(answer) == [*(("rejected", code) for _, code in WRONG), ("bound", "")]
    assert [row[0] for row in await bindings(here)] == [f"terminal/{BANK}/T9"]


async def test_an_unknown_merchant_waits_and_is_bound_when_it_registers(here: Town):
    waits = line(credit_code=OTHER_CODE, name="别家面馆", terminal="T0000002")
    for _ in range(2):
        assert results(await tell(here, waits)) == [("waiting", "")]
    assert await bindings(here) == []
    items = await here.rows("select kind, noun, subject, body->>'count' from work_item where done_at is null")
    assert items == [("announced_waiting", "acquirer", BANK, "1")]
    second = here.app.desk.mint(CITY)
    register = m.RegisterMerchant(city=CITY, id=second, credit_code=OTHER_CODE, name="别家面馆")
    await here.app.desk.act(MERCHANTS, CITY, second, register, SYSTEM)
    await here.work()
    assert [row[:2] for row in await bindings(here)] == [(f"terminal/{BANK}/T0000002", second)]
    assert await here.rows("select count(*) from announced_waiting") == [(0,)]


async def test_a_waiting_line_that_cannot_be_bound_goes_to_a_person(here: Town):
    await tell(here, line(credit_code=OTHER_CODE, name="别家面馆"), line(valid_from="2026-03-01"))
    second = here.app.desk.mint(CITY)
    register = m.RegisterMerchant(city=CITY, id=second, credit_code=OTHER_CODE, name="别家面馆")
    await here.app.desk.act(MERCHANTS, CITY, second, register, SYSTEM)
    await here.work()
    items = await here.rows("select body->>'why' from work_item where kind = 'announced_rejected'")
    assert items == [("binding_overlaps",)]


async def test_the_house_signs_what_it_took(here: Town):
    """The answer's signature is over the bank's own request, so it is checked from what the bank had sent."""
    answer = await tell(here, line())
    assert answer["headers"]["signature-input"].startswith('hejie=("@status" "content-type" "content-digest" "sig')
    assert answer["headers"]["content-type"] == "application/json"


async def test_an_announced_number_becomes_an_account_but_nothing_is_opened_again(here: Town):
    await tell(here, line(), line(acquirer=BANK, merchant="M2", valid_to="2026-02-01"))
    await here.work()
    accounts = "select wallet, account from account where wallet = 'acquirer'"
    assert await here.rows(accounts) == [("acquirer", BANK_ACCOUNT)]
    await here.tell(m.CloseEnrolment(wallet="acquirer", account=BANK_ACCOUNT))
    await here.work()
    closed = await here.rows("select body->'accounts' from merchant where id = %s", here.merchant)
    await tell(here, line(valid_to="2026-02-01"), line(valid_from="2026-02-02"))
    await here.work()
    after = await here.rows("select body->'accounts' from merchant where id = %s", here.merchant)
    mine = [[each for each in told if each["wallet"] == "acquirer"] for ((told,),) in (closed, after)]
    assert mine[0] == mine[1]
    assert [each["enrolment"] for each in mine[0]] == ["closed"]


async def test_a_hint_of_a_refund_has_it_asked_for(here: Town):
    await tell(here, line())
    await here.work()
    await here.task("grant_authority", here.merchant, {"wallet": "acquirer", "code": BANK_ACCOUNT}, "merchant")
    await here.work()
    trade_no = await here.pay_acquirer()
    dispute = await here.file(trade_no)
    here.wallet.knob("drop_after_commit", method="acquirer.refund")
    here.wallet.knob("lost_callback", method="acquirer.event")
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.worker.drain()
    ((key, payment),) = [(row["key"], row["payment"]) for row in here.wallet.get("acquirer/ledger")["refunds"]]
    here.advance(seconds=3)
    body = {"kind": "refund_changed", "payment": payment, "key": key}
    for _ in range(2):
        told = await anyio.to_thread.run_sync(
            lambda: here.wallet.post("acquirer/tell", bank=BANK, what="events", body=body, key="event-0123456789abcdef")
        )
        assert (told["status"], json.loads(told["text"])) == (200, {"taken": True})
    tasks = await here.rows("select subject from task where kind = 'follow_trade'")
    assert tasks == [(trade_no,)]
    await here.work()
    assert (await here.read(dispute)).state is State.settled
    assert [row["amount"] for row in here.wallet.get("acquirer/ledger")["refunds"]] == [5000]


@pytest.mark.parametrize("knob", ["", "duplicate_callback", "forged_callback"])
async def test_the_bank_tells_by_itself_and_is_heard_once(here: Town, knob: str):
    trade_no = await here.pay_acquirer()
    if knob:
        here.wallet.knob(knob, method="acquirer.event")
    key = here.app.desk.mint(CITY)
    order = RefundOrder(key=key, trade_no=trade_no, amount_fen=5000)
    await here.app.tools.wallet(CITY, "acquirer").refund(order, BANK_ACCOUNT)
    here.advance(seconds=3)
    for _ in range(100):
        (row,) = here.wallet.get("acquirer/ledger")["refunds"]
        if row["told"]:
            break
        if row["tries"]:
            here.advance(seconds=61)
        await asyncio.sleep(0.1)
    assert (row["told"], row["tries"]) == (1, 2 if knob == "forged_callback" else 1)
    assert await here.rows("select nonce from nonce where issuer = %s", f"acquirer-event:{BANK}") == [(f"event-{key}",)]
    assert await here.rows("select subject from task where kind = 'follow_trade'") == [(trade_no,)]
