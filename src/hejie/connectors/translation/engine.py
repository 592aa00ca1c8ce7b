"""A translation engine over HTTP (docs/protocol/translation.md): signed requests; no word is kept or logged."""

from __future__ import annotations

import asyncio
import hmac

import httpx
import msgspec
from msgspec import Struct

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.settings import TranslationEngine

MOST_REPLY = 64 * 1024
"""Bytes of an answer, at most."""
_WHOLE_SECONDS = 20.0
_NO_FOR_GOOD = frozenset({400, 401, 403, 404, 413, 422})


class _Translated(Struct):
    text: str


class HttpTranslator:
    """One account at the engine; `account.url` is the engine's address, without `/translate`."""

    def __init__(self, account: TranslationEngine, clock: Clock, client: httpx.AsyncClient) -> None:
        self._account = account
        self._clock = clock
        self._client = client
        self._url = account.url.rstrip("/") + "/translate"

    async def translate(self, text: str, source: str, target: str) -> str:
        """The text in another language.

        Errors: `Unknown` with `translation_silent` (not reached, no answer in time) or `translation_unavailable`
        (5xx, too many requests, an answer that cannot be read); `Refused("translation_refused")` for every other no.
        """
        timestamp = int(self._clock.now().timestamp())
        asked = {"account": self._account.account, "text": text, "from": source, "to": target, "timestamp": timestamp}
        status, reply = await self._post(timestamp, msgspec.json.encode(asked))
        if status in _NO_FOR_GOOD:
            raise Refused("translation_refused")
        if status != httpx.codes.OK:
            raise Unknown("translation_unavailable", status=status)
        try:
            return msgspec.json.decode(reply, type=_Translated).text
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Unknown("translation_unavailable", status=status) from None

    async def _post(self, timestamp: int, raw: bytes) -> tuple[int, bytes]:
        signature = hmac.digest(self._account.secret.encode(), f"{timestamp}.".encode() + raw, "sha256").hex()
        headers = {"content-type": "application/json", "x-translation-signature": signature}
        try:
            async with (
                asyncio.timeout(_WHOLE_SECONDS),
                self._client.stream("POST", self._url, content=raw, headers=headers) as response,
            ):
                reply = bytearray()
                async for part in response.aiter_bytes():
                    reply += part
                    if len(reply) > MOST_REPLY:
                        raise Unknown("translation_unavailable", status=response.status_code)
                return response.status_code, bytes(reply)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            raise Unknown("translation_silent", cause=type(error).__name__) from None
