"""The auditor's page: who looked at which case and did what, newest first."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge.words import mark
from hejie.queries.trail import Steps, Wanted, trail
from hejie.web.code_words import sentence
from hejie.web.shell import Answer, Visit, page

PAGE = "officer/trail.html"
_RESULTS = {"seen": mark("looked at it"), "done": mark("done")}
_NOUNS = {
    "dispute": mark("dispute"),
    "item": mark("work item"),
    "merchant": mark("merchant"),
    "paycode": mark("payment code"),
    "safety_report": mark("safety report"),
    "bulletin": mark("bulletin"),
    "list": mark("list of merchants"),
    "member": mark("officer"),
}
_GIVEN = ("function/give", "function/end")


@page("/officer/trail", role=Role.officer)
async def shown(visit: Visit) -> Answer:
    """The trail, narrowed by person, case and day."""
    asked = {name: visit.query(name).strip() for name in ("person", "case", "day")}
    try:
        day = date.fromisoformat(asked["day"]) if asked["day"] else None
    except ValueError:
        return visit.refuse(PAGE, Refused("day_unreadable"), "day", lines=[], asked=asked, later="", after="")
    wanted = Wanted(login=asked["person"], subject=asked["case"], day=day)
    async with visit.connection() as connection:
        found = await trail(connection, visit.city, wanted, visit.query("after"))
    later = urlencode({name: value for name, value in asked.items() if value})
    return visit.render(PAGE, lines=_lines(visit, found), asked=asked, later=later, after=found.after)


def _lines(visit: Visit, found: Steps) -> list[tuple[object, str, str]]:
    """Each step with what it was about and what came of it, in words."""
    return [(step, visit.say(_NOUNS.get(step.noun, "")), _result(visit, step.act, step.result)) for step in found.rows]


def _result(visit: Visit, name: str, result: str) -> str:
    if name in _GIVEN:
        return result
    if result in _RESULTS:
        return visit.say(_RESULTS[result])
    return visit.say("refused: {why}", why=sentence(visit.language, result, {}))


ROUTES = (shown,)
