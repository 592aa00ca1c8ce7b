"""The six cities at work together: members and how each link stands, bulletins, offices, what is on its way."""

from __future__ import annotations

from datetime import date
from typing import Any

from hejie.alliance import bulletin as n
from hejie.alliance import contact_list as k
from hejie.alliance.directory import Directory
from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.desk.act import Content, subject_of
from hejie.desk.alliance import BULLETINS, CONTACT_LISTS
from hejie.edge.forms import Checks, a_day, one_of
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.queries import alliance
from hejie.store import directories
from hejie.store.contents import read_contents
from hejie.web.officer.alliance_lines import LEVELS, kind_words, link_lines, state_words
from hejie.web.shell import Answer, Route, Visit, act, page

PATH, PAGE = "/officer/alliance", "officer/alliance.html"
LIST, LIST_PAGE, ONE_PAGE = f"{PATH}/bulletins", "officer/bulletins.html", "officer/bulletin.html"
DONE = {
    "offices": mark("The list goes to every member city."),
    "written": mark("It is on its way. You see here who has acknowledged it."),
    "seen": mark("Acknowledged. The city that wrote it is told."),
}
_FIELDS = {
    "bulletin_title": "title",
    "bulletin_words_missing": "words",
    "bulletin_readers": "readers",
    "bulletin_day": "until",
    "text_empty": "words",
    "text_too_long": "words",
}
_ROWS = 4
"""Empty lines in the form of offices."""


@page(PATH, role=Role.officer)
async def shown(visit: Visit) -> Answer:
    """Members, links from both ends, offices, and letters that are not over."""
    return visit.render(PAGE, **await _alliance(visit))


@act(f"{PATH}/offices", role=Role.officer)
async def offices(visit: Visit) -> Answer:
    """Say how this city is reached; it goes to every member."""
    lines = zip(*(visit.form.words(name) for name in ("office", "duty", "phone")), strict=False)
    found = tuple(k.Office(name=name, duty=duty, phone=phone) for name, duty, phone in lines if name or duty or phone)
    command = k.ListOffices(offices=found)
    try:
        await visit.desk.act(CONTACT_LISTS, visit.city, visit.city, command, visit.actor, once=await visit.once())
    except HejieError as why:
        return visit.refuse(PAGE, why, "office-1", **await _alliance(visit))
    return visit.go(f"{PATH}?done=offices")


@page(LIST, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """All bulletins, those of other cities that nobody here has acknowledged marked, and the form for one more."""
    return visit.render(LIST_PAGE, **await _bulletins(visit))


@act(LIST, role=Role.officer)
async def write(visit: Visit) -> Answer:
    """Write to chosen cities."""
    check, form = Checks(), visit.form
    level = check("level", one_of, n.Level, form.word("level"), default=n.Level.notice)
    day = form.word("until")
    until: date | None = check("until", a_day, day, default=None) if day else None
    words = check("words", _words, form.text("words"), default="")
    if check:
        return visit.refuse(LIST_PAGE, check, **await _bulletins(visit))
    content = Content(id=visit.desk.mint(visit.city), kind="text", plain=words.encode())
    command = n.Write(
        level=level, title=form.word("title"), words=content.id, until=until, readers=tuple(form.words("readers"))
    )
    identifier = visit.desk.mint(visit.city)
    try:
        done = await visit.desk.act(
            BULLETINS, visit.city, identifier, command, visit.actor, contents=[content], once=await visit.once()
        )
    except HejieError as why:
        return visit.refuse(LIST_PAGE, why, _FIELDS.get(why.code, "title"), **await _bulletins(visit))
    return visit.go(f"{LIST}/{done.id}?done=written")


def _words(text: str) -> str:
    return clean_text(text, n.MOST_WORDS, needed=True)


@page(f"{LIST}/{{id:str}}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """One bulletin, and who has acknowledged it when."""
    return visit.render(ONE_PAGE, **await _bulletin(visit))


@act(f"{LIST}/{{id:str}}/seen", role=Role.officer)
async def seen(visit: Visit) -> Answer:
    """Acknowledge another city's bulletin."""
    try:
        await visit.desk.act(
            BULLETINS, visit.city, visit.path("id"), n.Acknowledge(), visit.actor, once=await visit.once()
        )
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(ONE_PAGE, why, "", **await _bulletin(visit))
    return visit.go(f"{LIST}/{visit.path('id')}?done=seen")


async def _alliance(visit: Visit) -> dict[str, Any]:
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        known = await directories.present(connection, visit.city)
        links = await alliance.links(connection, visit.city, now)
        lists = await alliance.contact_lists(connection, visit.city)
        out = await alliance.waiting_letters(connection, visit.city)
        inside = await alliance.open_letters(connection, visit.city)
    names = _names(visit, known)
    own = lists.get(visit.city)
    empty = k.Office(name="", duty="", phone="")
    rows = [*(own.offices if own else ()), *([empty] * _ROWS)]
    return {
        "directory": known,
        "expired": known is not None and now >= known.expires_at,
        "members": [
            (each, names[each.city], lists.get(each.city)) for each in (known.members if known else ())
        ],
        "links": link_lines(visit.language, links, names, visit.city),
        "offices": rows[: k.MOST_OFFICES],
        "out": [(each, names.get(each.peer, each.peer), kind_words(visit.language, each.kind)) for each in out],
        "inside": [
            (each, names.get(each.peer, each.peer), kind_words(visit.language, each.kind),
             state_words(visit.language, each.state))
            for each in inside
        ],
        "done": _done(visit),
    }  # fmt: skip


async def _bulletins(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        known = await directories.present(connection, visit.city)
        found = await alliance.bulletins(connection, visit.city)
    names = _names(visit, known)
    return {
        "bulletins": [
            (each, names.get(each.source, each.source), visit.say(LEVELS[each.level]),
             sum(reader.seen_at is not None for reader in each.readers))
            for each in found
        ],
        "readers": [(city, name) for city, name in names.items() if city != visit.city],
        "chosen": visit.form.words("readers"),
        "levels": [(each.value, visit.say(words)) for each, words in LEVELS.items()],
        "most": n.MOST_WORDS,
        "most_title": n.MOST_TITLE,
    }  # fmt: skip


async def _bulletin(visit: Visit) -> dict[str, Any]:
    identifier = visit.path("id")
    async with visit.connection() as connection:
        row = await alliance.read_bulletin(connection, visit.city, identifier)
        known = await directories.present(connection, visit.city)
        subject = subject_of("bulletin", identifier)
        vault = visit.house.vaults(visit.city)
        found = await read_contents(connection, vault, visit.city, subject, [row.words])
    names = _names(visit, known)
    return {
        "row": row,
        "source": names.get(row.source, row.source),
        "level": visit.say(LEVELS[row.level]),
        "words": found[row.words][1].decode() if row.words in found else "",
        "readers": [(each, names.get(each.city, each.city)) for each in row.readers],
        "done": _done(visit),
    }


def _names(visit: Visit, known: Directory | None) -> dict[str, str]:
    members = known.members if known else ()
    return {each.city: each.name_zh if visit.language == "zh" else each.name_en for each in members}


def _done(visit: Visit) -> str:
    done = visit.query("done")
    return visit.say(DONE[done]) if done in DONE else ""


ROUTES: tuple[Route, ...] = (shown, offices, listed, write, one, seen)
