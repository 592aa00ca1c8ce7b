"""The SMS provider over HTTP (docs/protocol/sms.md): signed requests, one message per key, signed receipts."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
import msgspec
from msgspec import Struct

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.sms.protocol import Arrival, Message, Receipt
from hejie.connectors.transport import roots
from hejie.settings import SmsAccount

MOST_REPLY = 16 * 1024
"""Bytes of an answer, at most."""
_WHOLE_SECONDS = 20.0
LONGEST_WAIT = 3600
"""Seconds that a provider's limit may put us off at once."""
_REFUSALS = {
    "malformed": "sms_message_refused",
    "too_large": "sms_message_refused",
    "bad_message": "sms_message_refused",
    "unknown_template": "sms_template_unknown",
    "bad_signature": "sms_account_refused",
    "stale_timestamp": "sms_clock_differs",
    "key_reused": "sms_key_reused",
    "unknown_key": "sms_key_unknown",
}
"""The provider's word for a no → ours; every other answer but a 200 leaves the message open."""


class _Taken(Struct):
    message_id: str


class _No(Struct):
    error: str
    retry_after: int = 30


class _Status(Struct):
    status: str
    code: str = ""


class _Pushed(Struct):
    receipt_id: str
    account: str
    key: str
    status: str
    timestamp: int
    code: str = ""


LATE_SECONDS = 300
"""How far a receipt's signed time may be from ours; the provider signs each try anew."""
_ARRIVALS = {
    "delivered": Arrival.delivered,
    "failed": Arrival.failed,
    "queued": Arrival.waiting,
    "sent": Arrival.waiting,
}


class HttpSms:
    """One account at the provider; `account.url` is the provider's address, without `/sms/send`.

    Neither numbers nor texts stand in any error it raises, and it logs nothing.
    """

    def __init__(self, account: SmsAccount, clock: Clock, client: httpx.AsyncClient | None = None) -> None:
        self._account = account
        self._clock = clock
        self._client = client or httpx.AsyncClient(
            timeout=httpx.Timeout(10.0, connect=5.0), follow_redirects=False, trust_env=False, verify=roots()
        )
        self._url = account.url.rstrip("/") + "/sms/"

    async def send(self, message: Message) -> str:
        """Hand over one message; the provider's identifier for it, the same for the same key.

        Errors: `Unknown` with `sms_unreachable`, `sms_silent`, `sms_unavailable` (5xx, anything unforeseen),
        `sms_limit` (with `seconds`: no more for the moment) or `sms_reply_unreadable`; `Refused` with
        `sms_message_refused` (this message will never go), `sms_template_unknown`, `sms_account_refused`,
        `sms_clock_differs` or `sms_key_reused` (ours to mend).
        """
        status, reply = await self._post("send", self._body(message))
        if status == httpx.codes.OK:
            taken = _read(reply, _Taken)
            if taken.message_id:
                return taken.message_id
            raise Unknown("sms_reply_unreadable")
        raise _said_no(status, reply)

    async def ask(self, key: str) -> Receipt:
        """What became of the message of that key; errors as in `send`, and `Refused("sms_key_unknown")`."""
        status, reply = await self._post("query", {"account": self._account.account, "key": key})
        if status != httpx.codes.OK:
            raise _said_no(status, reply)
        told = _read(reply, _Status)
        if told.status not in _ARRIVALS:
            raise Unknown("sms_reply_unreadable")
        return Receipt(id="", account=self._account.account, key=key, arrival=_ARRIVALS[told.status], code=told.code)

    def receipt(self, headers: Mapping[str, str], raw: bytes) -> Receipt:
        """A receipt as it was pushed to us.

        Errors: `Refused("callback_unreadable")`, `("signature_wrong")`, `("callback_stale")`.
        """
        try:
            told = msgspec.json.decode(raw, type=_Pushed)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Refused("callback_unreadable") from None
        given = headers.get("x-sms-signature", "")
        if not hmac.compare_digest(self._signed(told.timestamp, raw).encode(), given.encode()):
            raise Refused("signature_wrong")
        if abs(self._clock.now().timestamp() - told.timestamp) > LATE_SECONDS:
            raise Refused("callback_stale")
        if told.status not in _ARRIVALS:
            raise Refused("callback_unreadable")
        return Receipt(
            id=told.receipt_id, account=told.account, key=told.key, arrival=_ARRIVALS[told.status], code=told.code
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    def _signed(self, timestamp: int, raw: bytes) -> str:
        return hmac.digest(self._account.secret.encode(), f"{timestamp}.".encode() + raw, "sha256").hex()

    def _body(self, message: Message) -> dict[str, Any]:
        return {
            "account": self._account.account,
            "key": message.key,
            "to": message.to.removeprefix("+"),
            "signature_name": message.signature,
            "template": message.template,
            "params": message.params,
            "text": message.text,
            "channel": message.channel,
        }

    async def _post(self, what: str, body: dict[str, Any]) -> tuple[int, bytes]:
        timestamp = int(self._clock.now().timestamp())
        raw = msgspec.json.encode({**body, "timestamp": timestamp})
        headers = {"content-type": "application/json", "x-sms-signature": self._signed(timestamp, raw)}
        try:
            async with (
                asyncio.timeout(_WHOLE_SECONDS),
                self._client.stream("POST", self._url + what, content=raw, headers=headers) as response,
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


Answer = TypeVar("Answer")


def _read(reply: bytes, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(reply, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unknown("sms_reply_unreadable") from None


def _said_no(status: int, reply: bytes) -> Refused | Unknown:
    try:
        said = msgspec.json.decode(reply, type=_No)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unknown("sms_unavailable", status=status)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Unknown("sms_limit", seconds=min(max(said.retry_after, 1), LONGEST_WAIT))
    code = _REFUSALS.get(said.error)
    if code is None or not httpx.codes.is_client_error(status):
        return Unknown("sms_unavailable", status=status)
    return Refused(code)
