"""From where an officer acts, as the tables say it: functions, authority, and for whom they stand in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hejie.base.clock import SHANGHAI
from hejie.cities.posts import Colleague, Function, Post, post_in
from hejie.store.pool import Connection

_POST = """
select m.organisation,
  (select array_agg(f.function) filter (where f.ended_at is null) from member_function f
    where f.city = m.city and f.member = m.id),
  exists (select 1 from member_function f where f.city = m.city and f.member = m.id),
  (select json_agg(json_build_object('id', w.id, 'authority', w.organisation, 'functions',
      (select json_agg(f.function) filter (where f.ended_at is null) from member_function f
        where f.city = w.city and f.member = w.id),
      'ever', exists (select 1 from member_function f where f.city = w.city and f.member = w.id)) order by w.id)
    from member w where w.city = m.city and w.id in (select a.member from absence a
      where a.city = m.city and a.substitute = m.id and a.ended_at is null and %s between a.first_day and a.last_day))
from member m where m.city = %s and m.id = %s and m.role = 'officer' and m.active
"""


def day_of(now: datetime) -> date:
    """The Shanghai day of an instant: leave is by days."""
    return now.astimezone(SHANGHAI).date()


async def find_post(connection: Connection, city: str, person: str, now: datetime) -> Post | None:
    """The post of one officer; none where there is no such active officer."""
    row: Any = await (await connection.execute(_POST, [day_of(now), city, person])).fetchone()
    if row is None:
        return None
    authority, functions, ever, away = row
    colleagues = [
        Colleague(id=each["id"], authority=each["authority"], functions=_held(each["functions"], ever=each["ever"]))
        for each in away or ()
    ]
    return post_in(city, authority, _held(functions, ever=ever), colleagues)


def _held(functions: list[str] | None, *, ever: bool) -> frozenset[Function] | None:
    """None for whoever was never given any."""
    return frozenset(Function(each) for each in functions or ()) if ever else None


async def read_post(connection: Connection, city: str, person: str, now: datetime) -> Post:
    """The same; whoever acts as an officer without an account here has what any officer had before functions."""
    return await find_post(connection, city, person, now) or Post()
