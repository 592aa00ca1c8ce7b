"""Publicity about merchants, as officers decide on it: announced with a reason, answered, published, corrected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError
from hejie.desk.act import Content
from hejie.desk.publicity import PUBLICITIES
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.merchants import publicity as u
from hejie.queries.publicity import merchant_of_code, publicities
from hejie.store.settings import settings_at
from hejie.web.publicity_lines import cards
from hejie.web.shell import Answer, Route, Visit, act, page

PATH, PAGE = "/officer/publicity", "officer/publicity.html"
DONE = {
    "announced": mark("It is announced to the merchant, who can object now."),
    "answered": mark("Your answer stands beside the objection."),
    "published": mark("Everybody can read it now."),
    "corrected": mark("The correction stands beside the figures."),
    "withdrawn": mark("It is taken back; nobody else reads it any more."),
}


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """All of the city, those that go on first, and the form for one more."""
    return visit.render(PAGE, **await _context(visit))


@act(PATH, role=Role.officer)
async def announce(visit: Visit) -> Answer:
    """Announce that a merchant's figures are to be published."""
    identifier, code = visit.desk.mint(visit.city), visit.form.word("credit_code").upper()
    try:
        async with visit.connection() as connection:
            merchant = await merchant_of_code(connection, visit.city, code)
    except HejieError as why:
        return visit.refuse(PAGE, why, "credit_code", **await _context(visit))
    return await _tell(
        visit,
        identifier,
        "reason",
        "announced",
        lambda words: u.Announce(id=identifier, merchant=merchant, reason=words),
    )


@act(f"{PATH}/{{id:str}}/answer", role=Role.officer)
async def answer(visit: Visit) -> Answer:
    """Answer an objection; where the merchant is right, it is taken back."""
    upheld = visit.form.word("upheld") == "yes"
    return await _tell(
        visit,
        visit.path("id"),
        "answer_words",
        "answered",
        lambda words: u.DecideObjection(upheld=upheld, words=words),
    )


@act(f"{PATH}/{{id:str}}/publish", role=Role.officer)
async def publish(visit: Visit) -> Answer:
    """Show it to everybody."""
    try:
        await visit.desk.act(
            PUBLICITIES, visit.city, visit.path("id"), u.Publish(), visit.actor, once=await visit.once()
        )
    except HejieError as why:
        return visit.refuse(PAGE, why, "", **await _context(visit))
    return visit.go(f"{PATH}?done=published")


@act(f"{PATH}/{{id:str}}/correct", role=Role.officer)
async def correct(visit: Visit) -> Answer:
    """Set something right."""
    return await _tell(visit, visit.path("id"), "correct_words", "corrected", lambda words: u.Correct(words=words))


@act(f"{PATH}/{{id:str}}/withdraw", role=Role.officer)
async def withdraw(visit: Visit) -> Answer:
    """Take it back."""
    return await _tell(visit, visit.path("id"), "withdraw_words", "withdrawn", lambda words: u.Withdraw(words=words))


async def _tell(visit: Visit, identifier: str, field: str, done: str, command: Callable[[str], u.Command]) -> Answer:
    """Give a command with the words of one field, which are kept as content."""
    try:
        plain = clean_text(visit.form.text(field), u.MOST_WORDS, needed=True).encode()
        words = Content(id=visit.desk.mint(visit.city), kind="text", plain=plain)
        given = command(words.id)
        await visit.desk.act(
            PUBLICITIES, visit.city, identifier, given, visit.actor, contents=[words], once=await visit.once()
        )
    except HejieError as why:
        return visit.refuse(PAGE, why, field, **await _context(visit))
    return visit.go(f"{PATH}?done={done}")


async def _context(visit: Visit) -> dict[str, Any]:
    now, vault = visit.house.clock.now(), visit.house.vaults(visit.city)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        found = await publicities(connection, vault, visit.city)
        shown = await cards(connection, visit.language, visit.city, settings, found, now)
    done = visit.query("done")
    return {
        "cards": shown,
        "on": settings.publicity.holds(now.astimezone(SHANGHAI).date()),
        "rules": settings.publicity,
        "done": visit.say(DONE[done]) if done in DONE else "",
        "most": u.MOST_WORDS,
    }


ROUTES: tuple[Route, ...] = (listed, announce, answer, publish, correct, withdraw)
