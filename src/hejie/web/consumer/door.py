"""The consumer's door: from the wallet by a signed link, with a bill file, or on to 12315."""

from __future__ import annotations

from hejie.base.actor import SYSTEM, Role
from hejie.desk.disputes import DISPUTES
from hejie.disputes.commands import KnowPayer
from hejie.edge.entry import Entry, read_entry, spend
from hejie.edge.limits import Limit
from hejie.edge.sessions import Viewer
from hejie.intake.payments import Paid, payer_handle, person_of, take_payment
from hejie.merchants.bindings import Stood
from hejie.queries.bindings import payee_at
from hejie.queries.consumer import only_shop, open_dispute_on
from hejie.store.pool import Connection
from hejie.web.shell import Answer, Visit, act, page

ENTRIES = Limit("entries", 60, 600)
"""Entry links opened from one network address."""


@page("", role=Role.consumer, anyone=True)
async def home(visit: Visit) -> Answer:
    """The bill for those who are known, the door for all others."""
    return visit.go("/bill") if visit.known else _door(visit)


@page("/start", role=Role.consumer, anyone=True)
async def start(visit: Visit) -> Answer:
    """The door, also for those who are known."""
    return _door(visit)


def _door(visit: Visit) -> Answer:
    return visit.render("consumer/door.html", known=visit.known, next=visit.query("next"))


@page("/entry")
async def entry(visit: Visit) -> Answer:
    """A wallet's link: checked, used up, exchanged for a session, and cleaned away."""
    await visit.limit(ENTRIES)
    now, house = visit.house.clock.now(), visit.house
    told = read_entry(list(visit.request.query_params.multi_items()), visit.city, house.entries, now)
    async with visit.connection() as connection:
        await spend(connection, visit.city, told)
        person = await _take(connection, visit, told)
        dispute, holder = await open_dispute_on(connection, visit.city, told.trade_no)
        viewer = Viewer(city=visit.city, role=Role.consumer, person=person, facts={"wallet": told.wallet})
        await visit.sign_in(viewer, connection)
    if dispute and holder != person:  # begun from a file: it is the payer's
        known = KnowPayer(trade_no=told.trade_no, consumer=person)
        await visit.desk.act(DISPUTES, visit.city, dispute, known, SYSTEM)
    return visit.go(f"/disputes/{dispute}" if dispute else f"/disputes/new?trade={told.trade_no}")


async def _take(connection: Connection, visit: Visit, told: Entry) -> str:
    """Keep the payment and who paid; the person's identifier."""
    city, now = visit.city, visit.house.clock.now()
    handle = payer_handle(visit.house.vaults(city), told.wallet, told.payer)
    paid_at = told.paid_at or now
    stood = await payee_at(connection, city, told.wallet, told.account, paid_at) if told.account else Stood()
    paid = Paid(
        wallet=told.wallet,
        trade_no=told.trade_no,
        payer=handle,
        account=told.account,
        merchant=stood.merchant,
        shop=await only_shop(connection, city, stood.merchant, told.shop or stood.shop) if stood.merchant else "",
        payee=told.payee,
        item=told.item,
        paid_fen=told.amount_fen,
        paid_at=paid_at,
        proven=True,
        source="entry",
    )
    await take_payment(connection, city, paid)
    return await person_of(connection, city, handle, visit.desk.mint(city), visit.language, now)


@act("/leave", role=Role.consumer)
async def leave(visit: Visit) -> Answer:
    """End the session on this phone."""
    await visit.sign_out()
    return visit.go("/start")


ROUTES = (home, start, entry, leave)
