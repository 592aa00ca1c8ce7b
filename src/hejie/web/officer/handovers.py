"""Hand-overs between cities as officers decide on them: offered, taken back, accepted, refused, talked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.desk.act import Content
from hejie.desk.disputes import DISPUTES
from hejie.desk.handovers import HANDOVERS
from hejie.disputes.events import words_of
from hejie.disputes.fold import evolve
from hejie.disputes.homing_commands import Because, HandOver
from hejie.disputes.model import Dispute
from hejie.edge.forms import Checks
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.handovers import commands as c
from hejie.merchants.model import Merchant
from hejie.queries import handovers as q
from hejie.queries.officer import find_merchants
from hejie.queries.record import read_dispute
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web import handover_lines, handover_words, story, story_labels, story_lines
from hejie.web.officer import case
from hejie.web.officer.handover_part import line, receivers, tell
from hejie.web.shell import Answer, Visit, act, page

PATH, LIST, PAGE = "/officer/handovers", "officer/handovers.html", "officer/handover.html"
MOST_FOUND = 8
"""Merchants that a search shows at once."""
_MOST = 1000
_BECAUSE: Mapping[str, Because] = {each: each for each in get_args(Because)}
_DONE = {
    "offered": mark("The other city has been asked. Until it has answered, the dispute rests here."),
    "accept": mark("Accepted. The dispute is being taken over; its parties are told."),
    "refuse": mark("Refused. The other city reads why, and the dispute goes on there."),
    "recall": mark("Asked for. It comes back unless the other city has said yes by then."),
    "note": mark("Sent to the officers of the other city."),
}


class Step(Struct, frozen=True):
    """One line of the record that came with an offer."""

    who: str
    at: Any
    sentence: str
    words: str


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """What waits for an answer, by when it is due; then all, the newest first."""
    async with visit.connection() as connection:
        names = await handover_words.city_names(connection, visit.city, visit.language)
        after, within = visit.query("after"), visit.post.within
        waits = () if after else await q.waiting(connection, visit.city, within=within)
        found = await q.handover_page(connection, visit.city, after, within=within)
    return visit.render(
        LIST,
        waits=[line(visit, names, each) for each in waits],
        rows=[line(visit, names, each) for each in found.rows],
        after=found.after,
    )


@page(f"{PATH}/{{id:str}}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One hand-over: how far it is, with the record as far as it came, and what can be done."""
    return visit.render(PAGE, **await _context(visit))


@act("/officer/disputes/{id:str}/hand-over", role=Role.officer)
async def hand_over(visit: Visit) -> Answer:
    """Ask another city to take a dispute over."""
    check, form, identifier = Checks(), visit.form, visit.path("id")
    dispute = await story.load_row(visit, identifier)
    async with visit.connection() as connection:
        cities = {code for code, _ in await receivers(visit, connection)}
    to, because = form.word("to"), _BECAUSE.get(form.word("because"))
    if to not in cities:
        check.add("to", Refused("handover_city_wrong"))
    if because is None:
        check.add("because", Refused("handover_reason_missing"))
    elif because == "given_back" and to != dispute.sent_by:
        check.add("to", Refused("handover_back_elsewhere"))
    words = check("handover_words", clean_text, form.text("handover_words"), _MOST, needed=True, default="")
    if check or because is None:
        return visit.refuse(case.PAGE, check, **await case.context(visit))
    said = Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())
    command = HandOver(to=to, because=because, words=said.id)
    once = await visit.once()
    try:
        await visit.desk.act(DISPUTES, visit.city, identifier, command, visit.actor, contents=[said], once=once)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(case.PAGE, why, "to", **await case.context(visit))
    return visit.go(f"/officer/disputes/{identifier}?done=handed_over")


@act(f"{PATH}/{{id:str}}/accept", role=Role.officer)
async def accept(visit: Visit) -> Answer:
    """Take it over for a merchant of this city's register."""
    merchant, _, shop = visit.form.word("seller").partition("~")
    if not merchant:
        return await _again(visit, Refused("choice_missing"), "seller")
    return await _do(visit, c.Accept(merchant=merchant, shop=shop), "accept", "seller")


