"""What ties a city to the other cities, and should be over before it leaves the directory."""

from __future__ import annotations

import msgspec
import psycopg
from psycopg.rows import TupleRow

from hejie.alliance.directory import SignedDirectory, read_directory

Connection = psycopg.Connection[TupleRow]

TIES = ("member", "handovers", "letters_out", "letters_in", "receipts", "elsewhere", "guests", "questions")
"""In the order in which they are best dealt with; the last step is the directory's."""
_TIES = """
select
  (select count(*) from handover where city = %(city)s and state in ('offered', 'accepted'))
    + (select count(*) from dispute d where d.city = %(city)s and d.home = d.city and d.body->'away' <> 'null'
      and not exists (select from handover h where h.city = d.city and h.id = d.body->'away'->>'handover')),
  (select count(*) from letter_out where city = %(city)s and state in ('submitted', 'relayed')),
  (select count(*) from letter_in where city = %(city)s and over_at is null),
  (select count(*) from letter_in where city = %(city)s and over_at is not null and not told),
  (select count(*) from dispute d where d.city = %(city)s and d.home <> d.city and exists (
    select from dispute_payment p where p.city = d.city and p.dispute = d.id and p.open)),
  (select count(*) from dispute d where d.city = %(city)s and d.home = d.city and d.closed_at is null and exists (
    select from handover h where h.city = d.city and h.dispute = d.id and h.receiver = d.city and h.state = 'taken')),
  (select count(*) from history_ask where city = %(city)s and state = 'asked')
"""
_DIRECTORY = "select body::text from alliance_directory where city = %s order by version desc limit 1"


def ties(connection: Connection, city: str) -> dict[str, int]:
    """How many of each of `TIES` there are; `member` is 1 while the directory that the city has taken lists it."""
    row = connection.execute(_TIES, {"city": city}).fetchone() or (0,) * (len(TIES) - 1)
    found = connection.execute(_DIRECTORY, [city]).fetchone()
    listed = False
    if found is not None:
        directory = read_directory(msgspec.json.decode(found[0], type=SignedDirectory).directory)
        listed = any(each.city == city for each in directory.members)
    return dict(zip(TIES, (int(listed), *row), strict=True))
