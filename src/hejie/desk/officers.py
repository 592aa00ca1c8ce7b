"""What the desk asks when an officer acts in a dispute: from which post."""

from __future__ import annotations

from msgspec.structs import replace

from hejie.cities.custody import Give
from hejie.cities.posts import Act, must_do, must_reach, place_of
from hejie.desk.book import Situation
from hejie.disputes import commands as c
from hejie.disputes.ground import Ground
from hejie.disputes.homing_commands import HomingCommand
from hejie.disputes.model import Dispute
from hejie.store.posts import find_post, read_post

_FILING = c.File | c.Mirror | c.IssueSlip | c.WithdrawMandate


async def as_officer(at: Situation, row: Dispute | None, command: c.Command | HomingCommand, ground: Ground) -> Ground:
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
