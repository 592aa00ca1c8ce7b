"""The case library: settled disputes of all member cities, searched; one of ours told, or taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hejie.alliance import library as k
from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.cities.settings import CitySettings
from hejie.desk.library import LIBRARY, told_of
from hejie.disputes.model import Remedy
from hejie.edge.texts import clean_text
from hejie.edge.words import mark
from hejie.queries.library import find_cases
from hejie.store import directories
from hejie.store.settings import settings_at
from hejie.web import story_labels
from hejie.web.shell import Answer, Visit, act, page
from hejie.web.statistic_lines import named
from hejie.web.unit_lines import names_of

PATH, PAGE = "/officer/library", "officer/library.html"
NEW, NEW_PAGE = "/officer/disputes/{id:str}/library", "officer/library_new.html"
DONE = {
    "told": mark("The case is in the library. The member cities are told."),
    "back": mark("It is taken back, here and at the member cities."),
}
BANDS: Mapping[k.Band, str] = {
    k.Band.to_50: mark("up to ¥50"),
    k.Band.to_200: mark("¥50 to ¥200"),
    k.Band.to_1000: mark("¥200 to ¥1,000"),
    k.Band.to_5000: mark("¥1,000 to ¥5,000"),
    k.Band.over_5000: mark("more than ¥5,000"),
}
_REMEDIES = {each.value: each for each in Remedy}


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """Cases by words and problem, the newest first."""
    return visit.render(PAGE, **await _library(visit))


@page(NEW, role=Role.officer)
async def new(visit: Visit) -> Answer:
    """What would be told of a dispute, and the form for its summary."""
    return visit.render(NEW_PAGE, **await _new(visit))


@act(NEW, role=Role.officer)
async def publish(visit: Visit) -> Answer:
    """Tell it: refused with what was found where the words name somebody."""
    try:
        summary = " ".join(clean_text(visit.form.text("case_words"), k.MOST_WORDS, needed=True).split())
        command = k.Publish(dispute=visit.path("id"), summary=summary)
        identifier = visit.desk.mint(visit.city)
        await visit.desk.act(LIBRARY, visit.city, identifier, command, visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(NEW_PAGE, why, "case_words", **await _new(visit))
    return visit.go(f"{PATH}?done=told")


@act(f"{PATH}/{{id:str}}/withdraw", role=Role.officer)
async def withdraw(visit: Visit) -> Answer:
    """Take one of ours back."""
    try:
        await visit.desk.act(LIBRARY, visit.city, visit.path("id"), k.Withdraw(), visit.actor, once=await visit.once())
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, "", **await _library(visit))
    return visit.go(f"{PATH}?done=back")


async def _library(visit: Visit) -> dict[str, Any]:
    words, problem = visit.query("q").strip(), visit.query("problem")
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        known = await directories.present(connection, visit.city)
        found = await find_cases(connection, visit.city, words, problem, visit.query("after"))
    own = await visit.house.city(visit.city)
    names = {visit.city: own[0] if visit.language == "zh" else own[1], **names_of(visit, known)}
    problems = [(each.id, getattr(each.name, visit.language)) for each in settings.problems]
    return {
        "cases": [
            (row, names.get(row.source, row.source), facts_lines(visit, settings, row.facts)) for row in found.rows
        ],
        "after": found.after,
        "words": words,
        "problem": problem,
        "problems": [("", visit.say(mark("any problem"))), *problems],
        "done": visit.say(DONE[visit.query("done")]) if visit.query("done") in DONE else "",
    }


async def _new(visit: Visit) -> dict[str, Any]:
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        facts, _ = await told_of(connection, visit.city, visit.path("id"), settings.publicity.least_cell)
    return {
        "facts": facts_lines(visit, settings, facts) if facts else [],
        "dispute": visit.path("id"),
        "most": k.MOST_WORDS,
    }


def facts_lines(visit: Visit, settings: CitySettings, facts: k.Facts) -> list[tuple[str, str]]:
    """What is told besides the summary, in words."""
    say, language = visit.say, visit.language
    remedy = story_labels.remedy(language, _REMEDIES[facts.remedy]) if facts.remedy in _REMEDIES else facts.remedy
    kept = {True: mark("yes"), False: mark("no"), None: mark("nobody said so")}[facts.kept]
    lines = [(say(mark("Problem")), story_labels.problem(language, settings, facts.problem))]
    if facts.trade:
        lines.append((say(mark("Trade")), named(language, visit.city, settings, "trade", facts.trade)))
    lines.append((say(mark("How it settled")), remedy))
    lines.append((say(mark("Paid")), say(BANDS[facts.paid])))
    if facts.share is not None:
        lines.append((say(mark("Share of it that was agreed")), say(mark("about {n}%"), n=facts.share)))
    lines.append((say(mark("Days until it was settled")), str(facts.days)))
    lines.append((say(mark("Done as agreed")), say(kept)))
    lines.append((say(mark("Month in which it ended")), facts.month))
    return lines


ROUTES = (listed, new, publish, withdraw)
