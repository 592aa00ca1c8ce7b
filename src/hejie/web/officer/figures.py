"""Joint figures of the member cities by month: a table, a file, and the commands that count them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response

from hejie.alliance.figures import COUNTS, MONTHS, days_of, months_before
from hejie.base.actor import Role
from hejie.edge.words import mark
from hejie.queries.statistics import period
from hejie.store import directories
from hejie.store.figures import Month, figures_of
from hejie.web import statistic_lines
from hejie.web.csv_out import as_csv
from hejie.web.shell import Answer, Visit, page
from hejie.web.unit_lines import names_of

PATH = "/officer/alliance/figures"
HEADS: Mapping[str, str] = {
    "received": mark("Received"),
    "answered": mark("First answered"),
    "overdue": mark("Overdue"),
    "escalated": mark("Escalated"),
    "settled": mark("Settled"),
    "unsettled": mark("Silent or not settled"),
    "withdrawn": mark("Withdrawn"),
}


@page(PATH, role=Role.officer)
async def shown(visit: Visit) -> Answer:
    """The last month that is over, or `month`; `Refused("month_unreadable")`."""
    month, names, found = await _read(visit)
    wanted = period(*days_of(month))
    rows = [(city, name, found.get(city), statistic_lines.command(city, wanted)) for city, name in names.items()]
    return visit.render(
        "officer/figures.html",
        month=month,
        months=[(each, each) for each in months_before(visit.house.clock.now(), 2 * MONTHS)],
        heads=[(name, visit.say(words)) for name, words in HEADS.items()],
        rows=rows,
        whole=_whole(rows),
    )


@page(f"{PATH}.csv", role=Role.officer)
async def table(visit: Visit) -> Answer:
    """The same as a table to take away; what is withheld stays empty, with the least that is told beside it."""
    month, names, found = await _read(visit)
    say = visit.say
    head = [say(mark("Month")), say(mark("City")), *(say(words) for words in HEADS.values()), say(mark("Least told"))]
    rows = [
        [
            month,
            name,
            *("" if row.told.counts[each] is None else row.told.counts[each] for each in COUNTS),
            row.told.least,
        ]
        for city, name in names.items()
        if (row := found.get(city)) is not None
    ]
    headers = {
        "content-disposition": f'attachment; filename="hejie-joint-{month}.csv"',
        "cache-control": "no-store",
    }
    return Response(as_csv([head, *rows]), media_type="text/csv; charset=utf-8", headers=headers)


async def _read(visit: Visit) -> tuple[str, dict[str, str], dict[str, Month]]:
    month = visit.query("month") or months_before(visit.house.clock.now(), 1)[0]
    days_of(month)
    async with visit.connection() as connection:
        known = await directories.present(connection, visit.city)
        found = await figures_of(connection, visit.city, month)
    own = await visit.house.city(visit.city)
    names = {visit.city: own[0] if visit.language == "zh" else own[1], **names_of(visit, known)}
    return month, names | {city: city for city in found if city not in names}, found


def _whole(rows: list[Any]) -> dict[str, int | None]:
    """All cities together: a sum only where every city told that figure, so that none can be found by subtraction."""
    told = [row.told.counts for _, _, row, _ in rows if row is not None]
    sums: dict[str, int | None] = {}
    for name in COUNTS:
        values = [each[name] for each in told]
        sums[name] = sum(each for each in values if each is not None) if values and None not in values else None
    return sums


ROUTES = (shown, table)
