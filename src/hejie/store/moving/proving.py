"""Whether a city's rows are what its log gives, and its numbered log what its tree's root says; read as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import sql

from hejie.base.errors import Refused
from hejie.base.merkle import root_of_stream
from hejie.base.seals import commitment
from hejie.store.log_numbers import line_entry
from hejie.store.nouns import NOUNS, WITHOUT_ROW, Noun

Connection = psycopg.Connection[Any]
_AT_ONCE = 2000
_LOG = """
select l.id, l.version, l.event, l.body::text, l.salt, l.digest, r.body::text, r.version
from log l left join {noun} r on r.city = l.city and r.{key} = l.id and r.version = l.version
where l.city = %s and l.noun = %s order by l.id, l.version
"""
_ROWS_ALONE = """
select r.{key} from {noun} r where r.city = %s and not exists (
  select from log l where l.city = r.city and l.noun = %s and l.id = r.{key} and l.version = r.version)
limit 1
"""
_STRANGE = "select min(noun) from log where city = %s and noun <> all(%s)"
_NUMBERED = """
select n.number, n.entry, n.noun, n.id, n.version, l.at, l.actor_role, l.event, l.salt, l.digest
from log_number n
left join log l on l.city = n.city and l.noun = n.noun and l.id = n.id and l.version = n.version
where n.city = %s order by n.number
"""
_UNNUMBERED = """
select l.noun from log l
left join log_number n on n.city = l.city and n.noun = l.noun and n.id = l.id and n.version = l.version
left join log_waiting w on w.city = l.city and w.noun = l.noun and w.id = l.id and w.version = l.version
where l.city = %s and (n.city is null) = (w.city is null) limit 1
"""


class Tree(NamedTuple):
    """The city's log as everybody can check it."""

    size: int
    root: bytes


def must_fold(connection: Connection, city: str) -> None:
    """Every row is what its log gives from nothing; `Refused("rows_not_of_log", noun, id)`."""
    (strange,) = connection.execute(_STRANGE, [city, [*NOUNS, *WITHOUT_ROW]]).fetchone() or (None,)
    if strange is not None:
        raise Refused("rows_not_of_log", noun=strange, id="")
    for name, noun in NOUNS.items():
        named = {"noun": sql.Identifier(name), "key": sql.Identifier("city" if name == "city" else "id")}
        lines = _stream(connection, sql.SQL(_LOG).format(**named), [city, name])
        for identifier, events in groupby(lines, lambda line: line[0]):
            if not _folds(noun, [line[1:] for line in events]):
                raise Refused("rows_not_of_log", noun=name, id=identifier)
        alone = connection.execute(sql.SQL(_ROWS_ALONE).format(**named), [city, name]).fetchone()
        if alone is not None:
            raise Refused("rows_not_of_log", noun=name, id=alone[0])


def log_tree(connection: Connection, city: str) -> Tree:
    """Size and root from the lines of the log themselves; `Refused("log_not_of_tree")` where one is another."""
    size = 0

    def entries() -> Iterator[bytes]:
        nonlocal size
        for number, entry, noun, identifier, version, at, *told in _stream(connection, sql.SQL(_NUMBERED), [city]):
            if number != size or at is None or line_entry(city, noun, identifier, version, at, *told) != bytes(entry):
                raise Refused("log_not_of_tree", number=number)
            size += 1
            yield entry

    root = root_of_stream(entries())
    if connection.execute(_UNNUMBERED, [city]).fetchone() is not None:
        raise Refused("log_not_of_tree", number=size)
    return Tree(size, root)


def _folds(noun: Noun, lines: list[tuple[Any, ...]]) -> bool:
    """Whether one thing's lines, in their order, have no gap, agree with their digests and end in its row."""
    row = None
    for number, (version, kind, body, salt, digest, _, _) in enumerate(lines, 1):
        event = msgspec.json.decode(body, type=noun.events)
        sealed = commitment(salt, msgspec.json.decode(body)) == digest
        if version != number or type(event).__name__ != kind or not sealed:
            return False
        row = noun.evolve(row, event)
    *_, kept, version = lines[-1]
    if row is None or kept is None or version != row.version:
        return False
    return bool(row == msgspec.json.decode(kept, type=noun.row))


def _stream(connection: Connection, query: sql.Composed | sql.SQL, values: list[object]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor(name="stream") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(query, values)
        yield from cursor
