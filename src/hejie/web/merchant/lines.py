"""What one act would do to each of many chosen disputes: its terms, its words, its cost, or why it cannot be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.disputes import commands as c
from hejie.disputes.cost import cost_of
from hejie.disputes.decide import decide
from hejie.disputes.ground import Ground
from hejie.disputes.model import Dispute, Offer, Remedy, Road
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.merchants.handling_rules import must_answer
from hejie.merchants.office import Reply, must_be_filled
from hejie.queries import queue
from hejie.queries.queue import Item
from hejie.store.pool import Connection, city_transaction
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.code_words import sentence
from hejie.web.merchant.giving import answering_desk
from hejie.web.merchant.places import Place
from hejie.web.merchant.replies import languages, reply_to
from hejie.web.shell import Visit

ACTS: Mapping[str, str] = {
    "accept": mark("Agree to what the customer asks"),
    "part": mark("Offer part of the money back"),
    "answer": mark("Refuse, with a reason"),
    "say": mark("Write to the customer"),
    "assign": mark("Give it to somebody"),
}
_ROADS = (Road.api, Road.own_tool, Road.by_hand)
_WHOLE = 100
Command = TypeVar("Command", c.AcceptOffer, c.MakeOffer)


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be done with every chosen line."""

    act: str
    percent: int = 0
    reply: Reply | None = None
    text: str = ""
    to: str = ""

    @property
    def says(self) -> tuple[object, ...]:
        """All of it, for the idempotency keys."""
        return (self.act, self.percent, self.reply, self.text, self.to)


class Line(Struct, frozen=True, kw_only=True):
    """One chosen dispute, and what would become of it."""

    place: Place
    item: Item
    dispute: Dispute
    seen: int
    """The version that the visitor has read."""
    asks: str
    """What the customer asks, in words."""
    command: c.OnExisting | None = None
    """None where it is only given to somebody, or cannot be done."""
    terms: str = ""
    words: str = ""
    cost_fen: int = 0
    waits: bool = False
    """It is above the visitor's limit and would wait for a second person."""
    why_not: str = ""

    @property
    def pick(self) -> str:
        """How a form names it, with the version that was read."""
        return f"{self.place.city}.{self.dispute.id}.{self.seen}"


def plan_of(visit: Visit, here: Place, check: Checks) -> Plan:
    """What the form wants done; its faults go to `check`."""
    form = visit.form
    act = form.word("act")
    if act not in ACTS:
        raise Refused("field_unreadable")
    reply = here.merchant.office.reply(form.word("reply"))
    text = check("words", clean_text, form.text("words"), needed=act in {"answer", "say"} and not reply, default="")
    check("words", must_be_filled, text, default=None)
    percent = check("percent", _percent, form.word("percent"), default=0) if act == "part" else 0
    return Plan(act=act, percent=percent, reply=reply, text=text, to=form.word("to"))


def _percent(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= int(word[:4]) <= _WHOLE):
        raise Refused("percent_unusable")
    return int(word)


async def planned(
    visit: Visit, seats: Sequence[Place], chosen: Sequence[tuple[str, str, str]], plan: Plan | None
) -> list[Line]:
    """The chosen lines in their order, each as far as the plan goes; what is not the visitor's is left out."""
    found: dict[tuple[str, str], Line] = {}
    for place in seats:
        wanted = {dispute: version for city, dispute, version in chosen if city == place.city}
        if wanted:
            async with city_transaction(visit.house.pool, place.city) as connection:
                for line in await _in_city(visit, connection, place, wanted, plan):
                    found[place.city, line.dispute.id] = line
    wished = dict.fromkeys((city, dispute) for city, dispute, _ in chosen)
    return [found[each] for each in wished if each in found]


async def _in_city(
    visit: Visit, connection: Connection, place: Place, wanted: Mapping[str, str], plan: Plan | None
) -> list[Line]:
    now, city, identifiers = visit.house.clock.now(), place.city, list(wanted)
    settings = await settings_at(connection, city, now)
    items = await queue.named(connection, city, place.merchant.id, identifiers)
    disputes = await queue.read_many(connection, city, place.merchant, identifiers, now)
    handlings = await queue.read_handlings(connection, city, identifiers)
    speaks = await languages(connection, city, sorted({each.consumer for each, _ in disputes.values()}))
    lines = []
    for identifier, version in wanted.items():
        if identifier not in disputes or not place.staff.works_for(disputes[identifier][0].shop):
            continue
        dispute, authorised = disputes[identifier]
        seen = int(version[:9]) if version.isascii() and version.isdigit() else dispute.version
        asks = story_labels.terms(visit.language, dispute.claim)
        line = Line(place=place, item=items[identifier], dispute=dispute, seen=seen, asks=asks)
        if plan is not None and plan.act != "assign":
            ground = Ground(city=city, now=now, actor=place.actor, settings=settings, authorised=authorised)
            try:
                desk = answering_desk(place.merchant, dispute, handlings.get(identifier))
                must_answer(place.staff, desk)
                line = _line(visit, line, plan, ground, speaks.get(dispute.consumer, "zh"))
            except HejieError as why:
                line = replace(line, why_not=sentence(visit.language, why.code, why.facts))
        lines.append(line)
    return lines


def _line(visit: Visit, line: Line, plan: Plan, ground: Ground, language: str) -> Line:
    """The line with the command that the rules would take now; raises what they say against it."""
    dispute, words = line.dispute, plan.text
    if plan.reply is not None and plan.act != "accept":
        words = reply_to(plan.reply, language, dispute, line.item.shop or line.place.merchant.name)
    match plan.act:
        case "accept":
            offer = dispute.open_offer(Role.consumer)
            if offer is None:
                raise Refused("offer_over")
            command: c.OnExisting = _on_a_road(
                dispute, ground, [c.AcceptOffer(offer=offer.id, road=_wished(offer, road)) for road in _ROADS]
            )
            terms, remedy, amount = story_labels.terms(visit.language, offer), offer.remedy, offer.amount_fen
            words = ""
        case "part":
            whole = plan.percent == _WHOLE
            remedy = Remedy.refund_full if whole else Remedy.refund_part
            amount = dispute.left_fen if whole else max(1, dispute.left_fen * plan.percent // _WHOLE)
            tried = [c.MakeOffer(id="?", remedy=remedy, amount_fen=0 if whole else amount, road=r) for r in _ROADS]
            command = _on_a_road(dispute, ground, tried)
            made = Offer(id="?", by=Role.merchant, remedy=remedy, amount_fen=amount, road=_ROADS[0], made_at=ground.now)
            terms = story_labels.terms(visit.language, made)
        case _:
            command = c.Answer(words="?") if plan.act == "answer" else c.Say(words="?")
            decide(dispute, command, ground)
            return replace(line, command=command, words=words)
    cost = cost_of(dispute, remedy, amount)
    merchant, staff = line.place.merchant, line.place.staff
    waits = not merchant.may_give(staff, cost)
    if waits and not merchant.approvers(staff.person, cost, dispute.shop):
        raise Refused("above_own_limit", limit_fen=merchant.most_of(staff) or 0)
    return replace(line, command=command, terms=terms, words=words, cost_fen=cost, waits=waits)


def _wished(offer: Offer, road: Road) -> Road | None:
    return None if road is offer.road else road


def _on_a_road(dispute: Dispute, ground: Ground, tried: Sequence[Command]) -> Command:
    """The first of these that the rules take; else what they say against the last."""
    for command in tried[:-1]:
        try:
            if decide(dispute, command, ground):
                return command
        except HejieError:
            continue
    decide(dispute, tried[-1], ground)
    return tried[-1]
