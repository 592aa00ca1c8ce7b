"""What other cities bring and ask: letters, receipts, the directory; signed, each message once (docs/protocol)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hejie.alliance.letter import MOST_BATCH, MOST_BODY
from hejie.alliance.messages import (
    TAG,
    AskedAnswer,
    DirectoryAnswer,
    Letters,
    LettersAnswer,
    Receipts,
    ReceiptsAnswer,
)
from hejie.base.errors import Missing, Refused
from hejie.base.strict_json import strict_json
from hejie.connectors import signing
from hejie.connectors.exchange_keys import keys_of
from hejie.connectors.signing import Answered, Asked, Key
from hejie.connectors.suites import EDWARDS
from hejie.edge import limits, nonces
from hejie.edge.asked import as_asked
from hejie.edge.forms import idempotency_key
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.peers.inbox import Desk, how_they_stand, take_letters, take_receipts
from hejie.store import alliance_links, directories
from hejie.store.letters import ask_directory
from hejie.store.pool import city_transaction

BASE = "/api/{city:str}/exchange"
CALLS = Limit("exchange", 600, 60)
"""Calls of one city in a minute."""
_ID = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
Body = TypeVar("Body")


@dataclass(frozen=True)
class Call:
    """A message of a member that has been believed."""

    house: House
    desk: Desk
    body: bytes
    asked: Asked

    def read(self, kind: type[Body]) -> Body:
        """The body; `Refused("body_invalid")` and those of `strict_json`."""
        try:
            return msgspec.convert(strict_json(self.body, MOST_BODY), kind)
        except msgspec.ValidationError as error:
            raise Refused("body_invalid", why=str(error)) from None

    def answer(self, told: Callable[[str, int], object]) -> Response[bytes]:
        """A signed answer, made from the request's digest and our directory's version."""
        request = self.body or self.asked.url.encode()
        raw = msgspec.json.encode(told(hashlib.sha256(request).hexdigest(), self.desk.directory.version))
        answered = Answered(200, self.asked, {"content-type": "application/json"})
        name, private = self.desk.own.signer(self.desk.directory, self.desk.now)
        signing.sign_answer(Key(name, EDWARDS, private), answered, raw, self.house.clock.now(), tag=TAG)
        more = {header: value for header, value in answered.headers.items() if header != "content-type"}
        return Response(raw, media_type="application/json", headers=more)


@post(f"{BASE}/letters", status_code=200, name="exchange_letters", request_max_body_size=MOST_BODY)
async def bring(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[bytes]:
    """Take up to 50 letters; 200 with what became of each. Errors: those of `_enter` and `Call.read`."""
    call = await _enter(request, city)
    told = call.read(Letters)
    if told.directory > call.desk.directory.version:
        async with city_transaction(call.house.pool, city) as connection:
            await ask_directory(connection, city, call.desk.peer, call.desk.now)
    results = await take_letters(call.desk, told.letters, told.directory)
    return call.answer(lambda sha, version: LettersAnswer(request=sha, directory=version, results=results))


@post(f"{BASE}/receipts", status_code=200, name="exchange_receipts", request_max_body_size=MOST_BODY)
async def tell(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[bytes]:
    """Take up to 50 receipts for letters of ours. Errors as `bring`."""
    call = await _enter(request, city)
    results = await take_receipts(call.desk, call.read(Receipts).receipts)
    return call.answer(lambda sha, version: ReceiptsAnswer(request=sha, directory=version, results=results))


@get(f"{BASE}/receipts", name="exchange_ask")
async def ask(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[bytes]:
    """How up to 50 letters of the asker stand, by their names; `Refused("body_invalid")`, and those of `_enter`."""
    call = await _enter(request, city, reads=True)
    names = str(request.query_params.get("letters", "")).split(",")
    if len(names) > MOST_BATCH or not all(map(_ID.fullmatch, names)):
        raise Refused("body_invalid", why="letters")
    found = await how_they_stand(call.desk, names)
    return call.answer(lambda sha, version: AskedAnswer(request=sha, directory=version, letters=found))


@get(f"{BASE}/directory", name="exchange_directory")
async def directory(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[bytes]:
    """The newest directory we have. Errors: those of `_enter`."""
    call = await _enter(request, city, reads=True)
    async with city_transaction(call.house.pool, city) as connection:
        file = await directories.present_file(connection, city)
    if file is None:
        raise Missing("directory_missing")
    return call.answer(lambda sha, version: DirectoryAnswer(request=sha, directory=version, file=file))


async def _enter(request: Request[Any, Any, Any], city: str, *, reads: bool = False) -> Call:
    """Believe a member's message, once; one that only reads has no body and no key.

    Errors: `Missing` for a city that is not here or takes no part, `Refused("directory_missing" |
    "directory_expired" | "exchange_key_wrong")`, those of `verify_request`, `Refused("key_missing" |
    "key_unreadable" | "request_replayed" | "rate_limited")`.
    """
    house: House = request.app.state.house
    await house.city(city)
    own = house.exchange.get(city)
    if own is None:
        raise Missing("page_unknown")
    raw = b"" if reads else await request.body()
    asked, now = as_asked(request, house.settings.public_url), house.clock.now()
    named = signing.key_named(asked.headers)
    async with city_transaction(house.pool, city) as connection:
        known = await directories.in_force(connection, city, now)
    peer, public = known.signer(named, now)
    nonce = signing.verify_request(keys_of({named: public}), asked, None if reads else raw, now, tag=TAG)
    if not reads:
        idempotency_key(asked.headers.get("idempotency-key", ""))
    ends = now + 2 * signing.SKEW + timedelta(seconds=1)
    async with city_transaction(house.pool, city) as connection:
        fresh = await nonces.spend(connection, city, f"exchange:{peer.city}", nonce, ends)
        await alliance_links.note_heard(connection, city, peer.city, now)
    if not fresh:
        raise Refused("request_replayed")
    async with city_transaction(house.pool, city) as connection:
        await limits.take(connection, city, CALLS, peer.city)
    return Call(house, Desk(house.pool, own, known, peer.city, now), raw, asked)


ROUTES = (bring, tell, ask, directory)
