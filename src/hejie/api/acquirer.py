"""What acquirers tell the house: announcements, events and answers, signed, each message once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from hejie.agenda import Task
from hejie.base.errors import Missing, Refused
from hejie.base.strict_json import strict_json
from hejie.base.told_file import ToldLine
from hejie.connectors import signing
from hejie.connectors.acquirer import Acquirers, Door
from hejie.connectors.signing import Answered, Asked
from hejie.desk.announcing import Announcement, take_announcement
from hejie.edge import limits, nonces
from hejie.edge.answering import AnswerTold, answer_for_merchant
from hejie.edge.asked import as_asked
from hejie.edge.forms import idempotency_key
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.queries.acquirer import disputes_of
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks

BASE = "/api/{city:str}/acquirers/{acquirer:str}/v1"
MOST_BYTES = 256 * 1024
MOST_LINES = 200
CALLS = Limit("acquirer", 300, 60)
"""Calls of one acquirer in a minute."""
_KNOWN_EVENTS = timedelta(days=30)
"""How long an event's key is remembered."""
_NUMBER = re.compile(r"[0-9A-Za-z._-]{1,64}", re.ASCII)
Body = TypeVar("Body")


class LineTold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of an announcement."""

    acquirer: str
    merchant: str
    terminal: str = ""
    name: str
    credit_code: str
    valid_from: str
    valid_to: str | None = None


class LinesTold(Struct, frozen=True, forbid_unknown_fields=True):
    """An announcement."""

    lines: Annotated[tuple[LineTold, ...], Meta(min_length=1, max_length=MOST_LINES)]


class EventTold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something has changed: only a hint."""

    kind: Literal["refund_changed"]
    payment: str
    key: str


@dataclass(frozen=True)
class Call:
    """A message that has been believed."""

    house: House
    city: str
    door: Door
    key: str
    """The sender's idempotency key."""
    body: bytes
    asked: Asked

    def read(self, kind: type[Body]) -> Body:
        """The body; `Refused("body_invalid")` and those of `strict_json`."""
        try:
            return msgspec.convert(strict_json(self.body, MOST_BYTES), kind)
        except msgspec.ValidationError as error:
            raise Refused("body_invalid", why=str(error)) from None

    def answer(self, told: object) -> Response[bytes]:
        """A signed answer, where we have a key for this acquirer."""
        raw = msgspec.json.encode(told)
        answered = Answered(200, self.asked, {"content-type": "application/json"})
        if self.door.own is not None:
            signing.sign_answer(self.door.own, answered, raw, self.house.clock.now())
        more = {name: value for name, value in answered.headers.items() if name != "content-type"}
        return Response(raw, media_type="application/json", headers=more)


@post(f"{BASE}/announcements", status_code=200, name="announce", request_max_body_size=MOST_BYTES)
async def announce(request: Request[Any, Any, Any], city: FromPath[str], acquirer: FromPath[str]) -> Response[bytes]:
    """Take up to 200 lines; 200 with what became of each.

    Errors: those of `_enter` and `Call.read`, `Refused("key_reused")`, `Stale`.
    """
    call = await _enter(request, city, acquirer)
    told = call.read(LinesTold)
    announcement = Announcement(
        acquirer=call.door.id,
        numbers=call.door.numbers,
        key=call.key,
        digest=hashlib.sha256(call.body).digest(),
        lines=[ToldLine(number=number, parts=_parts(line)) for number, line in enumerate(told.lines, 1)],
    )
    return call.answer(await take_announcement(call.house.desk, city, announcement))


def _parts(line: LineTold) -> dict[str, str]:
    return {name: value or "" for name, value in msgspec.structs.asdict(line).items()}


@post(f"{BASE}/events", status_code=200, name="acquirer_event", request_max_body_size=MOST_BYTES)
async def event(request: Request[Any, Any, Any], city: FromPath[str], acquirer: FromPath[str]) -> Response[bytes]:
    """Take a hint; its refunds are asked for. The same key brings nothing more. Errors as `announce`."""
    call = await _enter(request, city, acquirer)
    told = call.read(EventTold)
    if _NUMBER.fullmatch(told.payment) is None or _NUMBER.fullmatch(told.key) is None:
        raise Refused("body_invalid", why="payment, key")
    trade_no, now = f"{call.door.id}-{told.payment}", call.house.clock.now()
    payload: dict[str, object] = {"wallet": Acquirers.name, "trade_no": trade_no}
    destination = f"wallet:{Acquirers.name}"
    task = Task(kind="follow_trade", noun="trade", subject=trade_no, destination=destination, payload=payload)
    async with city_transaction(call.house.pool, city) as connection:
        if await nonces.spend(connection, city, f"acquirer-event:{call.door.id}", call.key, now + _KNOWN_EVENTS):
            await write_tasks(connection, city, now, [task])
    return call.answer({"taken": True})


@get(f"{BASE}/disputes", name="acquirer_disputes")
async def disputes(request: Request[Any, Any, Any], city: FromPath[str], acquirer: FromPath[str]) -> Response[bytes]:
    """The disputes on payments through this acquirer, 100 lines a page. Errors: those of `_enter`."""
    call = await _enter(request, city, acquirer, reads=True)
    after, now = str(request.query_params.get("after", ""))[:64], call.house.clock.now()
    async with city_transaction(call.house.pool, city) as connection:
        found, following = await disputes_of(connection, city, call.door.id, after.replace("\0", ""), now)
    return call.answer({"disputes": found, "next": following})


async def _enter(request: Request[Any, Any, Any], city: str, acquirer: str, *, reads: bool = False) -> Call:
    """Believe a message, once; one that only reads has no body and no key.

    Errors: `Missing` for a city or an acquirer that is not here, `Refused("address_not_allowed")`, those of
    `verify_request`, `Refused("key_missing" | "key_unreadable" | "request_replayed" | "rate_limited")`.
    """
    house: House = request.app.state.house
    await house.city(city)
    door = house.acquirers.get((city, acquirer))
    if door is None:
        raise Missing("page_unknown")
    if request.client is None or not door.lets_in(request.client.host):
        raise Refused("address_not_allowed")
    raw = b"" if reads else await request.body()
    asked = as_asked(request, house.settings.public_url)
    now = house.clock.now()
    nonce = signing.verify_request(door.keys, asked, None if reads else raw, now)
    key = "" if reads else idempotency_key(asked.headers.get("idempotency-key", ""))
    async with city_transaction(house.pool, city) as connection:
        fresh = await nonces.spend(connection, city, f"acquirer:{door.id}", nonce, now + 2 * signing.SKEW)
    if not fresh:
        raise Refused("request_replayed")
    async with city_transaction(house.pool, city) as connection:
        await limits.take(connection, city, CALLS, door.id)
    return Call(house, city, door, key, raw, asked)


@post(
    f"{BASE}/disputes/{{dispute:str}}/answers",
    status_code=200,
    name="acquirer_answer",
    request_max_body_size=MOST_BYTES,
)
async def answer(
    request: Request[Any, Any, Any], city: FromPath[str], acquirer: FromPath[str], dispute: FromPath[str]
) -> Response[bytes]:
    """Answer a dispute in the merchant's name, where it has given that leave.

    Errors: those of `_enter`, `Call.read` and `answer_for_merchant`.
    """
    call = await _enter(request, city, acquirer)
    told = call.read(AnswerTold)
    if _NUMBER.fullmatch(dispute) is None:
        raise Missing("dispute_unknown")
    return call.answer(await answer_for_merchant(call.house.desk, city, call.door.id, dispute, told, call.key))


ROUTES = (announce, event, disputes, answer)
