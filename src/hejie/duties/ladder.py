"""One notice, rung by rung: the first contact is tried, and the next where it fails or nothing is heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from hejie.agenda import Task
from hejie.base.actor import Role
from hejie.desk.act import subject_of
from hejie.disputes.assist import Holder
from hejie.disputes.model import Dispute
from hejie.duties import outgoing
from hejie.duties.handling import told_shop
from hejie.duties.letters import letter
from hejie.duties.tools import Tools
from hejie.duties.wording import About, climbs, compose
from hejie.edge.links import CODE_LETTERS, case_link, check_handle, letters
from hejie.edge.private_link import slip_address
from hejie.intake.contacts import CONTACT
from hejie.merchants.contacts import Channel
from hejie.queries.merchant import find_merchant
from hejie.store.contents import read_contents
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.store.writing import write_tasks

LINK_DAYS = 14
"""How long the link in a message to a merchant opens the case; every message brings a fresh one."""

_PERSON = "select language from person where city = %s and id = %s"
_NOTE = """
insert into notice (city, id, dispute, audience, merchant, template, channel, status, provider_id, at)
values (%s, %s, %s, %s, %s, %s, %s, %s, '', %s)
on conflict (city, id) do update set channel = excluded.channel, status = excluded.status, at = excluded.at
"""
_TRY = """
insert into delivery (city, id, notice, rung, dispute, contact, channel, state, check_code, tail, made_at, at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (city, notice, rung) do nothing returning id
"""


class Notice(Struct, frozen=True, kw_only=True):
    """What one side is to be told."""

    id: str
    dispute: str
    audience: Role
    template: str
    merchant: str = ""
    """Which merchant is told; a consumer's notice names none."""


class Rung(Struct, frozen=True, kw_only=True):
    """One way to reach somebody."""

    contact: str
    """The merchant's contact; empty for a consumer."""
    channel: Channel
    to: str
    """The number (E.164), the e-mail address, or where the office is."""


class Side(Struct, frozen=True, kw_only=True):
    """Whom a message goes to."""

    rungs: tuple[Rung, ...]
    language: str
    shop: str
    """The name under which the message speaks of the merchant."""


async def side_of(connection: Connection, tools: Tools, city: str, notice: Notice, dispute: Dispute) -> Side:
    """How this side is reached now; a consumer by one number or address at most."""
    told, place = _whose(notice, dispute)
    merchant = await find_merchant(connection, city, told)
    shop = merchant.shop(place) if merchant else None
    name = shop.name if shop else merchant.name if merchant else ""
    if notice.audience is Role.merchant:
        if merchant and told == dispute.merchant:
            place = await told_shop(connection, dispute, merchant)
        ladder = merchant.ladder(place) if merchant else ()
        subject = subject_of("merchant", told)
        found = await read_contents(connection, tools.vaults(city), city, subject, [each.content for each in ladder])
        rungs = tuple(
            Rung(contact=each.id, channel=each.channel, to=found[each.content][1].decode())
            for each in ladder
            if each.content in found
        )
        return Side(rungs=rungs, language="zh", shop=name)
    person = await (await connection.execute(_PERSON, [city, dispute.consumer])).fetchone()
    language = "en" if person and str(person[0]).startswith("en") else "zh"
    subject = subject_of("person", dispute.consumer)
    given = await read_contents(connection, tools.vaults(city), city, subject, [CONTACT])
    rungs = tuple(
        Rung(contact="", channel=Channel.email if kind == "email" else Channel.sms, to=plain.decode())
        for kind, plain in given.values()
        if plain
    )
    return Side(rungs=rungs, language=language, shop=name)


def _whose(notice: Notice, dispute: Dispute) -> tuple[str, str]:
    """The merchant and shop that a notice tells, or speaks of: the dispute's own, the named party's, a former one's."""
    asked = dispute.denial.to if dispute.denial else None
    others = {gone.merchant: gone.shop for gone in dispute.former}
    if asked is not None:
        others[asked.merchant] = asked.shop
    if dispute.seen_by:
        others[dispute.seen_by] = dispute.shop
    if notice.merchant in {"", dispute.merchant}:
        return dispute.merchant, dispute.shop
    return notice.merchant, others.get(notice.merchant, "")


async def note(connection: Connection, city: str, notice: Notice, channel: str, status: str, now: datetime) -> None:
    """Where a notice stands now."""
    whom: list[object] = [city, notice.id, notice.dispute, notice.audience.value, notice.merchant]
    await connection.execute(_NOTE, [*whom, notice.template, channel, status, now])


async def climb(connection: Connection, tools: Tools, city: str, notice: Notice, dispute: Dispute, rung: int) -> None:
    """Try the rung of that number, from 0; above the last one a person is asked.

    What the dispute has left behind is not sent at all.
    """
    side = await side_of(connection, tools, city, notice, dispute)
    now = tools.clock.now()
    if rung >= len(side.rungs):
        await _at_the_end(connection, city, notice, now, rung)
    elif side.rungs[rung].channel is Channel.market_office:
        await _send_somebody(connection, tools, city, notice, side.rungs[rung], rung)
    else:
        await _write(connection, tools, city, notice, dispute, side, rung)


async def _at_the_end(connection: Connection, city: str, notice: Notice, now: datetime, rung: int) -> None:
    if rung == 0:
        await note(connection, city, notice, "page", "shown", now)
        kind = "merchant_unreachable"
    else:
        kind = "notice_refused"
    if rung or notice.audience is Role.merchant:
        await ask_a_person(connection, city, notice, kind, now)


async def _send_somebody(
    connection: Connection, tools: Tools, city: str, notice: Notice, rung: Rung, number: int
) -> None:
    delivery, now = tools.desk.mint(city), tools.clock.now()
    if await _tried(connection, tools, city, notice, rung, number, delivery, letters(tools.desk.chance, CODE_LETTERS)):
        await note(connection, city, notice, rung.channel.value, "sent", now)
        await ask_a_person(connection, city, notice, "tell_merchant", now, contact=rung.contact)


async def _write(
    connection: Connection, tools: Tools, city: str, notice: Notice, dispute: Dispute, side: Side, number: int
) -> None:
    rung, now, vault = side.rungs[number], tools.clock.now(), tools.vaults(city)
    settings = await settings_at(connection, city, now)
    about = About(
        dispute=dispute,
        audience=notice.audience,
        template=notice.template,
        language=side.language,
        shop=side.shop,
        settings=settings,
    )
    address, delivery = tools.settings.public_url.rstrip("/"), tools.desk.mint(city)
    if rung.channel is Channel.voice:
        link = ""
    elif notice.audience is Role.merchant:
        ends = now + timedelta(days=LINK_DAYS)
        link = await case_link(
            connection,
            vault,
            tools.desk.chance,
            address,
            city,
            dispute.id,
            ends,
            contact=rung.contact,
            merchant=_whose(notice, dispute)[0],
        )
    elif dispute.assist is not None:  # no wallet and no code of theirs lets this person in
        link = slip_address(vault, address, dispute, Holder.person)
    else:
        link = f"{address}/{city}/disputes/{dispute.id}"
    code = letters(tools.desk.chance, CODE_LETTERS)
    message = compose(about, key=delivery, to=rung.to, link=link, number=code.upper())
    if message is None or not await _tried(connection, tools, city, notice, rung, number, delivery, code):
        return
    await note(connection, city, notice, rung.channel.value, "sending", now)
    sent = letter(message, side.shop, side.language) if rung.channel is Channel.email else message
    await outgoing.keep(connection, vault, city, subject_of("delivery", delivery), now, sent)
    way = f"email:{city}" if rung.channel is Channel.email else f"sms:{city}"
    tasks = [Task(kind="deliver", noun="delivery", subject=delivery, destination=way)]
    if climbs(notice.template, notice.audience):
        by = now + timedelta(minutes=settings.clocks.receipt_minutes)
        tasks.append(Task(kind="await_receipt", noun="delivery", subject=delivery, destination=f"sms:{city}", at=by))
    await write_tasks(connection, city, now, tasks)


async def _tried(
    connection: Connection, tools: Tools, city: str, notice: Notice, rung: Rung, number: int, delivery: str, code: str
) -> bool:
    """Write the try down; whether it is the first on this rung."""
    now, check = tools.clock.now(), check_handle(tools.vaults(city), code)
    values = [city, delivery, notice.id, number, notice.dispute, rung.contact, rung.channel.value]
    values += ["sent" if rung.channel is Channel.market_office else "sending", check]
    values += [rung.to[-2:] if rung.channel.is_number else ""]
    values += [now, now]
    return await (await connection.execute(_TRY, values)).fetchone() is not None


async def ask_a_person(
    connection: Connection, city: str, notice: Notice, kind: str, now: datetime, **more: object
) -> None:
    """A work item on the notice's dispute."""
    payload: dict[str, object] = {"kind": kind, "audience": notice.audience.value, "template": notice.template, **more}
    task = Task(kind="raise_item", noun="dispute", subject=notice.dispute, payload=payload)
    await write_tasks(connection, city, now, [task])
