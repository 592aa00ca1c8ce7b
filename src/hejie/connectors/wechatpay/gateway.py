"""One signed call to WeChat Pay's APIv3: everything but a verified answer is unknown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from hejie.base.clock import Clock
from hejie.base.errors import Refused, Unknown
from hejie.connectors.rsa import private_key, sign
from hejie.connectors.transport import Answer, fetch, send
from hejie.connectors.wechatpay.keys import WechatpayKeys, api_key, verifying_keys
from hejie.connectors.wechatpay.signing import authorization, message, verified
from hejie.connectors.wechatpay.trust import Shelf, Trust

MOST_REPLY = 4 * 1024 * 1024
_UNSURE = {"SYSTEM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED"}
"""Codes after which the very same request may have gone through, or is to be sent again as it is."""
_MEANINGS = {
    "SIGN_ERROR": "own_signature_refused",
    "NO_AUTH": "wallet_permission_missing",
    "PARAM_ERROR": "wallet_parameter_refused",
    "MCH_NOT_EXISTS": "wallet_merchant_missing",
}

T = TypeVar("T")


class Said(msgspec.Struct, frozen=True):
    """An answer that says no."""

    code: str
    message: str = ""


class Upload(msgspec.Struct, frozen=True):
    """A file to be put up; the name is ours, of harmless letters."""

    name: str
    kind: str
    content: bytes


class Gateway:
    """The API as one partner sees it; `nonce` makes 32 fresh letters, `shelf` keeps certificates that were fetched."""

    def __init__(
        self, keys: WechatpayKeys, clock: Clock, client: httpx.AsyncClient, nonce: Callable[[], str], shelf: Shelf
    ) -> None:
        self.mchid = keys.mchid
        self.clock = clock
        self.client = client
        self.api_key = api_key(keys)
        self.private = private_key(keys.private_key)
        self.trust = Trust(verifying_keys(keys), shelf, clock)
        self._url = keys.base_url.rstrip("/")
        self._serial = keys.serial
        self._nonce = nonce

    async def get(self, path: str, query: Mapping[str, str], shape: type[T]) -> T:
        """Ask; errors as `ask`."""
        asked = urlencode({name: value for name, value in query.items() if value})
        return await self.ask("GET", f"{path}?{asked}" if asked else path, b"", shape)

    async def post(self, path: str, content: Mapping[str, Any], shape: type[T]) -> T:
        """Tell; errors as `ask`."""
        return await self.ask("POST", path, msgspec.json.encode(content), shape)

    async def ask(self, method: str, target: str, body: bytes, shape: type[T]) -> T:
        """The verified answer in its shape.

        Errors: `Unknown` for anything that leaves the outcome open, also a signed 5xx or a code that asks to send the
        same again; `Refused` with WeChat's code as `said` for a signed no (`wallet_refused` where only the caller
        knows what the code means).
        """
        answer = await self._answer(self.request(method, self._url + target, target, body))
        return _read(answer, shape)

    async def tell(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> None:
        """Do something that is answered with a yes only (204); errors as `ask`."""
        body = msgspec.json.encode(content) if content is not None else b""
        await self._answer(self.request(method, self._url + path, path, body))

    async def upload(self, path: str, file: Upload, shape: type[T]) -> T:
        """Put up a file: multipart, of which only the JSON part `meta` is signed; errors as `ask`."""
        meta = msgspec.json.encode({"filename": file.name, "sha256": hashlib.sha256(file.content).hexdigest()})
        boundary = self._nonce()
        parts = (
            ('name="meta"', "application/json", meta),
            (f'name="file"; filename="{file.name}"', file.kind, file.content),
        )
        body = b"".join(
            f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n\r\n".encode()
            + content
            + b"\r\n"
            for name, kind, content in parts
        )
        whole = body + f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return _read(await self._answer(self.request("POST", self._url + path, path, whole, meta, kind)), shape)

    async def file(self, target: str, most: int) -> bytes:
        """Bytes that WeChat Pay hands out unsigned, from its own host; errors of `fetch`."""
        return await fetch(self.client, self.request("GET", self._url + target, target, b""), most)

    def request(
        self,
        method: str,
        url: str,
        target: str,
        body: bytes,
        signed: bytes | None = None,
        kind: str = "application/json",
    ) -> httpx.Request:
        """A signed request; `target` is path and query as they are sent, `signed` what stands for the body."""
        timestamp, nonce = str(int(self.clock.now().timestamp())), self._nonce()
        text = message(method, target, timestamp, nonce, (body if signed is None else signed).decode())
        proof = authorization(
            mchid=self.mchid,
            serial=self._serial,
            nonce=nonce,
            timestamp=timestamp,
            signature=sign(self.private, text),
        )
        headers = {"authorization": proof, "accept": "application/json", "user-agent": "hejie"}
        if body:
            headers["content-type"] = kind
        try:
            return self.client.build_request(method, url, content=body or None, headers=headers)
        except (httpx.InvalidURL, ValueError):
            raise Unknown("reply_unreadable", field="url") from None

    async def _answer(self, request: httpx.Request) -> Answer:
        """A verified yes."""
        answer = await send(self.client, request, MOST_REPLY)
        await self.trust.recall(answer.headers)
        self._believe(answer)
        if not answer.status < httpx.codes.MULTIPLE_CHOICES:
            raise _failure(answer)
        return answer

    def _believe(self, answer: Answer) -> None:
        """An answer that is not verified is no answer: not even a no."""
        try:
            verified(self.trust.keys, answer.headers, answer.body, self.clock.now())
        except Refused as error:
            if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise Unknown("wallet_unavailable", status=answer.status) from None
            raise Unknown(_DOUBTS.get(error.code, "reply_signature_wrong")) from None


def _read(answer: Answer, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except msgspec.DecodeError:
        raise Unknown("reply_unreadable") from None


_DOUBTS = {"signature_missing": "reply_unsigned", "signature_key_unknown": "certificate_rotated"}


def _failure(answer: Answer) -> Refused | Unknown:
    try:
        said = msgspec.json.decode(answer.body, type=Said)
    except msgspec.DecodeError:
        return Unknown("wallet_unavailable", status=answer.status)
    if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or said.code in _UNSURE:
        return Unknown("wallet_unavailable", said=said.code)
    return Refused(_MEANINGS.get(said.code, "wallet_refused"), said=said.code)
