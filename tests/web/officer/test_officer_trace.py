"""A payment traced at the desk: never without a purpose, masked, with its why; the acquirer is asked by a duty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.web.officer.officer_town import CITY, CODE, Town, keys
from tests.web.officer.test_officer_merchants import bank

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.desk.bindings import BINDINGS
from hejie.desk.trace_requests import TRACE_REQUESTS
from hejie.merchants.bindings import Basis, Bind, Evidence, Identity, Scheme
from hejie.payments.trace_request import Found, NoteAnswer, NoteDoubt, NoteRefusal
from hejie.store.pool import city_transaction

TRACE = f"/{CITY}/officer/trace"
BANK, NUMBER = "48030001", "898330154118888"


async def rows(town: Town, query: str) -> Any:
    async with city_transaction(town.house.pool, CITY) as connection:
        return await (await connection.execute(query)).fetchall()


async def send(client, path: str = "", **fields: str):
    return await client.post(TRACE + path, data=keys((await client.get(TRACE)).text) | fields)


@pytest.fixture
async def asked(officer, town: Town) -> str:
    """A question to a bank about a disputed payment; its address."""
    town.house.acquirers = {(CITY, BANK): bank("https://bank.example")}
    dispute = await town.dispute(acquirer=BANK)
    answer = await send(officer, "/ask", dispute=dispute, trade_no=town.trade, purpose="whose number was it")
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_a_disputes_payment_is_traced_and_the_asking_written_down(officer, town):
    dispute = await town.dispute()
    assert f'href="{TRACE}?dispute={dispute}"' in (await officer.get(f"/{CITY}/officer/disputes/{dispute}")).text
    assert f'href="{TRACE}"' in (await officer.get(f"/{CITY}/officer/merchants")).text
    page = (await officer.get(f"{TRACE}?dispute={dispute}")).text
    assert f'value="{town.trade}"' in page
    assert f'value="Dispute {dispute}"' in page
    assert await rows(town, "select count(*) from trace_asked") == [(0,)]
    found = await send(officer, reference=town.trade, purpose="find the payee", dispute=dispute)
    assert found.status_code == 200
    told = found.text.partition('id="found"')[2]
    assert "1 payment was found." in told
    for words in (f"Alipay {town.trade[:4]}…{town.trade[-4:]}", CODE, "opened this account", "text message", dispute):
        assert words in told, words
    assert town.trade not in told
    assert 'data-act="ask-acquirer"' not in told
    logged = await rows(town, "select role, person, purpose, dispute, answers from trace_asked")
    assert logged == [("officer", town.officer, "find the payee", dispute, 1)]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"reference": "1", "purpose": " "}, 422, "write something"),
        ({"reference": "1", "purpose": "x"}, 422, "what the answer is for"),
        ({"reference": " ", "purpose": "find whom"}, 422, 'href="#reference"'),
        ({"reference": "1", "purpose": "find whom", "dispute": "330100-0"}, 404, ""),
    ],
)
async def test_what_cannot_be_traced_is_refused_and_leaves_nothing(officer, town, fields, status, words):
    answer = await send(officer, **fields)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert await rows(town, "select count(*) from trace_asked") == [(0,)]


async def test_an_acquirer_is_offered_only_where_it_can_be_asked_and_nobody_is_known(officer, town):
    dispute = await town.dispute(acquirer=BANK)
    fields = {"purpose": "find whom", "dispute": dispute}
    for gateway, reference, offered in (
        ("", "999", False),
        ("https://bank.example", "999", True),
        ("https://bank.example", town.trade, False),
    ):
        town.house.acquirers = {(CITY, BANK): bank(gateway)}
        answer = await send(officer, reference=reference, **fields)
        assert ('data-act="ask-acquirer"' in answer.text) == offered, (gateway, reference)
    town.house.acquirers = {(CITY, BANK): bank("")}
    refused = await send(officer, "/ask", trade_no=town.trade, **fields)
    assert (refused.status_code, "cannot be asked from here" in refused.text) == (422, True)
    town.house.acquirers = {(CITY, BANK): bank("https://bank.example")}
    assert (await send(officer, "/ask", trade_no=f"{BANK}-other", **fields)).status_code == 422
    assert await rows(town, "select count(*) from trace_request") == [(0,)]


async def test_nothing_is_sent_by_the_page_and_each_state_has_words(officer, town, asked):
    assert await rows(town, "select kind, destination from task where kind = 'ask_acquirer'") == [
        ("ask_acquirer", f"acquirer:{BANK}")
    ]
    identifier = asked.rpartition("/")[2]
    assert "is being asked" in (await officer.get(asked)).text
    twice = await send(officer, "/ask", dispute=await dispute_of(town), trade_no=town.trade, purpose="once more")
    assert (twice.status_code, "being asked about this payment already" in twice.text) == (422, True)
    await town.desk.act(TRACE_REQUESTS, CITY, identifier, NoteDoubt(code="wallet_unavailable"), SYSTEM)
    assert "No clear answer has come yet" in (await officer.get(f"{asked}/part")).text
    await town.desk.act(TRACE_REQUESTS, CITY, identifier, NoteRefusal(code="reference_unreadable"), SYSTEM)
    assert "Please call it" in (await officer.get(asked)).text


async def dispute_of(town: Town) -> str:
    [(dispute,)] = await rows(town, "select dispute from trace_request")
    return str(dispute)


async def test_the_answer_names_whoever_had_the_number_then(officer, town, asked):
    now, identifier = town.house.clock.now(), town.desk.mint(CITY)
    bind = Bind(
        id=identifier,
        identity=Identity(Scheme.acquirer, NUMBER, BANK),
        merchant=town.merchant,
        begins=now - timedelta(days=9),
        evidence=Evidence(basis=Basis.announced, note="list of November"),
    )
    await town.desk.act(BINDINGS, CITY, identifier, bind, Actor(Role.officer, town.officer, "330102"))
    found = Found(payment="P1", merchant=NUMBER, paid_at=now - timedelta(hours=2), amount_fen=5000)
    answer = NoteAnswer(answers=(found,))
    await town.desk.act(TRACE_REQUESTS, CITY, asked.rpartition("/")[2], answer, SYSTEM)
    shown = (await officer.get(asked)).text
    for words in ("has answered", NUMBER, CODE, "the acquirer or wallet says so", "list of November", "not told"):
        assert words in shown, words
    assert (await officer.get(f"{TRACE}/330100-0")).status_code == 404
