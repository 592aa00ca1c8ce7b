"""Measures against merchants, as officers decide on them: announced with a reason, an appeal answered, ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError
from hejie.desk.act import Content
from hejie.desk.measures import MEASURES, steps_of
from hejie.edge.forms import one_of
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.merchants import measures as e
from hejie.queries.measures import may_rest_on, measures, measures_of
from hejie.queries.merchant import read_merchant
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.measure_lines import MEANING, STEPS, cards
from hejie.web.shell import Answer, Route, Visit, act, page

PATH, PAGE = "/officer/measures", "officer/measures.html"
DONE = {
    "announced": mark("It is announced to the merchant, who can appeal now."),
    "answered": mark("Your answer stands beside the appeal."),
    "ended": mark("It is taken back or ended from now on."),
}


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """All of the city, or one merchant's with the form for one more."""
    return visit.render(PAGE, **await _context(visit, visit.query("merchant")))


@act(PATH, role=Role.officer)
async def announce(visit: Visit) -> Answer:
    """Decide on a step against a merchant."""
    identifier, merchant = visit.desk.mint(visit.city), visit.form.word("merchant")
    disputes = tuple(visit.form.words("dispute"))
    try:
        step = one_of(e.Step, visit.form.word("step"))
    except HejieError as why:
        return visit.refuse(PAGE, why, "step", **await _context(visit, merchant))
    return await _tell(
        visit,
        identifier,
        ("reason", "announced", merchant),
        lambda words: e.AnnounceMeasure(id=identifier, merchant=merchant, step=step, reason=words, disputes=disputes),
    )


@act(f"{PATH}/{{id:str}}/answer", role=Role.officer)
async def answer(visit: Visit) -> Answer:
    """Answer an appeal: the measure stands, or is lifted."""
    upheld = visit.form.word("upheld") == "yes"
    return await _tell(
        visit,
        visit.path("id"),
        ("answer_words", "answered", visit.form.word("merchant")),
        lambda words: e.DecideAppeal(upheld=upheld, words=words),
    )


@act(f"{PATH}/{{id:str}}/end", role=Role.officer)
async def end(visit: Visit) -> Answer:
    """Take it back, or end it."""
    about = ("end_words", "ended", visit.form.word("merchant"))
    return await _tell(visit, visit.path("id"), about, lambda words: e.EndMeasure(words=words))


async def _tell(
    visit: Visit, identifier: str, about: tuple[str, str, str], command: Callable[[str], e.Command]
) -> Answer:
    """Give a command with the words of one field, which are kept as content; `about` is field, done and merchant."""
    field, done, merchant = about
    try:
        plain = clean_text(visit.form.text(field), e.MOST_WORDS, needed=True).encode()
        words = Content(id=visit.desk.mint(visit.city), kind="text", plain=plain)
        given = command(words.id)
        await visit.desk.act(
            MEASURES, visit.city, identifier, given, visit.actor, contents=[words], once=await visit.once()
        )
    except HejieError as why:
        return visit.refuse(PAGE, why, field, **await _context(visit, merchant))
    return visit.go(f"{PATH}?done={done}" + (f"&merchant={merchant}" if merchant else ""))


async def _context(visit: Visit, merchant: str) -> dict[str, Any]:
    now, vault = visit.house.clock.now(), visit.house.vaults(visit.city)
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, now)
        one = await read_merchant(connection, visit.city, merchant) if merchant else None
        found = (
            await measures_of(connection, vault, visit.city, merchant)
            if one
            else await measures(connection, vault, visit.city)
        )
        resting = await may_rest_on(connection, visit.city, merchant) if one else []
    on = settings.ladder.holds(now.astimezone(SHANGHAI).date())
    past = tuple(each.row for each in found)
    possible = e.next_steps(past, steps_of(settings), settings.ladder.span_days, now) if one and on else ()
    done = visit.query("done")
    return {
        "cards": cards(visit.language, settings, found, now),
        "on": on,
        "merchant": one,
        "steps": [(each.value, visit.say(STEPS[each]), visit.say(MEANING[each])) for each in possible],
        "disputes": [
            (each.id, story_labels.problem(visit.language, settings, each.problem), each.filed_at) for each in resting
        ],
        "chosen": frozenset(visit.form.words("dispute")),
        "person": visit.actor.id,
        "done": visit.say(DONE[done]) if done in DONE else "",
        "most": e.MOST_WORDS,
    }


ROUTES: tuple[Route, ...] = (listed, announce, answer, end)
