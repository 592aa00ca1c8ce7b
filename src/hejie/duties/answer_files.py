"""A file of an acquirer's answers taken line by line, each once: as by call, with what was rejected beside it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused, Stale
from hejie.base.told_file import Form, ToldLine
from hejie.desk import heard
from hejie.desk.act import Desk
from hejie.desk.heard import Event, Heard
from hejie.duties.partner_files import Lines, Rejected, Speaker, beside, checked, write_json
from hejie.edge.answering import MOST_WORDS, AnswerTold, answer_for_merchant
from hejie.edge.forms import idempotency_key
from hejie.store.pool import city_transaction

COLUMNS = ("key", "dispute", "version", "answer", "offer", "remedy", "amount_fen", "road", "words")
FORM = Form(columns=COLUMNS, most_cell=MOST_WORDS)
_TRIES = 3
_AMID = "in_flight"
"""The code of an act that somebody else is at."""


class Taken(Struct, frozen=True, kw_only=True):
    """What became of a file."""

    answered: int
    rejected: int
    taken_at: datetime


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """What `FILE.ack.json` tells whoever brought the file."""

    sha256: str
    lines: int
    answered: int
    rejected: int
    received_at: datetime
    business_day: date
    """For which of the bank's business days it counts."""


async def take_answers(desk: Desk, city: str, path: Path, speaker: Speaker) -> Acknowledgement:
    """Take one file; taken before, it changes nothing, and its acknowledgement is written again.

    The rejected lines come before what is kept of the file, and the acknowledgement last: where it is, all was taken.
    Errors, before a line is taken: those of `partner_files.checked`; amid them `Stale("in_flight")`: take it again.
    """
    found = checked(path, FORM)
    digest = bytes.fromhex(found.sha256)
    this = Heard(city=city, acquirer=speaker.acquirer, key=f"answers:{found.sha256}", digest=digest)
    async with city_transaction(desk.pool, city) as connection:
        taken = await heard.answered(connection, this, Taken)
    if taken is None:
        taken = await _take(desk, this, path)
    acknowledgement = Acknowledgement(
        sha256=found.sha256,
        lines=found.lines,
        answered=taken.answered,
        rejected=taken.rejected,
        received_at=taken.taken_at,
        business_day=speaker.business_day(taken.taken_at),
    )
    write_json(beside(path, "ack"), acknowledgement)
    return acknowledgement


async def _take(desk: Desk, this: Heard, path: Path) -> Taken:
    answered = refused = 0
    with Rejected(path, FORM) as rejected:
        for line in Lines(path, FORM):
            code = await _answer(desk, this, line)
            if code:
                refused += 1
                rejected.write(line, code)
            else:
                answered += 1
    taken = Taken(answered=answered, rejected=refused, taken_at=desk.clock.now())
    body = {"answered": answered, "rejected": refused}
    event = Event(name="AnswersTaken", about="answers", at=taken.taken_at, actor=SYSTEM, body=body)
    async with city_transaction(desk.pool, this.city) as connection:
        if await heard.keep(desk, connection, this, taken, event):
            return taken
        return await heard.answered(connection, this, Taken) or taken


async def _answer(desk: Desk, this: Heard, line: ToldLine) -> str:
    """Give one line's answer; the code where it is rejected. A line that was given before is given."""
    if line.parts is None:
        return line.code
    try:
        key, told = idempotency_key(line.parts["key"]), _read(line)
        for last in (False,) * (_TRIES - 1) + (True,):
            try:
                await answer_for_merchant(desk, this.city, this.acquirer, line.parts["dispute"], told, key)
                break
            except Stale as why:
                if last and why.code == _AMID:
                    raise
                if last:
                    return why.code
    except (Refused, Missing) as why:
        return why.code
    return ""


def _read(line: ToldLine) -> AnswerTold:
    """The answer of one line; `Refused("answer_line")`."""
    given = {name: text for name, text in (line.parts or {}).items() if text and name not in {"key", "dispute"}}
    try:
        return msgspec.convert(given, AnswerTold, strict=False)
    except msgspec.ValidationError:
        raise Refused("answer_line") from None
