"""What the desk must know of a noun to keep its row and log together."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from msgspec import Struct

from hejie.agenda import Task
from hejie.base.actor import Actor
from hejie.store.pool import Connection
from hejie.store.writing import Joined

Row = TypeVar("Row")
Command_contra = TypeVar("Command_contra", contravariant=True)
Event = TypeVar("Event", bound=Struct)


class Situation(Struct, frozen=True):
    """One act's surroundings: whose city, which noun, who, when."""

    connection: Connection
    writes: Joined
    """Where a row is saved to: sent together with its log."""
    city: str
    id: str
    actor: Actor
    now: datetime


class Book(Protocol[Row, Command_contra, Event]):
    """One noun's row and rules, as the desk sees them."""

    noun: str

    async def load(self, at: Situation) -> Row | None:
        """The row, locked for this transaction."""
        ...

    async def decide(self, at: Situation, row: Row | None, command: Command_contra) -> list[Event]:
        """Load the ground the rules need, and ask them."""
        ...

    def evolve(self, row: Row | None, event: Event) -> Row:
        """The row after one event."""
        ...

    def version(self, row: Row) -> int:
        """The row's version."""
        ...

    async def save(self, at: Situation, row: Row, before: Row | None) -> None:
        """Write the row to `at.writes`; no two of its statements may touch one table's row."""
        ...

    def tasks(self, row: Row, event: Event) -> list[Task]:
        """What the event brings."""
        ...
