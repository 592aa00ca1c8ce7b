"""What is known here of the cases that a wallet holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hejie.store.pool import Connection

_KNOWN = """
select id, true as same from dispute where city = %(city)s and wallet = %(wallet)s and wallet_event = %(event)s
union all
select dispute, false from dispute_payment
where city = %(city)s and wallet = %(wallet)s and trade_no = %(trade)s and open
order by same desc limit 1
"""
_PAYER = "select payer from payment where city = %s and wallet = %s and trade_no = %s"
_SOME_OPEN = """
select wallet_event from dispute
where city = %s and wallet = %s and wallet_event is not null and closed_at is null
order by md5(id || %s) limit %s
"""
_EVENTS = "select wallet_event from dispute where city = %s and wallet = %s and wallet_event = any(%s)"
_WITHOUT_MERCHANT = """
select subject from work_item
where city = %s and kind = 'case_without_merchant' and subject = any(%s) and done_at is null
order by md5(subject || %s)
"""
_ASKED = """
select subject from task where city = %s and noun = 'case' and kind = 'follow_case' and subject = any(%s)
"""


async def known(connection: Connection, city: str, wallet: str, event: str, trade_no: str) -> str:
    """The dispute that is this case, else the open one on the same payment, else empty."""
    values = {"city": city, "wallet": wallet, "event": event, "trade": trade_no}
    row = await (await connection.execute(_KNOWN, values)).fetchone()
    return str(row[0]) if row else ""


async def payer(connection: Connection, city: str, wallet: str, trade_no: str) -> bytes | None:
    """The keyed handle of who paid, where the payment is known."""
    row: Any = await (await connection.execute(_PAYER, [city, wallet, trade_no])).fetchone()
    return bytes(row[0]) if row else None


async def unknown(connection: Connection, city: str, wallet: str, events: Sequence[str]) -> list[str]:
    """Which of these cases no dispute here is."""
    here = await _first_column(connection, _EVENTS, [city, wallet, list(events)])
    return [event for event in events if event not in here]


async def without_merchant(connection: Connection, city: str, events: Sequence[str], turn: str) -> list[str]:
    """Which of these cases a person was asked about, since nobody here knows the merchant; others first each `turn`."""
    return await _first_column(connection, _WITHOUT_MERCHANT, [city, list(events), turn])


async def some_open(connection: Connection, city: str, wallet: str, turn: str, most: int) -> list[str]:
    """A few open cases, others with each `turn`."""
    return await _first_column(connection, _SOME_OPEN, [city, wallet, turn, most])


async def asked_for(connection: Connection, city: str, events: Sequence[str]) -> set[str]:
    """Which of these cases are to be followed already."""
    return set(await _first_column(connection, _ASKED, [city, list(events)]))


async def _first_column(connection: Connection, query: str, values: list[object]) -> list[str]:
    return [row[0] for row in await (await connection.execute(query.encode(), values)).fetchall()]
