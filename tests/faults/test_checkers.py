"""The checkers of the fault run see what is wrong, each its own kind."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from tests.conftest import Database
from tests.support.town import CITY, USER, Town, town

from hejie.disputes import commands as d
from hejie_lab.faults import checkers
from hejie_lab.faults.checkers import Evidence
from hejie_lab.faults.fold import fold_city
from hejie_lab.faults.hands import Filing


@pytest.fixture
async def here(tmp_path: Path, database: Database) -> AsyncIterator[Town]:
    async with town(tmp_path, database.app_url) as place:
        yield place


@pytest.fixture
async def evidence(here: Town, database: Database, tmp_path: Path) -> AsyncIterator[Evidence]:
    """One dispute, settled by a refund, with nothing wrong."""
    trade = await here.pay(5000)
    dispute = await here.file(trade)
    await here.act(dispute, d.AcceptOffer(offer="claim"), here.as_merchant)
    await here.work()
    filing = Filing(key="k", id=dispute, body=b"", token="t", kind="accepted", trades=(trade,))
    with _Ledger(tmp_path / "sandbox" / "ledger.sqlite") as ledger, psycopg.connect(database.superuser_url) as base:
        base.execute("select set_config('hejie.city', %s, false)", [CITY])
        yield Evidence(
            connection=base,
            ledger=lambda query, *values: ledger.execute(query, values).fetchall(),
            now=here.app.clock.now() + timedelta(seconds=1),
            filings=[filing],
            again={"k": dispute},
            ends={dispute: frozenset({"settled/performed"})},
        )


class _Ledger:
    """The wallet's ledger as the checkers read it, with a copy of it to be falsified."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> sqlite3.Connection:
        self.copy = sqlite3.connect(":memory:")
        with sqlite3.connect(f"file:{self._file}?mode=ro", uri=True) as source:
            source.backup(self.copy)
        source.close()
        self.copy.row_factory = sqlite3.Row
        return self.copy

    def __exit__(self, *_: object) -> None:
        self.copy.close()


def _red(evidence: Evidence) -> set[str]:
    found = {checker.__name__ for checker in checkers.CHECKERS if checker(evidence)}
    return found | ({"fold"} if fold_city(evidence.connection).wrong else set())


async def test_a_run_without_fault_is_green(evidence: Evidence):
    assert _red(evidence) == set()


@pytest.mark.parametrize(
    ("statement", "red"),
    [
        ("delete from dispute", {"filings", "fold"}),
        ("update dispute set state = 'lapsed'", {"fold"}),
        ("update dispute set body = jsonb_set(body, '{refunded_fen}', '4999')", {"fold", "told_money"}),
        ("update dispute set body = jsonb_set(body, '{outcome}', '\"silent\"')", {"fold", "ends"}),
        ("update dispute_payment set open = true", {"fold"}),
        ("update refund set body = jsonb_set(body, '{amount_fen}', '4999')", {"fold", "money", "told_money"}),
        ("delete from log where event = 'RefundSeen'", {"fold"}),
        ("update log set salt = decode(repeat('00', 16), 'hex') where version = 1", {"fold"}),
        ("update notice set status = 'sending'", {"notices"}),
        ("delete from notice", {"notices"}),
        ("update task set parked = true", {"rest"}),
        (
            """insert into task (city, kind, noun, subject, destination, due_at, payload)
            values ('330100', 'refund', 'refund', 'x', 'house', '2020-01-01', '{}')""",
            {"rest"},
        ),
    ],
)
async def test_what_is_wrong_with_our_rows_is_seen(evidence: Evidence, statement: str, red: set[str]):
    evidence.connection.execute(statement.encode())
    assert _red(evidence) == red


@pytest.mark.parametrize(
    ("statement", "red"),
    [
        ("update refunds set amount = amount - 1", {"money"}),
        ("update refunds set out_request_no = 'another'", {"money"}),
        ("delete from refunds", {"money"}),
        ("update sms set key = key || 'x'", {"notices"}),
        ("delete from sms", {"notices"}),
    ],
)
async def test_what_the_wallet_booked_otherwise_is_seen(evidence: Evidence, statement: str, red: set[str]):
    evidence.ledger(statement)
    assert _red(evidence) == red


async def test_another_answer_to_the_same_key_is_seen(evidence: Evidence):
    assert _red(replace(evidence, again={"k": "another"})) == {"filings"}
    assert _red(replace(evidence, filings=[])) == {"filings"}


async def test_a_case_that_stands_elsewhere_in_the_wallet_is_seen(here: Town, evidence: Evidence, tmp_path: Path):
    payment = {"user_id": USER, "merchant_id": "2088000000000001", "amount": "50.00", "subject": "片儿川"}
    trade = str(here.wallet.post("load", payments=[payment])["trade_nos"][0])
    words = {"user_id": USER, "reason": "商品质量问题", "demand": "退款", "content": "面是凉的"}
    event = here.wallet.post("cases", trade_no=trade, **words)["complain_event_id"]
    with _Ledger(tmp_path / "sandbox" / "ledger.sqlite") as ledger:
        seen = replace(evidence, ledger=lambda query, *values: ledger.execute(query, values).fetchall())
        assert checkers.cases(seen)
    await here.task("follow_case", event, {"wallet": "alipay", "event": event}, "case")
    await here.work()
    evidence.connection.commit()
    evidence.connection.execute("select set_config('hejie.city', %s, false)", [CITY])
    with _Ledger(tmp_path / "sandbox" / "ledger.sqlite") as ledger:
        seen = replace(evidence, ledger=lambda query, *values: ledger.execute(query, values).fetchall())
        assert checkers.cases(seen) == []
        ledger.execute("update cases set status = 'FINISHED'")
        assert checkers.cases(seen)
