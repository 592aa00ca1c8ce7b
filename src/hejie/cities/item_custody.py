"""A work item's custody: a noun of its own beside the item, begun when an officer first moves it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from hejie.cities import custody
from hejie.cities.custody import Change, Command, Custody, Ground


def custody_of(item: str) -> str:
    """The identifier of an item's custody."""
    return f"i:{item}"


class ItemCustody(Struct, frozen=True, kw_only=True):
    """An item custody's row: folding its events from nothing gives exactly this."""

    city: str
    item: str
    version: int
    opened_at: datetime
    """Of the item: one that is opened anew under an old identifier begins anew here too."""
    changed_at: datetime
    held: Custody = Custody()

    @property
    def officer(self) -> str:
        """Who has it."""
        return self.held.officer

    @property
    def authority(self) -> str:
        """The authority it was passed to."""
        return self.held.authority

    @property
    def offered_to(self) -> str:
        """The authority that is asked to take it."""
        return self.held.offered_to


class CustodyBegun(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """An officer moves the item for the first time since it was opened."""

    at: datetime
    city: str
    item: str
    opened_at: datetime


class ItemMoved(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """With whom it lies has changed, or is about to."""

    at: datetime
    change: Change
    words: str = ""


AnyEvent = CustodyBegun | ItemMoved


def decide(
    row: ItemCustody | None, command: Command, ground: Ground, *, item: str, opened_at: datetime, now: datetime
) -> list[AnyEvent]:
    """Events that follow; errors as `custody.decide`."""
    known = row is not None and row.opened_at == opened_at
    held = row.held if row is not None and known else Custody()
    words = getattr(command, "words", "")
    moved: list[AnyEvent] = [
        ItemMoved(at=now, change=change, words=words) for change in custody.decide(held, command, ground)
    ]
    if not moved or known:
        return moved
    return [CustodyBegun(at=now, city=ground.city, item=item, opened_at=opened_at), *moved]


def evolve(row: ItemCustody | None, event: AnyEvent) -> ItemCustody:
    """The row after one more event."""
    version = row.version + 1 if row else 1
    if isinstance(event, CustodyBegun):
        return ItemCustody(
            city=event.city, item=event.item, version=version, opened_at=event.opened_at, changed_at=event.at
        )
    if row is None:
        raise AssertionError("an item's custody begins with CustodyBegun")
    return replace(row, version=version, changed_at=event.at, held=custody.evolve(row.held, event.change))
