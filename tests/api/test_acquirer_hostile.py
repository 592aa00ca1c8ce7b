"""What is not the bank's own word, said now, once, from its address, changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.acquirer_lab import Caller, bindings, line, own_pem
from tests.support.town import BANK, CITY, Town

from hejie.connectors import signing
from hejie.connectors.signing import Answered, Asked

BODY = json.dumps({"lines": [line()]}).encode()


async def test_the_answer_stands_over_the_request(caller: Caller):
    asked = caller.signed(BODY)
    answer = await caller.send(asked, BODY)
    public = {"city-1": signing.public_key("city-1", "rsa-pss-sha512", _public(caller.here))}
    told = Answered(answer.status_code, asked, signing.single(answer.headers.multi_items()))
    signing.verify_answer(public, told, answer.content, caller.here.app.clock.now())


def _public(here: Town) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    key = load_pem_private_key(own_pem(here).encode(), None)
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


async def test_a_bank_may_sign_by_sm2(caller: Caller):
    house = caller.here.app.house
    told = json.loads((Path(__file__).parents[1] / "contract" / "sm2" / "vector.json").read_text(encoding="utf-8"))
    believed = signing.public_key("bank-sm2", "sm2-sm3", told["public"])
    house.acquirers = {(CITY, BANK): replace(house.acquirers[CITY, BANK], keys={"bank-sm2": believed})}
    refused = await caller.send(caller.signed(BODY), BODY)
    assert refused.json()["code"] == "signature_wrong"
    caller.key = signing.private_key("bank-sm2", "sm2-sm3", told["private"])
    answer = await caller.send(caller.signed(BODY), BODY)
    assert (answer.status_code, answer.json()["bound"]) == (200, 1)
