"""Who looks on: each city's rows after every step, and what must hold between them at that very moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from hejie.disputes.model import Dispute
from hejie.handovers.model import Handover, State
from hejie_lab.simulate.purse import Ledger
from hejie_lab.simulate.town import Town
from hejie_lab.simulate.world import World

_ROWS = """
select 'dispute', body::text from dispute where city = %(city)s
union all select 'handover', body::text from handover where city = %(city)s
"""
Key = tuple[int, str]
_AFTER = {
    State.offered: {State.accepted, State.taken, State.refused, State.recalled},
    State.accepted: {State.taken},
    State.taken: set[State](),
    State.refused: set[State](),
    State.recalled: set[State](),
}


class Watch:
    """The rows of all cities as they are; `links` see every city of their database."""

    def __init__(self, world: World, links: Sequence[psycopg.Connection[Any]], ledger: Ledger) -> None:
        self.world, self.links, self.ledger = world, links, ledger
        self.disputes: dict[Key, Dispute] = {}
        self.handovers: dict[Key, Handover] = {}
        self._bodies: dict[tuple[int, str, str], str] = {}

    def look(self, towns: Sequence[Town]) -> None:
        """Read again whatever was touched, and hold it against the rest."""
        for town in towns:
            if town.line.touched:
                town.line.touched = False
                town.wake()
                self._read(town)

    def _read(self, town: Town) -> None:
        rows = self.links[town.number].execute(_ROWS, {"city": town.code}).fetchall()
        for noun, body in rows:
            identifier = _id(body)
            if self._bodies.get((town.number, noun, identifier)) == body:
                continue
            self._bodies[town.number, noun, identifier] = body
            if noun == "handover":
                self._went_on(town, msgspec.json.decode(body, type=Handover))
            else:
                self._changed(town, msgspec.json.decode(body, type=Dispute))

    def _changed(self, town: Town, row: Dispute) -> None:
        before = self.disputes.get((town.number, row.id))
        self.disputes[town.number, row.id] = row
        self.world.tell(f"{town.code} {row.id} v{row.version} {row.state} home {row.home} {_away(row)}")
        self._one_decides(row.id)
        if before is not None and _changed_while_away(before, row):
            self.world.violate(f"{row.id} was changed in {town.code} while it was away")
        if before is not None and _heard_older(before, row):
            self.world.violate(f"{row.id}: {town.code} took an older word from its home for a newer one")
        if row.arrived and (before is None or before.arrived != row.arrived):
            self._arrived(town.number, row, before)
        self.ledger.note(town.number, row)

    def _went_on(self, town: Town, row: Handover) -> None:
        """A hand-over goes one way only, and what its receiver told is counted upwards."""
        before = self.handovers.get((town.number, row.id))
        self.handovers[town.number, row.id] = row
        if before is None or before == row:
            return
        if row.state is not before.state and row.state not in _AFTER[before.state]:
            self.world.violate(f"hand-over {row.id}: {before.state} in {town.code}, and then {row.state}")
        if row.told < before.told:
            self.world.violate(f"hand-over {row.id}: {town.code} took an older word for a newer one")

    def _one_decides(self, identifier: str) -> None:
        deciding = [
            row.city
            for (_, name), row in self.disputes.items()
            if name == identifier and row.home == row.city and row.away is None
        ]
        if len(deciding) > 1:
            self.world.violate(f"{identifier} is decided in {' and '.join(deciding)}")

    def _arrived(self, city: int, row: Dispute, before: Dispute | None) -> None:
        """It stands as it stood at its sender, its clock to the instant."""
        counts, giver = self.world.counts, self.world.codes.index(row.sent_by)
        counts["hand-overs taken"] += 1
        if before is not None:
            counts["hand-overs back"] += 1
        elif row.turn > 1 and row.sent_by != self.world.codes[_birth(self.disputes, row.id)]:
            counts["hand-overs to a third city"] += 1
        if row.refunded_fen:
            counts["hand-overs after a refund"] += 1
        self.ledger.hand_on(giver, city, row)
        sender = self.disputes.get((giver, row.id))
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


def _heard_older(before: Dispute, row: Dispute) -> bool:
    """Whether a copy went back to what its home had told before."""
    was, now = before.away, row.away
    return was is not None and now is not None and was.handover == now.handover and was.heard > now.heard


def _birth(disputes: Mapping[Key, Dispute], identifier: str) -> int:
    """The city in which a dispute was filed; -1 where that is not known."""
    return next((city for (city, name), row in disputes.items() if name == identifier and not row.sent_by), -1)


def _id(body: str) -> str:
    return str(msgspec.json.decode(body, type=_Named).id)


class _Named(msgspec.Struct):
    id: str


def _away(row: Dispute) -> str:
    if row.away is None:
        return ""
    return f"{'gone' if row.away.gone else 'rests'} {row.away.to} heard {row.away.heard}"
