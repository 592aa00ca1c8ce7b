"""A bank tells the house, on a real socket: announcements become bindings; what is not its word becomes nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from tests.support.served import served
from tests.support.town import BANK, BANK_ACCOUNT, BANK_MERCHANT, CITY, CODE, NAME, OFFICER, Town

from hejie.base.actor import SYSTEM
from hejie.connectors.acquirer import signing
from hejie.connectors.acquirer.signing import Answered, Asked
from hejie.desk.bindings import BINDINGS
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as d
from hejie.disputes.states import State
from hejie.merchants import bindings as b
from hejie.merchants import commands as m
from hejie.queries.trace import Belief, Reference, trace
from hejie.store.pool import city_transaction

OTHER_CODE = "91330106MA27WUGJ7G"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with served(tmp_path, app_url) as place:
        yield place


def line(**changes: Any) -> dict[str, Any]:
    same = {"acquirer": BANK, "merchant": BANK_MERCHANT, "name": NAME, "credit_code": CODE, "valid_from": "2026-01-01"}
    return same | changes


async def tell(here: Town, *lines: dict[str, Any], key: str = "", **more: Any) -> dict[str, Any]:
    """The bank announces, and waits for the house's answer."""

    def told() -> Any:
        body = {"lines": list(lines)}
        return here.wallet.post("acquirer/tell", bank=BANK, what="announcements", body=body, key=key, **more)

    answer = await anyio.to_thread.run_sync(told)
    return answer | {"json": json.loads(answer["text"])}


def results(answer: dict[str, Any]) -> list[tuple[str, str]]:
    assert answer["status"] == 200, answer
    return [(each["result"], each["code"]) for each in answer["json"]["lines"]]


async def bindings(here: Town) -> list[tuple[Any, ...]]:
    return await here.rows("select identity, merchant, begins, ends, undone from binding order by identity, begins")


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


async def test_a_hint_of_a_refund_has_it_asked_for(here: Town):
    await here.tell(m.AskEnrolment(wallet="acquirer", account=BANK_ACCOUNT), OFFICER)
    await here.work()
    await here.task("grant_authority", here.merchant, {"wallet": "acquirer", "code": BANK_ACCOUNT}, "merchant")
    await here.work()
    trade_no = await here.pay_acquirer()
    dispute = await here.file(trade_no)
    here.wallet.knob("drop_after_commit", method="acquirer.refund")
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
    assert tasks in ([(trade_no,)], [])
    await here.work()
    assert (await here.read(dispute)).state is State.settled
    assert [row["amount"] for row in here.wallet.get("acquirer/ledger")["refunds"]] == [5000]