@act(f"{PATH}/{{id:str}}/refuse", role=Role.officer)
async def refuse(visit: Visit) -> Answer:
    """Say no, with a reason and words."""
    check, form, code = Checks(), visit.form, visit.form.word("refusal")
    if code not in handover_words.REFUSALS:
        check.add("refusal", Refused("refusal_unknown"))
    words = check("refusal_words", clean_text, form.text("refusal_words"), _MOST, needed=code == "other", default="")
    if check:
        return await _again(visit, check)
    said = [Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())] if words else []
    return await _do(visit, c.Refuse(code=code, words=said[0].id if said else ""), "refuse", "refusal", said)


@act(f"{PATH}/{{id:str}}/recall", role=Role.officer)
async def recall(visit: Visit) -> Answer:
    """Ask for it back."""
    return await _do(visit, c.Recall(), "recall", "recall")


@act(f"{PATH}/{{id:str}}/note", role=Role.officer)
async def note(visit: Visit) -> Answer:
    """A line to the officers of the other city."""
    try:
        words = clean_text(visit.form.text("note_words"), _MOST, needed=True)
    except Refused as why:
        return await _again(visit, why, "note_words")
    said = Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())
    return await _do(visit, c.AddNote(words=said.id), "note", "note_words", [said])


async def _do(visit: Visit, command: c.Command, done: str, field: str, contents: list[Content] | None = None) -> Answer:
    identifier, once = visit.path("id"), await visit.once()
    try:
        await visit.desk.act(
            HANDOVERS, visit.city, identifier, command, visit.actor, contents=contents or (), once=once
        )
    except Missing:
        raise
    except HejieError as why:
        return await _again(visit, why, field)
    return visit.go(f"{PATH}/{identifier}?done={done}")


async def _again(visit: Visit, why: HejieError | Checks, field: str = "") -> Answer:
    return visit.refuse(PAGE, why, field, **await _context(visit))


async def _context(visit: Visit) -> dict[str, Any]:
    city = visit.city
    async with visit.connection() as connection:
        row = await q.read_handover(connection, city, visit.path("id"))
        here = await _here(connection, city, row.dispute)
        shown = await tell(visit, connection, row, here)
        keys = visit.house.exchange[city].opening if city in visit.house.exchange else {}
        came = await q.came_with(connection, row, keys)
        words = visit.query("q") or visit.form.text("q") or row.payee.credit_code or row.payee.name
        found = await find_merchants(connection, city, words, size=MOST_FOUND) if "accept" in shown.acts else None
        record = await _record(visit, connection, came)
    done = visit.query("done") if visit.request.method == "GET" else ""
    return {
        "shown": shown,
        "row": row,
        "here": here is not None,
        "record": record,
        "words": words,
        "sellers": _sellers(found.rows if found else ()),
        "refusals": [(code, visit.say(text)) for code, text in handover_words.REFUSALS.items()],
        "wallet": story_labels.wallet(visit.language, row.payments[0].wallet) if row.payments else "",
        "done": visit.say(_DONE[done]) if done in _DONE else "",
    }


async def _here(connection: Connection, city: str, dispute: str) -> Dispute | None:
    try:
        return await read_dispute(connection, city, dispute)
    except Missing:
        return None


async def _record(visit: Visit, connection: Connection, came: q.Came) -> list[Step]:
    """What happened before, told from the letters; nothing of it is in this city's own log before the yes."""
    row: Dispute | None = None
    for step in came.steps:
        row = evolve(row, step.event)
    if row is None:
        return []
    settings = await settings_at(connection, visit.city, visit.house.clock.now())
    told = []
    for step in came.steps:
        if not story_lines.is_for(step.event, Role.officer):
            continue
        said = story_lines.sentence(visit.language, step.event, row, settings, Role.officer)
        speaker = story_lines.who(visit.language, story_lines.speaker(step.event), Role.officer)
        text = came.texts.get(words_of(step.event), "")
        words = handover_lines.words_for(step.event, Role.officer, text)
        told.append(Step(speaker, step.event.at, said, words))
    return told


def _sellers(found: tuple[Merchant, ...]) -> list[tuple[str, str, str]]:
    """Each shop of the merchants found, or the merchant itself where it has none: value, name, what tells it apart."""
    choices = []
    for merchant in found:
        if not merchant.shops:
            choices.append((f"{merchant.id}~", merchant.name, merchant.credit_code))
        for shop in merchant.shops[:MOST_FOUND]:
            hint = f"{merchant.name} · {merchant.credit_code} · {shop.address}"
            choices.append((f"{merchant.id}~{shop.id}", shop.name, hint))
    return choices


ROUTES = (listed, one, hand_over, accept, refuse, recall, note)
