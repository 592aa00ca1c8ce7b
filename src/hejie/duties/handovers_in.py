"""A dispute comes from another city: looked at, answered, taken in with its record; what either city tells later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hejie.alliance.letter import Letter
from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.cities.homes import handover_of
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.handovers import HANDOVERS, payer_of
from hejie.disputes import homing_commands as d
from hejie.disputes.homing import checked
from hejie.disputes.model import Dispute
from hejie.duties.items import open_item
from hejie.duties.letter_kinds import Ended, EndHandler, Handler, Incoming, opened
from hejie.duties.tools import Tools
from hejie.handovers import commands as c
from hejie.handovers.model import Handover
from hejie.intake.payments import person_of
from hejie.queries.handovers import read_handover
from hejie.queries.record import read_dispute
from hejie.store import letters_in
from hejie.store.dispute_log import read_events, record_in
from hejie.store.handover_letters import OFFER, PIECE, AnswerLetter, OfferLetter, ToldLetter, joined
from hejie.store.letter_retention import has_emptied_pieces
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.worker import LaterError, Work

_BY_ACCOUNT = """
select distinct coalesce(a.merchant, '') from unnest(%s::text[], %s::text[]) as p (wallet, account)
left join account a on a.city = %s and a.wallet = p.wallet and a.account = p.account
"""
_BY_CODE = "select id from merchant where city = %s and credit_code = %s"
_UNHEARD_SECONDS = 1.0
_SHOPS = "select id, district from shop where city = %s and merchant = %s order by id limit 200"


async def take_offer(tools: Tools, city: str, letter: Incoming) -> None:
    """An offer has come: keep it, if its record holds.

    Errors: `Refused` with `letter_unreadable` and the codes of `homing.checked`: the sender is told.
    """
    told: OfferLetter = letter.read(OfferLetter)
    if letter.about != handover_of(told.dispute, told.turn):
        raise Refused("letter_unreadable")
    async with city_transaction(tools.pool, city) as connection:
        if await has_emptied_pieces(connection, city, letter.peer, letter.about):
            raise Refused("letter_unreadable")
        await _check(connection, city, letter.peer, told)
    words = str(letter.sealed.get("words", ""))
    content = [Content(id=tools.desk.mint(city), kind="text", plain=words.encode())] if words else []
    command = c.Receive(
        dispute=told.dispute,
        sender=letter.peer,
        turn=told.turn,
        because=told.because,
        words=content[0].id if content else "",
        offered_at=told.offered_at,
        answer_by=told.answer_by,
        finish_by=told.finish_by,
        due_at=told.due_at,
        payments=told.payments,
        payee=told.payee,
        pieces=told.pieces,
    )
    await tools.desk.act(HANDOVERS, city, letter.about, command, SYSTEM, contents=content)


async def _check(connection: Connection, city: str, sender: str, told: OfferLetter) -> None:
    copy = await _copy(connection, city, told.dispute)
    if copy is not None and copy.arrived == handover_of(told.dispute, told.turn):
        return
    if copy is not None and _unheard(copy, sender, told.turn):
        raise LaterError(_UNHEARD_SECONDS)
    kept = tuple(event for _, event in record_in(await read_events(connection, city, told.dispute)))
    _, now = checked(copy, kept, _take_over(sender, told, Where()), city)
    if {each.trade_no for each in told.payments} != {each.trade_no for each in now.payments}:
        raise Refused("record_broken")
    if any(each.wallet != now.wallet or each.paid_fen <= 0 or each.before_fen < 0 for each in told.payments):
        raise Refused("record_broken")


def _unheard(copy: Dispute, sender: str, turn: int) -> bool:
    """Whether it comes back before we have heard that it was taken: that word is on its way, under another subject."""
    away = copy.away
    return away is not None and not away.gone and away.to == sender and turn == copy.turn + 1


async def consider_handover(work: Work, tools: Tools) -> None:
    """Say yes where the register knows the merchant that was paid, or the dispute comes back; else ask an officer."""
    city = work.city
    async with city_transaction(tools.pool, city) as connection:
        row = await read_handover(connection, city, work.subject)
        settings = await settings_at(connection, city, tools.clock.now())
        copy = await _copy(connection, city, row.dispute)
        found = (copy.merchant, copy.shop) if copy else await _payee(connection, row)
    if found is None or not (copy or settings.handover.by_itself):
        await open_item(tools, city, "handover_came", "handover", row.id, {"dispute": row.dispute, "peer": row.sender})
        return
    await _accept(tools, row, found)


async def _accept(tools: Tools, row: Handover, found: tuple[str, str]) -> None:
    try:
        await tools.desk.act(HANDOVERS, row.city, row.id, c.Accept(merchant=found[0], shop=found[1]), SYSTEM)
    except Refused as error:
        if error.code != "payment_in_open_dispute":
            raise
        await tools.desk.act(HANDOVERS, row.city, row.id, c.Refuse(code="open_here"), SYSTEM)


async def _payee(connection: Connection, row: Handover) -> tuple[str, str] | None:
    """The merchant by the accounts that were paid, else by its credit code; its shop by the place, where that is one.

    None where it is not known here.
    """
    accounts = [[each.wallet for each in row.payments], [each.account for each in row.payments], row.city]
    by_account = await (await connection.execute(_BY_ACCOUNT, accounts)).fetchall()
    merchant = str(by_account[0][0]) if len(by_account) == 1 else ""
    if not merchant and row.payee.credit_code:
        found = await (await connection.execute(_BY_CODE, [row.city, row.payee.credit_code])).fetchone()
        merchant = str(found[0]) if found else ""
    if not merchant:
        return None
    shops: list[Any] = await (await connection.execute(_SHOPS, [row.city, merchant])).fetchall()
    here = [shop for shop, district in shops if district == row.payee.place] or [shop for shop, _ in shops]
    return merchant, here[0] if len(here) == 1 else ""


async def take_dispute(work: Work, tools: Tools) -> None:
    """The yes was said: take the dispute in with its record and what was shown with it; then the sender is told."""
    city = work.city
    async with city_transaction(tools.pool, city) as connection:
        row = await read_handover(connection, city, work.subject)
        copy = await _copy(connection, city, row.dispute)
        kept = await letters_in.of_subject(connection, city, row.sender, row.id)
        letters = [opened(tools, city, msgspec.json.decode(raw, type=Letter)) for raw in kept]
        told: OfferLetter = next(each for each in letters if each.kind == OFFER).read(OfferLetter)
        consumer = copy.consumer if copy else ""
        if not consumer:
            fresh = tools.desk.mint(city)
            consumer = await person_of(connection, city, payer_of(row.dispute), fresh, "zh", tools.clock.now())
    where = await _where(tools, row, consumer)
    texts = {each.data["name"]: each.sealed["part"] for each in letters if each.kind == PIECE}
    shown = set() if copy is None else await _shown(tools, city, row.dispute)
    contents = [
        Content(id=name, kind=kind, plain=plain) for name, kind, plain in joined(row.pieces, texts) if name not in shown
    ]
    hands = tuple(line.role for line in told.record)
    command = _take_over(row.sender, told, where)
    await tools.desk.act(DISPUTES, city, row.dispute, command, SYSTEM, contents=contents, hands=hands)
    await tools.desk.act(HANDOVERS, city, row.id, c.Take(), SYSTEM)


class Where(msgspec.Struct, frozen=True):
    """Whose a dispute is in this city."""

    consumer: str = ""
    merchant: str = ""
    shop: str = ""
    district: str = ""


async def _where(tools: Tools, row: Handover, consumer: str) -> Where:
    async with city_transaction(tools.pool, row.city) as connection:
        shops: list[Any] = await (await connection.execute(_SHOPS, [row.city, row.merchant])).fetchall()
    own = row.payee.place if row.payee.place[:4] == row.city[:4] else ""
    place = next((district for shop, district in shops if shop == row.shop), own)
    return Where(consumer, row.merchant, row.shop, place)


def _take_over(sender: str, told: OfferLetter, where: Where) -> d.TakeOver:
    return d.TakeOver(
        handover=handover_of(told.dispute, told.turn),
        sender=sender,
        turn=told.turn,
        record=tuple(line.event for line in told.record),
        consumer=where.consumer,
        merchant=where.merchant,
        shop=where.shop,
        district=where.district,
    )


async def _shown(tools: Tools, city: str, dispute: str) -> set[str]:
    async with city_transaction(tools.pool, city) as connection:
        cursor = await connection.execute(
            "select id from content where city = %s and subject = %s", [city, f"dispute:{dispute}"]
        )
        return {name for (name,) in await cursor.fetchall()}


async def _copy(connection: Connection, city: str, identifier: str) -> Dispute | None:
    try:
        return await read_dispute(connection, city, identifier)
    except Missing:
        return None


async def take_answer(tools: Tools, city: str, letter: Incoming) -> None:
    """Yes, no, or free again: the sender hears it."""
    what = letter.kind.removeprefix("handover_")
    told: AnswerLetter = letter.read(AnswerLetter)
    await _must_be_of(tools, city, letter)
    text, name = ("link", "link") if what == "taken" else ("words", tools.desk.mint(city))
    said = str(letter.sealed.get(text, ""))
    contents = [Content(id=name, kind=text if text == "link" else "text", plain=said.encode())] if said else []
    command = c.Hear(what=what, code=told.code, words=name if contents and text == "words" else "")
    await tools.desk.act(HANDOVERS, city, letter.about, command, SYSTEM, contents=contents)


async def take_recall(tools: Tools, city: str, letter: Incoming) -> None:
    """The sender asks for it back."""
    await _must_be_of(tools, city, letter)
    await tools.desk.act(HANDOVERS, city, letter.about, c.HearRecall(), SYSTEM)


async def take_told(tools: Tools, city: str, letter: Incoming) -> None:
    """How the dispute stands at its home."""
    told: ToldLetter = letter.read(ToldLetter)
    await _must_be_of(tools, city, letter)
    command = c.HearTold(number=told.number, summary=told.summary)
    await tools.desk.act(HANDOVERS, city, letter.about, command, SYSTEM)


async def take_note(tools: Tools, city: str, letter: Incoming) -> None:
    """A line from the other city's officers."""
    await _must_be_of(tools, city, letter)
    words = str(letter.sealed.get("words", ""))
    content = Content(id=letter.id, kind="text", plain=words.encode())
    async with city_transaction(tools.pool, city) as connection:
        row = await read_handover(connection, city, letter.about)
    if all(each.words != letter.id for each in row.notes):
        await tools.desk.act(HANDOVERS, city, letter.about, c.HearNote(words=content.id), SYSTEM, contents=[content])


