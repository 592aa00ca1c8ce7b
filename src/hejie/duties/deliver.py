"""Hands one message over, takes what is heard of it, and goes to the next contact where it does not arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import Struct

from hejie.base.actor import SYSTEM, Role
from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.sms.protocol import Arrival
from hejie.desk.act import subject_of
from hejie.desk.disputes import DISPUTES
from hejie.desk.merchants import MERCHANTS
from hejie.disputes.commands import NoteReach
from hejie.duties import outgoing
from hejie.duties.ladder import Notice, ask_a_person, climb
from hejie.duties.tools import Tools
from hejie.duties.wording import climbs
from hejie.merchants.commands import FailContact
from hejie.queries.record import read_dispute
from hejie.store.pool import Connection, city_transaction
from hejie.worker import AgainError, Work

GONE = "number_gone"
"""The provider's word for a number that nobody has."""

_READ = """
select d.state, d.rung, d.contact, n.id, n.dispute, n.audience, n.template, n.merchant
from delivery d join notice n on n.city = d.city and n.id = d.notice
where d.city = %s and d.id = %s for update of d, n
"""
_STATE = "update delivery set state = %s, why = %s, at = %s where city = %s and id = %s"
_SENT = "update delivery set state = 'sent', provider_id = %s, at = %s where city = %s and id = %s"
_NOTICE = "update notice set status = %s, at = %s where city = %s and id = %s"
_NOTICE_SENT = "update notice set status = 'sent', provider_id = %s, at = %s where city = %s and id = %s"
_WAY = "select 1 from delivery where city = %s and notice = %s and rung > %s limit 1"


class Try(Struct, frozen=True, kw_only=True):
    """One delivery under lock, with its notice."""

    id: str
    state: str
    rung: int
    contact: str
    notice: Notice


async def read_try(connection: Connection, city: str, delivery: str) -> Try | None:
    """A delivery and its notice, locked; None for one that is not ours."""
    row = await (await connection.execute(_READ, [city, delivery])).fetchone()
    if row is None:
        return None
    state, rung, contact, notice, dispute, audience, template, merchant = row
    told = Notice(id=notice, dispute=dispute, audience=Role(audience), template=template, merchant=merchant)
    return Try(id=delivery, state=state, rung=rung, contact=contact, notice=told)


async def deliver(work: Work, tools: Tools) -> None:
    """Hand one message over, sealed until then.

    Errors: `Unknown` and `Refused` of the provider, `Refused("sms_not_connected")`: the same message goes again;
    `LaterError` where the provider's limits say so.
    """
    city, delivery = work.city, work.subject
    async with city_transaction(tools.pool, city) as connection:
        found = await read_try(connection, city, delivery)
        if found is None or found.state != "sending":
            return
        message = await outgoing.kept(connection, tools.vaults(city), city, subject_of("delivery", delivery))
    provider_id = await outgoing.hand_over(tools, city, message)
    if provider_id is None:
        await settle(tools, city, delivery, Arrival.failed, outgoing.NEVER)
    else:
        await _handed_over(tools, city, found, provider_id)


async def _handed_over(tools: Tools, city: str, found: Try, provider_id: str) -> None:
    """A receipt may have been quicker: then only the provider's identifier is missing."""
    now = tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        present = await read_try(connection, city, found.id)
        if present is not None and present.state == "sending":
            await connection.execute(_SENT, [provider_id, now, city, found.id])
            await connection.execute(_NOTICE_SENT, [provider_id, now, city, found.notice.id])
        else:
            await connection.execute(
                "update delivery set provider_id = %s where city = %s and id = %s", [provider_id, city, found.id]
            )
        await outgoing.forget(connection, city, subject_of("delivery", found.id))


async def take_receipt(work: Work, tools: Tools) -> None:
    """What the provider pushed about one message."""
    await settle(tools, work.city, work.subject, Arrival(work.payload["arrival"]), work.payload["code"])


async def await_receipt(work: Work, tools: Tools) -> None:
    """The time for a receipt is over: ask, and where nothing is known of an arrival, try the next contact.

    Errors: `Unknown` and `Refused` of the provider while it can be asked nothing do not hold up the next contact.
    """
    city = work.city
    async with city_transaction(tools.pool, city) as connection:
        found = await read_try(connection, city, work.subject)
    if found is None or found.state not in {"sending", "sent"}:
        return
    try:
        told = await tools.sms(city).ask(work.subject)
    except (Unknown, Refused):
        told = None
    if told is not None and told.arrival is not Arrival.waiting:
        await settle(tools, city, work.subject, told.arrival, told.code)
        return
    async with city_transaction(tools.pool, city) as connection:
        found = await read_try(connection, city, work.subject)
        if found is not None and found.state in {"sending", "sent"}:
            if found.state == "sent":
                await connection.execute(_STATE, ["unknown", "", tools.clock.now(), city, found.id])
            await _next(connection, tools, city, found)


