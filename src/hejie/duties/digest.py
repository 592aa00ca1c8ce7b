"""One message a day instead of hundreds: what a merchant gathers waits, what cannot wait goes at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.connectors.email.protocol import Letter
from hejie.connectors.sms.protocol import Message
from hejie.desk.act import subject_of
from hejie.disputes.model import Dispute
from hejie.duties import outgoing
from hejie.duties.tools import Tools
from hejie.duties.wording import compose_digest
from hejie.merchants.model import Merchant
from hejie.merchants.office_rules import next_digest
from hejie.queries.queue import read_office
from hejie.store.contents import read_contents
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.worker import AgainError, Work

URGENT = timedelta(hours=12)
"""What would be due so soon after the next daily message does not wait for it."""
_WAIT = """
insert into notice (city, id, dispute, audience, template, channel, status, provider_id, at, merchant)
values (%s, %s, %s, 'merchant', %s, 'digest', 'waiting', '', %s, %s)
"""
_TAKE = """
update notice set status = 'sending' where city = %s and merchant = %s and status = 'waiting' returning dispute
"""
"""Taking comes first: of two tasks at once only one finds anything."""
_ANSWERS = """
select count(*) from dispute where city = %s and id = any(%s) and state in ('awaiting_merchant', 'overdue')
"""
_ENDED = """
update notice set status = %s, provider_id = %s, at = %s
where city = %s and merchant = %s and channel = 'digest' and status = 'sending'
"""


async def gathered(connection: Connection, tools: Tools, work: Work, dispute: Dispute) -> bool:
    """Whether this notice waits for the merchant's daily message; it is written down as waiting then."""
    template = work.payload["template"]
    if work.payload["audience"] != Role.merchant:
        return False
    try:
        merchant = await read_office(connection, work.city, work.payload.get("merchant", dispute.merchant))
    except Missing:
        return False
    digest, now = merchant.office.digest, tools.clock.now()
    if digest is None or template not in digest.templates or not merchant.number_for(""):
        return False
    by = dispute.answer_by
    if by is not None and by.at <= next_digest(digest, now) + URGENT:
        return False
    await connection.execute(_WAIT, [work.city, str(work.id), work.subject, template, now, merchant.id])
    return True


async def digest(work: Work, tools: Tools) -> None:
    """Send what waits as one message, then once more tomorrow, as long as the merchant wants it.

    The message is sealed before it goes and every try says the same under the same key. A digest that was set anew
    has a task of its own, and the old one ends; the last one sends what waits before it ends.
    Errors: as in `outgoing.hand_over`: the same message goes again.
    """
    vault, subject = tools.vaults(work.city), subject_of("digest", str(work.id))
    async with city_transaction(tools.pool, work.city) as connection:
        merchant = await read_office(connection, work.city, work.subject)
        office = merchant.office
        current = office.digest_since == datetime.fromisoformat(work.payload["since"])
        try:
            message: Message | Letter | None = await outgoing.kept(connection, vault, work.city, subject)
        except Missing:
            takes = current or office.digest is None
            message = await _message(connection, tools, work, merchant) if takes else None
            if message is not None:
                await outgoing.keep(connection, vault, work.city, subject, tools.clock.now(), message)
    if message is not None:
        provider_id = await outgoing.hand_over(tools, work.city, message)
        status = "refused" if provider_id is None else "sent"
        async with city_transaction(tools.pool, work.city) as connection:
            ended = [status, provider_id or "", tools.clock.now(), work.city, merchant.id]
            await connection.execute(_ENDED, ended)
            await outgoing.forget(connection, work.city, subject)
    if office.digest is not None and current:
        raise AgainError(next_digest(office.digest, tools.clock.now()))


async def _message(connection: Connection, tools: Tools, work: Work, merchant: Merchant) -> Message | None:
    """The daily message; none where nothing waits or nobody can be told."""
    vault, subject = tools.vaults(work.city), subject_of("merchant", merchant.id)
    number = merchant.number_for("")
    found = await read_contents(connection, vault, work.city, subject, [number])
    if number not in found:
        return None
    taken: list[Any] = await (await connection.execute(_TAKE, [work.city, merchant.id])).fetchall()
    disputes = sorted({row[0] for row in taken})
    if not disputes:
        return None
    row: Any = await (await connection.execute(_ANSWERS, [work.city, disputes])).fetchone()
    now = tools.clock.now()
    settings = await settings_at(connection, work.city, now)
    link = f"{tools.settings.public_url.rstrip('/')}/{work.city}/merchant"
    key = f"{work.city}-digest-{work.id}-{work.due_at:%Y%m%d%H%M}"
    phone = found[number][1].decode()
    return compose_digest(settings, merchant.name, len(disputes), int(row[0]), key=key, to=phone, link=link)
