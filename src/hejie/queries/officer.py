"""What the officer's desk reads beside lists and records: the desk's order, work items, merchants, settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused
from hejie.base.seals import Vault
from hejie.cities.settings import CitySettings
from hejie.disputes.states import OPEN, State
from hejie.merchants.model import Merchant
from hejie.payments.refund import Refund
from hejie.queries import lists
from hejie.queries.keys import read_instant
from hejie.queries.lists import PAGE, Page, Wanted
from hejie.store.contents import read_contents
from hejie.store.pool import Connection

MOST_COUNTED = 99
"""A count stops here: beyond it, the exact number helps nobody and would cost a scan."""
_REST = tuple(sorted(state.value for state in OPEN - {State.mediating}))
_FIRST, _THEN = "m", "u"


async def desk_order(connection: Connection, city: str, wanted: Wanted, after: str = "", size: int = PAGE) -> Page:
    """Escalated disputes first, the longest waiting on top; then running clocks, the earliest due first."""
    part, _, key = after.partition("~")
    if after and part not in {_FIRST, _THEN}:
        raise Refused("page_key_wrong")
    rest = replace(wanted, states=_REST)
    if part == _THEN:
        return _marked(_THEN, await lists.most_urgent(connection, city, rest, key, size))
    first = await lists.oldest(connection, city, replace(wanted, states=(State.mediating.value,)), key, size)
    if first.after or len(first.rows) == size:
        return Page(first.rows, f"{_FIRST}~{first.after}" if first.after else f"{_THEN}~")
    then = await lists.most_urgent(connection, city, rest, "", size - len(first.rows))
    return Page(first.rows + then.rows, _marked(_THEN, then).after)


def _marked(part: str, page: Page) -> Page:
    return Page(page.rows, f"{part}~{page.after}" if page.after else "")


class Counts(Struct, frozen=True, kw_only=True):
    """Three small numbers, each at most `MOST_COUNTED + 1`."""

    untaken: int
    mine: int
    items: int


_COUNTS = """
select
  (select count(*) from (select 1 from dispute where city = %(city)s and state = 'mediating' and officer = ''
    and starts_with(coalesce(nullif(authority, ''), district), %(within)s)
    limit %(most)s) a),
  (select count(*) from (select 1 from dispute where city = %(city)s and state = 'mediating' and officer = %(me)s
    limit %(most)s) b),
  (select count(*) from (select 1 from work_item where city = %(city)s and done_at is null
    and starts_with(coalesce(nullif(authority, ''), place), %(within)s) limit %(most)s) c)
"""


async def counts(connection: Connection, city: str, officer: str, within: str = "") -> Counts:
    """What waits: escalated and untaken, taken by this officer, open work items; all but theirs within a place."""
    cursor = await connection.execute(
        _COUNTS, {"city": city, "me": officer, "most": MOST_COUNTED + 1, "within": within}
    )
    row: Any = await cursor.fetchone()
    return Counts(untaken=row[0], mine=row[1], items=row[2])


# One dispute's surroundings ---------------------------------------------------------------------


async def refunds_of(connection: Connection, city: str, dispute: str) -> tuple[Refund, ...]:
    """Every refund of a dispute, in the order of their keys."""
    cursor = await connection.execute(
        "select body::text from refund where city = %s and dispute = %s order by id", [city, dispute]
    )
    return tuple(msgspec.json.decode(body, type=Refund) for (body,) in await cursor.fetchall())


async def officers_in_log(connection: Connection, city: str, dispute: str) -> dict[int, str]:
    """Version → the officer who brought it, by name."""
    cursor = await connection.execute(
        "select l.version, coalesce(m.display_name, l.actor) from log l"
        " left join member m on m.city = l.city and m.id = l.actor"
        " where l.city = %s and l.noun = 'dispute' and l.id = %s and l.actor_role = 'officer'",
        [city, dispute],
    )
    return dict(await cursor.fetchall())


async def officer_names(connection: Connection, city: str, officers: Sequence[str]) -> dict[str, str]:
    """Officers' identifiers → the names colleagues see."""
    wanted = sorted({each for each in officers if each})
    if not wanted:
        return {}
    cursor = await connection.execute(
        "select id, display_name from member where city = %s and id = any(%s)", [city, wanted]
    )
    return dict(await cursor.fetchall())


async def phone_of(connection: Connection, vault: Vault, city: str, subject: str, content: str) -> str:
    """A sealed phone number in plain, empty where there is none; whoever shows it masks it."""
    if not content:
        return ""
    found = await read_contents(connection, vault, city, subject, [content])
    return found[content][1].decode() if content in found else ""


# Work items -------------------------------------------------------------------------------------


