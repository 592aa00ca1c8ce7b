"""A file of announcements taken: its rejected lines and its acknowledgement are written beside it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from msgspec import Struct

from hejie.base.told_file import ToldLine
from hejie.desk.act import Desk
from hejie.desk.announcing import REJECTED, Announcement, Result, answered_before, take_announcement
from hejie.duties.partner_files import Lines, Rejected, Speaker, beside, checked, write_json
from hejie.merchants.announced import FORM


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """What `FILE.ack.json` tells whoever brought the file."""

    sha256: str
    lines: int
    bound: int
    waiting: int
    rejected: int
    received_at: datetime
    business_day: date
    """For which of the bank's business days it counts."""


async def take_file(desk: Desk, city: str, path: Path, speaker: Speaker) -> Acknowledgement:
    """Take one file; taken before, it changes nothing, and its acknowledgement is written again.

    The acknowledgement comes last: where it is, all of the file was taken and the rejected lines lie beside it.
    Errors, before a line is taken: those of `partner_files.checked`; amid them `Stale`: take it again.
    """
    found = checked(path, FORM)
    told = Announcement(
        acquirer=speaker.acquirer,
        numbers=speaker.numbers,
        key=f"file:{found.sha256}",
        digest=bytes.fromhex(found.sha256),
        lines=Lines(path, FORM),
    )
    taken = await answered_before(desk, city, told)
    if taken is None:
        with Rejected(path, FORM) as rejected:

            def each(line: ToldLine, result: Result) -> None:
                if result.result == REJECTED:
                    rejected.write(line, result.code)

            taken = await take_announcement(desk, city, told, each)
    acknowledgement = Acknowledgement(
        sha256=found.sha256,
        lines=found.lines,
        bound=taken.bound,
        waiting=taken.waiting,
        rejected=taken.rejected,
        received_at=taken.taken_at,
        business_day=speaker.business_day(taken.taken_at),
    )
    write_json(beside(path, "ack"), acknowledgement)
    return acknowledgement
