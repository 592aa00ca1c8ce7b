"""Questions to acquirers: one, those of a dispute, and the payments of it that an acquirer could be asked about."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.base.errors import Missing
from hejie.merchants.bindings import ACQUIRER
from hejie.payments.trace_request import TraceRequest
from hejie.store.pool import Connection

MOST_SHOWN = 50
_READ = "select body::text from trace_request where city = %s and id = %s"
_OF = "select body::text from trace_request where city = %s and dispute = %s order by asked_at desc, id desc limit %s"
_PAYMENTS = "select wallet, trade_no from dispute_payment where city = %s and dispute = %s order by wallet, trade_no"


async def read_trace_request(connection: Connection, city: str, identifier: str) -> TraceRequest:
    """One; `Missing("trace_request_unknown")`."""
    row: Any = await (await connection.execute(_READ, [city, identifier])).fetchone()
    if row is None:
        raise Missing("trace_request_unknown")
    return msgspec.json.decode(row[0], type=TraceRequest)


async def trace_requests_of(connection: Connection, city: str, dispute: str) -> list[TraceRequest]:
    """A dispute's, the newest first, `MOST_SHOWN` at most."""
    rows: list[Any] = await (await connection.execute(_OF, [city, dispute, MOST_SHOWN])).fetchall()
    return [msgspec.json.decode(body, type=TraceRequest) for (body,) in rows]


async def disputed_payments(connection: Connection, city: str, dispute: str) -> tuple[list[str], list[str]]:
    """Numbers of all payments of a dispute, and of those that went through an acquirer."""
    rows: list[Any] = await (await connection.execute(_PAYMENTS, [city, dispute])).fetchall()
    return [number for _, number in rows], [number for wallet, number in rows if wallet == ACQUIRER]
