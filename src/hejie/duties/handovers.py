"""A dispute goes to another city: the offer with its record, the other city's answers, and what follows here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.cities.homes import Summary
from hejie.desk.act import subject_of
from hejie.desk.disputes import DISPUTES
from hejie.desk.handovers import HANDOVERS
from hejie.disputes import homing_commands as d
from hejie.disputes import homing_events as he
from hejie.disputes.events import AnyEvent, CustodyChanged, words_of
from hejie.disputes.homing import as_told
from hejie.disputes.model import Dispute
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.edge.private_link import home_address
from hejie.handovers import commands as c
from hejie.handovers.model import Bought, Handover, Payee
from hejie.queries.handovers import read_handover
from hejie.queries.merchant import read_merchant
from hejie.queries.record import read_dispute as read_row
from hejie.store.contents import read_contents
from hejie.store.dispute_log import read_events
from hejie.store.handover_letters import (
    PIECE,
    AnswerLetter,
    Line,
    OfferLetter,
    cut,
    part_of,
    parts_of,
    told,
)
from hejie.store.letters import put
from hejie.store.pool import Connection, city_transaction
from hejie.store.taken import TAKEN
from hejie.worker import Work

_SIZES = """
select id, kind, octet_length(sealed) from content
where city = %s and subject = %s and id = any(%s) and kind in ('text', 'jpg', 'png') order by id
"""
_PAYMENTS = f"""
select p.wallet, p.trade_no, p.order_no, p.account, p.payee, p.item, p.paid_fen, ({TAKEN})::bigint, p.paid_at, p.proven
from payment p where p.city = %s and p.wallet = %s and p.trade_no = any(%s) order by p.trade_no
"""
_CAME_BY = "select id from handover where city = %s and dispute = %s and receiver = %s and state = 'taken' order by id"
_SEALING = 28
"""Bytes that sealing adds: nonce and tag."""


async def offer_handover(work: Work, tools: Tools) -> None:
    """The dispute rests: write down what goes with it; once."""
    async with city_transaction(tools.pool, work.city) as connection:
        dispute = await read_row(connection, work.city, work.subject)
        away = dispute.away
        if away is None or away.gone or away.handover != work.payload["handover"]:
            return
        command = await _offer(connection, dispute)
    await tools.desk.act(HANDOVERS, work.city, away.handover, command, SYSTEM)


async def _offer(connection: Connection, dispute: Dispute) -> c.Offer:
    lines = await read_events(connection, dispute.city, dispute.id)
    step = next(event for _, event in reversed(lines) if isinstance(event, he.Leaving))
    trades = [paid.trade_no for paid in dispute.payments]
    values = [dispute.city, dispute.wallet, trades]
    rows: list[Any] = await (await connection.execute(_PAYMENTS, values)).fetchall()
    names = [each.encode_name for each in msgspec.structs.fields(Bought)]
    payments = tuple(msgspec.convert(dict(zip(names, row, strict=True)), Bought) for row in rows)
    subject = subject_of("dispute", dispute.id)
    shown = sorted({name for _, event in lines for name in shown_with(event)})
    sizes = await (await connection.execute(_SIZES, [dispute.city, subject, shown])).fetchall()
    pieces = [name for content, kind, size in sizes for name in parts_of(content, kind, size - _SEALING)]
    return c.Offer(
        dispute=dispute.id,
        receiver=step.to,
        turn=step.turn,
        because=step.because,
        words=step.words,
        officer=step.officer,
        due_at=dispute.due.at if dispute.due else None,
        payments=payments,
        payee=await _payee(connection, dispute, payments),
        pieces=tuple(pieces),
    )


def shown_with(event: AnyEvent) -> list[str]:
    """What the parties wrote and showed with an event; what officers wrote among themselves stays here."""
    if isinstance(event, CustodyChanged | he.HomingEvent):
        return []
    return [name for name in (words_of(event), *getattr(event, "pictures", ())) if name]


async def _payee(connection: Connection, dispute: Dispute, payments: tuple[Bought, ...]) -> Payee:
    named = next((each.payee for each in payments if each.payee), "")
    if not dispute.merchant:
        return Payee(name=named)
    try:
        merchant = await read_merchant(connection, dispute.city, dispute.merchant)
    except Missing:
        return Payee(name=named, place=dispute.district)
    return Payee(credit_code=merchant.credit_code, name=merchant.name, place=dispute.district)


async def write_offer(work: Work, tools: Tools) -> None:
    """The pieces, each under its number, then the offer itself; where no agreement covers it, it stays here."""
    city = work.city
    async with city_transaction(tools.pool, city) as connection:
        row = await read_handover(connection, city, work.subject)
        dispute = await read_row(connection, city, row.dispute)
        lines = await read_events(connection, dispute.city, dispute.id)
        wanted = {row.words, *(part_of(name).content for name in row.pieces)} - {""}
        subject = subject_of("dispute", dispute.id)
        found = await read_contents(connection, tools.vaults(city), city, subject, sorted(wanted))
    record = tuple(
        Line(role=role, event=as_told(event)) for role, event in lines if not isinstance(event, he.HomingEvent)
    )
    letter = OfferLetter(
        dispute=row.dispute,
        turn=row.turn,
        because=row.because,
        offered_at=row.offered_at,
        answer_by=row.answer_by,
        finish_by=row.finish_by,
        due_at=row.due_at,
        payee=row.payee,
        payments=row.payments,
        pieces=row.pieces,
        record=record,
    )
    try:
        async with city_transaction(tools.pool, city) as connection:
            for number, name in enumerate(row.pieces, 1):
                part = part_of(name)
                sealed = {"part": cut(found[part.content][1] if part.content in found else b"", part.part)}
                await _put(connection, tools, row, number, PIECE, {"name": name}, sealed)
            words = found[row.words][1].decode() if row.words in found else ""
            number = len(row.pieces) + 1
            await _put(connection, tools, row, number, "handover_offer", told(letter), {"words": words})
    except (Refused, Missing) as error:
        await _not_sent(tools, row, error.code)


async def _not_sent(tools: Tools, row: Handover, why: str) -> None:
    if why in {"peer_without_key", "directory_missing"}:
        raise Refused(why)
    await tools.desk.act(HANDOVERS, row.city, row.id, c.Hear(what="refused", code="other"), SYSTEM)


async def write_letter(work: Work, tools: Tools) -> None:
    """One further letter of a hand-over, under the number that its event has kept for it."""
    city, what, number = work.city, work.payload["what"], work.payload["number"]
    async with city_transaction(tools.pool, city) as connection:
        row = await read_handover(connection, city, work.subject)
        if what == "told":
            data, sealed = dict(work.payload["told"]), dict[str, Any]()
        else:
            data, sealed = await _said(connection, tools, row, what, number)
        await _put(connection, tools, row, number, f"handover_{what}", data, sealed)


async def _said(
    connection: Connection, tools: Tools, row: Handover, what: str, number: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The open and the closed members of a letter."""
    match what:
        case "taken":
            dispute = await read_row(connection, row.city, row.dispute)
            return {}, {"link": home_address(tools.vaults(row.city), tools.settings.public_url, dispute)}
        case "refused":
            words = await _words(connection, tools, row, row.refusal_words)
            return told(AnswerLetter(code=row.refusal)), {"words": words}
        case "note":
            note = next(each for each in row.notes if each.number == number)
            return {}, {"words": await _words(connection, tools, row, note.words)}
        case _:
            return {}, {}


