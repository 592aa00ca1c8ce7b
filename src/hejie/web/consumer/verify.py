"""The page that says whether a document is still the one that was given out: for anybody who has the file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.base.strict_json import strict_json
from hejie.edge.limits import Limit
from hejie.edge.words import mark
from hejie.papers.agreement import Kind, read_number
from hejie.papers.attached import MOST_ATTACHED, attached
from hejie.papers.checking import Held, Verdict, held, judge
from hejie.queries.papers import paper_numbered
from hejie.web.shell import Answer, Visit, act, page

TEMPLATE = "consumer/verify.html"
CHECKED = Limit("papers", 60, 600)
"""Files checked from one network address: many share one."""
MOST_BYTES = 4 * 1024 * 1024
"""Of the whole form: a file beyond the limit for documents is still told so in words."""
KINDS: Mapping[Kind, str] = {
    Kind.settlement: mark("Settlement agreement"),
    Kind.mediation: mark("Mediation agreement"),
}
VERDICTS: Mapping[Verdict, tuple[str, str, str]] = {
    Verdict.unchanged: (
        "",
        mark("Unchanged: this is the document that was given out here."),
        mark("Every byte is the same. The page you see is the page that both parties have."),
    ),
    Verdict.resaved: (
        "warn",
        mark("This is not the file that was given out, though the agreement attached in it is the recorded one."),
        mark(
            "It may only have been saved again by another program, but what its pages show may also have been altered."
            " Please do not rely on the pages; ask for the file as it was given out."
        ),
    ),
    Verdict.altered: (
        "bad",
        mark("Changed: the agreement in this file is not the one that is recorded under its number."),
        mark("Please do not rely on it. Both parties can take the recorded one from their own page."),
    ),
    Verdict.other_number: (
        "bad",
        mark("The number you gave is not the number inside this file."),
        mark("Please look at the number on the paper again. If it is as you typed it, do not rely on this file."),
    ),
    Verdict.unknown: (
        "bad",
        mark("Nothing was given out here under the number in this file."),
        mark("Please do not rely on it. If the paper names another city, please check it on that city's page."),
    ),
}
"""Verdict → class of the note, what it is, what follows."""


@page("/verify", role=Role.consumer, anyone=True)
async def ask(visit: Visit) -> Answer:
    """The form; the paper's square brings the number."""
    return visit.render(TEMPLATE, number=visit.query("number"))


@act("/verify", role=Role.consumer, anyone=True, most_bytes=MOST_BYTES)
async def check(visit: Visit) -> Answer:
    """What is to be said of a file. Nothing of what it says is shown, and nothing of it is kept."""
    await visit.limit(CHECKED)
    try:
        typed = read_number(number) if (number := visit.form.word("number")) else ""
    except Refused as refusal:
        return visit.refuse(TEMPLATE, refusal, "number", number=visit.form.text("number"))
    try:
        found = await _held(visit)
    except Refused as refusal:
        return visit.refuse(TEMPLATE, refusal, "file", number=typed)
    async with visit.connection() as connection:
        recorded = await paper_numbered(connection, visit.city, found.number)
    verdict = judge(found, recorded, typed)
    tone, what, then = VERDICTS[verdict]
    return visit.render(
        TEMPLATE,
        number=typed,
        verdict=verdict.value,
        tone=tone,
        what=visit.say(what),
        then=visit.say(then),
        found=found,
        kind=visit.say(KINDS[recorded.kind]) if recorded and verdict is Verdict.unchanged else "",
        made_at=recorded.made_at if recorded and verdict is Verdict.unchanged else None,
    )


async def _held(visit: Visit) -> Held:
    files = await visit.form.files("file")
    if len(files) != 1 or not files[0]:
        raise Refused("paper_file_missing")
    return await asyncio.to_thread(_read, files[0])


def _read(raw: bytes) -> Held:
    inside = attached(raw)
    try:
        said = strict_json(inside, MOST_ATTACHED)
    except Refused:
        raise Refused("paper_not_ours") from None
    return held(raw, said)


ROUTES = (ask, check)