async def keep_piece(_tools: Tools, _city: str, letter: Incoming) -> None:
    """A piece waits among the letters for its offer; `Refused("letter_unreadable")`."""
    if not isinstance(letter.data.get("name"), str) or not isinstance(letter.sealed.get("part"), str):
        raise Refused("letter_unreadable")


async def offer_over(tools: Tools, city: str, ended: Ended) -> None:
    """The other city's house could not read the offer or one of its pieces: the dispute stays here."""
    if ended.refused:
        command = c.Hear(what="refused", code="record_broken")
        await tools.desk.act(HANDOVERS, city, ended.about, command, SYSTEM)


async def _must_be_of(tools: Tools, city: str, letter: Incoming) -> None:
    """`Refused("handover_unknown")` unless the letter is from the other side of this very hand-over."""
    try:
        async with city_transaction(tools.pool, city) as connection:
            row = await read_handover(connection, city, letter.about)
    except Missing:
        raise Refused("handover_unknown") from None
    if row.peer != letter.peer:
        raise Refused("handover_unknown")


HANDLERS: Mapping[str, Handler] = {
    PIECE: keep_piece,
    OFFER: take_offer,
    "handover_taken": take_answer,
    "handover_refused": take_answer,
    "handover_recalled": take_answer,
    "handover_recall": take_recall,
    "handover_told": take_told,
    "handover_note": take_note,
}
ENDS: Mapping[str, EndHandler] = {PIECE: offer_over, OFFER: offer_over}
