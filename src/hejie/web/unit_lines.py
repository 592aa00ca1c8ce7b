"""Promise units of all member cities in words, for officers and for everybody."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hejie.alliance.directory import Directory
from hejie.alliance.units import UnitState
from hejie.edge.words import mark
from hejie.queries.units import Found, find_units
from hejie.store import directories
from hejie.web.shell import Visit

STATES: Mapping[UnitState, str] = {
    UnitState.in_force: mark("in force"),
    UnitState.suspended: mark("suspended"),
    UnitState.withdrawn: mark("status withdrawn"),
    UnitState.ended: mark("over"),
}
TAGS: Mapping[UnitState, str] = {
    UnitState.in_force: "good",
    UnitState.suspended: "warn",
    UnitState.withdrawn: "bad",
    UnitState.ended: "",
}


class UnitLine(Struct, frozen=True, kw_only=True):
    """One unit, ready to be read."""

    row: Found
    city: str
    """The name of the city that vouches."""
    own: bool
    state: str
    tag: str
    promises: tuple[str, ...]
    address: str
    """Of the page behind its payment code, at the city that vouches; empty where that is not known."""


class UnitLines(Struct, frozen=True):
    """One page of them."""

    lines: tuple[UnitLine, ...]
    after: str


def names_of(visit: Visit, known: Directory | None) -> dict[str, str]:
    """Member → its name in the reader's language."""
    members = known.members if known else ()
    return {each.city: each.name_zh if visit.language == "zh" else each.name_en for each in members}


async def unit_lines(visit: Visit, words: str, after: str) -> UnitLines:
    """Units found by name, credit code or payment code's number, newest first."""
    async with visit.connection() as connection:
        known = await directories.present(connection, visit.city)
        found = await find_units(connection, visit.city, words, after)
    own = await visit.house.city(visit.city)
    names = {visit.city: own[0] if visit.language == "zh" else own[1], **names_of(visit, known)}
    bases = {each.city: each.base for each in (known.members if known else ())}
    bases[visit.city] = visit.house.settings.public_url.rstrip("/")

    def line(row: Found) -> UnitLine:
        base = bases.get(row.peer, "")
        return UnitLine(
            row=row,
            city=names.get(row.peer, row.peer),
            own=row.peer == visit.city,
            state=visit.say(STATES[row.state]),
            tag=TAGS[row.state],
            promises=tuple(each.en if visit.language == "en" else each.zh for each in row.promises),
            address=f"{base}/{row.peer}/code/{row.code}" if base else "",
        )

    return UnitLines(tuple(map(line, found.rows)), found.after)
