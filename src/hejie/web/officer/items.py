"""Work items: what only a person can find out, one page each, ended with a note."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.custody import Custody
from hejie.desk import items as desk_items
from hejie.desk.act import Content
from hejie.desk.bindings import BINDINGS
from hejie.desk.follow_ups import FOLLOW_UP, FOLLOW_UPS
from hejie.desk.refunds import REFUNDS
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.mediations.follow_ups import Note
from hejie.merchants.bindings import MOST_WORDS, SURE, Basis, Bind, Command, Evidence, Identity, Scheme
from hejie.merchants.model import Merchant
from hejie.payments import refund as r
from hejie.queries import officer
from hejie.queries.calls import read_call
from hejie.queries.follow_ups import read_follow_up
from hejie.queries.merchant import read_merchant
from hejie.queries.officer import Item
from hejie.queries.record import read_dispute
from hejie.queries.successions import lines_of
from hejie.store.pool import Connection
from hejie.store.settings import settings_at
from hejie.web.handover_words import city_names
from hejie.web.officer.custody_part import moving
from hejie.web.officer.item_words import task_words, why_words, words_of
from hejie.web.officer.link_words import reasons_in_words
from hejie.web.shell import Answer, Visit, act, page

PAGE = "officer/item.html"
_SEEN_BY = "officer"
LINK_ASKED = "link_asked"
_CALLED = mark("Written down as a call afterwards.")
_ENDS: dict[str, r.Command] = {"moved": r.Succeed(seen_by=_SEEN_BY), "not_moved": r.Fail(code=_SEEN_BY)}


@page("/officer/items", role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """Open items, the oldest first."""
    async with visit.connection() as connection:
        found = await officer.open_items(connection, visit.city, visit.query("after"), within=visit.post.within)
        cities = await city_names(connection, visit.city, visit.language)
    told = [(item, words_of(visit.language, item, cities)) for item in found.rows]
    return visit.render("officer/items.html", told=told, after=found.after, done=visit.query("done"))


@page("/officer/items/{id:str}", role=Role.officer)
async def item(visit: Visit) -> Answer:
    """One item in words, with the way to what it is about."""
    return visit.render(PAGE, **await context(visit))


@act("/officer/items/{id:str}/done", role=Role.officer)
async def done(visit: Visit) -> Answer:
    """Mark it done with a note."""
    return await _end(visit, "done")


@act("/officer/items/{id:str}/retry", role=Role.officer)
async def retry(visit: Visit) -> Answer:
    """Let what stands still run again."""
    return await _end(visit, "retry")


@act("/officer/items/{id:str}/told", role=Role.officer)
async def told(visit: Visit) -> Answer:
    """Write down whether the stall was told in person; where it was not found, the next contact is tried."""
    heard = {"told": True, "not_found": False}.get(visit.form.word("heard"))
    if heard is None:
        return visit.refuse(PAGE, Refused("outcome_wrong"), "heard", **await context(visit))
    return await _end(visit, "told", heard=heard)


@act("/officer/items/{id:str}/refund", role=Role.officer)
async def refund(visit: Visit) -> Answer:
    """Write down what the wallet or the merchant said of a refund whose outcome was unknown."""
    command = _ENDS.get(visit.form.word("outcome"))
    if command is None:
        return visit.refuse(PAGE, Refused("outcome_wrong"), "outcome", **await context(visit))
    return await _end(visit, "refund", command)


@act("/officer/items/{id:str}/link", role=Role.officer)
async def linked(visit: Visit) -> Answer:
    """Decide whether a payment number is a merchant's; a yes links it from its first payment on."""
    same = {"same": True, "other": False}.get(visit.form.word("same"))
    if same is None:
        return visit.refuse(PAGE, Refused("choice_missing"), "same", **await context(visit))
    return await _end(visit, "linked", same=same)


@act("/officer/items/{id:str}/follow-up", role=Role.officer)
async def followed_up(visit: Visit) -> Answer:
    """Write down what a call afterwards came to."""
    form, said = visit.form, {"yes": True, "no": False}
    reached = said.get(form.word("reached"))
    if reached is None:
        return visit.refuse(PAGE, Refused("choice_missing"), "reached", **await context(visit))
    try:
        note = clean_text(form.text("note"), 500, needed=True)
        words = Content(id=visit.desk.mint(visit.city), kind="text", plain=note.encode())
        command = Note(
            reached=reached,
            satisfied=said.get(form.word("satisfied")) if reached else None,
            performed=said.get(form.word("performed")) if reached else None,
            words=words.id,
        )
        found = await _of_kind(visit, FOLLOW_UP)
        await visit.desk.act(
            FOLLOW_UPS, visit.city, found.subject, command, visit.actor, contents=[words], once=await visit.once()
        )
        await desk_items.finish(visit.desk, visit.city, found.id, visit.say(_CALLED), visit.actor)
    except Refused as why:
        field = "satisfied" if why.code == "choice_missing" else "note"
        return visit.refuse(PAGE, why, field, **await context(visit))
    return visit.go("/officer/items?done=done")


