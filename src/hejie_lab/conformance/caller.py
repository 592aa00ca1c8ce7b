"""A member that calls another: honest messages, and whatever else somebody may send."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.alliance.directory import Directory, Member
from hejie.alliance.letter import Letter, carried, written
from hejie.alliance.messages import TAG, AskedAnswer, Letters
from hejie.alliance.receipt import Receipt, SignedReceipt, read_receipt
from hejie.alliance.sealing import seal
from hejie.base import curves
from hejie.base.clock import milliseconds
from hejie.base.errors import HejieError, Refused
from hejie.base.identifiers import mint
from hejie.base.strict_json import strict_json
from hejie.connectors import signing
from hejie.connectors.exchange_keys import keys_of
from hejie.connectors.signing import Answered, Asked, Key
from hejie.connectors.suites import EDWARDS

JSON = "application/json"
MOST_ANSWER = 4 * 1024 * 1024
KIND = "probe"
WAIT_SECONDS = 30.0


class Told(NamedTuple):
    """An answer, and why it cannot be believed; empty where it can."""

    status: int
    body: bytes
    fault: str

    @property
    def code(self) -> str:
        """The code of a refusal, as far as there is one."""
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return ""
        return str(found.get("code", "")) if isinstance(found, dict) else ""


@dataclass
class Caller:
    """One member as another one's peer."""

    directory: Directory
    me: Member
    target: Member
    private: Ed25519PrivateKey
    client: httpx.Client
    run: str = field(default_factory=lambda: secrets.token_hex(6))
    """This run's own subjects: nothing of an earlier one is in its way."""
    given: int = 0

    @property
    def key(self) -> str:
        """What our key is called."""
        return curves.key_name(self.me.city, curves.public_text(self.private))

    def about(self) -> str:
        """A fresh subject."""
        self.given += 1
        return f"probe-{self.run}-{self.given}"

    def letter(self, about: str, number: int, **more: Any) -> Letter:
        """An honest letter, or nearly."""
        now = datetime.now(UTC)
        told: dict[str, Any] = {
            "id": mint(self.me.city, milliseconds(now), os.urandom),
            "source": self.me.city,
            "target": self.target.city,
            "kind": KIND,
            "time": now,
            "about": about,
            "number": number,
            "data": {"words": "conformance"},
        }
        return Letter(**told | more)

    def sealed_letter(self, about: str) -> Letter:
        """One with a personal member, closed for the target."""
        plain = self.letter(about, 1)
        closed = seal({"secret": "only you"}, self.target.sealing_key(plain.time), plain.id, os.urandom)
        return msgspec.structs.replace(plain, sealed=closed)

    def item(self, letter: Letter) -> dict[str, Any]:
        """A letter with our proof."""
        found: dict[str, Any] = msgspec.to_builtins(carried(written(letter), self.key, self.private))
        return found

    def body(self, *items: object) -> bytes:
        """A batch."""
        return msgspec.json.encode(Letters(directory=self.directory.version, letters=items))

    def signed(
        self,
        body: bytes | None,
        path: str = "/letters",
        *,
        method: str = "POST",
        key: Key | None = None,
        tag: str = TAG,
        later: timedelta = timedelta(),
    ) -> Asked:
        """A request with its signature, as the protocol has it."""
        headers = {} if body is None else {"content-type": JSON, "idempotency-key": secrets.token_hex(16)}
        asked = Asked(method, f"{self.target.address}{path}", headers)
        own = key or Key(self.key, EDWARDS, self.private)
        now, nonce = datetime.now(UTC) + later, secrets.token_urlsafe(24)
        signing.sign_request(own, asked, body, now, nonce, tag=tag)
        return asked

    def send(self, asked: Asked, body: bytes | None, *, lines: Sequence[tuple[str, str]] = ()) -> Told:
        """Send it, with more header lines where some are to stand twice; no answer at all is status 0."""
        headers = [*asked.headers.items(), *lines]
        try:
            answer = self.client.request(asked.method, asked.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return Told(0, b"", type(error).__name__)
        return Told(answer.status_code, answer.content[:MOST_ANSWER], self._fault(asked, answer))

    def _fault(self, asked: Asked, answer: httpx.Response) -> str:
        told = Answered(answer.status_code, asked, signing.single(answer.headers.multi_items()))
        keys = keys_of(self.target.signing_keys(datetime.now(UTC)))
        try:
            signing.verify_answer(keys, told, answer.content, datetime.now(UTC), tag=TAG)
        except Refused as error:
            return error.code
        return ""

    def bring(self, *items: object) -> Told:
        """Send an honest batch."""
        body = self.body(*items)
        return self.send(self.signed(body), body)

    def ask(self, *letters: str) -> AskedAnswer:
        """How letters stand; `Refused` where the answer cannot be believed or read."""
        asked = self.signed(None, f"/receipts?letters={','.join(letters)}", method="GET")
        told = self.send(asked, None)
        if told.status != httpx.codes.OK or told.fault:
            raise Refused("reply_unsigned", why=told.fault or str(told.status))
        answer: AskedAnswer = self.read(told, AskedAnswer, asked.url.encode())
        return answer

    def read(self, told: Told, kind: Any, request: bytes) -> Any:
        """An answer's body, if it names the request; `Refused("reply_unreadable" | "reply_mismatch")`."""
        try:
            found = msgspec.convert(strict_json(told.body, MOST_ANSWER), kind)
        except (HejieError, msgspec.ValidationError):
            raise Refused("reply_unreadable") from None
        if found.request != hashlib.sha256(request).hexdigest():
            raise Refused("reply_mismatch")
        return found

    def receipt(self, proof: SignedReceipt | None) -> Receipt:
        """A receipt, believed; `Refused("receipt_wrong")`."""
        if proof is None:
            raise Refused("receipt_wrong")
        return read_receipt(proof, self.target.signing_keys(datetime.now(UTC)))

    def ended(self, *letters: str) -> list[str]:
        """How each letter has ended, once all have: `retrieved` or `refused`; `delivered` where one has not in time."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            found = self.ask(*letters).letters
            steps = [self.receipt(each.receipt).event.value if each.known else "unknown" for each in found]
            if time.monotonic() > until or not {"delivered", "unknown"} & set(steps):
                return steps
            time.sleep(0.2)

    def is_unknown(self, letter: Letter) -> bool:
        """Whether the target knows nothing of it."""
        return not self.ask(letter.id).letters[0].known
