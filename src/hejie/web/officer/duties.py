"""The work list: all that one officer has to do, the earliest first; and leave, in which a colleague stands in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.cities.settings import CitySettings
from hejie.edge.forms import a_day
from hejie.edge.functions import come_back, go_on_leave
from hejie.edge.words import mark, say
from hejie.law.shipped import book
from hejie.mediations.limits import TERMS
from hejie.queries import duties as q
from hejie.queries.officer import officer_names
from hejie.store.posts import day_of
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.officer.custody_part import authority_name
from hejie.web.officer.item_words import title_of
from hejie.web.shell import Answer, Visit, act, page

PAGE = "officer/duties.html"
SOON = timedelta(days=3)
NOBODY = "-"
_AGREED = mark("What was agreed is to be done")


class Shown(Struct, frozen=True, kw_only=True):
    """One duty in the officer's words."""

    duty: q.Duty
    address: str
    title: str
    why: str
    place: str
    holder: str
    """Whose it is, where it is not the reader's own."""


@page("/officer/duties", role=Role.officer)
async def duties(visit: Visit) -> Answer:
    """One's own duties and those of colleagues one stands in for; a head may ask for anybody's."""
    return visit.render(PAGE, **await _context(visit))


@act("/officer/absence", role=Role.officer)
async def leave(visit: Visit) -> Answer:
    """Enter a leave with who stands in."""
    form = visit.form
    try:
        days = a_day(form.word("first_day")), a_day(form.word("last_day"))
        member = form.word("member") or visit.actor.id
        await go_on_leave(visit.house, visit.city, visit.actor.id, member, form.word("substitute"), days)
    except HejieError as why:
        return visit.refuse(PAGE, why, "first_day", **await _context(visit))
    return visit.go("/officer/duties?done=leave")


@act("/officer/absence/end", role=Role.officer)
async def back_again(visit: Visit) -> Answer:
    """End a leave now."""
    try:
        await come_back(visit.house, visit.city, visit.actor.id, visit.form.word("absence"))
    except HejieError as why:
        return visit.refuse(PAGE, why, "first_day", **await _context(visit))
    return visit.go("/officer/duties?done=leave_over")


async def _context(visit: Visit) -> dict[str, Any]:
    now, me = visit.house.clock.now(), visit.actor.id
    asked = _asked(visit, now)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        found = await q.duties(connection, visit.city, asked, visit.query("after"))
        people = await q.officers(connection, visit.city)
        names = await officer_names(connection, visit.city, [each.officer for each in found.rows])
        away = await q.leaves(connection, visit.city, me, day_of(now), all_of_them=visit.may("lead"))
    whose = visit.query("of")
    return {
        "rows": [_shown(visit, settings, each, names, now) for each in found.rows],
        "after": found.after,
        "address": _address(visit),
        "whose": "" if asked.people[0] == me else dict(people).get(whose, visit.say("nobody yet")),
        "stands_in": [dict(people).get(each, each) for each in visit.post.stands_in],
        "people": people,
        "others": [each for each in people if each[0] != me],
        "away": away,
        "today": day_of(now).isoformat(),
        "done": visit.query("done"),
    }


def _asked(visit: Visit, now: datetime) -> q.Asked:
    """The reader's own unless a head asks for another officer's, or for what nobody has."""
    whose, span = visit.query("of"), visit.query("due")
    since = {"soon": now}.get(span)
    before = {"soon": now + SOON, "over": now}.get(span)
    if whose and visit.may("lead"):
        person = "" if whose == NOBODY else whose
        place = visit.query("place")
        if visit.post.within and not place.startswith(visit.post.within):
            raise Refused("outside_authority")
        return q.Asked(people=(person,), place=place, since=since, before=before)
    mine = (visit.actor.id, *visit.post.stands_in)
    own = (visit.post.within or visit.city,) if visit.may("receive") else ()
    return q.Asked(people=mine, authorities=own, since=since, before=before)


def _address(visit: Visit) -> str:
    """The part behind the `?` that asks for the same again, but for the page."""
    known = [(name, visit.query(name)) for name in ("of", "place", "due")]
    return "".join(f"{name}={value}&" for name, value in known if value.replace("-", "").isalnum() or value == NOBODY)


def _shown(visit: Visit, settings: CitySettings, duty: q.Duty, names: dict[str, str], now: datetime) -> Shown:
    language, is_item = visit.language, duty.noun == "item"
    title = title_of(language, duty.what) if is_item else story_labels.problem(language, settings, duty.what)
    if duty.offered:
        why = visit.say("Another authority offers it to yours")
    elif duty.due_at is not None:
        why = _rule(language, duty.due_rule, now)
    else:
        why = visit.say("No time is set; it waits for a person")
    return Shown(
        duty=duty,
        address=f"/officer/{duty.noun}s/{duty.id}",
        title=" · ".join(each for each in (title, duty.shop) if each),
        why=why,
        place=authority_name(visit, settings, duty.place),
        holder=names.get(duty.officer, "") if duty.officer != visit.actor.id else "",
    )


def _rule(language: str, name: str, now: datetime) -> str:
    """What a rule of law asks for, as the book calls it."""
    if name == TERMS:
        return say(language, _AGREED)
    try:
        rule = book().chosen(name, day_of(now))
    except HejieError:
        return name
    return str(getattr(rule.text.title, language))


ROUTES = (duties, leave, back_again)
