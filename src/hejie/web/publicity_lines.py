"""Publicity about merchants in words: what officers, the merchant and everybody read of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.cities.settings import CitySettings
from hejie.edge.words import mark, say
from hejie.merchants.publicity import Publicity, State
from hejie.queries.publicity import Cell, Record, Shown, records
from hejie.queries.statistics import year_before
from hejie.store.pool import Connection
from hejie.web import story_labels
from hejie.web.statistic_lines import named

_STATES = {
    State.announced: mark("announced"),
    State.published: mark("published"),
    State.withdrawn: mark("taken back"),
}


class Told(Struct, frozen=True, kw_only=True):
    """Something that somebody wrote, and when."""

    at: datetime
    words: str


class Objected(Struct, frozen=True, kw_only=True):
    """An objection with its answer."""

    at: datetime
    words: str
    decided_at: datetime | None
    upheld: bool
    answer: str


class Cells(Struct, frozen=True, kw_only=True):
    """Some disputes of one problem and trade, by name."""

    name: str
    cell: Cell


class Card(Struct, frozen=True, kw_only=True):
    """One publicity, ready to be shown."""

    row: Publicity
    name: str
    credit_code: str
    odr: bool
    """Whether it is a 12315 ODR enterprise today."""
    state: str
    agency: str
    reason: str
    ending: str
    objections: tuple[Objected, ...]
    corrections: tuple[Told, ...]
    record: Record
    cells: tuple[Cells, ...]
    since: datetime
    until: datetime


async def cards(
    connection: Connection, language: str, city: str, settings: CitySettings, found: Sequence[Shown], now: datetime
) -> list[Card]:
    """Each with its merchant's figures of the year until today, in Shanghai's days."""
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    since = datetime.combine(year_before(today.date()), today.time(), SHANGHAI)
    merchants = sorted({each.row.merchant for each in found})
    years = await records(connection, city, merchants, since, today, settings.publicity.least_cell)
    return [_card(language, city, settings, each, years[each.row.merchant], (since, today)) for each in found]


def _card(
    language: str, city: str, settings: CitySettings, each: Shown, record: Record, year: tuple[datetime, datetime]
) -> Card:
    row, words = each.row, each.words
    return Card(
        row=row,
        name=each.name,
        credit_code=each.credit_code,
        odr=any(span.holds(year[1]) for span in each.odr),
        state=say(language, _STATES[row.state]),
        agency=story_labels.agency(language, settings, row.agency),
        reason=words.get(row.reason, ""),
        ending=words.get(row.ending, ""),
        objections=tuple(
            Objected(
                at=said.at,
                words=words.get(said.words, ""),
                decided_at=said.decided_at,
                upheld=said.upheld,
                answer=words.get(said.answer, ""),
            )
            for said in row.objections
        ),
        corrections=tuple(Told(at=said.at, words=words.get(said.words, "")) for said in row.corrections),
        record=record,
        cells=tuple(Cells(name=_cell_name(language, city, settings, cell), cell=cell) for cell in record.cells),
        since=year[0],
        until=year[1],
    )


def _cell_name(language: str, city: str, settings: CitySettings, cell: Cell) -> str:
    if not cell.problem:
        return say(language, mark("All others together"))
    problem = story_labels.problem(language, settings, cell.problem)
    return f"{named(language, city, settings, 'trade', cell.trade)} · {problem}"
