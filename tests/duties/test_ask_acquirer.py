"""An acquirer is asked about one disputed payment: once, under one key, written down, and doubt stays doubt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.conftest import Database
from tests.support.folding import fold_all
from tests.support.town import BANK_MERCHANT, CITY, OFFICER, Town, town

from hejie.base.errors import HejieError
from hejie.desk.trace_requests import TRACE_REQUESTS
from hejie.payments.trace_request import AskAcquirer, State, TraceRequest
from hejie.queries.trace_requests import read_trace_request
from hejie.store.pool import city_transaction


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def ask(here: Town, dispute: str, trade_no: str) -> str:
    """The question's identifier, or the code of the refusal."""
    identifier = here.app.desk.mint(CITY)
    command = AskAcquirer(id=identifier, dispute=dispute, trade_no=trade_no, purpose="find whom")
    try:
        await here.app.desk.act(TRACE_REQUESTS, CITY, identifier, command, OFFICER)
    except HejieError as error:
        return error.code
    return identifier


async def read(here: Town, identifier: str) -> TraceRequest:
    async with city_transaction(here.app.pool, CITY) as connection:
        return await read_trace_request(connection, CITY, identifier)


async def test_it_answers_with_its_number_and_what_went_back_and_both_sides_write_it_down(
    here: Town, database: Database
):
    trade_no = await here.pay_acquirer(4800)
    dispute = await here.file(trade_no)
    asked = await ask(here, dispute, trade_no)
    assert await ask(here, dispute, trade_no) == "trace_asked_already"
    assert here.wallet.get("acquirer/ledger")["asked"] == []
    await here.work()
    row = await read(here, asked)
    [found] = row.answers
    assert (row.state, found.merchant, found.amount_fen, found.refunded_fen) == (
        State.answered, BANK_MERCHANT, 4800, 0,
    )  # fmt: skip
    told = [(each["purpose"], each["dispute"]) for each in here.wallet.get("acquirer/ledger")["asked"]]
    assert told == [("find whom", dispute)]
    logged = await here.rows("select role, person, purpose, dispute, answers from trace_asked")
    assert logged == [("officer", OFFICER.id, "find whom", dispute, 1)]
    with psycopg.connect(database.superuser_url) as connection:
        assert fold_all(connection)["trace_request"] == 1


async def test_only_a_disputed_payment_through_an_acquirer_is_asked_about(here: Town):
    trade_no, other = await here.pay_acquirer(4800), await here.pay(4800)
    dispute = await here.file(other)
    for each in (trade_no, other, "48030001-nobody"):
        assert await ask(here, dispute, each) == "trace_not_disputed"
    assert await here.rows("select count(*) from trace_request") == [(0,)]
    assert await here.rows("select count(*) from task where kind = 'ask_acquirer'") == [(0,)]


async def test_a_lost_answer_is_doubt_and_the_same_question_goes_again(here: Town):
    trade_no = await here.pay_acquirer(4800)
    asked = await ask(here, await here.file(trade_no), trade_no)
    here.wallet.knob("drop_after_commit", method="acquirer.traces")
    await here.work()
    row = await read(here, asked)
    events = [name for (name,) in await here.rows("select event from log where id = %s order by version", asked)]
    assert events == ["TraceAsked", "TraceDoubted", "TraceAnswered"]
    assert (row.state, row.code, len(row.answers)) == (State.answered, "", 1)


async def test_while_nothing_clear_comes_it_stays_open_and_ends_with_a_person(here: Town):
    trade_no = await here.pay_acquirer(4800)
    asked = await ask(here, await here.file(trade_no), trade_no)
    here.wallet.knob("drop_after_commit", method="acquirer.traces", remaining=99)
    await here.work()
    row = await read(here, asked)
    assert (row.state, row.open, row.version) == (State.doubted, True, 2)
    assert await here.rows("select count(*) from trace_asked") == [(0,)]
    assert await here.rows("select noun, subject from work_item") == [("trace_request", asked)]
