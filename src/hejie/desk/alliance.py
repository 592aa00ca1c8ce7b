"""The desk's books of bulletins and of cities' lists of offices."""

from __future__ import annotations

import msgspec

from hejie import agenda
from hejie.access import must_be_allowed
from hejie.alliance import bulletin as n
from hejie.alliance import contact_list as k
from hejie.desk.book import Situation
from hejie.store import directories

_LOAD = "select body::text from bulletin where city = %s and id = %s for update"
_SAVE = """
insert into bulletin (city, id, version, source, level, written_at, arrived_at, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, changed_at = excluded.changed_at, body = excluded.body
"""
_LOAD_LIST = "select body::text from contact_list where city = %s and id = %s for update"
_SAVE_LIST = """
insert into contact_list (city, id, version, changed_at, body) values (%s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set version = excluded.version, changed_at = excluded.changed_at, body = excluded.body
"""


class BulletinBook:
    """Bulletins, written here and elsewhere."""

    noun = "bulletin"

    async def load(self, at: Situation) -> n.Bulletin | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=n.Bulletin)

    async def decide(self, at: Situation, row: n.Bulletin | None, command: n.Command) -> list[n.AnyEvent]:
        """Ask who may, then the rules; `Refused("directory_missing" | "directory_expired")` for a new one."""
        must_be_allowed(at.actor, command)
        members: frozenset[str] = frozenset()
        if isinstance(command, n.Write):
            known = await directories.in_force(at.connection, at.city, at.now)
            members = frozenset(each.city for each in known.members) - {at.city}
        ground = n.Ground(city=at.city, id=at.id, now=at.now, office=at.actor.organisation, members=members)
        return n.decide(row, command, ground)

    def evolve(self, row: n.Bulletin | None, event: n.AnyEvent) -> n.Bulletin:
        """The row after one event."""
        return n.evolve(row, event)

    def version(self, row: n.Bulletin) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: n.Bulletin, before: n.Bulletin | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        who = [row.city, row.id, row.version, row.source, row.level.value]
        times = [row.written_at, row.arrived_at, row.changed_at]
        await at.writes.execute(_SAVE, [*who, *times, msgspec.json.encode(row).decode()])

    def tasks(self, row: n.Bulletin, event: n.AnyEvent) -> list[agenda.Task]:
        """What the event brings."""
        return agenda.for_bulletin(row, event)


class ContactListBook:
    """Lists of offices, our own and those of other cities."""

    noun = "contact_list"

    async def load(self, at: Situation) -> k.ContactList | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD_LIST, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=k.ContactList)

    async def decide(self, at: Situation, row: k.ContactList | None, command: k.ListOffices) -> list[k.OfficesListed]:
        """Ask who may, then the rules."""
        must_be_allowed(at.actor, command)
        return k.decide(row, command, (at.city, at.id), at.now)

    def evolve(self, row: k.ContactList | None, event: k.OfficesListed) -> k.ContactList:
        """The row after one event."""
        return k.evolve(row, event)

    def version(self, row: k.ContactList) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: k.ContactList, before: k.ContactList | None) -> None:  # noqa: ARG002  as every book
        """The row."""
        body = msgspec.json.encode(row).decode()
        await at.writes.execute(_SAVE_LIST, [row.city, row.id, row.version, row.changed_at, body])

    def tasks(self, row: k.ContactList, event: k.OfficesListed) -> list[agenda.Task]:  # noqa: ARG002  as every book
        """What the event brings."""
        return agenda.for_contact_list(row)


BULLETINS = BulletinBook()
CONTACT_LISTS = ContactListBook()
