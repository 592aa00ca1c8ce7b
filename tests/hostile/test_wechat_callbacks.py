"""Callbacks in WeChat Pay's name: forged, old, told again, damaged; always a reason, never an error, nothing done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.served import served
from tests.support.town import CITY, PARTNER, Town

from hejie_sandbox.wechatpay import wire

OWN = f"/api/{CITY}/callbacks/wechatpay/{PARTNER}"
STRANGERS = {"sp_mchid": "1900000666", "transaction_id": "1"}
EVENT = {"complaint_id": "2026113020021234567890123456", "action_type": "CREATE_COMPLAINT"}
CREATED = "COMPLAINT.CREATE"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with served(tmp_path, app_url) as place:
        yield place


@pytest.fixture
async def http(here: Town) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=here.app.settings.public_url, trust_env=False) as client:
        yield client


def push(here: Town, about: dict[str, Any] = EVENT, kind: str = CREATED, **how: Any) -> tuple[dict[str, str], bytes]:
    return wire.push(here.wallet.box, PARTNER, kind, about, **how)


async def kept(here: Town) -> tuple[int, int]:
    """Callbacks that were kept, and cases that are to be followed."""
    callbacks = await here.rows("select count(*) from callback")
    tasks = await here.rows("select count(*) from task where kind = 'follow_case'")
    return callbacks[0][0], tasks[0][0]


async def test_each_wrong_push_has_its_reason_and_does_nothing(here: Town, http: httpx.AsyncClient):
    now = here.wallet.box.now()
    own, (headers, body) = OWN, push(here)
    for path, (head, raw), status, code in (
        (own, push(here, forged=True), 401, "signature_wrong"),
        (own, push(here, at=now - 302), 401, "callback_stale"),
        (own, push(here, at=now + 310), 401, "callback_stale"),
        (own, (headers, body + b" "), 401, "signature_wrong"),
        (own, (headers | {"Wechatpay-Serial": "PUB_KEY_ID_X"}, body), 401, "signature_wrong"),
        (own, (headers | {"Wechatpay-Serial": "FF" * 4000}, body), 401, "signature_wrong"),
        (own, (headers | {"Wechatpay-Timestamp": str(now + 1)}, body), 401, "signature_wrong"),
        (own, ({}, body), 401, "signature_wrong"),
        (own, ({}, b""), 401, "signature_wrong"),
        (own, push(here, {"complaint_id": ""}), 400, "callback_unreadable"),
        (own, push(here, {"complaint_id": "a\x00b"}), 400, "callback_unreadable"),
        (own, push(here, {"complaint_id": "x" * 129}), 400, "callback_unreadable"),
        (own, push(here, {"complaint_id": ["1"]}), 400, "callback_unreadable"),
        (own, push(here, {}), 400, "callback_unreadable"),
        (own, push(here, push_id="x" * 300), 400, "callback_unreadable"),
        (own, push(here, push_id="\x01"), 400, "callback_unreadable"),
        (own, push(here, STRANGERS, "REFUND.SUCCESS"), 403, "callback_misdirected"),
        (own, (headers, b"x" * 70_000), 413, "body_too_large"),
        (f"/api/{CITY}/callbacks/wechatpay/1900000666", (headers, body), 403, "callback_misdirected"),
        (f"/api/{CITY}/callbacks/alipay/{PARTNER}", (headers, body), 400, "callback_unreadable"),
        (f"/api/999999/callbacks/wechatpay/{PARTNER}", (headers, body), 404, "city_not_here"),
    ):  # fmt: skip
        answer = await http.post(path, content=raw, headers=head)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, head, raw[:60])
    assert await kept(here) == (0, 0)


async def test_told_again_it_is_thanked_and_counted_once_and_too_late_refused(here: Town, http: httpx.AsyncClient):
    headers, body = push(here)
    for _ in range(3):
        answer = await http.post(OWN, content=body, headers=headers)
        assert answer.status_code == 200
    assert await kept(here) == (1, 1)
    here.advance(minutes=6)
    late = await http.post(OWN, content=body, headers=headers)
    assert (late.status_code, late.json()["code"]) == (401, "callback_stale")
    assert await kept(here) == (1, 1)


async def test_what_we_do_not_know_is_thanked_and_does_nothing(here: Town, http: httpx.AsyncClient):
    for kind, about in (("SOMETHING.NEW", {"x": 1}), ("COMPLAINT.NEW_WORD", EVENT | {"action_type": "NEW"})):
        headers, body = push(here, about, kind)
        assert (await http.post(OWN, content=body, headers=headers)).status_code == 200
    assert await kept(here) == (2, 1)


async def test_a_complaint_that_is_not_there_ends_as_an_item_and_nothing_else(here: Town, http: httpx.AsyncClient):
    headers, body = push(here)
    assert (await http.post(OWN, content=body, headers=headers)).status_code == 200
    for _ in range(6):
        await here.work()
    assert await here.rows("select id from dispute") == []
    assert [row[0] for row in await here.rows("select kind from work_item")] == ["task_parked"]


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_no_damage_is_believed_or_breaks_it(here: Town, http: httpx.AsyncClient, data):
    headers, body = push(here)
    if data.draw(st.booleans(), label="in the body"):
        place = data.draw(st.integers(0, len(body) - 1))
        cut = data.draw(st.sampled_from(["change", "cut", "add"]))
        byte = bytes([data.draw(st.integers(0, 255))])
        raw = {"change": body[:place] + byte + body[place + 1 :], "cut": body[:place], "add": body + byte}[cut]
        damaged = (headers, raw)
    else:
        name = data.draw(st.sampled_from(sorted(set(headers) - {"Wechatpay-Signature-Type"})))
        value = data.draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
        damaged = (headers | {name: value}, body)
    if damaged == (headers, body):
        return
    before = await kept(here)
    answer = await http.post(OWN, content=damaged[1], headers=damaged[0])
    same_key = damaged[1] == body and damaged[0]["Wechatpay-Serial"].upper().lstrip("0") == headers["Wechatpay-Serial"]
    if same_key and damaged[0] != headers and answer.status_code == 200:
        return  # the same key's name in another case is the same name
    assert answer.status_code in {400, 401, 403}, answer.text
    assert answer.json()["code"] in {"signature_wrong", "callback_stale", "callback_unreadable", "callback_misdirected"}
    assert await kept(here) == before
