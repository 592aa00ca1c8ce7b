"""Who sits at the merchant's side of the table: a member of staff, or whoever opened a case link."""

from __future__ import annotations

from msgspec import Struct

from hejie.base.errors import Missing, Refused
from hejie.disputes.model import Dispute
from hejie.merchants.model import Merchant, Rank, Staff
from hejie.queries.merchant import read_merchant
from hejie.store.pool import Connection
from hejie.web.shell import Visit

SETTINGS = "/merchant/settings"


class Seat(Struct, frozen=True):
    """The merchant, and the visitor's place in it; none for a case link."""

    merchant: Merchant
    staff: Staff | None

    @property
    def shops(self) -> tuple[str, ...]:
        """The only shops this person works for; empty for all."""
        return self.staff.shops if self.staff else ()

    @property
    def owns(self) -> bool:
        """Whether this is an owner."""
        return self.staff is not None and self.staff.rank is Rank.owner

    @property
    def manages(self) -> bool:
        """Whether this person may change how the merchant answers."""
        return self.staff is not None and self.staff.rank is not Rank.clerk


async def take_seat(connection: Connection, visit: Visit) -> Seat:
    """The visitor's seat; `Refused("not_allowed")` for an account that is no longer staff."""
    merchant = await read_merchant(connection, visit.city, visit.viewer.organisation)
    if visit.viewer.scope:
        return Seat(merchant, None)
    staff = merchant.member(visit.actor.id)
    if staff is None:
        raise Refused("not_allowed", role=visit.actor.role.value)
    return Seat(merchant, staff)


async def staff_seat(visit: Visit) -> Seat:
    """The seat of a member of staff; `Refused("sign_in_needed")` for a case link, which opens its case only."""
    if visit.viewer.scope:
        raise Refused("sign_in_needed")
    async with visit.connection() as connection:
        return await take_seat(connection, visit)


async def managing_seat(visit: Visit) -> Seat:
    """The seat of an owner or manager; `Refused("not_allowed")` for others."""
    seat = await staff_seat(visit)
    if not seat.manages:
        raise Refused("not_allowed", role=visit.actor.role.value)
    return seat


def must_serve(seat: Seat, dispute: Dispute) -> None:
    """`Missing("dispute_unknown")` for a dispute of a shop this person does not work for."""
    if seat.staff is not None and not seat.staff.works_for(dispute.shop):
        raise Missing("dispute_unknown")
