"""Clearing files land whole or not at all, once, with their cards as tokens, and settle what waited for them."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.town import CITY, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.cities.settings import ClearingAgreement
from hejie.desk.refunds import REFUNDS
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome, Road
from hejie.intake import clearing as intake
from hejie.intake.clearing import Delivery, Loaded, load_clearing, place, subject
from hejie.payments import refund as r
from hejie.payments.clearing_files import Form, Totals
from hejie.queries import clearing
from hejie.store.contents import read_data_key
from hejie.store.pool import city_transaction
from hejie_lab import clearing_writer as w

DAY = date(2026, 11, 20)
AGREEMENT = ClearingAgreement(id="up-2026", party="银联浙江", valid_from=date(2026, 1, 1), keep_days=30)


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place_:
        yield place_


async def load(here: Town, file: Path, form: str, **more: Any) -> Loaded:
    told = Delivery(**({"path": file, "form": Form(form), "day": DAY, "agreement": AGREEMENT, "told": None} | more))
    return await load_clearing(
        here.app.pool, here.app.tools.vaults(CITY), CITY, told, here.app.clock.now(), here.app.desk.chance
    )


async def everything(here: Town) -> list[tuple[Any, ...]]:
    tables = ("clearing_file", "clearing_broken", "clearing_record", "clearing_reference", "task", "log")
    return [(await here.rows(f"select count(*) from {each}"))[0] for each in tables]


@pytest.mark.parametrize("form", ["csv", "zm", "iso8583"])
async def test_a_file_lands_with_its_references_and_without_a_card(here: Town, tmp_path: Path, form: str):
    file = tmp_path / "day"
    found = list(w.movements(500, DAY, 7, refunds=0.1))
    w.write(file, form, iter(found))
    loaded = await load(here, file, form)
    assert (loaded.records, loaded.broken, loaded.first_day) == (500, 0, DAY)
    rows = await here.rows("select trace, amount_fen, movement, at, merchant from clearing_record order by file, line")
    assert rows == [
        (each.trace, each.fen, "refund" if each.back else "payment", each.at.astimezone(UTC), each.merchant)
        for each in found
    ]
    cards = await here.rows("select card from clearing_record order by file, line")
    tokens = [here.app.tools.vaults(CITY).handle("card", each.card) for each in found]
    assert [bytes(card) for (card,) in cards] == tokens
    whole = await here.rows("select r::text from clearing_record r")
    assert not any(found[n].card in text for n, (text,) in enumerate(whole))
    vault, rrn = here.app.tools.vaults(CITY), found[17].rrn
    async with city_transaction(here.app.pool, CITY) as connection:
        held = await clearing.find(connection, vault, [("number", rrn if form != "zm" else found[17].query_id)])
    assert [each.amount_fen for each in held if each.trace == found[17].trace] == [found[17].fen]


async def test_the_same_file_twice_changes_nothing(here: Town, tmp_path: Path):
    file = tmp_path / "day"
    w.write(file, "csv", w.movements(300, DAY, 1))
    first = await load(here, file, "csv")
    before = await everything(here)
    again = await load(here, file, "csv")
    assert (again.again, again.number, again.records) == (True, first.number, 300)
    assert await everything(here) == before


async def test_a_broken_record_is_put_aside_sealed_and_the_rest_lands(here: Town, tmp_path: Path):
    found = list(w.movements(50, DAY, 2))
    lines = [w.zm_line(each) for each in found]
    lines[9] = lines[9][:300] + b"\r\n"
    lines[20] = lines[20].replace(f"{found[20].fen:012d}".encode(), b"00000000000x", 1)
    file = tmp_path / "day"
    file.write_bytes(b"".join(lines))
    loaded = await load(here, file, "zm")
    assert (loaded.records, loaded.broken) == (48, 2)
    vault = here.app.tools.vaults(CITY)
    async with city_transaction(here.app.pool, CITY) as connection:
        rows = await clearing.broken(connection, CITY, loaded.number)
        key = await read_data_key(connection, vault, CITY, subject(loaded.number))
    assert [(line, why) for line, why, _ in rows] == [(10, "clearing_width"), (21, "clearing_amount")]
    assert all(found[20].card.encode() not in sealed for _, _, sealed in rows)
    assert vault.open(key, place(loaded.number), rows[1][2]) == lines[20].rstrip(b"\r\n")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (Totals(51, 1, 1), "clearing_count"),
        (Totals(50, 1, 1), "clearing_total"),
    ],
)
async def test_a_file_that_does_not_hold_what_was_told_leaves_no_trace(
    here: Town, tmp_path: Path, told: Totals, code: str
):
    file = tmp_path / "day"
    w.write(file, "zm", w.movements(50, DAY, 3))
    before = await everything(here)
    with pytest.raises(Refused) as refused:
        await load(here, file, "zm", told=told)
    assert refused.value.code == code
    assert await everything(here) == before


async def test_a_cut_or_changed_file_leaves_no_trace(here: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "BATCH", 20)
    file = tmp_path / "day"
    w.write(file, "csv", w.movements(50, DAY, 4))
    file.write_bytes(file.read_bytes()[:-60])
    before = await everything(here)
    for more, code in (({}, "clearing_cut_off"), ({"digest": "0" * 64}, "clearing_changed")):
        with pytest.raises(Refused) as refused:
            await load(here, file, "csv", **more)
        assert refused.value.code == code
    assert await everything(here) == before


async def test_a_damaged_date_opens_no_day_of_its_own(here: Town, tmp_path: Path):
    file = tmp_path / "day"
    w.write(file, "csv", w.movements(20, DAY, 5))
    file.write_bytes(file.read_bytes().replace(b",2026-11-20,", b",2126-11-20,", 1))
    loaded = await load(here, file, "csv")
    assert (loaded.records, loaded.broken, loaded.first_day, loaded.last_day) == (19, 1, DAY, DAY)


def _refund_of(here: Town, trade_no: str, fen: int, order_no: str) -> w.Movement:
    """The record of a refund of a UnionPay payment, sent now."""
    now = here.app.clock.now().astimezone(SHANGHAI).replace(microsecond=0)
    paid_at = datetime.strptime(f"20{trade_no[2:14]}", "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    paid = replace(
        w.movement(7, now.date(), random.Random(1)), query_id=trade_no, fen=fen, at=paid_at, trace=trade_no[14:20]
    )
    return replace(w.movement(8, now.date(), random.Random(2), of=paid), order_no=order_no, at=now)


def paid_by(refund: w.Movement) -> w.Movement:
    """The payment that a refund gives back."""
    assert refund.of is not None
    return refund.of


async def _bring(here: Town, tmp_path: Path, found: list[w.Movement]) -> Loaded:
    file = tmp_path / f"day{time.monotonic_ns()}"
    w.write(file, "csv", iter(found))
    loaded = await load(here, file, "csv", day=here.app.clock.now().astimezone(SHANGHAI).date())
    await here.work()
    return loaded


async def test_a_refund_seen_in_the_records_settles_the_dispute_that_waited_for_it(here: Town, tmp_path: Path):
    trade = await here.pay_unionpay(5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    await here.work()
    here.advance(minutes=5)
    assert (await here.read(dispute)).outcome is None
    seen = _refund_of(here, trade, 5000, "OWN202611300001")
    await _bring(here, tmp_path, [paid_by(seen), seen])
    assert (await here.read(dispute)).outcome is Outcome.performed
    assert await here.rows("select source, state, amount_fen from refund") == [("own_tool", "succeeded", 5000)]
    await _bring(here, tmp_path, [seen])  # the same refund in another file moves nothing more
    assert await here.rows("select count(*) from refund") == [(1,)]
    assert await here.rows("select kind from work_item") == []


async def test_a_refund_known_only_by_its_payments_trace_and_time_is_found(here: Town, tmp_path: Path):
    trade = await here.pay_unionpay(5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim", road=Road.own_tool), here.as_merchant)
    await here.work()
    here.advance(minutes=5)
    seen = _refund_of(here, trade, 5000, "OWN202611300001")
    file = tmp_path / "dump"
    file.write_bytes(w.iso_message(paid_by(seen)) + w.iso_message(seen))
    await load(here, file, "iso8583", day=here.app.clock.now().astimezone(SHANGHAI).date())
    await here.work()
    assert (await here.read(dispute)).outcome is Outcome.performed


async def test_more_back_than_was_paid_and_a_refund_that_is_missing_go_to_a_person(here: Town, tmp_path: Path):
    trade = await here.pay_unionpay(5000)
    dispute = await here.file(trade)
    key = f"{dispute}-1"
    order = r.Order(dispute=dispute, wallet="unionpay", trade_no=trade, amount_fen=5000)
    for command in (order, r.Send(), r.Succeed(seen_by="query")):
        await here.app.desk.act(REFUNDS, CITY, key, command, SYSTEM)
    seen = _refund_of(here, trade, 5000, "X")
    await _bring(here, tmp_path, [paid_by(seen)])
    here.advance(hours=48)
    later = list(w.movements(3, here.app.clock.now().astimezone(SHANGHAI).date(), 9))
    await _bring(here, tmp_path, later)
    assert await here.rows("select kind, subject from work_item") == [("refund_missing", key)]
    await _bring(here, tmp_path, [seen])
    kinds = await here.rows("select kind, subject from work_item order by kind")
    assert kinds == [("refund_missing", key), ("refund_surplus", f"unionpay:{trade}")]


async def test_old_days_go_and_records_of_disputed_payments_stay(here: Town, tmp_path: Path):
    trade = await here.pay_unionpay(5000)
    await here.file(trade)
    seen = _refund_of(here, trade, 5000, "OWN1")
    others = list(w.movements(20, here.app.clock.now().astimezone(SHANGHAI).date(), 9))
    await _bring(here, tmp_path, [*others, paid_by(seen)])
    here.advance(days=40)
    async with city_transaction(here.app.pool, CITY) as connection:
        today = here.app.clock.now().astimezone(SHANGHAI).date()
        row = await (await connection.execute("select clearing_forget(%s)", [today - timedelta(days=30)])).fetchone()
    assert row == (1,)
    assert await here.rows("select count(*) from clearing_record") == [(0,)]
    assert await here.rows("select query_id from clearing_kept") == [(trade,)]
    vault = here.app.tools.vaults(CITY)
    async with city_transaction(here.app.pool, CITY) as connection:
        assert [h.query_id for h in await clearing.find(connection, vault, [("number", trade)])] == [trade]
        assert await clearing.find(connection, vault, [("number", others[0].query_id)]) == []


WOUNDED = 60
"""Files; the readers themselves are hurt some hundred times in tests/payments."""


async def test_a_file_damaged_at_random_lands_whole_or_not_at_all(
    here: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(intake, "BATCH", 7)
    file, chance = tmp_path / "day", random.Random(11)
    refused = landed = 0
    for number in range(WOUNDED):
        form = ("csv", "zm", "iso8583")[number % 3]
        told = w.write(file, form, w.movements(30, DAY, number))
        raw = bytearray(file.read_bytes())
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        file.write_bytes(raw)
        before = await everything(here)
        try:
            loaded = await load(here, file, form, told=Totals(*told.values()))
        except Refused:
            refused += 1
            assert await everything(here) == before
            continue
        landed += 1
        assert loaded.records + loaded.broken == 30
        [(rows,)] = await here.rows("select count(*) from clearing_record where file = %s", loaded.number)
        [(aside,)] = await here.rows("select count(*) from clearing_broken where file = %s", loaded.number)
        assert (rows, aside) == (loaded.records, loaded.broken)
    assert refused > WOUNDED // 10
    assert landed > WOUNDED // 10
