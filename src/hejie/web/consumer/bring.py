"""A bill file becomes a payment that can be settled: choose, confirm a contact, go on; nothing is kept in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities.settings import CitySettings
from hejie.edge import one_time
from hejie.edge.forms import Checks, plain
from hejie.edge.limits import Limit
from hejie.edge.sessions import Viewer
from hejie.intake.contacts import keep_contact
from hejie.intake.payments import Paid, contact_handle, person_of, take_payment
from hejie.payments.bills import MOST_BYTES, read_bill
from hejie.queries.consumer import Payee, handle_of, payee_named
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web import story_labels as labels
from hejie.web.consumer.box import Box, BoxRow, open_box, seal_box
from hejie.web.consumer.contact import typed_contact
from hejie.web.consumer.hotline import Known, context
from hejie.web.consumer.reaching import nobody
from hejie.web.consumer.rows import Choice, choices
from hejie.web.consumer.statement import Told, of_box
from hejie.web.shell import Answer, Visit, act, page

FILES = Limit("bill-files", 20, 600)
"""Bill files brought from one network address."""
PURPOSE = "consumer-contact"
_LIFE = timedelta(hours=1)
"""How long a page between may stay open."""
_ROOM = 64 * 1024
MOST_CHOSEN = 20


@page("/bill/file", role=Role.consumer, anyone=True)
async def bring(visit: Visit) -> Answer:
    """Where the file is chosen."""
    return visit.render("consumer/bring.html")


@act("/bill/file", role=Role.consumer, anyone=True, most_bytes=MOST_BYTES + _ROOM)
async def read(visit: Visit) -> Answer:
    """Read it and show its payments; the file itself is forgotten."""
    await visit.limit(FILES)
    check = Checks()
    find = check("find", plain, visit.form.text("find"), default="")
    raw = await visit.form.file("bill")
    if not raw:
        check.add("bill", Refused("file_missing"))
    if check:
        return visit.refuse("consumer/bring.html", check)
    try:
        bill = await asyncio.to_thread(read_bill, raw)
    except Refused as refusal:
        return visit.refuse("consumer/bring.html", refusal, "bill")
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
    shown = choices(visit.language, bill, find, settings, now)
    box = Box(wallet=bill.wallet, until=now + _LIFE, rows=tuple(each.row for each in shown if each.choosable))
    return visit.render("consumer/choose.html", **_choosing(visit, box, shown, settings))


def _choosing(visit: Visit, box: Box, shown: Sequence[Choice], settings: CitySettings) -> dict[str, Any]:
    return {
        "box": seal_box(visit.house.vaults(visit.city), box),
        "open": [each for each in shown if each.choosable],
        "shut": [each for each in shown if not each.choosable],
        "wallet": labels.wallet(visit.language, box.wallet),
        "days": settings.clocks.filing_days,
        "chosen": set(visit.form.words("row")),
    }


@act("/bill/file/choose", role=Role.consumer, anyone=True)
async def choose(visit: Visit) -> Answer:
    """One payment, or several to the same merchant; then the contact, or straight on for those who are known."""
    box, now = _opened(visit), visit.house.clock.now()
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
    check = Checks()
    place = check("place", plain, visit.form.text("place"), 80, default="")
    none: tuple[BoxRow, ...] = ()
    chosen = check("row", _chosen, box, visit.form.words("row"), default=none)
    if any(row.asks for row in chosen) and not place:
        check.add("place", Refused("place_missing"))
    if check:
        shown = [Choice.again(row, visit.language, settings, now) for row in box.rows]
        return visit.refuse("consumer/choose.html", check, **_choosing(visit, box, shown, settings))
    box = Box(wallet=box.wallet, until=now + _LIFE, rows=chosen, place=place)
    async with visit.connection() as connection:
        payee = await _payee(connection, visit, box)
    if payee is None:
        await nobody(visit, box)
        sealed = seal_box(visit.house.vaults(visit.city), box)
        known = Known(settings=settings, statements=of_box(visit, box), box=sealed)
        return visit.render("consumer/unknown.html", again=visit.form.text("box"), **context(visit, known, Told()))
    if visit.known:
        async with visit.connection() as connection:
            handle = await handle_of(connection, visit.city, visit.viewer.person)
            await _keep(connection, visit.city, box, handle, payee)
        return _onwards(visit, box)
    return visit.render("consumer/contact.html", box=seal_box(visit.house.vaults(visit.city), box))


@act("/bill/file/contact", role=Role.consumer, anyone=True)
async def contact(visit: Visit) -> Answer:
    """Send a code to the phone; known numbers and unknown ones get the same."""
    box, vault = _opened(visit), visit.house.vaults(visit.city)
    try:
        phone = typed_contact(visit, needed=True)
        await one_time.ask(
            visit.house,
            visit.city,
            purpose=PURPOSE,
            subject=contact_handle(vault, phone),
            phone=phone,
            language=visit.language,
            address=visit.address,
        )
    except Refused as refusal:
        return visit.refuse("consumer/contact.html", refusal, "phone", box=visit.form.text("box"))
    box = Box(wallet=box.wallet, until=visit.house.clock.now() + _LIFE, rows=box.rows, place=box.place, phone=phone)
    return visit.render("consumer/code.html", box=seal_box(vault, box), phone=phone, minutes=one_time.MINUTES)


@act("/bill/file/confirm", role=Role.consumer, anyone=True)
async def confirm(visit: Visit) -> Answer:
    """The code fits: the person, the number, the payments and a session, all at once."""
    box, vault, now = _opened(visit), visit.house.vaults(visit.city), visit.house.clock.now()
    if not box.phone:
        raise Refused("form_unreadable")
    handle = contact_handle(vault, box.phone)
    try:
        code = visit.form.word("code")
        await one_time.check(visit.house.pool, vault, visit.city, purpose=PURPOSE, subject=handle, code=code)
    except Refused as refusal:
        again = {"box": visit.form.text("box"), "phone": box.phone, "minutes": one_time.MINUTES}
        return visit.refuse("consumer/code.html", refusal, "code", **again)
    async with visit.connection() as connection:
        person = await person_of(connection, visit.city, handle, visit.desk.mint(visit.city), visit.language, now)
        await keep_contact(connection, vault, visit.city, person, box.phone, now)
        payee = await _payee(connection, visit, box)
        if payee is None:
            raise Refused("merchant_unknown")
        await _keep(connection, visit.city, box, handle, payee)
    await visit.sign_in(Viewer(city=visit.city, role=Role.consumer, person=person))
    return _onwards(visit, box)


def _opened(visit: Visit) -> Box:
    return open_box(visit.house.vaults(visit.city), visit.form.text("box"), visit.house.clock.now())


def _onwards(visit: Visit, box: Box) -> Answer:
    return visit.go("/disputes/new?" + "&".join(f"trade={row.trade_no}" for row in box.rows))


def _chosen(box: Box, numbers: Sequence[str]) -> tuple[BoxRow, ...]:
    """The rows of these numbers.

    Errors: `Refused` with `payment_none`, `payments_too_many`, `payments_mixed`, `payment_unknown`.
    """
    if not numbers:
        raise Refused("payment_none")
    if len(numbers) > MOST_CHOSEN:
        raise Refused("payments_too_many", most=MOST_CHOSEN)
    known = {row.trade_no: row for row in box.rows}
    if any(number not in known for number in numbers):
        raise Refused("payment_unknown")
    rows = tuple(known[number] for number in dict.fromkeys(numbers))
    if len({row.counterparty for row in rows}) > 1:
        raise Refused("payments_mixed")
    return rows


async def _payee(connection: Connection, visit: Visit, box: Box) -> Payee | None:
    """Whom it was paid to, by exact name: the one the consumer gave, else the one in the bill."""
    return await payee_named(connection, visit.city, [box.place, box.rows[0].counterparty])


async def _keep(connection: Connection, city: str, box: Box, handle: bytes, payee: Payee) -> None:
    for row in box.rows:
        paid = Paid(
            wallet=box.wallet,
            trade_no=row.trade_no,
            order_no=row.order_no,
            payer=handle,
            account="",
            merchant=payee.merchant,
            shop=payee.shop,
            payee=row.counterparty,
            item=row.item,
            paid_fen=row.amount_fen,
            refunded_before_fen=row.refunded_fen,
            paid_at=row.time,
            proven=False,
            source="file",
        )
        await take_payment(connection, city, paid)


ROUTES = (bring, read, choose, contact, confirm)
