"""What follows from a binding: payments get their payee; an undone one is held against the disputes it brought."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.connectors.acquirer import Acquirers
from hejie.desk.merchants import MERCHANTS
from hejie.duties.items import open_item
from hejie.duties.rows import read_merchant
from hejie.duties.tools import Tools
from hejie.merchants import commands as m
from hejie.merchants.bindings import Binding, Scheme
from hejie.merchants.model import AccountKind, Enrolment
from hejie.queries.bindings import what_followed
from hejie.queries.consumer import only_shop
from hejie.store.pool import Connection, city_transaction
from hejie.store.shown import shown
from hejie.worker import Work

_READ = "select body::text from binding where city = %s and id = %s"
_NAME = f"""
update payment p set merchant = %s, shop = %s, paycode = {shown("p.city", "%s", "%s", "p.paid_at")}
where city = %s and wallet = %s and account = %s and merchant = ''
  and paid_at >= %s and (%s::timestamptz is null or paid_at < %s)
"""


async def apply_binding(work: Work, tools: Tools) -> None:
    """Payments to a wallet's account that nobody here was known for get their payee."""
    async with city_transaction(tools.pool, work.city) as connection:
        row = await _read(connection, work.city, work.subject)
        if row.undone or row.identity.account is None:
            return
        shop = row.shop or await only_shop(connection, work.city, row.merchant, "")
        whose, account = [row.merchant, shop], [work.city, *row.identity.account]
        await connection.execute(_NAME, [*whose, *whose, *account, row.begins, row.ends, row.ends])
    await _note_account(tools, row)


async def _note_account(tools: Tools, row: Binding) -> None:
    """A number at an acquirer that can be asked becomes an account, on which the merchant may give leave.

    One that it had before stays as it is, and one that is still noted for another merchant stays there.
    """
    if row.identity.scheme is not Scheme.acquirer or row.identity.account is None or not row.holds(tools.clock.now()):
        return
    wallet, account = row.identity.account
    try:
        connector = tools.wallet(row.city, wallet)
    except Refused:
        return
    if not isinstance(connector, Acquirers) or not connector.asks(row.identity.issuer):
        return
    if (await read_merchant(tools, row.city, row.merchant)).account(wallet, account) is not None:
        return
    command = m.NoteEnrolment(
        wallet=wallet, account=account, kind=AccountKind.indirect, enrolment=Enrolment.open, trade_no=""
    )
    with suppress(Refused):
        await tools.desk.act(MERCHANTS, row.city, row.merchant, command, SYSTEM)


async def unbind(work: Work, tools: Tools) -> None:
    """Disputes that an undone binding brought to a merchant and that are open go to a person, one item each."""
    async with city_transaction(tools.pool, work.city) as connection:
        row = await _read(connection, work.city, work.subject)
        followed = await what_followed(connection, work.city, row)
    for dispute, open_ in followed:
        if open_:
            await open_item(tools, work.city, "binding_undone", "dispute", dispute, {"binding": row.id})


async def _read(connection: Connection, city: str, identifier: str) -> Binding:
    row = await (await connection.execute(_READ, [city, identifier])).fetchone()
    if row is None:
        raise Missing("binding_unknown")
    return msgspec.json.decode(row[0], type=Binding)
