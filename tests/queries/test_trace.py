"""Any reference leads to the payment, whoever stood behind it then, and how that merchant is reached today."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.town import CITY, OFFICER, UNIONPAY_ACCOUNT, Town, town

from hejie.base.clock import SHANGHAI
from hejie.cities.settings import ClearingAgreement
from hejie.desk.bindings import BINDINGS
from hejie.intake.clearing import Delivery, load_clearing
from hejie.merchants.bindings import Basis, Bind, Evidence, Identity, Scheme
from hejie.payments.clearing_files import Form
from hejie.queries.trace import Answer, Belief, Reference, trace
from hejie.store.pool import city_transaction
from hejie_lab import clearing_writer as w

AGREEMENT = ClearingAgreement(id="a", party="x", valid_from=datetime(2020, 1, 1).date())  # noqa: DTZ001  a day


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def ask(here: Town, **reference: Any) -> list[Answer]:
    async with city_transaction(here.app.pool, CITY) as connection:
        return await trace(connection, here.app.tools.vaults(CITY), CITY, Reference(**reference))


async def load(here: Town, tmp_path: Path, *found: w.Movement, form: str = "csv") -> None:
    file = tmp_path / f"{found[0].query_id}.{form}"
    w.write(file, form, iter(found))
    told = Delivery(path=file, form=Form(form), day=found[0].at.date(), agreement=AGREEMENT, told=None)
    await load_clearing(
        here.app.pool, here.app.tools.vaults(CITY), CITY, told, here.app.clock.now(), here.app.desk.chance
    )


def paid(here: Town, **more: Any) -> w.Movement:
    """A payment of today, as an acquirer records it."""
    today = here.app.clock.now().astimezone(SHANGHAI).date()
    return replace(w.movement(77, today, random.Random(1)), merchant=UNIONPAY_ACCOUNT, **more)


async def bind(here: Town, identity: Identity, days: int = 9) -> None:
    identifier = here.app.desk.mint(CITY)
    evidence = Evidence(basis=Basis.announced, note="the acquirer's list of November", source=w.ACQUIRER)
    begins = here.app.clock.now() - timedelta(days=days)
    command = Bind(
        id=identifier, identity=identity, merchant=here.merchant, begins=begins, evidence=evidence, confidence=9950
    )
    await here.app.desk.act(BINDINGS, CITY, identifier, command, OFFICER)


async def test_every_reference_of_one_payment_finds_it_and_its_merchant(here: Town, tmp_path: Path):
    one = paid(here)
    await bind(here, Identity(Scheme.acquirer, UNIONPAY_ACCOUNT, w.ACQUIRER))
    await load(here, tmp_path, one)
    references: list[dict[str, Any]] = [
        {"number": one.query_id},
        {"number": one.order_no},
        {"number": one.rrn},
        {"trace": one.trace, "at": one.at, "acquirer": w.ACQUIRER},
        {"terminal": one.terminal, "at": one.at},
    ]
    for each in references:
        [found] = await ask(here, **each)
        assert (found.trade_no, found.paid_fen, found.paid_at) == (one.query_id, one.fen, one.at), each
        assert found.merchant is not None
        assert (found.merchant.id, found.merchant.reach) == (here.merchant, ("sms",))
        assert (found.belief, found.basis, found.confidence) == (Belief.bound, "announced", 9950)
        assert one.card not in repr(found)


async def test_a_refund_is_told_with_its_payment_whichever_of_them_was_asked_for(here: Town, tmp_path: Path):
    one = paid(here)
    back = replace(w.movement(78, one.at.date(), random.Random(2), of=one), at=one.at + timedelta(minutes=9))
    await load(here, tmp_path, one, back)
    for number in (one.query_id, back.query_id, back.order_no):
        [found] = await ask(here, number=number)
        assert (found.paid_fen, found.refunded_fen, len(found.records)) == (one.fen, one.fen, 2)


async def test_a_reference_with_several_answers_shows_all(here: Town, tmp_path: Path):
    one = paid(here)
    two = replace(w.movement(79, one.at.date(), random.Random(3)), rrn=one.rrn)
    await load(here, tmp_path, one, two)
    found = await ask(here, number=one.rrn)
    assert {each.trade_no for each in found} == {one.query_id, two.query_id}


async def test_a_payment_that_is_disputed_tells_its_dispute_and_its_records(here: Town, tmp_path: Path):
    trade = await here.pay_unionpay(5000)
    dispute = await here.file(trade)
    moment = datetime.strptime(f"20{trade[2:14]}", "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    await load(here, tmp_path, paid(here, query_id=trade, trace=trade[14:20], at=moment, fen=5000))
    [found] = await ask(here, number=trade)
    assert (found.wallet, found.dispute, found.belief) == ("unionpay", dispute, Belief.kept)
    assert found.merchant is not None
    assert found.merchant.id == here.merchant
    assert len(found.records) == 1
    [by_trace] = await ask(here, trace=trade[14:20], at=moment, acquirer=w.ACQUIRER)
    assert by_trace.dispute == dispute


async def test_two_references_that_meet_in_one_hash_are_told_apart(here: Town, tmp_path: Path):
    one = paid(here)
    await load(here, tmp_path, one)
    other = here.app.tools.vaults(CITY).place("number", "999999999999")
    await here.rows(
        "insert into clearing_reference (city, hash, day, file, line)"
        " select city, %s, day, file, line from clearing_record returning line",
        other,
    )
    assert await ask(here, number="999999999999") == []


async def test_a_payment_code_leads_to_the_payments_that_it_was_shown_for(here: Town):
    trade = await here.pay(5000)
    await here.rows(
        "insert into paycode (city, id, version, number, merchant, shop, accounts, state, applied_at, granted_at,"
        " changed_at, body) values (%s, 'Y1', 1, '0123456789', %s, 'S1', '{}', 'granted', now(), now(), now(), '{}')"
        " returning id",
        *(CITY, here.merchant),
    )
    await here.rows("update payment set paycode = 'Y1' where trade_no = %s returning 1", trade)
    [found] = await ask(here, number="0123456789")
    assert (found.trade_no, found.paid_fen) == (trade, 5000)


async def test_an_account_that_the_wallet_opened_is_believed_and_an_unknown_number_finds_nothing(here: Town):
    trade = await here.pay(5000)
    [found] = await ask(here, number=trade)
    assert (found.wallet, found.belief, found.identities) == ("alipay", Belief.opened, ("alipay//2088000000000001",))
    assert await ask(here, number="4200000000000000000000000000") == []