class Caller:
    """Somebody who has the bank's key and may do all wrong that can be done."""

    def __init__(self, here: Town, key: Any) -> None:
        self.here = here
        self.url = f"{here.app.settings.public_url}/api/{CITY}/acquirers/{BANK}/v1/announcements"
        material = key
        self.key = replace(signing.private_key("bank-1", "rsa-pss-sha512", _pem(here)), material=material)

    def signed(self, body: bytes, *, nonce: str = "nonce-0123456789abcdef", url: str = "", **headers: str) -> Asked:
        asked = Asked("POST", url or self.url, {"content-type": "application/json", **headers})
        asked.headers.setdefault("idempotency-key", "key-0123456789abcdef")
        signing.sign_request(self.key, asked, body, self.here.app.clock.now(), nonce)
        return asked

    async def send(self, asked: Asked, body: bytes, url: str = "", **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(url or self.url, content=body, headers=asked.headers, **more)


def _pem(here: Town) -> str:
    return (here.app.settings.keys.parent / "app.pem").read_text()


@pytest.fixture
def caller(here: Town) -> Caller:
    return Caller(here, here.wallet.box.keys.acquirer)


BODY = json.dumps({"lines": [line()]}).encode()


async def test_the_answer_stands_over_the_request(caller: Caller):
    asked = caller.signed(BODY)
    answer = await caller.send(asked, BODY)
    public = {"city-1": signing.public_key("city-1", "rsa-pss-sha512", _public(caller.here))}
    told = Answered(answer.status_code, asked, signing.single(answer.headers.multi_items()))
    signing.verify_answer(public, told, answer.content, caller.here.app.clock.now())


def _public(here: Town) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    key = load_pem_private_key(_pem(here).encode(), None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_what_was_believed_once_is_refused_twice(caller: Caller):
    asked = caller.signed(BODY)
    assert (await caller.send(asked, BODY)).status_code == 200
    again = await caller.send(asked, BODY)
    assert (again.status_code, again.json()["code"]) == (401, "request_replayed")
    assert again.headers["content-type"] == "application/problem+json"


def _body(body: bytes):
    return lambda caller: (caller.signed(body), body, "")


def _at(old: str, new: str):
    return lambda caller: (caller.signed(BODY), BODY, caller.url.replace(old, new))


def _stale(caller: Caller) -> tuple[Asked, bytes, str]:
    asked = caller.signed(BODY)
    caller.here.advance(minutes=6)
    return asked, BODY, ""


def _by_another(caller: Caller) -> tuple[Asked, bytes, str]:
    return Caller(caller.here, caller.here.wallet.box.keys.wrong).signed(BODY), BODY, ""


HOSTILE = [
    ("body", lambda c: (c.signed(BODY), BODY + b" ", ""), 401, "digest_wrong"),
    (
        "unsigned",
        lambda c: (Asked("POST", "", {"content-type": "application/json"}), BODY, ""),
        401,
        "signature_missing",
    ),
    ("stale", _stale, 401, "request_stale"),
    ("wrong key", _by_another, 401, "signature_wrong"),
    ("another path", _at("announcements", "events"), 401, "signature_wrong"),
    ("a query", lambda c: (c.signed(BODY), BODY, f"{c.url}?a=b"), 401, "signature_wrong"),
    ("another city", _at(CITY, "330200"), 404, "city_not_here"),
    ("no such acquirer", _at(BANK, "1"), 404, "page_unknown"),
    ("bad key", lambda c: (c.signed(BODY, **{"idempotency-key": "short"}), BODY, ""), 400, "key_unreadable"),
    ("no json", _body(b"{"), 400, "json_broken"),
    ("twice a member", _body(b'{"lines": [], "lines": []}'), 400, "json_duplicate_key"),
    ("no lines", _body(b'{"lines": []}'), 422, "body_invalid"),
    ("too many", _body(json.dumps({"lines": [line()] * 201}).encode()), 422, "body_invalid"),
    ("a stranger's member", _body(json.dumps({"lines": [line(shop="x")]}).encode()), 422, "body_invalid"),
    ("too long", _body(b" " * (257 * 1024)), 413, "body_too_large"),
]


@pytest.mark.parametrize(("touch", "status", "code"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
async def test_what_is_not_the_banks_word_changes_nothing(caller: Caller, touch: Any, status: int, code: str):
    asked, body, url = touch(caller)
    answer = await caller.send(asked, body, url)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await bindings(caller.here) == []
    assert await caller.here.rows("select count(*) from announcement") == [(0,)]


async def test_two_signatures_are_none(caller: Caller):
    asked = caller.signed(BODY)
    headers = [*asked.headers.items(), ("signature", asked.headers["signature"])]
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(caller.url, content=BODY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_wrong")


async def test_a_call_from_elsewhere_is_refused(caller: Caller):
    doors = caller.here.app.house.acquirers
    door = doors[CITY, BANK]
    caller.here.app.house.acquirers = {(CITY, BANK): replace(door, networks=())}
    answer = await caller.send(caller.signed(BODY), BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "address_not_allowed")
    assert await bindings(caller.here) == []


async def test_a_nonce_is_forgotten_only_when_its_time_is_over(caller: Caller):
    asked = caller.signed(BODY)
    await caller.send(asked, BODY)
    ends = await caller.here.rows("select ends_at from nonce where issuer = %s", f"acquirer:{BANK}")
    assert ends[0][0] >= caller.here.app.clock.now() + timedelta(minutes=9)
