"""One piece of background work, as an event brings it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Task(Struct, frozen=True, kw_only=True):
    """One piece of work for a duty; `at` is business time, None means at once."""

    kind: str
    """The duty's name."""
    noun: str
    subject: str
    destination: str = "house"
    """Whom it talks to: one dead destination must not hold up the rest."""
    at: datetime | None = None
    payload: dict[str, object] = {}


def item(noun: str, subject: str, kind: str, **body: object) -> Task:
    """A work item to be opened for a person."""
    return Task(kind="raise_item", noun=noun, subject=subject, payload={"kind": kind, **body})