class Item(Struct, frozen=True, kw_only=True):
    """One thing that only a person can find out."""

    id: str
    kind: str
    noun: str
    subject: str
    body: dict[str, Any]
    opened_at: datetime
    done_at: datetime | None
    done_by: str
    note: str
    officer: str
    """Who has it, empty for nobody."""
    authority: str
    offered_to: str
    place: str

    @property
    def dispute(self) -> str:
        """The dispute it is about, empty where there is none here."""
        return self.subject if self.noun == "dispute" else str(self.body.get("dispute", ""))


class Items(Struct, frozen=True):
    """One page of items and the key after which the next begins."""

    rows: tuple[Item, ...]
    after: str = ""


class Parked(Struct, frozen=True):
    """One task that stands still."""

    kind: str
    destination: str
    attempts: int
    last_error: str


_ITEM = """
select i.id, i.kind, i.noun, i.subject, i.body::text, i.opened_at, i.done_at, coalesce(m.display_name, i.done_by, ''),
  coalesce(i.note, ''), i.officer, i.authority, i.offered_to, i.place
from work_item i left join member m on m.city = i.city and m.id = i.done_by
where i.city = %s
"""


async def open_items(connection: Connection, city: str, after: str = "", size: int = PAGE, within: str = "") -> Items:
    """Open items, the oldest first, of one place and below or of all; `Refused("page_key_wrong")`."""
    values: list[object] = [city]
    where = " and i.done_at is null"
    if within:
        where += " and starts_with(coalesce(nullif(i.authority, ''), i.place), %s)"
        values.append(within)
    if after:
        instant, _, identifier = after.partition("~")
        where += " and (i.opened_at, i.id) > (%s, %s)"
        values += [read_instant(instant), identifier]
    query = f"{_ITEM}{where} order by i.opened_at, i.id limit %s"
    found = [_item(row) for row in await (await connection.execute(query, [*values, size + 1])).fetchall()]
    last = found[size - 1] if len(found) > size else None
    return Items(tuple(found[:size]), f"{last.opened_at.isoformat()}~{last.id}" if last else "")


async def read_item(connection: Connection, city: str, identifier: str) -> Item:
    """One item, open or done; `Missing`."""
    row = await (await connection.execute(f"{_ITEM} and i.id = %s", [city, identifier])).fetchone()
    if row is None:
        raise Missing
    return _item(row)


async def parked_tasks(connection: Connection, city: str, noun: str, subject: str) -> tuple[Parked, ...]:
    """What stands still for one subject."""
    cursor = await connection.execute(
        "select kind, destination, attempts, last_error from task"
        " where city = %s and noun = %s and subject = %s and parked order by id",
        [city, noun, subject],
    )
    return tuple(Parked(*row) for row in await cursor.fetchall())


async def read_refund(connection: Connection, city: str, key: str) -> Refund:
    """One refund by its key; `Missing("refund_unknown")`."""
    row = await (
        await connection.execute("select body::text from refund where city = %s and id = %s", [city, key])
    ).fetchone()
    if row is None:
        raise Missing("refund_unknown")
    return msgspec.json.decode(row[0], type=Refund)


def _item(row: Any) -> Item:
    values = dict(zip(Item.__struct_fields__, row, strict=True))
    return Item(**{**values, "body": msgspec.json.decode(values["body"])})


# Merchants and settings -------------------------------------------------------------------------


class Found(Struct, frozen=True):
    """Merchants found, newest first, and the key after which the next page begins."""

    rows: tuple[Merchant, ...]
    after: str = ""


_FIND = """
select m.body::text from merchant m
where m.city = %(city)s and (%(after)s = '' or m.id < %(after)s)
  and (%(words)s = '' or m.credit_code = upper(%(words)s) or strpos(lower(m.name), lower(%(words)s)) > 0
    or exists (select 1 from shop s where s.city = m.city and s.merchant = m.id
      and strpos(lower(s.name), lower(%(words)s)) > 0))
order by m.id desc limit %(most)s
"""


async def find_merchants(connection: Connection, city: str, words: str, after: str = "", size: int = PAGE) -> Found:
    """Merchants whose name, or whose shop's name, holds these words, or whose credit code they are; all for none."""
    values = {"city": city, "words": words, "after": after, "most": size + 1}
    found = [
        msgspec.json.decode(body, type=Merchant)
        for (body,) in await (await connection.execute(_FIND, values)).fetchall()
    ]
    return Found(tuple(found[:size]), found[size - 1].id if len(found) > size else "")


async def all_settings(connection: Connection, city: str) -> tuple[CitySettings, ...]:
    """Every row of a city's settings, in the order they begin."""
    cursor = await connection.execute(
        "select body::text from city_setting where city = %s order by valid_from, version", [city]
    )
    return tuple(msgspec.json.decode(body, type=CitySettings) for (body,) in await cursor.fetchall())
