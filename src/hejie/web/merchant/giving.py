"""An answer on its way to the desk: given by this hand, or kept until a second person agrees."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from msgspec import Struct

from hejie.access import must_afford
from hejie.base.actor import Actor
from hejie.base.errors import Refused
from hejie.desk.act import Content, Once
from hejie.desk.disputes import DISPUTES
from hejie.desk.handlings import HANDLINGS
from hejie.disputes import commands as c
from hejie.disputes.model import Dispute, Remedy, Road
from hejie.merchants.answering import Answers
from hejie.merchants.handling import AskApproval, Handling, Wish, handling_of
from hejie.merchants.handling_rules import desk_of
from hejie.merchants.model import Merchant
from hejie.web.shell import Visit


class Given(StrEnum):
    """What became of an answer."""

    done = "done"
    asked = "asked"
    """It waits for a second person."""


class Answer(Struct, frozen=True, kw_only=True):
    """One answer of a member of staff to one dispute."""

    city: str
    actor: Actor
    merchant: Merchant
    dispute: str
    command: c.OnExisting
    cost_fen: int = 0
    contents: tuple[Content, ...] = ()
    version: int | None
    """The dispute's version that was read; none for talk."""
    once: Once


def answering_desk(merchant: Merchant, dispute: Dispute, handling: Handling | None) -> Answers:
    """Which desk answers this dispute."""
    return desk_of(merchant, handling, problem=dispute.problem, claim_fen=dispute.claim.amount_fen)


async def give(visit: Visit, answer: Answer) -> Given:
    """Give it by the desk; above the giver's own limit it is kept, and waits for a second person.

    Errors: those of the desk, and `Refused("above_own_limit")` where no colleague could let it pass either.
    """
    try:
        must_afford(answer.actor, answer.merchant, answer.cost_fen)
    except Refused as why:
        if why.code != "above_own_limit":
            raise
        await visit.desk.act(
            HANDLINGS,
            answer.city,
            handling_of(answer.dispute),
            AskApproval(wish=wish_of(answer, visit.desk.mint(answer.city))),
            answer.actor,
            contents=answer.contents,
            once=answer.once,
        )
        return Given.asked
    await visit.desk.act(
        DISPUTES,
        answer.city,
        answer.dispute,
        answer.command,
        answer.actor,
        contents=answer.contents,
        once=answer.once,
        version=answer.version,
    )
    return Given.done


def wish_of(answer: Answer, identifier: str) -> Wish:
    """The answer as it waits."""
    seen = answer.version or 0
    match answer.command:
        case c.AcceptOffer(offer=offer, road=road):
            word = road.value if road else ""
            return Wish(id=identifier, kind="accept", offer=offer, road=word, cost_fen=answer.cost_fen, seen=seen)
        case c.MakeOffer() as made:
            return Wish(
                id=made.id,
                kind="offer",
                remedy=made.remedy.value,
                amount_fen=made.amount_fen,
                road=made.road.value if made.road else "",
                words=made.words,
                cost_fen=answer.cost_fen,
                seen=seen,
            )
        case _:
            raise AssertionError("only agreeing and offering cost anything")


def command_of(wish: Wish) -> c.AcceptOffer | c.MakeOffer:
    """The answer that was asked for, word for word."""
    if wish.kind == "accept":
        return c.AcceptOffer(offer=wish.offer, road=Road(wish.road) if wish.road else None)
    return c.MakeOffer(
        id=wish.id,
        remedy=Remedy(wish.remedy),
        amount_fen=wish.amount_fen,
        road=Road(wish.road) if wish.road else None,
        words=wish.words,
    )


def once_of(*parts: object) -> Once:
    """An idempotency key of its own for each part of a greater act, always the same from the same parts."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.sha256(text.encode()).digest()
    return Once(digest.hex()[:48], digest)