async def settle(tools: Tools, city: str, delivery: str, arrival: Arrival, code: str) -> None:
    """Write down how a try ended; a failed one leads to the next contact, and `delivered` is never taken back."""
    now = tools.clock.now()
    async with city_transaction(tools.pool, city) as connection:
        found = await read_try(connection, city, delivery)
        if found is None or arrival is Arrival.waiting or found.state in {arrival.value, "delivered"}:
            return
        await connection.execute(_STATE, [arrival.value, code, now, city, delivery])
        await outgoing.forget(connection, city, subject_of("delivery", delivery))
        dispute = await read_dispute(connection, city, found.notice.dispute)
        if arrival is Arrival.delivered:
            await connection.execute(_NOTICE, ["delivered", now, city, found.notice.id])
        else:
            await connection.execute(_NOTICE, ["refused", now, city, found.notice.id])
            await _next(connection, tools, city, found)
    told = found.notice.merchant or dispute.merchant
    ours = found.notice.audience is Role.merchant and told == dispute.merchant
    if arrival is Arrival.delivered and ours and dispute.unreachable:
        await tools.desk.act(DISPUTES, city, dispute.id, NoteReach(reached=True), SYSTEM)
    if code == GONE and found.contact:
        await fail_contact(tools, city, told, found.contact, code)


async def _next(connection: Connection, tools: Tools, city: str, found: Try) -> None:
    """The next rung, unless it is under way; a message that does not climb asks a person."""
    if await (await connection.execute(_WAY, [city, found.notice.id, found.rung])).fetchone() is not None:
        return
    if climbs(found.notice.template, found.notice.audience):
        dispute = await read_dispute(connection, city, found.notice.dispute)
        await climb(connection, tools, city, found.notice, dispute, found.rung + 1)
    else:
        await ask_a_person(connection, city, found.notice, "notice_refused", tools.clock.now())


async def fail_contact(tools: Tools, city: str, merchant: str, contact: str, why: str) -> None:
    """Say that a contact does not reach its merchant; one that was removed meanwhile is none."""
    try:
        await tools.desk.act(MERCHANTS, city, merchant, FailContact(contact=contact, why=why), SYSTEM)
    except Missing:
        return


_HEARD = """
select 1 from notice n
where n.city = %s and n.dispute = %s and n.audience = 'merchant' and n.merchant in ('', %s) and (
  (n.channel = 'digest' and n.status = 'sent')
  or exists (select 1 from delivery d where d.city = n.city and d.notice = n.id and d.state = 'delivered'))
limit 1
"""
"""A merchant with a daily message has people at the desk: what it gathered is heard once that message is sent."""


_OPEN = """
select d.id from delivery d join notice n on n.city = d.city and n.id = d.notice
where d.city = %s and d.dispute = %s and n.audience = 'merchant' and d.channel = 'sms'
  and d.state in ('sent', 'unknown')
order by d.made_at desc limit 20
"""
_LATEST = """
select max(at), bool_or(status = 'sending'), bool_or(status = 'waiting')
from notice where city = %s and dispute = %s and audience = 'merchant'
"""
PATIENCE = timedelta(minutes=15)
"""How long a message that is on its way just now is waited for: the workers may have stood still for a day."""


async def _ask_again(tools: Tools, city: str, delivery: str) -> None:
    """A receipt may have been lost: nobody is called unreachable before the provider was asked."""
    try:
        told = await tools.sms(city).ask(delivery)
    except (Unknown, Refused):
        return
    if told.arrival is Arrival.delivered:
        await settle(tools, city, delivery, told.arrival, told.code)


async def check_reached(work: Work, tools: Tools) -> None:
    """After the city's hours: a merchant whom nothing has reached is counted unreachable, and the consumer told.

    Errors: `AgainError` while the first message is still on its way, or waits for the daily one.
    """
    async with city_transaction(tools.pool, work.city) as connection:
        latest: Any = await (await connection.execute(_LATEST, [work.city, work.subject])).fetchone()
        now = tools.clock.now()
        newest, on_its_way, gathered = latest
        if newest is None or gathered or (on_its_way and newest > now - PATIENCE):
            raise AgainError(now + PATIENCE)
        waiting = await (await connection.execute(_OPEN, [work.city, work.subject])).fetchall()
    for (delivery,) in waiting:  # a few: a merchant has a dozen contacts at most
        await _ask_again(tools, work.city, delivery)
    async with city_transaction(tools.pool, work.city) as connection:
        merchant = (await read_dispute(connection, work.city, work.subject)).merchant
        if await (await connection.execute(_HEARD, [work.city, work.subject, merchant])).fetchone() is not None:
            return
    await tools.desk.act(DISPUTES, work.city, work.subject, NoteReach(reached=False), SYSTEM)
