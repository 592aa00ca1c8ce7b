"""What tests of the acquirers' door share: lines, a bank that tells, and somebody with its key."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import anyio
import httpx
from tests.support.town import BANK, BANK_MERCHANT, CITY, CODE, NAME, Town

from hejie.connectors import signing
from hejie.connectors.signing import Asked

OTHER_CODE = "91330106MA27WUGJ7G"


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


class Caller:
    """Somebody who has the bank's key and may do all wrong that can be done."""

    def __init__(self, here: Town, key: Any) -> None:
        self.here = here
        self.url = f"{here.app.settings.public_url}/api/{CITY}/acquirers/{BANK}/v1/announcements"
        material = key
        self.key = replace(signing.private_key("bank-1", "rsa-pss-sha512", own_pem(here)), material=material)

    def signed(self, body: bytes, *, nonce: str = "nonce-0123456789abcdef", url: str = "", **headers: str) -> Asked:
        asked = Asked("POST", url or self.url, {"content-type": "application/json", **headers})
        asked.headers.setdefault("idempotency-key", "key-0123456789abcdef")
        signing.sign_request(self.key, asked, body, self.here.app.clock.now(), nonce)
        return asked

    async def send(self, asked: Asked, body: bytes, url: str = "", **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(url or self.url, content=body, headers=asked.headers, **more)


def own_pem(here: Town) -> str:
    return (here.app.settings.keys.parent / "app.pem").read_text()


async def look(caller: Caller, query: str = "", **signed: str) -> httpx.Response:
    """Ask for the disputes, with a fresh nonce."""
    url = caller.url.replace("announcements", "disputes") + query
    asked = Asked("GET", signed.get("url", url), {})
    nonce = signed.get("nonce") or f"nonce-{uuid4().hex}"
    signing.sign_request(caller.key, asked, None, caller.here.app.clock.now(), nonce)
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url, headers=asked.headers)
