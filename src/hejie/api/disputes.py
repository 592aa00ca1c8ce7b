"""Disputes by programme: the same commands as the pages give, as strict JSON, for a signed-in consumer."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.base.strict_json import strict_json
from hejie.desk.act import Content, Done, Once
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Dispute, Remedy
from hejie.edge import limits
from hejie.edge.forms import idempotency_key, plain
from hejie.edge.house import House
from hejie.edge.private_link import must_open
from hejie.edge.sessions import Viewer, find, passing
from hejie.edge.texts import clean_text
from hejie.queries.record import read_dispute
from hejie.store.pool import city_transaction

Fen = Annotated[int, Meta(ge=0, le=10_000_000_000_00)]
MOST_BYTES = 64 * 1024
MOST_DEPTH = 4
Body = TypeVar("Body")


class NewDispute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a filing; amounts in fen."""

    trades: Annotated[tuple[str, ...], Meta(min_length=1, max_length=20)]
    problem: str
    remedy: Remedy
    amount_fen: Fen = 0
    should_have_been_fen: Fen | None = None
    words: str = ""
    escalates_by_itself: bool = True
    promise: str = ""
    """Of those shown when it was paid."""


class Act(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of any other act; which fields matter is told by the verb."""

    words: str = ""
    offer: str = ""
    remedy: Remedy = Remedy.other
    amount_fen: Fen = 0
    solved: bool | None = None
    mood: int = 0
    version: int | None = None
    """What the caller saw last; 409 `stale` where the dispute has moved on."""


@post("/api/{city:str}/disputes", status_code=201, name="file", request_max_body_size=MOST_BYTES)
async def file(request: Request[Any, Any, Any], city: FromPath[str]) -> Response[bytes]:
    """File a dispute on one's own payments. Needs `Idempotency-Key`; answers 201 with id and version."""
    house, viewer, raw = await _enter(request, city)
    body = _body(raw, NewDispute)
    claim = Claim(remedy=body.remedy, amount_fen=body.amount_fen, should_have_been_fen=body.should_have_been_fen)
    identifier, words, contents = house.desk.mint(city), *_words(house, city, body.words)
    command = c.File(
        id=identifier,
        trades=body.trades,
        problem=body.problem,
        claim=claim,
        words=words,
        escalates_by_itself=body.escalates_by_itself,
        promise=body.promise,
    )
    once = _once(request, raw)
    done = await house.desk.act(DISPUTES, city, identifier, command, viewer.actor, contents=contents, once=once)
    return _answer(done, 201)


@post(
    "/api/{city:str}/disputes/{dispute:str}/{verb:str}", status_code=200, name="act", request_max_body_size=MOST_BYTES
)
async def act(
    request: Request[Any, Any, Any], city: FromPath[str], dispute: FromPath[str], verb: FromPath[str]
) -> Response[bytes]:
    """Do one thing to one's own dispute. Needs `Idempotency-Key`; answers id and version."""
    house, viewer, raw = await _enter(request, city)
    async with passing(house.pool, city) as connection:
        await limits.take(connection, city, limits.ACTS, viewer.digest)
    await _own(house, viewer, city, dispute)
    body = _body(raw, Act)
    words, contents = _words(house, city, body.words)
    done = await house.desk.act(
        DISPUTES,
        city,
        dispute,
        _command(verb, body, words, house.desk.mint(city)),
        viewer.actor,
        contents=contents,
        once=_once(request, raw),
        version=body.version,
    )
    return _answer(done, 200)


@get("/api/{city:str}/disputes/{dispute:str}", name="read")
async def read(request: Request[Any, Any, Any], city: FromPath[str], dispute: FromPath[str]) -> Response[bytes]:
    """A dispute as its consumer sees it; where another city decides it, how it stands there."""
    house, viewer, _ = await _enter(request, city, reading=True)
    row = await _own(house, viewer, city, dispute)
    gone = row.home != row.city
    seen = {
        "id": row.id,
        "version": row.version,
        "state": "elsewhere" if gone else row.state,
        "home": row.home,
        "elsewhere": row.away.summary if gone and row.away else None,
        "problem": row.problem,
        "promise": row.promise,
        "claim": row.claim,
        "due": None if gone else row.due,
        "offers": [{**msgspec.to_builtins(offer), "note": None} for offer in row.offers],
        "performance": row.performance,
        "refunded_fen": row.refunded_fen,
        "currency": row.currency,
        "outcome": row.outcome,
    }
    return Response(msgspec.json.encode(seen), media_type="application/json")


ROUTES = (file, act, read)


async def _enter(request: Request[Any, Any, Any], city: str, *, reading: bool = False) -> tuple[House, Viewer, bytes]:
    """House, signed-in consumer and raw body."""
    house, viewer = await signed_in(request, city, Role.consumer)
    return house, viewer, b"" if reading else await request.body()


async def signed_in(request: Request[Any, Any, Any], city: str, role: Role) -> tuple[House, Viewer]:
    """House and who is signed in on a side; the session's token comes as `Authorization: Bearer`.

    Errors: `Refused("sign_in_needed")`.
    """
    house: House = request.app.state.house
    await house.city(city)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("sign_in_needed")
    async with passing(house.pool, city) as connection:
        found = await find(connection, city, [token])
    viewer = found.get(role)
    if viewer is None:
        raise Refused("sign_in_needed")
    return house, viewer


async def _own(house: House, viewer: Viewer, city: str, dispute: str) -> Dispute:
    """The dispute, if it is the viewer's; otherwise it does not exist for them."""
    async with city_transaction(house.pool, city) as connection:
        row = await read_dispute(connection, city, _identifier(dispute))
    if row.consumer != viewer.person:
        raise Missing("dispute_unknown")
    must_open(row, viewer, house.clock.now())
    return row


def _identifier(word: str) -> str:
    try:
        return plain(word)
    except Refused:
        raise Missing("dispute_unknown") from None


def _body(raw: bytes, kind: type[Body]) -> Body:
    try:
        return msgspec.convert(strict_json(raw, MOST_BYTES, MOST_DEPTH), kind)
    except msgspec.ValidationError as error:
        raise Refused("body_invalid", why=str(error)) from error


def _once(request: Request[Any, Any, Any], raw: bytes) -> Once:
    key = idempotency_key(request.headers.get("idempotency-key", ""))
    return Once(key, hashlib.sha256(request.scope["path"].encode() + b"\0" + raw).digest())


def _words(house: House, city: str, words: str) -> tuple[str, list[Content]]:
    text = clean_text(words)
    if not text:
        return "", []
    identifier = house.desk.mint(city)
    return identifier, [Content(id=identifier, kind="text", plain=text.encode())]


def _command(verb: str, body: Act, words: str, fresh: str) -> c.OnExisting:
    match verb:
        case "say":
            return c.Say(words=words)
        case "offer":
            return c.MakeOffer(id=fresh, remedy=body.remedy, amount_fen=body.amount_fen, words=words)
        case "accept":
            return c.AcceptOffer(offer=body.offer)
        case "decline":
            return c.DeclineOffer(offer=body.offer, words=words)
        case "withdraw":
            return c.Withdraw()
        case "escalate":
            return c.Escalate()
        case "confirm":
            return c.Confirm()
        case "deny":
            return c.Deny(words=words)
        case "reopen":
            return c.Reopen()
        case "rate" if body.solved is not None:
            return c.Rate(solved=body.solved, mood=body.mood)
        case _:
            raise Missing("verb_unknown")


def _answer(done: Done[Dispute], status: int) -> Response[bytes]:
    body = msgspec.json.encode({"id": done.id, "version": done.version})
    return Response(body, media_type="application/json", status_code=status)
