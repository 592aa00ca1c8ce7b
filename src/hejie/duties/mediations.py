"""What joins a dispute and its mediation: the one opens the other, and each hears how the other ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.cities import divisions
from hejie.cities.settings import CitySettings
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.mediations import MEDIATIONS, law
from hejie.disputes import commands as d
from hejie.disputes.model import Dispute, Outcome
from hejie.disputes.states import State as Stands
from hejie.duties import tell_wallet
from hejie.duties.items import open_item
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.law.jurisdiction import Respondent, competent
from hejie.law.rules import Kind
from hejie.mediations import commands as c
from hejie.mediations.ground import SIDES
from hejie.mediations.model import AGREED, Mediation, State, Telling, mediation_of
from hejie.queries.mediations import read_course, read_mediation, told_by_message
from hejie.queries.merchant import read_merchant
from hejie.queries.officer import phone_of
from hejie.queries.record import Record, read_record
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.worker import AgainError, LaterError, Work

LOOK_EVERY = timedelta(hours=1)
"""How often it is looked whether both sides are known to know how it ended."""
REFUND_SECONDS = 600
"""When it is looked again whether a refund that is under way has come to its end."""
_SOLVED = frozenset({Outcome.mediated, Outcome.performed, Outcome.confirmed, Outcome.unconfirmed})
_MEMOS = {
    "T1": "消费者撤回投诉或者双方自行和解，调解终止。",
    "T5": "自受理之日起六十日内未能达成调解协议，调解终止。"
    "您仍可与经营者协商、向消费者协会请求调解、申请仲裁或者提起诉讼。",
    "T8": "调解终止。您仍可与经营者协商、向消费者协会请求调解、申请仲裁或者提起诉讼。",
    AGREED: "双方已达成协议。",
}
"""Closing words where no officer wrote any."""
_WALLET = {
    "ComplaintReceived": "市场监管部门已收到您的投诉，将在七个工作日内决定是否受理。",
    "ComplaintAccepted": "市场监管部门已受理您的投诉，正在组织调解。",
    "AgreementReached": "双方在市场监管部门主持下达成调解协议，等待履行。",
}


async def open_mediation(work: Work, tools: Tools) -> None:
    """Open the mediation of an escalated dispute, with what the record has and whose it may be; once."""
    async with city_transaction(tools.pool, work.city) as connection:
        record = await read_record(connection, tools.vaults(work.city), work.city, work.subject)
        if record.dispute.state is not Stands.mediating:
            return
        code = await _credit_code(connection, record.dispute)
        vault, person = tools.vaults(work.city), f"person:{record.dispute.consumer}"
        phone = await phone_of(connection, vault, work.city, person, "phone")
    dispute = record.dispute
    found = authorities(dispute.district, code, tools.clock.now())
    command = c.Open(
        dispute=dispute.id,
        consumer=dispute.consumer,
        merchant=dispute.merchant,
        wallet=dispute.wallet,
        competent=tuple(division for division, _ in found),
        bases=tuple(bases for _, bases in found),
        materials=_materials(record, phone),
    )
    await tools.desk.act(MEDIATIONS, work.city, mediation_of(dispute.id), command, SYSTEM)


def authorities(district: str, credit_code: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Divisions whose authority may act, each with its bases; by the shop's place and the merchant's registration.

    The registration's division is read from the credit code (GB 32100, characters 3 to 8). None where no place is
    known.
    """
    day = now.astimezone(SHANGHAI).date()
    place, domicile = (code if divisions.county(code, day) else "" for code in (district, credit_code[2:8]))
    where = Respondent(Kind.shop if place else Kind.own_site, place=place, domicile=domicile)
    try:
        found = competent(where, day, law().book, divisions)
    except Refused:
        return ()
    return tuple((each.division, " ".join(each.bases)) for each in found)


def _materials(record: Record, phone: str) -> tuple[str, ...]:
    words = record.lines[0].words if record.lines else ""
    there = {
        "claim": True,
        "facts": bool(words),
        "phone": bool(phone),
        "respondent": bool(record.merchant_name),
        "respondent_address": bool(record.shop_address),
    }
    return tuple(sorted(name for name, has in there.items() if has))


async def _credit_code(connection: Connection, dispute: Dispute) -> str:
    try:
        return (await read_merchant(connection, dispute.city, dispute.merchant)).credit_code
    except Missing:
        return ""


