"""The trail as auditors read it: who saw and did what, newest first, by person, case and day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.queries.keys import read_instant
from hejie.queries.lists import PAGE
from hejie.store.pool import Connection


class Step(Struct, frozen=True, kw_only=True):
    """One line of the trail."""

    id: str
    at: datetime
    person: str
    name: str
    act: str
    noun: str
    subject: str
    result: str


class Steps(Struct, frozen=True):
    """One page, and the key after which the next begins."""

    rows: tuple[Step, ...]
    after: str = ""


class Wanted(Struct, frozen=True, kw_only=True):
    """What the trail is narrowed to; empty means any."""

    login: str = ""
    """An officer's account name."""
    subject: str = ""
    day: date | None = None


async def trail(connection: Connection, city: str, wanted: Wanted, after: str = "", size: int = PAGE) -> Steps:
    """Newest first; `Refused("page_key_wrong")`."""
    where, values = ["t.city = %s"], list[object]([city])
    if wanted.login:
        where.append("t.person = (select w.id from member w where w.city = %s and w.login = %s)")
        values += [city, wanted.login.lower()]
    if wanted.subject:
        where.append("t.subject = %s")
        values.append(wanted.subject)
    if wanted.day:
        start = datetime.combine(wanted.day, time(), SHANGHAI)
        where.append("t.at >= %s and t.at < %s")
        values += [start, start + timedelta(days=1)]
    if after:
        instant, _, identifier = after.partition("~")
        where.append("(t.at, t.id) < (%s, %s)")
        values += [read_instant(instant), identifier]
    query = f"""
        select t.id, t.at, t.person, coalesce(m.display_name, t.person), t.act, t.noun, t.subject, t.result
        from trail t left join member m on m.city = t.city and m.id = t.person
        where {" and ".join(where)} order by t.at desc, t.id desc limit %s
    """
    rows: list[Any] = await (await connection.execute(query, [*values, size + 1])).fetchall()
    found = [Step(**dict(zip(Step.__struct_fields__, row, strict=True))) for row in rows]
    last = found[size - 1] if len(found) > size else None
    return Steps(tuple(found[:size]), f"{last.at.isoformat()}~{last.id}" if last else "")
