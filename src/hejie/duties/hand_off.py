"""A hand-off to 12315: written down before it leaves, asked for while unknown, sent again only under the same key."""

from __future__ import annotations

from datetime import datetime, timedelta

from hejie.base.actor import SYSTEM
from hejie.base.errors import Refused, Unknown
from hejie.connectors.national12315.protocol import HandoffAnswer, National, Standing
from hejie.desk.act import Content, subject_of
from hejie.desk.disputes import DISPUTES
from hejie.disputes.handoff import OVER, UNCLEAR, Handoff, HandoffState
from hejie.disputes.handoff_commands import EndOdr, NoteHandoff, Step
from hejie.duties.items import open_item
from hejie.duties.rows import read_dispute
from hejie.duties.tools import Tools
from hejie.store.contents import read_content
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, LaterError, Work

LOOK_EVERY = timedelta(hours=6)
"""How often 12315 is asked how a hand-off stands that it has, in business time."""
_STEPS = {
    Standing.accepted: Step.accepted,
    Standing.refused: Step.refused,
    Standing.returned: Step.returned,
    Standing.concluded: Step.concluded,
}
_WITH_WORDS = frozenset({Standing.refused, Standing.returned, Standing.concluded})


async def hand_off(work: Work, tools: Tools) -> None:
    """Bring one hand-off to its end; every step is stored before the next is taken.

    What was never sent is sent once the dispute says that it goes: a consent that was taken back stops it there.
    """
    found = await _handoff(work, tools)
    if found is None or found.state in OVER:
        return
    national, fresh = tools.national(work.city), found.state is HandoffState.handed
    if fresh:
        await _note(work, tools, Step.sending)
        now = await _handoff(work, tools)
        if now is None or now.state is not HandoffState.sending:
            return
    try:
        answer = await _answer(work, tools, national, fresh=fresh)
    except Refused as error:
        await _note(work, tools, Step.returned, words=error.code)
        return
    except Unknown as error:
        await _note(work, tools, Step.unknown, code=error.code)
        raise LaterError(_wait(tools, found)) from None
    await _take(work, tools, answer)


async def _answer(work: Work, tools: Tools, national: National, *, fresh: bool) -> HandoffAnswer:
    """What 12315 says: asked first, unless nothing was ever sent; sent where it never came, the same bytes always."""
    key = work.payload["key"]
    if not fresh:
        answer = await national.ask(key)
        if answer.standing is not Standing.absent:
            return answer
    async with city_transaction(tools.pool, work.city) as connection:
        subject = subject_of("dispute", work.subject)
        _, package = await read_content(connection, tools.vaults(work.city), work.city, subject, key)
    return await national.submit(key, package)


async def _take(work: Work, tools: Tools, answer: HandoffAnswer) -> None:
    """Write down what is new, each fact by itself; until it is over it is asked for again."""
    if answer.number:
        await _note(work, tools, Step.received, at=answer.received_at, number=answer.number)
    if answer.accepted_at is not None and answer.standing is not Standing.accepted:
        await _note(work, tools, Step.accepted, at=answer.accepted_at)
    step = _STEPS.get(answer.standing)
    if step is not None:
        words = answer.words if answer.standing in _WITH_WORDS else ""
        at = answer.accepted_at if step is Step.accepted else None
        await _note(work, tools, step, at=at, code=answer.code, words=words, settled=answer.settled)
    found = await _handoff(work, tools)
    if found is not None and found.state not in OVER:
        raise AgainError(tools.clock.now() + LOOK_EVERY)


async def _note(
    work: Work,
    tools: Tools,
    step: Step,
    *,
    at: datetime | None = None,
    number: str = "",
    code: str = "",
    words: str = "",
    settled: bool = False,
) -> None:
    said = [Content(id=tools.desk.mint(work.city), kind="text", plain=words.encode())] if words else []
    command = NoteHandoff(
        key=work.payload["key"],
        step=step,
        at=at,
        number=number,
        code=code,
        words=said[0].id if said else "",
        settled=settled,
    )
    await tools.desk.act(DISPUTES, work.city, work.subject, command, SYSTEM, contents=said)


async def _handoff(work: Work, tools: Tools) -> Handoff | None:
    """The hand-off of the task's own key; none where another one has taken its place."""
    found = (await read_dispute(tools, work.city, work.subject)).handoff
    return found if found is not None and found.package == work.payload["key"] else None


def _wait(tools: Tools, found: Handoff) -> float:
    steps = tools.settings.resolve_seconds
    return steps[min(found.doubts, len(steps) - 1)]


async def handoff_unclear(work: Work, tools: Tools) -> None:
    """Ask a person about a hand-off of which nobody knows, after the city's time, whether it arrived."""
    found = await _handoff(work, tools)
    if found is not None and found.state in UNCLEAR:
        await open_item(tools, work.city, "handoff_unclear", "dispute", work.subject, {"key": found.package})


async def end_odr(work: Work, tools: Tools) -> None:
    """An ODR enterprise's time is over; the dispute knows whether that still matters."""
    command = EndOdr(at=datetime.fromisoformat(work.payload["at"]))
    await tools.desk.act(DISPUTES, work.city, work.subject, command, SYSTEM)