async def follow_dispute(work: Work, tools: Tools) -> None:
    """The dispute has ended: so does its mediation, unless that is where the end came from."""
    dispute = await read_dispute(tools, work.city, work.subject)
    command = c.Follow(agreed=dispute.outcome in _SOLVED, withdrawn=dispute.state is Stands.withdrawn)
    try:
        await tools.desk.act(MEDIATIONS, work.city, mediation_of(dispute.id), command, SYSTEM)
    except Missing:
        return  # it was never opened


async def take_mediated(work: Work, tools: Tools) -> None:
    """Who has the mediation has the dispute too, unless a colleague has taken that."""
    row = await _row(work, tools)
    try:
        await tools.desk.act(DISPUTES, work.city, row.dispute, d.Take(), _officer(row))
    except Refused:
        return


async def mediation_due(work: Work, tools: Tools) -> None:
    """A clock has run out: mediation ends by it, or a person hears of what was not done in time."""
    command = c.RunOut(rule=work.payload["rule"], at=datetime.fromisoformat(work.payload["at"]))
    await tools.desk.act(MEDIATIONS, work.city, work.subject, command, SYSTEM)
    row = await _row(work, tools)
    late = {State.received: "acceptance_overdue", State.agreed: "performance_overdue"}.get(row.state)
    if late and row.due is not None and row.due.at == command.at:
        await open_item(tools, work.city, late, work.noun, work.subject, {"dispute": row.dispute})


async def close_mediated(work: Work, tools: Tools) -> None:
    """Close the dispute with the mediation's last words and its agency; both sides are sent a message by that."""
    async with city_transaction(tools.pool, work.city) as connection:
        course = await read_course(connection, tools.vaults(work.city), work.city, work.subject)
        settings = await settings_at(connection, work.city, tools.clock.now())
    row = course.row
    dispute = await read_dispute(tools, work.city, row.dispute)
    if dispute.state is Stands.mediating:
        words = course.texts.get(row.words) or _MEMOS.get(row.ended, _MEMOS["T8"])
        memo = Content(id=tools.desk.mint(work.city), kind="text", plain=words.encode())
        command = d.EndByMediation(
            officer=row.officer or dispute.officer,
            memo=memo.id,
            agency=_agency(settings, row),
            outcome=Outcome.mediated if row.state is State.performed else Outcome.unsettled,
        )
        try:
            await tools.desk.act(DISPUTES, work.city, dispute.id, command, SYSTEM, contents=[memo])
        except Refused as error:
            if error.code == "refund_under_way":
                raise LaterError(REFUND_SECONDS) from error
            raise


async def check_told(work: Work, tools: Tools) -> None:
    """See who is known to know how it ended; a side that nothing shows it of becomes a person's work after a time.

    Asked again every hour until both are.
    """
    row, since = await _row(work, tools), datetime.fromisoformat(work.payload["since"])
    if row.told_at is not None:
        return
    async with city_transaction(tools.pool, work.city) as connection:
        settings = await settings_at(connection, work.city, since)
        delivered = await told_by_message(connection, work.city, row.dispute, since)
    for side in SIDES:
        if side in delivered:
            command = c.NoteTold(side=side, how=Telling.delivered)
            await tools.desk.act(MEDIATIONS, work.city, work.subject, command, SYSTEM)
    row = await _row(work, tools)
    if row.told_at is not None:
        return
    now = tools.clock.now()
    if now >= since + timedelta(hours=settings.clocks.reach_hours):
        await open_item(tools, work.city, "mediation_untold", work.noun, work.subject, {"dispute": row.dispute})
    raise AgainError(now + LOOK_EVERY)


async def tell_wallet_mediation(work: Work, tools: Tools) -> None:
    """Say in the wallet's talk how far the authority is, where a wallet holds the case."""
    row = await _row(work, tools)
    dispute = await read_dispute(tools, work.city, row.dispute)
    if not dispute.wallet_event:
        return
    told = {"act": "reply", "event": dispute.wallet_event, "sentence": _WALLET[work.payload["what"]]}
    await tell_wallet.tell_wallet(replace(work, subject=dispute.id, noun="dispute", payload=told), tools)


def _agency(settings: CitySettings, row: Mediation) -> str:
    try:
        return settings.agency(row.authority or row.city).name.zh
    except Missing:
        return settings.name.zh


def _officer(row: Mediation) -> Actor:
    return Actor(Role.officer, row.officer, row.authority)


async def _row(work: Work, tools: Tools) -> Mediation:
    async with city_transaction(tools.pool, work.city) as connection:
        return await read_mediation(connection, work.city, work.subject)
