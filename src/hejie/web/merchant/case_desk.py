"""The merchant's own side of a case: whose it is, what waits for a second person, replies ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.cities.dues import Rule
from hejie.desk.act import subject_of
from hejie.disputes.model import Dispute, Remedy
from hejie.edge.words import mark, money
from hejie.merchants.answering import Answers
from hejie.merchants.handling import Handling, Stand, handling_of
from hejie.merchants.model import Merchant
from hejie.queries import merchant as mine
from hejie.store.contents import read_contents
from hejie.store.pool import Connection
from hejie.web import story_labels
from hejie.web.code_words import sentence
from hejie.web.merchant.giving import command_of
from hejie.web.merchant.replies import languages, reply_to
from hejie.web.merchant.seat import Seat
from hejie.web.shell import Visit

MOST_COLLEAGUES = 200
DESKS: Mapping[Answers, str] = {Answers.office: mark("Head office"), Answers.shop: mark("The shop")}
_LEFT = mark("Somebody who has left")


class Waiting(Struct, frozen=True, kw_only=True):
    """An answer that waits for a second person, in words."""

    id: str
    who: str
    """Who asked for it."""
    at: datetime
    terms: str
    cost: str
    words: str
    """What the customer would read beside it."""
    stand: str
    """`asked`, `moved` where the dispute has moved on, `returned`, `given`."""
    by: str
    """Who settled it."""
    note: str
    approvable: bool
    """The reader may be the second person."""


async def context(
    visit: Visit, seat: Seat, dispute: Dispute, handling: Handling | None, answers: Answers
) -> dict[str, Any]:
    """What the case page shows of it; a case link hears only whether it may answer."""
    may_answer = answers is Answers.shop or (seat.staff is not None and seat.staff.desk is Answers.office)
    shown: dict[str, Any] = {"may_answer": may_answer, "desk": None, "waiting": None}
    shown |= {"reply": "", "replies": (), "reply_wrong": "", "own_due": own_due(seat.merchant, dispute)}
    if seat.staff is None:
        return shown
    async with visit.connection() as connection:
        names = await names_of(connection, visit.city, seat.merchant.id)
        if handling is not None and handling.approval is not None:
            shown["waiting"] = await _waiting(visit, connection, seat, dispute, handling, names)
        language = (await languages(connection, visit.city, [dispute.consumer])).get(dispute.consumer, "zh")
    assignee = handling.assignee if handling else ""
    shown["desk"] = {
        "answers": visit.say(DESKS[answers]),
        "assignee": (names.get(assignee) or visit.say(_LEFT)) if assignee else "",
        "mine": assignee == seat.staff.person,
        "by_rule": handling is not None and bool(handling.rule),
        "targets": [(word, visit.say(text)) for word, text in _targets()]
        + colleagues(seat.merchant, names, dispute.shop),
    }
    shown["replies"] = [(reply.id, reply.name) for reply in seat.merchant.office.replies]
    chosen = seat.merchant.office.reply(visit.query("reply")) if visit.request.method == "GET" else None
    if chosen is not None:
        shop = seat.merchant.shop(dispute.shop)
        try:
            shown["reply"] = reply_to(chosen, language, dispute, shop.name if shop else seat.merchant.name)
        except Refused as why:
            shown["reply_wrong"] = sentence(visit.language, why.code, why.facts)
    return shown


def own_due(merchant: Merchant, dispute: Dispute) -> datetime | None:
    """The chain's own, earlier time for a first answer; none where nothing is set or somebody has answered."""
    if dispute.due is None or dispute.due.rule is not Rule.merchant_answer:
        return None
    return target(merchant, dispute.due.start, dispute.due.at, answered=dispute.answered)


def target(merchant: Merchant, start: datetime, due: datetime, *, answered: bool) -> datetime | None:
    """The same from the parts of a list's row."""
    hours = merchant.office.target_hours
    own = start + timedelta(hours=hours)
    return own if hours and own < due and not answered else None


async def names_of(connection: Connection, city: str, merchant: str) -> dict[str, str]:
    """The names that colleagues see."""
    found = await mine.staff_names(connection, city, merchant)
    return {person: name for person, (_, name) in found.items()}


def colleagues(merchant: Merchant, names: Mapping[str, str], shop: str = "") -> list[tuple[str, str]]:
    """Who can be given a dispute (of one shop, where it is named); those of the head office first."""
    fitting = [staff for staff in merchant.staff if staff.person in names and (not shop or staff.works_for(shop))]
    fitting.sort(key=lambda staff: (staff.desk is Answers.shop, names[staff.person]))
    return [(staff.person, names[staff.person]) for staff in fitting[:MOST_COLLEAGUES]]


def _targets() -> list[tuple[str, str]]:
    return [(answers.value, DESKS[answers]) for answers in (Answers.office, Answers.shop)]


async def _waiting(
    visit: Visit,
    connection: Connection,
    seat: Seat,
    dispute: Dispute,
    handling: Handling,
    names: Mapping[str, str],
) -> Waiting | None:
    approval, me = handling.approval, seat.staff
    if approval is None or me is None:
        return None
    wish, subject = approval.wish, subject_of("handling", handling_of(dispute.id))
    if approval.stand is not Stand.asked and me.person not in {approval.by, approval.settled_by}:
        return None
    vault = visit.house.vaults(visit.city)
    read = await read_contents(connection, vault, visit.city, subject, [i for i in (wish.words, approval.note) if i])
    texts = {content: plain.decode() for content, (_, plain) in read.items()}
    waits = handling.waits(dispute.version) is not None
    stand = approval.stand.value if waits or approval.stand is not Stand.asked else "moved"
    if stand == "given" or (stand == "moved" and me.person != approval.by):
        return None
    return Waiting(
        id=wish.id,
        who=names.get(approval.by) or visit.say(_LEFT),
        at=approval.asked_at,
        terms=_terms(visit.language, dispute, command_of(wish)),
        cost=money(wish.cost_fen),
        words=texts.get(wish.words, ""),
        stand=stand,
        by=names.get(approval.settled_by) or visit.say(_LEFT),
        note=texts.get(approval.note, ""),
        approvable=waits and me.person != approval.by and seat.merchant.may_give(me, wish.cost_fen),
    )


def _terms(language: str, dispute: Dispute, command: Any) -> str:
    offer = dispute.offer(getattr(command, "offer", ""))
    if offer is not None:
        return story_labels.terms(language, offer)
    remedy = Remedy(command.remedy)
    amount = dispute.left_fen if remedy is Remedy.refund_full else command.amount_fen
    return (
        f"{story_labels.remedy(language, remedy)} {money(amount)}" if amount else story_labels.remedy(language, remedy)
    )
