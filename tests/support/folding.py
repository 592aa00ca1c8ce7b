"""Folding the whole log of a database from nothing, and holding every row against it."""

from __future__ import annotations

from typing import Any

import psycopg
from msgspec import json

from hejie.base.seals import commitment
from hejie.store.nouns import NOUNS, WITHOUT_ROW


def fold_all(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Fold every noun of every city; how many of each there are.

    `connection` must see all cities (an administrator's). AssertionError names what does not agree: a row
    that its log does not give, a log without a row, a gap in the versions, a digest that is not its event's.
    """
    found = {noun: _fold_noun(connection, noun) for noun in NOUNS}
    strange = connection.execute("select distinct noun from log").fetchall()
    assert {noun for (noun,) in strange} <= {*NOUNS, *WITHOUT_ROW}, strange
    return found


def _fold_noun(connection: psycopg.Connection[Any], noun: str) -> int:
    row_type, event_type, evolve = NOUNS[noun]
    identifier = "city" if noun == "city" else "id"
    rows = {
        (where, name): (version, json.decode(body, type=row_type))
        for where, name, version, body in connection.execute(
            f"select city, {identifier}, version, body::text from {noun}"
        )
    }
    folded: dict[tuple[str, str], Any] = {}
    lines = connection.execute(
        "select city, id, version, event, body::text, salt, digest from log where noun = %s order by city, id, version",
        [noun],
    )
    versions = dict.fromkeys(rows, 0)
    for where, name, version, kind, body, salt, digest in lines:
        key = (where, name)
        assert version == versions.get(key, 0) + 1, f"{noun} {name}: version {version} does not follow"
        assert commitment(salt, json.decode(body)) == digest, f"{noun} {name} {version}: the digest is another event's"
        event = json.decode(body, type=event_type)
        assert type(event).__name__ == kind
        versions[key] = version
        folded[key] = evolve(folded.get(key), event)
    assert folded.keys() == rows.keys(), f"{noun}: {folded.keys() ^ rows.keys()}"
    for key, (version, row) in rows.items():
        assert version == row.version == versions[key], f"{noun} {key}: row {version}, log {versions[key]}"
        assert folded[key] == row, f"{noun} {key}:\n{folded[key]}\n{row}"
    return len(rows)