async def _of_kind(visit: Visit, kind: str) -> Item:
    """The item of the address; `Refused("step_out_of_order")` where it is done, or of another kind."""
    async with visit.connection() as connection:
        found = await officer.read_item(connection, visit.city, visit.path("id"))
    if found.kind != kind or found.done_at is not None:
        raise Refused("step_out_of_order", kind=found.kind)
    return found


async def _link(visit: Visit, note: str) -> None:
    """To each merchant for its own time, where a succession has passed the business on since."""
    found = await _of_kind(visit, LINK_ASKED)
    async with visit.connection() as connection:
        lines = await lines_of(connection, visit.city)
    told = found.body
    acts: list[tuple[str, Command]] = []
    for term in lines.terms(told["merchant"], datetime.fromisoformat(told["first_at"])):
        command = Bind(
            id=visit.desk.mint(visit.city),
            identity=Identity(Scheme.acquirer, told["number"], told["acquirer"]),
            merchant=term.merchant,
            shop=told["shop"] if term.merchant == told["merchant"] else "",
            begins=term.begins,
            ends=term.ends,
            evidence=Evidence(basis=Basis.scored, note=note[:MOST_WORDS], source=found.id),
            confidence=max(1, int(told["probability"] * SURE)),
        )
        acts.append((command.id, command))
    await visit.desk.act_together(BINDINGS, visit.city, acts, visit.actor, once=await visit.once())


async def _end(
    visit: Visit, how: str, command: r.Command | None = None, *, heard: bool | None = None, same: bool = False
) -> Answer:
    try:
        note = clean_text(visit.form.text("note"), 500, needed=True)
        if command is not None:
            await _end_refund(visit, command)
        if same:
            await _link(visit, note)
        if heard is not None:
            await desk_items.finish_telling(visit.desk, visit.city, visit.path("id"), note, visit.actor, heard=heard)
        else:
            ends = desk_items.retry if how == "retry" else desk_items.finish
            await ends(visit.desk, visit.city, visit.path("id"), note, visit.actor)
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, "note", **await context(visit))
    return visit.go(f"/officer/items?done={how}")


async def _end_refund(visit: Visit, command: r.Command) -> None:
    found = await _of_kind(visit, "refund_unknown")
    await visit.desk.act(REFUNDS, visit.city, found.subject, command, visit.actor, once=await visit.once())


async def context(visit: Visit) -> dict[str, Any]:
    """What the page's template sees."""
    language = visit.language
    async with visit.connection() as connection:
        found = await officer.read_item(connection, visit.city, visit.path("id"))
        parked = await officer.parked_tasks(connection, visit.city, found.noun, found.subject)
        sent = await _refund(visit, connection, found)
        candidate = await _candidate(connection, visit.city, found)
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        held = Custody(officer=found.officer, authority=found.authority, offered_to=found.offered_to)
        moves = await moving(visit, connection, settings, held, found.place, open_now=found.done_at is None)
        called = await _called(visit, connection, found)
        call = await read_call(connection, visit.house.vaults(visit.city), visit.city, found.id)
        cities = await city_names(connection, visit.city, language)
    return {
        "item": found,
        "words": words_of(language, found, cities),
        "parked": [(task, task_words(language, task.kind), why_words(language, task.last_error)) for task in parked],
        "refund": sent,
        "call": call,
        "called": called,
        "moving": moves,
        "moved": visit.query("done"),
        "reasons": reasons_in_words(language, found.body) if found.kind == LINK_ASKED else [],
        "candidate": candidate,
    }


async def _called(visit: Visit, connection: Connection, found: Item) -> str:
    """The consumer's number, for whoever is to call and had no part in the case."""
    if found.kind != FOLLOW_UP or found.done_at is not None or not visit.post.holds(visit.actor.id, found.officer):
        return ""
    row = await read_follow_up(connection, visit.city, found.subject)
    if visit.actor.id in row.handlers:
        return ""
    dispute = await read_dispute(connection, visit.city, row.dispute)
    person = f"person:{dispute.consumer}"
    return await officer.phone_of(connection, visit.house.vaults(visit.city), visit.city, person, "phone")


async def _candidate(connection: Connection, city: str, found: Item) -> Merchant | None:
    """The merchant that a question about a link names."""
    return await read_merchant(connection, city, found.body["merchant"]) if found.kind == LINK_ASKED else None


async def _refund(visit: Visit, connection: Connection, found: Item) -> r.Refund | None:
    return await officer.read_refund(connection, visit.city, found.subject) if found.noun == "refund" else None
