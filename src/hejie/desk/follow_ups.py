"""The desk's book of calls afterwards."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie import agenda
from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.cities.posts import Act, must_do, must_hold, must_reach, place_of
from hejie.desk.book import Situation
from hejie.mediations.follow_ups import AnyEvent, Command, FollowUp, Ground, Note, decide, evolve
from hejie.store.posts import read_post

FOLLOW_UP = "follow_up"
"""The noun, and the kind of its work item."""
_LOAD = "select body::text from follow_up where city = %s and id = %s for update"
_ITEM = """
select place, authority, officer from work_item
where city = %s and kind = 'follow_up' and subject = %s and done_at is null for update
"""
_SAVE = """
insert into follow_up (city, id, version, dispute, drawn_at, noted_at, officer, reached, satisfied, performed,
  changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, noted_at = excluded.noted_at,
  officer = excluded.officer, reached = excluded.reached, satisfied = excluded.satisfied,
  performed = excluded.performed, changed_at = excluded.changed_at, body = excluded.body
"""


class FollowUpBook:
    """Calls afterwards: rows and rules; only who has the work item writes down what came of it."""

    noun = FOLLOW_UP

    async def load(self, at: Situation) -> FollowUp | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=FollowUp)

    async def decide(self, at: Situation, row: FollowUp | None, command: Command) -> list[AnyEvent]:
        """Ask the rules, and whether the work item is this officer's."""
        if row is not None and isinstance(command, Note) and at.actor.role is Role.officer:
            await _must_have_item(at)
        return decide(row, command, Ground(city=at.city, id=at.id, now=at.now, actor=at.actor))

    def evolve(self, row: FollowUp | None, event: AnyEvent) -> FollowUp:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: FollowUp) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: FollowUp, before: FollowUp | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        said = [row.noted_at, row.officer, row.reached, row.satisfied, row.performed]
        body = msgspec.json.encode(row).decode()
        await at.writes.execute(
            _SAVE, [row.city, row.id, row.version, row.dispute, row.drawn_at, *said, row.changed_at, body]
        )

    def tasks(self, row: FollowUp, event: AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_follow_up(row, event)


async def _must_have_item(at: Situation) -> None:
    """`Missing`, `Refused("function_missing" | "outside_authority" | "not_your_case")`."""
    found: Any = await (await at.connection.execute(_ITEM, [at.city, at.id])).fetchone()
    if found is None:
        raise Missing("follow_up_unknown")
    place, authority, officer = found
    post = await read_post(at.connection, at.city, at.actor.id, at.now)
    must_do(post, Act.items)
    must_reach(post, place_of(at.city, authority, place), at.actor.id, officer)
    if officer:
        must_hold(post, at.actor.id, officer)


FOLLOW_UPS = FollowUpBook()