async def _words(connection: Connection, tools: Tools, row: Handover, name: str) -> str:
    subject = subject_of("handover", row.id)
    found = await read_contents(connection, tools.vaults(row.city), row.city, subject, [name] if name else [])
    return found[name][1].decode() if name in found else ""


async def _put(
    connection: Connection,
    tools: Tools,
    row: Handover,
    number: int,
    kind: str,
    data: dict[str, Any],
    sealed: dict[str, Any],
) -> None:
    values: list[Any] = [row.city, row.peer, row.id, number, kind, data, sealed or None]
    await put(connection, *values, now=tools.clock.now(), chance=tools.desk.chance)


async def let_dispute_go(work: Work, tools: Tools) -> None:
    """The other city has it."""
    row = await _row(work, tools)
    await tools.desk.act(DISPUTES, work.city, row.dispute, d.LetGo(handover=row.id), SYSTEM)


async def keep_dispute(work: Work, tools: Tools) -> None:
    """It stays here: refused, or given free again."""
    row = await _row(work, tools)
    because = row.refusal or row.state.value
    await tools.desk.act(DISPUTES, work.city, row.dispute, d.Stay(handover=row.id, because=because), SYSTEM)


async def handover_due(work: Work, tools: Tools) -> None:
    """The time to answer is over."""
    command = c.RunOut(at=datetime.fromisoformat(work.payload["at"]))
    await tools.desk.act(HANDOVERS, work.city, work.subject, command, SYSTEM)


async def tell_home(work: Work, tools: Tools) -> None:
    """Tell every city it came from, this time or before, how it stands by now; the hand-over knows if that is news.

    It is here, so it is taken: who took it in may not have come to say so yet, and this word would be lost. Whoever
    was held up before telling has told what is no longer so: it is read again until it is as it was told.
    """
    try:
        await tools.desk.act(HANDOVERS, work.city, work.payload["handover"], c.Take(), SYSTEM)
    except Missing:
        return  # it came here in another way
    told, stands = None, summary(await read_dispute(tools, work.city, work.subject))
    while stands != told:
        async with city_transaction(tools.pool, work.city) as connection:
            cursor = await connection.execute(_CAME_BY, [work.city, work.subject, work.city])
            came_by: list[Any] = await cursor.fetchall()
        for (handover,) in came_by:
            await tools.desk.act(HANDOVERS, work.city, handover, c.Tell(summary=stands), SYSTEM)
        told, stands = stands, summary(await read_dispute(tools, work.city, work.subject))


async def follow_home(work: Work, tools: Tools) -> None:
    """Its home told how it stands; this word may be worked off before the yes that came before it."""
    row = await _row(work, tools)
    if row.summary is not None:
        await tools.desk.act(DISPUTES, work.city, row.dispute, d.LetGo(handover=row.id), SYSTEM)
        command = d.FollowHome(handover=row.id, number=row.told, summary=row.summary)
        await tools.desk.act(DISPUTES, work.city, row.dispute, command, SYSTEM)


def summary(dispute: Dispute) -> Summary:
    """How a dispute stands, as another city may know it."""
    away = dispute.away
    if away is not None and away.summary is not None:
        return away.summary
    return Summary(
        home=dispute.home,
        state=dispute.state.value,
        due_at=dispute.due.at if dispute.due else None,
        outcome=dispute.outcome.value if dispute.outcome else "",
        closed_at=dispute.closed_at,
    )


async def _row(work: Work, tools: Tools) -> Handover:
    async with city_transaction(tools.pool, work.city) as connection:
        return await read_handover(connection, work.city, work.subject)
