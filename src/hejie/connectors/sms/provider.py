"""The SMS provider over HTTP (docs/protocol/sms.md): one signed POST per message, one message per key."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.sms.protocol import Message
from hejie.settings import SmsAccount

MOST_REPLY = 16 * 1024
"""Bytes of an answer, at most."""
_WHOLE_SECONDS = 20.0
_REFUSALS = {
    "malformed": "sms_message_refused",
    "too_large": "sms_message_refused",
    "bad_message": "sms_message_refused",
    "unknown_template": "sms_template_unknown",
    "bad_signature": "sms_account_refused",
    "stale_timestamp": "sms_clock_differs",
    "key_reused": "sms_key_reused",
}
"""The provider's word for a no → ours; every other answer but a 200 leaves the message open."""


class _Taken(Struct):
    message_id: str


class _No(Struct):
    error: str


class HttpSms:
    """One account at the provider; `account.url` is the provider's address, without `/sms/send`.

    Neither numbers nor texts stand in any error it raises, and it logs nothing.
    """

    def __init__(self, account: SmsAccount, clock: Clock, client: httpx.AsyncClient | None = None) -> None:
        self._account = account
        self._clock = clock
        self._client = client or httpx.AsyncClient(
            timeout=httpx.Timeout(10.0, connect=5.0), follow_redirects=False, trust_env=False
        )
        self._url = account.url.rstrip("/") + "/sms/send"

    async def send(self, message: Message) -> str:
        """Hand over one message; the provider's identifier for it, the same for the same key.

        Errors: `Unknown` with `sms_unreachable`, `sms_silent`, `sms_unavailable` (5xx, too many at once, anything
        unforeseen) or `sms_reply_unreadable`; `Refused` with `sms_message_refused` (this message will never go),
        `sms_template_unknown`, `sms_account_refused`, `sms_clock_differs` or `sms_key_reused` (ours to mend).
        """
        timestamp = int(self._clock.now().timestamp())
        raw = msgspec.json.encode(self._body(message, timestamp))
        signed = hmac.digest(self._account.secret.encode(), f"{timestamp}.".encode() + raw, "sha256")
        status, reply = await self._post(raw, signed.hex())
        if status == httpx.codes.OK:
            try:
                taken = msgspec.json.decode(reply, type=_Taken)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise Unknown("sms_reply_unreadable") from None
            if taken.message_id:
                return taken.message_id
            raise Unknown("sms_reply_unreadable")
        raise _said_no(status, reply)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    def _body(self, message: Message, timestamp: int) -> dict[str, Any]:
        return {
            "account": self._account.account,
            "key": message.key,
            "to": message.to.removeprefix("+"),
            "signature_name": message.signature,
            "template": message.template,
            "params": message.params,
            "text": message.text,
            "timestamp": timestamp,
        }

    async def _post(self, raw: bytes, signature: str) -> tuple[int, bytes]:
        headers = {"content-type": "application/json", "x-sms-signature": signature}
        try:
            async with (
                asyncio.timeout(_WHOLE_SECONDS),
                self._client.stream("POST", self._url, content=raw, headers=headers) as response,
            ):
                reply = bytearray()
                async for part in response.aiter_bytes():
                    reply += part
                    if len(reply) > MOST_REPLY:
                        raise Unknown("sms_reply_unreadable")
                return response.status_code, bytes(reply)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise Unknown("sms_unreachable", cause=type(error).__name__) from None
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            raise Unknown("sms_silent", cause=type(error).__name__) from None


def _said_no(status: int, reply: bytes) -> Refused | Unknown:
    try:
        code = _REFUSALS.get(msgspec.json.decode(reply, type=_No).error)
    except (msgspec.DecodeError, UnicodeDecodeError):
        code = None
    if code is None or not httpx.codes.is_client_error(status):
        return Unknown("sms_unavailable", status=status)
    return Refused(code)
