"""The proof of a case: its party takes it away, and anybody who has the file may have it checked."""

from __future__ import annotations

import asyncio

from litestar import Response

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.edge.limits import Limit
from hejie.peers.log_members import among_members
from hejie.queries.log_tree import receipt_of
from hejie.transparency.receipt import MOST_BYTES, Checked, check, write
from hejie.web import story
from hejie.web.proof_lines import VERDICTS, facts
from hejie.web.shell import Answer, Visit, act, page
from hejie.web.story_lines import is_for
from hejie.web.takeaway import TAKEN

TEMPLATE = "consumer/proof.html"
CHECKED = Limit("proofs", 60, 600)
"""Files checked from one network address: many share one."""
_MOST_MB = MOST_BYTES // 2**20


@page("/disputes/{id:str}/proof.json", role=Role.consumer)
async def take(visit: Visit) -> Answer:
    """The file; `Missing("log_unknown")` in a city without a log, `Refused("proof_not_yet")`."""
    told = await story.load(visit, visit.path("id"))
    if visit.city not in visit.house.logs:
        raise Missing("log_unknown")
    await visit.limit(TAKEN, visit.viewer.person)
    shown = [line.version for line in told.record.lines if is_for(line.event, visit.actor.role)]
    async with visit.connection() as connection:
        receipt = await receipt_of(connection, visit.city, told.dispute.id, shown)
    raw = await asyncio.to_thread(write, receipt)
    headers = {
        "content-disposition": f'attachment; filename="hejie-proof-{told.dispute.id}.json"',
        "cache-control": "no-store",
    }
    return Response(raw, media_type="application/json", headers=headers)


@page("/proof", role=Role.consumer, anyone=True)
async def ask(visit: Visit) -> Answer:
    """The form."""
    return visit.render(TEMPLATE, most=_MOST_MB)


@act("/proof", role=Role.consumer, anyone=True, most_bytes=MOST_BYTES * 2)
async def judge(visit: Visit) -> Answer:
    """What is to be said of a file. Nothing that happened in the case is shown, and nothing of the file is kept."""
    await visit.limit(CHECKED)
    try:
        checked = await _checked(visit)
    except Refused as refusal:
        return visit.refuse(TEMPLATE, refusal, "file", most=_MOST_MB)
    tone, what, then = VERDICTS[checked.verdict]
    return visit.render(
        TEMPLATE,
        most=_MOST_MB,
        verdict=checked.verdict.value,
        tone=tone,
        what=visit.say(what),
        then=visit.say(then),
        rows=facts(checked, visit.language),
    )


async def _checked(visit: Visit) -> Checked:
    files = await visit.form.files("file")
    if len(files) != 1 or not files[0]:
        raise Refused("proof_file_missing")
    own = visit.house.logs.get(visit.city)
    if own is not None:
        async with visit.connection() as connection:
            own = await among_members(connection, visit.city, own, visit.house.clock.now())
    return await asyncio.to_thread(check, files[0], own.keys if own else ())


ROUTES = (take, ask, judge)
