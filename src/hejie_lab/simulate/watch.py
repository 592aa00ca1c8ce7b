"""Who looks on: each city's rows after every step, and what must hold between them at that very moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from hejie.disputes.model import Dispute
from hejie.handovers.model import Handover
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.world import World

_ROWS = """
select 'dispute', body::text from dispute where city = %(city)s
union all select 'handover', body::text from handover where city = %(city)s
"""
Key = tuple[int, str]


class Watch:
    """The rows of all cities as they are; `links` see every city of their database."""

    def __init__(self, world: World, links: Sequence[psycopg.Connection[Any]]) -> None:
        self.world, self.links = world, links
        self.disputes: dict[Key, Dispute] = {}
        self.handovers: dict[Key, Handover] = {}
        self._bodies: dict[tuple[int, str, str], str] = {}

    def look(self, towns: Sequence[Town]) -> None:
        """Read again whatever was touched, and hold it against the rest."""
        for town in towns:
            if town.line.touched:
                town.line.touched = False
                town.idle = False
                self._read(town)

    def _read(self, town: Town) -> None:
        rows = self.links[town.number].execute(_ROWS, {"city": town.code}).fetchall()
        for noun, body in rows:
            identifier = _id(body)
            if self._bodies.get((town.number, noun, identifier)) == body:
                continue
            self._bodies[town.number, noun, identifier] = body
            if noun == "handover":
                self.handovers[town.number, identifier] = msgspec.json.decode(body, type=Handover)
            else:
                self._changed(town, msgspec.json.decode(body, type=Dispute))

    def _changed(self, town: Town, row: Dispute) -> None:
        before = self.disputes.get((town.number, row.id))
        self.disputes[town.number, row.id] = row
        self.world.tell(f"{town.code} {row.id} v{row.version} {row.state} home {row.home} {_away(row)}")
        self._one_decides(row.id)
        if before is not None and _changed_while_away(before, row):
            self.world.violate(f"{row.id} was changed in {town.code} while it was away")
        if row.arrived and (before is None or before.arrived != row.arrived):
            self._arrived(row)

    def _one_decides(self, identifier: str) -> None:
        deciding = [
            row.city
            for (_, name), row in self.disputes.items()
            if name == identifier and row.home == row.city and row.away is None
        ]
        if len(deciding) > 1:
            self.world.violate(f"{identifier} is decided in {' and '.join(deciding)}")

    def _arrived(self, row: Dispute) -> None:
        """It stands as it stood at its sender, its clock to the instant."""
        self.world.counts["hand-overs taken"] += 1
        sender = self.disputes.get((self.world.codes.index(row.sent_by), row.id))
        if sender is None:
            self.world.violate(f"{row.id} came from a city that has never had it")
            return
        was, now = (each.due.at if each.due else None for each in (sender, row))
        if was != now:
            self.world.violate(f"{row.id}: its clock ended {was}, and ends {now} after its hand-over")
        if (sender.state, sender.filed_at, sender.refunded_fen) != (row.state, row.filed_at, row.refunded_fen):
            self.world.violate(f"{row.id}: {sender.state} at its sender, {row.state} at its arrival")


def _changed_while_away(before: Dispute, row: Dispute) -> bool:
    """Whether a copy, or a dispute that rests, got more of a record."""
    same = before.away is not None and row.away is not None and before.away.handover == row.away.handover
    return same and before.version - before.homing != row.version - row.homing


def _id(body: str) -> str:
    return str(msgspec.json.decode(body, type=_Named).id)


class _Named(msgspec.Struct):
    id: str


def _away(row: Dispute) -> str:
    if row.away is None:
        return ""
    return f"{'gone' if row.away.gone else 'rests'} {row.away.to} heard {row.away.heard}"
