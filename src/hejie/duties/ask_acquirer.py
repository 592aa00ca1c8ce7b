"""Asks an acquirer about one disputed payment; who asked, what for and how much was found is written down."""

from __future__ import annotations

import msgspec

from hejie.base.actor import SYSTEM, Role
from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.acquirer import Acquirers
from hejie.connectors.acquirer.trade import TraceAsked
from hejie.desk.trace_requests import TRACE_REQUESTS
from hejie.duties.tools import Tools
from hejie.intake.asked import Asker, note_asked
from hejie.payments.trace_request import Command, Found, NoteAnswer, NoteDoubt, NoteRefusal, TraceRequest
from hejie.queries.trace_requests import read_trace_request
from hejie.store.pool import city_transaction
from hejie.worker import Work


async def ask_acquirer(work: Work, tools: Tools) -> None:
    """Ask once more while nothing is known, always under the question's own key.

    Errors: `Unknown` of the acquirer, after it is written down: the same question goes again.
    """
    async with city_transaction(tools.pool, work.city) as connection:
        row = await read_trace_request(connection, work.city, work.subject)
    if not row.open:
        return
    try:
        found = await _found(tools, row)
    except Unknown as error:
        await _note(tools, row, NoteDoubt(code=error.code))
        raise
    except (Refused, Missing) as error:
        await _note(tools, row, NoteRefusal(code=error.code))
        return
    asker = Asker(role=Role.officer.value, person=row.by, purpose=row.purpose, dispute=row.dispute)
    async with city_transaction(tools.pool, work.city) as connection:
        vault, reference = tools.vaults(work.city), f"{row.acquirer}\0{row.number}\0"
        await note_asked(connection, vault, work.city, asker, reference, len(found), tools.clock.now())
    await _note(tools, row, NoteAnswer(answers=found))


async def _found(tools: Tools, row: TraceRequest) -> tuple[Found, ...]:
    """What the acquirer says of this very payment; whatever else it tells is left out."""
    wallet = tools.wallet(row.city, Acquirers.name)
    if not isinstance(wallet, Acquirers):
        raise Missing("acquirer_unknown")
    asked = TraceAsked(purpose=row.purpose, dispute=row.dispute, number=row.number)
    told = await wallet.trace(row.acquirer, asked, row.id)
    return tuple(msgspec.convert(msgspec.to_builtins(each), Found) for each in told if each.payment == row.number)


async def _note(tools: Tools, row: TraceRequest, command: Command) -> None:
    await tools.desk.act(TRACE_REQUESTS, row.city, row.id, command, SYSTEM)
