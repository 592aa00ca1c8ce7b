"""A reference traced for somebody: what it means, who may how often, and the asking written down with its purpose."""

from __future__ import annotations

from hejie.base.clock import instant
from hejie.base.errors import Refused
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.intake.asked import Asker, note_asked
from hejie.queries.trace import Answer, Reference, trace
from hejie.store.pool import city_transaction

TRACES = Limit("traces", 300, 3600)
"""Traces of one session in an hour."""
FIELDS = ("number", "trace", "acquirer", "terminal", "at")
_ZONE = "+08:00"
MOST_CHARACTERS = 64
"""Of one part of a reference: longer than any number."""


async def traced(house: House, city: str, reference: Reference, asker: Asker) -> list[Answer]:
    """The answers, with the asking written down in the same transaction."""
    vault, now = house.vaults(city), house.clock.now()
    async with city_transaction(house.pool, city) as connection:
        answers = await trace(connection, vault, city, reference)
        await note_asked(connection, vault, city, asker, "\0".join(reference.wanted or ()), len(answers), now)
    return answers


def reference_of(told: dict[str, str]) -> Reference:
    """A reference from its parts as text (`FIELDS`); `Refused("reference_unreadable")`."""
    if any(len(text) > MOST_CHARACTERS or not text.isprintable() for text in told.values()):
        raise Refused("reference_unreadable")
    try:
        at = instant(told["at"]) if told["at"] else None
    except ValueError:
        raise Refused("reference_unreadable") from None
    reference = Reference(
        number=told["number"], trace=told["trace"], acquirer=told["acquirer"], terminal=told["terminal"], at=at
    )
    if not reference.whole:
        raise Refused("reference_unreadable")
    return reference


def reference_typed(text: str) -> Reference:
    """A reference as a person types it into one field; `Refused("reference_unreadable")`.

    `NUMBER`, `TERMINAL DAY TIME`, or `TRACE ACQUIRER DAY TIME`; the time is Shanghai's.
    """
    told, words = dict.fromkeys(FIELDS, ""), text.split()
    match words:
        case [number]:
            told["number"] = number
        case [*who, day, time] if len(who) in {1, 2}:
            told["at"] = f"{day}T{time}{_ZONE}"
            told |= {"terminal": who[0]} if len(who) == 1 else {"trace": who[0], "acquirer": who[1]}
        case _:
            raise Refused("reference_unreadable")
    return reference_of(told)
