"""The desk's book of mediations."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.cities.posts import Post
from hejie.desk.book import Situation
from hejie.law import shipped
from hejie.mediations import commands as c
from hejie.mediations.decide import decide
from hejie.mediations.events import AnyEvent
from hejie.mediations.fold import evolve
from hejie.mediations.ground import Ground
from hejie.mediations.limits import Law
from hejie.mediations.model import Mediation
from hejie.store.day_counts import COUNT_ANEW
from hejie.store.posts import read_post
from hejie.store.settings import ask_settings

_LOAD = "select body::text from mediation where city = %s and id = %s for update"
_OTHERS = "select body::text from mediation where city = %s and id = any(%s)"
_MEDIATOR = "update dispute set mediator = %s where city = %s and id = %s and mediator <> %s"
_SAVE = """
insert into mediation (city, id, version, dispute, consumer, merchant, state, authority, officer, urgency, opened_at,
  received_at, check_due_at, checked_at, accepted_at, refused, due_at, due_rule, ended_at, ended, performed_at,
  changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set
  version = excluded.version, merchant = excluded.merchant, state = excluded.state,
  authority = excluded.authority, officer = excluded.officer,
  urgency = excluded.urgency, received_at = excluded.received_at, check_due_at = excluded.check_due_at,
  checked_at = excluded.checked_at, accepted_at = excluded.accepted_at, refused = excluded.refused,
  due_at = excluded.due_at, due_rule = excluded.due_rule, ended_at = excluded.ended_at, ended = excluded.ended,
  performed_at = excluded.performed_at, changed_at = excluded.changed_at, body = excluded.body
"""


def law() -> Law:
    """The rules and the calendar that travel with the house."""
    return Law(shipped.book(), shipped.calendar())


class MediationBook:
    """Mediations: rows, rules and tasks."""

    noun = "mediation"

    async def load(self, at: Situation) -> Mediation | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Mediation)

    async def decide(self, at: Situation, row: Mediation | None, command: c.Command) -> list[AnyEvent]:
        """Ask the rules, under the law of the day and with the mediations that a joining names."""
        settings = await (await ask_settings(at.connection, at.city)).at(at.now)
        if isinstance(command, c.JudgeDuplicate):
            await _must_be_here(at, command.dispute)
        others: tuple[Mediation, ...] = ()
        if isinstance(command, c.Join):
            cursor = await at.connection.execute(_OTHERS, [at.city, list(command.others)])
            others = tuple(msgspec.json.decode(body, type=Mediation) for (body,) in await cursor.fetchall())
        officer = at.actor.role is Role.officer
        ground = Ground(
            city=at.city,
            id=at.id,
            now=at.now,
            actor=at.actor,
            law=law(),
            post=await read_post(at.connection, at.city, at.actor.id, at.now) if officer else Post(),
            counties=tuple(each.code for each in settings.agencies if each.code != at.city),
            others=others,
        )
        return decide(row, command, ground)

    def evolve(self, row: Mediation | None, event: AnyEvent) -> Mediation:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Mediation) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Mediation, before: Mediation | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        body = msgspec.json.encode(row).decode()
        who = [row.dispute, row.consumer, row.merchant, row.state.value, row.authority, row.officer, row.urgency.value]
        begun = [row.opened_at, row.received_at, row.check_due_at, row.checked_at, row.accepted_at, row.refused]
        ends = [row.due_at, row.due_rule, row.ended_at, row.ended, row.performed_at, row.changed_at]
        await at.writes.execute(_SAVE, [row.city, row.id, row.version, *who, *begun, *ends, body])
        await at.writes.execute(_MEDIATOR, [row.officer, row.city, row.dispute, row.officer])
        await at.writes.execute(COUNT_ANEW, [row.city, row.dispute])

    def tasks(self, row: Mediation, event: AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_mediation(row, event)


async def _must_be_here(at: Situation, dispute: str) -> None:
    """`Missing("dispute_unknown")`."""
    asked = "select 1 from dispute where city = %s and id = %s"
    if await (await at.connection.execute(asked, [at.city, dispute])).fetchone() is None:
        raise Missing("dispute_unknown")


MEDIATIONS = MediationBook()
