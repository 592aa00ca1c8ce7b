"""Several answers at once: chosen in the queue, looked at one by one before, each given by itself, each told after."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Refused
from hejie.desk.act import Content, Once
from hejie.desk.handlings import HANDLINGS
from hejie.disputes import commands as c
from hejie.edge.forms import Checks
from hejie.merchants.handling import handling_of
from hejie.queries import queue
from hejie.store.pool import city_transaction
from hejie.web.code_words import sentence
from hejie.web.merchant import giving, inbox
from hejie.web.merchant.approvals import assignment
from hejie.web.merchant.giving import Given, give, once_of
from hejie.web.merchant.inbox import picked
from hejie.web.merchant.lines import ACTS, Line, Plan, plan_of, planned
from hejie.web.merchant.places import Place, places
from hejie.web.shell import Answer, Visit, act

PREVIEW, DONE = "merchant/many.html", "merchant/many_done.html"


class Result(Struct, frozen=True):
    """What became of one line."""

    line: Line
    given: Given | None
    why_not: str = ""


@act("/merchant/many", role=Role.merchant)
async def preview(visit: Visit) -> Answer:
    """What each answer would be and cost; nothing is given yet."""
    try:
        chosen = picked(visit)
    except Refused as why:
        return visit.refuse("merchant/inbox.html", why, "many", **await inbox.context(visit))
    seats = await places(visit)
    check = Checks()
    plan = plan_of(visit, seats[0], check)
    lines = await planned(visit, seats, chosen, None if check else plan)
    shown = _shown(visit, seats, plan, lines)
    return visit.refuse(PREVIEW, check, **shown) if check else visit.render(PREVIEW, **shown)


@act("/merchant/many/do", role=Role.merchant)
async def do(visit: Visit) -> Answer:
    """Give each answer by itself, under its own key: half may fail, and all of it may be sent again."""
    chosen, seats, check = picked(visit), await places(visit), Checks()
    plan, key = plan_of(visit, seats[0], check), (await visit.once()).key
    lines = await planned(visit, seats, chosen, None if check else plan)
    if check:
        return visit.refuse(PREVIEW, check, **_shown(visit, seats, plan, lines))
    keys = {line.pick: once_of(key, *plan.says, line.pick) for line in lines}
    before = await _before(visit, lines, keys)
    results = [await _one(visit, plan, line, keys[line.pick], before.get(keys[line.pick].key, "")) for line in lines]
    shown = _shown(visit, seats, plan, [result.line for result in results if result.given is None])
    counts = {"done": _count(results, Given.done), "asked": _count(results, Given.asked)}
    return visit.render(DONE, **shown, results=results, **counts)


def _count(results: list[Result], given: Given) -> int:
    return sum(result.given is given for result in results)


async def _before(visit: Visit, lines: list[Line], keys: dict[str, Once]) -> dict[str, str]:
    """What of it was answered before: the whole form may come twice."""
    found: dict[str, str] = {}
    for place in {line.place.city: line.place for line in lines}.values():
        asked = [keys[line.pick].key for line in lines if line.place is place]
        async with city_transaction(visit.house.pool, place.city) as connection:
            found |= await queue.answered(connection, place.city, place.actor, asked)
    return found


async def _one(visit: Visit, plan: Plan, line: Line, once: Once, before: str) -> Result:
    """One line by itself; a refusal is said in words and stops nothing else."""
    if before:
        waits = before == handling_of(line.dispute.id) and plan.act != "assign"
        return Result(line, Given.asked if waits else Given.done)
    try:
        if plan.act == "assign":
            place, identifier = line.place, handling_of(line.dispute.id)
            await visit.desk.act(HANDLINGS, place.city, identifier, assignment(plan.to), place.actor, once=once)
            return Result(line, Given.done)
        if line.command is None:
            return Result(line, None, line.why_not)
        return Result(line, await give(visit, _answer(visit, line, once)))
    except HejieError as why:
        return Result(line, None, sentence(visit.language, why.code, why.facts))


def _answer(visit: Visit, line: Line, once: Once) -> giving.Answer:
    """The line's command with fresh identifiers, and its words sealed beside it."""
    mint, city, command = visit.desk.mint, line.place.city, line.command
    contents: tuple[Content, ...] = ()
    if line.words and isinstance(command, c.MakeOffer | c.Answer | c.Say):
        contents = (Content(id=mint(city), kind="text", plain=line.words.encode()),)
        command = replace(command, words=contents[0].id)
    if isinstance(command, c.MakeOffer):
        command = replace(command, id=mint(city))
    if command is None:
        raise AssertionError("only a line that can be answered is")
    return giving.Answer(
        city=city,
        actor=line.place.actor,
        merchant=line.place.merchant,
        dispute=line.dispute.id,
        command=command,
        cost_fen=line.cost_fen,
        contents=contents,
        version=None if isinstance(command, c.Say) else line.seen,
        once=once,
    )


def _shown(visit: Visit, seats: list[Place], plan: Plan, lines: list[Line]) -> dict[str, Any]:
    """What both pages show."""
    return {
        "seat": seats[0],
        "many_cities": len(seats) > 1,
        "plan": plan,
        "act": visit.say(ACTS[plan.act]),
        "lines": lines,
        "able": [line for line in lines if not line.why_not],
        "total": sum(line.cost_fen for line in lines if not line.why_not),
        "waiting": sum(line.waits for line in lines if not line.why_not),
    }


ROUTES = (preview, do)
