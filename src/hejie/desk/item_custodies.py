"""The desk's book of work items' custodies: which officer and authority an item lies with."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.agenda import Task
from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.cities.custody import Command, Give, Ground
from hejie.cities.item_custody import AnyEvent, ItemCustody, custody_of, decide, evolve
from hejie.desk.book import Situation
from hejie.store.posts import find_post, read_post
from hejie.store.settings import ask_settings

_LOAD = "select body::text from item_custody where city = %s and id = %s for update"
_ITEM = """
select id, opened_at, place, done_at is null from work_item where city = %s and id = substr(%s, 3) for update
"""
_SAVE = """
insert into item_custody (city, id, version, item, opened_at, officer, authority, offered_to, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set
  version = excluded.version, opened_at = excluded.opened_at, officer = excluded.officer,
  authority = excluded.authority, offered_to = excluded.offered_to, changed_at = excluded.changed_at,
  body = excluded.body
"""
_BESIDE = "update work_item set officer = %s, authority = %s, offered_to = %s where city = %s and id = %s"


class ItemCustodyBook:
    """Custodies of items: rows and rules; nothing outside follows from them."""

    noun = "item_custody"

    async def load(self, at: Situation) -> ItemCustody | None:
        """The row, locked after its item: the item is there before its custody is."""
        await at.connection.execute(_ITEM, [at.city, at.id])
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=ItemCustody)

    async def decide(self, at: Situation, row: ItemCustody | None, command: Command) -> list[AnyEvent]:
        """Ask the rules, on the item as it stands under lock."""
        if at.actor.role is not Role.officer and not (at.actor.role is Role.system and isinstance(command, Give)):
            raise Refused("not_allowed", role=at.actor.role.value)
        asked = await ask_settings(at.connection, at.city)
        found: Any = await (await at.connection.execute(_ITEM, [at.city, at.id])).fetchone()
        if found is None or at.id != custody_of(found[0]):
            raise Missing
        item, opened_at, place, open_now = found
        named = command.officer if isinstance(command, Give) else ""
        ground = Ground(
            city=at.city,
            district=place,
            person=at.actor.id,
            post=await read_post(at.connection, at.city, at.actor.id, at.now),
            open=open_now,
            authorities=(await asked.at(at.now)).authorities,
            candidate=await find_post(at.connection, at.city, named, at.now) if named else None,
        )
        return decide(row, command, ground, item=item, opened_at=opened_at, now=at.now)

    def evolve(self, row: ItemCustody | None, event: AnyEvent) -> ItemCustody:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: ItemCustody) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: ItemCustody, before: ItemCustody | None) -> None:
        """The row, and what stands beside the item for lists."""
        del before
        held, body = row.held, msgspec.json.encode(row).decode()
        values = [row.version, row.item, row.opened_at, held.officer, held.authority, held.offered_to, row.changed_at]
        await at.writes.execute(_SAVE, [row.city, at.id, *values, body])
        await at.writes.execute(_BESIDE, [held.officer, held.authority, held.offered_to, row.city, row.item])

    def tasks(self, row: ItemCustody, event: AnyEvent) -> list[Task]:  # noqa: ARG002  as every book
        """None: officers see it in their lists."""
        return []


ITEM_CUSTODIES = ItemCustodyBook()
