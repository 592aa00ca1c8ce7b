"""What a merchant sees of a dispute that is not its own: one it is asked about, or one that has moved on."""

from __future__ import annotations

from functools import reduce
from typing import Any

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing
from hejie.disputes.denying import Former, Party
from hejie.disputes.fold import evolve
from hejie.disputes.model import Dispute
from hejie.queries.record import Record, read_dispute, read_record
from hejie.store.settings import settings_at
from hejie.web import story, story_labels
from hejie.web.denying import REASONS
from hejie.web.merchant.seat import Seat, take_seat
from hejie.web.shell import Answer, Visit

ASKED, GONE = "merchant/asked.html", "merchant/gone.html"


class Beside(Struct, frozen=True):
    """A dispute, and how the visitor's merchant has to do with it."""

    seat: Seat
    dispute: Dispute
    asked: Party | None
    """As the party that is said to have made the sale."""
    gone: Former | None
    """As the one who had it before."""
    watches: bool = False
    """As the other side of an agreement by which the dispute's own merchant answers."""


async def look(visit: Visit) -> Beside | None:
    """None for the merchant whose dispute it is, and for those who have nothing to do with it."""
    visit.viewer.must_reach(visit.path("id"))
    async with visit.connection() as connection:
        dispute = await read_dispute(connection, visit.city, visit.path("id"))
        if dispute.merchant == visit.viewer.organisation:
            return None
        seat = await take_seat(connection, visit)
    mine, denial = seat.merchant.id, dispute.denial
    if denial is not None and denial.to is not None and dispute.asked == mine and _serves(seat, denial.to.shop):
        return Beside(seat, dispute, denial.to, None)
    if dispute.seen_by == mine and _serves(seat, dispute.shop if seat.merchant.shop(dispute.shop) else ""):
        return Beside(seat, dispute, None, None, watches=True)
    gone = next((each for each in reversed(dispute.former) if each.merchant == mine), None)
    return Beside(seat, dispute, None, gone) if gone and _serves(seat, gone.shop) else None


def _serves(seat: Seat, shop: str) -> bool:
    return seat.staff is None or not shop or seat.staff.works_for(shop)


async def show(visit: Visit, found: Beside) -> Answer:
    """The page of such a dispute."""
    if found.asked is None:
        return visit.render(GONE, watches=found.watches, **await gone_context(visit, found))
    return visit.render(ASKED, **await asked_context(visit, found))


def anew(visit: Visit) -> Answer:
    """For a part of a page that is open while the dispute moves on: the page as it is for its former merchant."""
    way = visit.url(f"/merchant/disputes/{visit.path('id')}")
    return Response(b"", status_code=200, headers={"hx-redirect": way})


async def asked_context(visit: Visit, found: Beside) -> dict[str, Any]:
    """The least that a shop needs to recognise its sale: where, when, how much, what was wrong."""
    dispute, denial = found.dispute, found.dispute.denial
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
    shop = found.seat.merchant.shop(found.asked.shop) if found.asked else None
    return {
        "dispute": dispute,
        "home": visit.url(f"/merchant/disputes/{dispute.id}"),
        "shop": shop.name if shop else found.seat.merchant.name,
        "problem": story_labels.problem(visit.language, settings, dispute.problem),
        "paid_fen": sum(paid.paid_fen for paid in dispute.payments),
        "reason": visit.say(REASONS[denial.reason]) if denial else "",
        "set_by": getattr(settings.name, visit.language),
    }


async def gone_context(visit: Visit, found: Beside) -> dict[str, Any]:
    """The record up to the move."""
    told = await story_then(visit, found)
    return {"story": told, "home": visit.url(f"/merchant/disputes/{told.dispute.id}"), "seat": found.seat}


async def story_then(visit: Visit, found: Beside) -> story.Story:
    """The story as it may be read by who has nothing to do in it: all of it, or up to the move."""
    now = visit.house.clock.now()
    if found.gone is None and not found.watches:
        raise Missing("dispute_unknown")
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        record = await read_record(connection, visit.house.vaults(visit.city), visit.city, found.dispute.id)
    seen = _until(record, found.gone, found.seat) if found.gone else record
    told = story.tell(seen, visit.actor, settings, visit.language, now, banks=story.banks_of(visit))
    return replace(told, acts=frozenset(), offers=(), due=told.due if found.watches else None)


def _until(record: Record, gone: Former, seat: Seat) -> Record:
    lines = tuple(line for line in record.lines if line.version <= gone.version)
    row: Dispute | None = None
    row = reduce(evolve, [line.event for line in lines], row)
    if row is None:
        raise Missing("dispute_unknown")
    shop = seat.merchant.shop(gone.shop)
    return replace(
        record,
        dispute=row,
        lines=lines,
        notices=(),
        merchant_name=seat.merchant.name,
        shop_name=shop.name if shop else "",
        shop_address=shop.address if shop else "",
    )
