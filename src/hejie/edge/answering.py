"""An acquirer's answer in the merchant's name, by call or by file: one act, once, on the version it has seen."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from hejie.access import runs_through
from hejie.base.actor import for_merchant
from hejie.base.errors import Missing, Refused
from hejie.desk.act import Content, Desk, Once
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Remedy, Road
from hejie.edge.texts import clean_text
from hejie.merchants.office import must_be_filled
from hejie.queries.record import read_dispute
from hejie.store.pool import city_transaction

CLAIM = "claim"
"""The identifier of what the consumer asked first."""
MOST_WORDS = 1000
Kind = Literal["accept", "offer", "decline", "say"]


class AnswerTold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer as an acquirer gives it; amounts in fen."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    """The dispute's version that was seen."""
    answer: Kind
    offer: Annotated[str, Meta(max_length=64)] = ""
    """What is accepted or declined: one of the consumer's or officer's offers; `claim` for what was asked first."""
    remedy: Remedy | None = None
    amount_fen: Annotated[int, Meta(ge=0, le=2**62)] = 0
    road: Road | None = None
    """How money goes back; the best that is open where none is named."""
    words: str = ""


class AnswerTaken(Struct, frozen=True, kw_only=True):
    """What an answer left behind."""

    dispute: str
    version: int


async def answer_for_merchant(
    desk: Desk, city: str, acquirer: str, dispute: str, told: AnswerTold, key: str
) -> AnswerTaken:
    """Answer a dispute in the merchant's name; the same `key` with the same answer gets the same once more.

    Errors: `Missing("dispute_unknown")` for one that is not on payments through this acquirer, `Stale` where it has
    moved on since, `Refused("answer_fields")` where fields are missing or do not belong, those of
    `access.must_be_let_answer`, of `clean_text` and of the rules of `disputes.talk`.
    """
    async with city_transaction(desk.pool, city) as connection:
        row = await read_dispute(connection, city, dispute)
    if not runs_through(row, acquirer):
        raise Missing("dispute_unknown")
    needed = told.answer in {"decline", "say"} or told.remedy is Remedy.other
    words = clean_text(told.words, MOST_WORDS, needed=needed)
    must_be_filled(words)
    said = Content(id=desk.mint(city), kind="text", plain=words.encode())
    command = _command(told, said.id if words else "", desk.mint(city))
    done = await desk.act(
        DISPUTES,
        city,
        dispute,
        command,
        for_merchant(acquirer, row.merchant),
        contents=[said] if words else [],
        once=Once(key, hashlib.sha256(msgspec.json.encode([dispute, told])).digest()),
        version=told.version,
    )
    return AnswerTaken(dispute=dispute, version=done.version)


def _command(told: AnswerTold, words: str, fresh: str) -> c.OnExisting:
    """The command; a claim is never declined, only refused with a reason, so that it can still be accepted."""
    if not _fits(told):
        raise Refused("answer_fields", answer=told.answer)
    match told.answer:
        case "accept":
            return c.AcceptOffer(offer=told.offer, road=told.road)
        case "offer":
            remedy = told.remedy or Remedy.other
            return c.MakeOffer(id=fresh, remedy=remedy, amount_fen=told.amount_fen, road=told.road, words=words)
        case "decline" if told.offer not in {"", CLAIM}:
            return c.DeclineOffer(offer=told.offer, words=words)
        case "decline":
            return c.Answer(words=words)
        case "say":
            return c.Say(words=words)


def _fits(told: AnswerTold) -> bool:
    """Whether an answer has the fields it needs, and no others."""
    given = {
        name
        for name, there in (
            ("offer", told.offer),
            ("remedy", told.remedy is not None),
            ("amount_fen", told.amount_fen),
            ("road", told.road is not None),
            ("words", told.words.strip()),
        )
        if there
    }
    needed, allowed = _FIELDS[told.answer]
    return needed <= given <= needed | allowed


_FIELDS: dict[Kind, tuple[frozenset[str], frozenset[str]]] = {
    "accept": (frozenset({"offer"}), frozenset({"road"})),
    "offer": (frozenset({"remedy"}), frozenset({"amount_fen", "road", "words"})),
    "decline": (frozenset({"words"}), frozenset({"offer"})),
    "say": (frozenset({"words"}), frozenset()),
}
"""Answer → the fields it needs, and those it may have besides."""
