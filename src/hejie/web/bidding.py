"""Blind bids on a dispute's page: a secret limit stays in its side's browser and is at hand here for a moment."""

from __future__ import annotations

from litestar.datastructures import Cookie
from msgspec import Struct

from hejie.base import blind
from hejie.base.actor import Role
from hejie.base.blind import Limit
from hejie.base.errors import Refused
from hejie.desk.act import Content, Once, subject_of
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.bidding import place
from hejie.disputes.bids import BLIND, MOST_ROUNDS, middle, standing
from hejie.disputes.model import Dispute
from hejie.queries.merchant import answered_before
from hejie.store.contents import read_contents
from hejie.web.shell import Visit
from hejie.web.story import Story

COOKIE = "hejie-limit"
KEPT_SECONDS = 30 * 24 * 3600
_OTHER = {Role.consumer: Role.merchant, Role.merchant: Role.consumer}


class Bids(Struct, frozen=True, kw_only=True):
    """How far the blind bids are, as one side sees it."""

    round: int
    rounds: int
    mine: bool
    """I have named my limit in this round."""
    theirs: bool
    """The other side has."""
    held: bool
    """This browser still has my limit."""
    ready: bool
    """I can have the two compared."""
    missed: int
    """Rounds in which they did not meet."""


def shown(visit: Visit, told: Story) -> Bids | None:
    """What the page says of it; None where no limit can be named."""
    dispute = told.dispute
    now, side = standing(dispute), visit.actor.role
    if now is None or "limit" not in told.acts:
        return None
    mine, theirs = now.by(side), now.other(side)
    held = _held(visit, dispute) is not None
    return Bids(
        round=now.round,
        rounds=MOST_ROUNDS,
        mine=mine is not None,
        theirs=theirs is not None,
        held=held,
        ready=held and theirs is not None and bool(theirs.closed),
        missed=dispute.rounds_missed,
    )


async def name(visit: Visit, dispute: Dispute, fen: int) -> None:
    """Name a limit: what goes to the desk hides it, the browser keeps it.

    Errors: `Refused` with `amount_not_positive`, `amount_above_paid` and those of the rule; `Stale`.
    """
    if not 0 < fen <= dispute.left_fen:
        raise Refused("amount_above_paid" if fen > 0 else "amount_not_positive", left_fen=dispute.left_fen)
    now, side = standing(dispute), visit.actor.role
    if now is None:
        raise Refused("bids_over", most=MOST_ROUNDS)
    where, limit = place(dispute.id, now.round, side), Limit(fen, visit.house.chance(blind.SECRET_BYTES))
    contents: list[Content] = []
    theirs = now.other(side)
    if theirs is not None:
        closed = blind.close(where, limit, theirs.public, place(dispute.id, now.round, _OTHER[side]))
        contents.append(Content(id=visit.desk.mint(visit.city), kind="limit", plain=closed))
    command = c.NameLimit(
        commitment=blind.commitment(where, limit),
        public=blind.public(where, limit.secret),
        closed=contents[0].id if contents else "",
    )
    once = Once((await visit.once()).key, b"limit")  # not even a digest of the limit is kept
    done = await visit.desk.act(
        DISPUTES, visit.city, dispute.id, command, visit.actor, contents=contents, once=once, version=dispute.version
    )
    if not done.again:
        visit.keep(_cookie(visit, dispute, blind.written(limit)))


async def compare(visit: Visit, dispute: Dispute) -> bool:
    """Have the two limits compared, and whether they met; the same request once more gets the same answer.

    Errors: `Refused` with `bid_missing` where the other side's does not wait for mine, `bid_not_here` in a browser
    that does not have mine, `bid_wrong`; `Stale`.
    """
    now, side, once = dispute.bidding, visit.actor.role, await visit.once()
    async with visit.connection() as connection:
        if await answered_before(connection, visit.city, visit.actor, once.key):
            return dispute.agreed.startswith(BLIND)
    theirs = now.other(side) if now else None
    if now is None or theirs is None or not theirs.closed:
        raise Refused("bid_missing")
    mine = _held(visit, dispute)
    if mine is None:
        raise Refused("bid_not_here")
    async with visit.connection() as connection:
        vault = visit.house.vaults(visit.city)
        kept = await read_contents(connection, vault, visit.city, subject_of("dispute", dispute.id), [theirs.closed])
    if theirs.closed not in kept:
        raise Refused("bid_missing")
    here, there = (place(dispute.id, now.round, each) for each in (side, _OTHER[side]))
    other = blind.opened(there, kept[theirs.closed][1], theirs.public, mine.secret, here)
    both = {side.value: mine, _OTHER[side].value: other}
    command = c.CompareLimits(consumer=both["consumer"], merchant=both["merchant"])
    await visit.desk.act(DISPUTES, visit.city, dispute.id, command, visit.actor, once=once, version=dispute.version)
    visit.keep(_cookie(visit, dispute, ""))
    return middle(command.consumer.fen, command.merchant.fen) is not None


def _held(visit: Visit, dispute: Dispute) -> Limit | None:
    """My limit, if this browser has the one that was committed to."""
    now, side = standing(dispute), visit.actor.role
    mine = now.by(side) if now else None
    limit = blind.read(visit.request.cookies.get(COOKIE, ""))
    if now is None or mine is None or limit is None:
        return None
    return limit if blind.keeps(place(dispute.id, now.round, side), limit, mine.commitment) else None


def _cookie(visit: Visit, dispute: Dispute, value: str) -> Cookie:
    portal = "/disputes" if visit.actor.role is Role.consumer else "/merchant/disputes"
    return Cookie(
        key=COOKIE,
        value=value,
        path=visit.url(f"{portal}/{dispute.id}"),
        httponly=True,
        samesite="lax",
        secure=visit.house.settings.public_url.startswith("https://"),
        max_age=KEPT_SECONDS if value else 0,
    )
