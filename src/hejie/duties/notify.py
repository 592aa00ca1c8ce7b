"""Tells one side of a dispute by text message what happened, once, and writes down that it was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from hejie.agenda import Task
from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.connectors.sms.protocol import Message
from hejie.desk.act import subject_of
from hejie.disputes.model import Dispute
from hejie.disputes.states import State
from hejie.duties import outgoing
from hejie.duties.tools import Tools
from hejie.duties.wording import About, compose
from hejie.edge.links import case_link
from hejie.queries.merchant import find_merchant
from hejie.queries.record import read_dispute
from hejie.store.contents import read_contents
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.store.writing import write_tasks
from hejie.worker import Work

LINK_DAYS = 14
"""How long the link in a message to a merchant opens the case; every message brings a fresh one."""
QUIET = timedelta(minutes=10)
"""Of several lines of talk within this time only the first is also a text message."""
NEVER = "sms_message_refused"
"""The provider's no to this very message; every other refusal is ours to mend, and tried again."""

_TOLD = "select status from notice where city = %s and id = %s"
_PERSON = "select language from person where city = %s and id = %s"
_LATELY = """
select 1 from notice
where city = %s and dispute = %s and audience = %s and template = %s and channel = 'sms' and at > %s limit 1
"""
_NOTE = """
insert into notice (city, id, dispute, audience, template, channel, status, provider_id, at)
values (%s, %s, %s, %s, %s, %s, %s, '', %s)
"""
_ENDED = "update notice set status = %s, provider_id = %s, at = %s where city = %s and id = %s"


class Receiver(Struct, frozen=True, kw_only=True):
    """Whom a message goes to."""

    phone: str
    """E.164, empty where none is known."""
    language: str
    shop: str
    """The name under which the message speaks of the merchant."""


async def notify(work: Work, tools: Tools) -> None:
    """Send one notice.

    Its row in `notice` goes from `sending` to `sent` or `refused` (channel `sms`); where the receiver has no number,
    or was told a moment ago, it is `shown` on the page only (channel `page`). A merchant that cannot be reached
    becomes a work item. What the dispute has left behind is not sent at all.
    Errors: `Unknown` and `Refused` of the provider, `Refused("sms_not_connected")`: the same message goes again.
    """
    message = await _ready(work, tools)
    if message is None:
        return
    try:
        provider_id = await tools.sms(work.city).send(message)
    except Refused as error:
        if error.code != NEVER:
            raise
        await _end(work, tools, "refused", "")
    else:
        await _end(work, tools, "sent", provider_id)


async def _ready(work: Work, tools: Tools) -> Message | None:
    """The message to send, sealed before it leaves; None where nothing is to be sent."""
    vault = tools.vaults(work.city)
    async with city_transaction(tools.pool, work.city) as connection:
        told = await (await connection.execute(_TOLD, [work.city, str(work.id)])).fetchone()
        if told is not None:
            return await outgoing.kept(connection, vault, work.city, _subject(work)) if told[0] == "sending" else None
        dispute = await read_dispute(connection, work.city, work.subject)
        if _is_moot(work, dispute):
            return None
        receiver = await _receiver(connection, tools, work, dispute)
        if not receiver.phone or await _told_lately(connection, tools, work):
            await _show_only(connection, tools, work, reachable=bool(receiver.phone))
            return None
        message = await _message(connection, tools, work, dispute, receiver)
        if message is not None:
            now = tools.clock.now()
            await _note(connection, work, "sms", "sending", now)
            await outgoing.keep(connection, vault, work.city, _subject(work), now, message)
        return message


def _subject(work: Work) -> str:
    return subject_of("notice", str(work.id))


def _is_moot(work: Work, dispute: Dispute) -> bool:
    """A reminder is for the very clock it was made with."""
    only_while = work.payload.get("only_while")
    if only_while is None:
        return False
    running = dispute.due.at if dispute.due else None
    return dispute.state is not State.awaiting_consumer or running != datetime.fromisoformat(only_while)


async def _receiver(connection: Connection, tools: Tools, work: Work, dispute: Dispute) -> Receiver:
    merchant = await find_merchant(connection, work.city, dispute.merchant)
    shop = merchant.shop(dispute.shop) if merchant else None
    name = shop.name if shop else merchant.name if merchant else ""
    if work.payload["audience"] == Role.merchant:
        contact = merchant.contact_for(dispute.shop) if merchant else ""
        phone = await _phone(connection, tools, work.city, subject_of("merchant", dispute.merchant), contact)
        return Receiver(phone=phone, language="zh", shop=name)
    person = await (await connection.execute(_PERSON, [work.city, dispute.consumer])).fetchone()
    language = "en" if person and str(person[0]).startswith("en") else "zh"
    phone = await _phone(connection, tools, work.city, subject_of("person", dispute.consumer), "phone")
    return Receiver(phone=phone, language=language, shop=name)


async def _phone(connection: Connection, tools: Tools, city: str, subject: str, content: str) -> str:
    found = await read_contents(connection, tools.vaults(city), city, subject, [content])
    return found[content][1].decode() if content in found else ""


async def _told_lately(connection: Connection, tools: Tools, work: Work) -> bool:
    template = work.payload["template"]
    if template != "said":
        return False
    values = [work.city, work.subject, work.payload["audience"], template, tools.clock.now() - QUIET]
    return await (await connection.execute(_LATELY, values)).fetchone() is not None


async def _show_only(connection: Connection, tools: Tools, work: Work, *, reachable: bool) -> None:
    now = tools.clock.now()
    await _note(connection, work, "page", "shown", now)
    if not reachable and work.payload["audience"] == Role.merchant:
        await _ask_a_person(connection, work, "merchant_unreachable", now)


async def _message(
    connection: Connection, tools: Tools, work: Work, dispute: Dispute, receiver: Receiver
) -> Message | None:
    now, city = tools.clock.now(), work.city
    audience = Role(work.payload["audience"])
    about = About(
        dispute=dispute,
        audience=audience,
        template=work.payload["template"],
        language=receiver.language,
        shop=receiver.shop,
        settings=await settings_at(connection, city, now),
    )
    address = tools.settings.public_url.rstrip("/")
    if audience is Role.merchant:
        link = case_link(tools.vaults(city), address, city, dispute.id, now + timedelta(days=LINK_DAYS))
    else:
        link = f"{address}/{city}/disputes/{dispute.id}"
    return compose(about, key=f"{city}-{work.id}", to=receiver.phone, link=link)


async def _note(connection: Connection, work: Work, channel: str, status: str, now: datetime) -> None:
    told = work.payload
    values = [work.city, str(work.id), work.subject, told["audience"], told["template"], channel, status, now]
    await connection.execute(_NOTE, values)


async def _end(work: Work, tools: Tools, status: str, provider_id: str) -> None:
    """Write down how it ended and destroy the sealed message."""
    now = tools.clock.now()
    async with city_transaction(tools.pool, work.city) as connection:
        await connection.execute(_ENDED, [status, provider_id, now, work.city, str(work.id)])
        await outgoing.forget(connection, work.city, _subject(work))
        if status == "refused":
            await _ask_a_person(connection, work, "notice_refused", now)


async def _ask_a_person(connection: Connection, work: Work, kind: str, now: datetime) -> None:
    told = work.payload
    payload: dict[str, object] = {"kind": kind, "audience": told["audience"], "template": told["template"]}
    task = Task(kind="raise_item", noun="dispute", subject=work.subject, payload=payload)
    await write_tasks(connection, work.city, now, [task])
