"""One signed request and its verified answer, for every partner that speaks our profile of HTTP message signatures."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

import httpx
import msgspec

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.base.identifiers import Chance
from hejie.connectors import signing
from hejie.connectors.signing import Answered, Asked, Key
from hejie.connectors.transport import Answer, send

MOST_REPLY = 4 * 1024 * 1024
JSON = "application/json"
_SERVER_ERROR = 500
_NO_ANSWER = frozenset({401, 403, 408, 429})
"""Refusals of the message, not of what it asks."""
T = TypeVar("T")


class Told(NamedTuple):
    """A verified answer."""

    status: int
    body: bytes

    @property
    def stands(self) -> bool:
        """Whether it says yes."""
        return self.status == httpx.codes.OK

    def read(self, kind: type[T]) -> T:
        """The body; `Unknown("reply_unreadable")`."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.ValidationError, msgspec.DecodeError):
            raise Unknown("reply_unreadable") from None

    @property
    def code(self) -> str:
        """The code of a problem; errors as `read`."""
        return self.read(_Problem).code


class _Problem(msgspec.Struct, frozen=True):
    """What a refusal says (RFC 9457)."""

    code: str


class SignedCalls:
    """A partner as it is asked: our key for it, its keys, and the tag that both put into every signature."""

    def __init__(
        self,
        base: str,
        own: Key,
        keys: Mapping[str, Key],
        clock: Clock,
        client: httpx.AsyncClient,
        tag: str = signing.TAG,
        chance: Chance = os.urandom,
    ) -> None:
        self.clock = clock
        self._base = base
        self._own = own
        self._keys = keys
        self._client = client
        self._tag = tag
        self._chance = chance

    async def get(self, path: str) -> Told:
        """Ask; errors as `_send`."""
        return await self._send("GET", path, None, {})

    async def post(self, path: str, body: object, key: str) -> Told:
        """Tell, under a key of ours; errors as `_send`."""
        headers = {"content-type": JSON, "idempotency-key": key}
        return await self._send("POST", path, msgspec.json.encode(body), headers)

    async def get_unproven(self, path: str) -> bytes:
        """Ask for what proves itself, whoever answers; its bytes. `Unknown` for anything but a yes."""
        _, answer = await self._asked("GET", path, None, {})
        if answer.status != httpx.codes.OK:
            raise Unknown("peer_refuses", status=answer.status)
        return answer.body

    async def _asked(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[Asked, Answer]:
        """A signed request and whatever answers it; `Unknown` where nothing does."""
        try:
            url = str(httpx.URL(f"{self._base}{path}"))
        except (httpx.InvalidURL, ValueError):
            raise Unknown("wallet_unreachable") from None
        asked = Asked(method, url, headers)
        nonce = base64.urlsafe_b64encode(self._chance(24)).decode()
        signing.sign_request(self._own, asked, body, self.clock.now(), nonce, tag=self._tag)
        request = self._client.build_request(method, url, content=body, headers=asked.headers)
        return asked, await send(self._client, request, MOST_REPLY)

    async def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Told:
        """The verified answer.

        Errors: `Unknown` for everything that leaves the outcome open, an unsigned or wrongly signed answer among it.
        """
        asked, answer = await self._asked(method, path, body, headers)
        try:
            told = Answered(answer.status, asked, signing.single(answer.headers.multi_items()))
            signing.verify_answer(self._keys, told, answer.body, self.clock.now(), tag=self._tag)
        except Refused as error:
            if answer.status >= _SERVER_ERROR:
                raise Unknown("wallet_unavailable", status=answer.status) from None
            missing = error.code == "signature_missing"
            raise Unknown("reply_unsigned" if missing else "reply_signature_wrong", why=error.code) from None
        if answer.status >= _SERVER_ERROR or answer.status in _NO_ANSWER:
            raise Unknown("wallet_unavailable", status=answer.status)
        return Told(answer.status, answer.body)
