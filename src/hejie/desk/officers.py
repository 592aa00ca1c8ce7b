"""What the desk asks when an officer acts in a dispute: from where, and until when the law asks for a decision."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from msgspec.structs import replace

from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError
from hejie.cities.custody import Give
from hejie.cities.posts import Act, must_do, must_reach, place_of
from hejie.desk.book import Situation
from hejie.disputes import commands as c
from hejie.disputes.ground import Ground
from hejie.disputes.model import Dispute
from hejie.law.clock import deadline
from hejie.law.shipped import book, calendar
from hejie.store.posts import find_post, read_post

ACCEPT = "A1"
"""The rule that gives the authority its time to accept or refuse."""
_FILING = c.File | c.Mirror | c.IssueSlip | c.WithdrawMandate


async def as_officer(at: Situation, row: Dispute | None, command: c.Command, ground: Ground) -> Ground:
    """The ground with the officer's post and, where one is named, the colleague's.

    Errors: `Refused("function_missing" | "outside_authority")`. Moves among officers are told by their own rules.
    """
    post = await read_post(at.connection, at.city, at.actor.id, at.now)
    candidate = None
    if isinstance(command, c.Move):
        if isinstance(command.what, Give):
            candidate = await find_post(at.connection, at.city, command.what.officer, at.now)
    elif isinstance(command, _FILING):
        must_do(post, Act.register)
    else:
        must_do(post, Act.work)
        if row is not None:
            must_reach(post, place_of(at.city, row.authority, row.district), at.actor.id, row.officer)
    return replace(ground, post=post, candidate=candidate)


def decide_by(row: Dispute) -> datetime | None:
    """Until when the authority decides whether it accepts, by the law of the day on which the case came to it.

    None for a case that has not come to it, or that came on a day whose law is not here.
    """
    return None if row.escalated_at is None else _accept_by(row.escalated_at.astimezone(SHANGHAI).date())


@lru_cache(maxsize=4096)
def _accept_by(day: date) -> datetime | None:
    start = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    try:
        return deadline(book().chosen(ACCEPT, day), start, calendar()).due.at
    except HejieError:
        return None
