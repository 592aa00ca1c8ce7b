"""Folding the whole log of a city from nothing, and holding every row and its columns against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg
from msgspec import Struct, json

from hejie.base.seals import commitment
from hejie.cities import item_custody
from hejie.disputes.model import Dispute
from hejie.merchants import handling
from hejie.store.nouns import NOUNS as HOUSE
from hejie.store.nouns import WITHOUT_ROW


class Noun(NamedTuple):
    """A noun's row, its events, how one becomes the other, and the columns whose names are not the row's own."""

    row: type[Struct]
    events: Any
    evolve: Callable[[Any, Any], Any]
    elsewhere: Mapping[str, Callable[[Any], object]] = MappingProxyType({})
    beside: frozenset[str] = frozenset()
    """Columns that another noun writes."""


_ELSEWHERE: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    "binding": {"identity": lambda row: row.identity.key},
    "city": {"name_zh": lambda row: row.name.zh, "name_en": lambda row: row.name.en},
    "dispute": {
        "claim_kind": lambda row: row.claim.remedy,
        "claim_fen": lambda row: row.claim.amount_fen,
        "state": lambda row: row.state if row.home == row.city else "elsewhere",
        "due_at": lambda row: row.due.at if row.due and row.home == row.city else None,
        "due_rule": lambda row: row.due.rule if row.due and row.home == row.city else None,
        "wallet_event": lambda row: row.wallet_event or None,
        "helper": lambda row: row.assist.helper if row.assist else "",
    },
    "handling": {"id": lambda row: handling.handling_of(row.dispute)},
    "item_custody": {"id": lambda row: item_custody.custody_of(row.item)},
    "paycode": {"accounts": lambda row: list(row.accounts)},
}
_BESIDE = {"dispute": frozenset({"assignee", "mediator"})}
NOUNS: Mapping[str, Noun] = MappingProxyType(
    {
        name: Noun(*noun, _ELSEWHERE.get(name, MappingProxyType({})), _BESIDE.get(name, frozenset()))
        for name, noun in HOUSE.items()
    }
)


class Folded(NamedTuple):
    """How much was folded, and what did not agree."""

    rows: int
    events: int
    wrong: list[str]


def fold_city(connection: psycopg.Connection[Any], nouns: Mapping[str, Noun] = NOUNS) -> Folded:
    """Fold every noun, or some, of the city that `connection` sees."""
    rows = events = 0
    wrong: list[str] = []
    for name, noun in nouns.items():
        fold = _Fold(name, noun)
        fold.read(connection)
        wrong += fold.compare(connection)
        rows, events = rows + len(fold.rows), events + fold.events
    strange = {row[0] for row in connection.execute("select distinct noun from log")} - {*NOUNS, *WITHOUT_ROW}
    wrong += [f"log: noun {name} is not folded" for name in sorted(strange)]
    return Folded(rows, events, [*wrong, *_taken(connection), *_assigned(connection)])


class _Fold:
    """One noun's log, folded."""

    def __init__(self, name: str, noun: Noun) -> None:
        self.name, self.noun = name, noun
        self.rows: dict[str, Any] = {}
        self.events = 0
        self._versions: dict[str, int] = {}
        self._wrong: list[str] = []

    def read(self, connection: psycopg.Connection[Any]) -> None:
        """Every event in its order, each held against its digest."""
        lines = connection.execute(
            "select id, version, event, body::text, salt, digest from log where noun = %s order by id, version",
            [self.name],
        )
        for identifier, version, kind, body, salt, digest in lines:
            self.events += 1
            if version != self._versions.get(identifier, 0) + 1:
                self._wrong.append(f"{self.name} {identifier}: version {version} does not follow")
            if commitment(salt, json.decode(body)) != digest:
                self._wrong.append(f"{self.name} {identifier} {version}: the digest is another event's")
            event = json.decode(body, type=self.noun.events)
            if type(event).__name__ != kind:
                self._wrong.append(f"{self.name} {identifier} {version}: {kind} is {type(event).__name__}")
            self._versions[identifier] = version
            self.rows[identifier] = self.noun.evolve(self.rows.get(identifier), event)

    def compare(self, connection: psycopg.Connection[Any]) -> list[str]:
        """What the table holds beside what the log gives."""
        cursor = connection.execute(f"select *, body::text as whole from {self.name}")
        names = [column.name for column in cursor.description or ()]
        unmet = set(self.rows)
        wrong = list(self._wrong)
        for values in cursor:
            columns = dict(zip(names, values, strict=True))
            identifier = columns["city" if self.name == "city" else "id"]
            unmet.discard(identifier)
            wrong += self._differences(identifier, columns)
        return wrong + [f"{self.name} {identifier}: a log without a row" for identifier in sorted(unmet)]

    def _differences(self, identifier: str, columns: dict[str, Any]) -> Iterator[str]:
        folded = self.rows.get(identifier)
        if folded is None:
            yield f"{self.name} {identifier}: a row without a log"
            return
        if folded != json.decode(columns["whole"], type=self.noun.row):
            yield f"{self.name} {identifier}: the log gives another row"
        for column, value in columns.items():
            if column in {"body", "whole", *self.noun.beside}:
                continue
            told = self.noun.elsewhere.get(column, lambda row, name=column: getattr(row, name))(folded)
            if not _same(told, value):
                yield f"{self.name} {identifier}: column {column} is {value}, the row says {told}"


def _same(told: object, value: object) -> bool:
    if isinstance(told, datetime) and isinstance(value, datetime):
        return told == value
    return told == value or (isinstance(told, str) and str(told) == value)


def _taken(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """A payment is taken by the dispute that is open on it, and by no other."""
    rows = connection.execute(
        "select d.id, d.body::text,"
        " coalesce(array_agg(p.trade_no || ' ' || p.open) filter (where p.trade_no is not null), '{}')"
        " from dispute d left join dispute_payment p on p.city = d.city and p.dispute = d.id"
        " group by d.city, d.id, d.body"
    )
    for identifier, body, held in rows:
        row = json.decode(body, type=Dispute)
        expected = {f"{paid.trade_no} {str(row.is_open).lower()}" for paid in row.payments}
        if set(held) != expected:
            yield f"dispute {identifier}: holds {sorted(held)}, should hold {sorted(expected)}"


def _assigned(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Beside a dispute stands the assignee that its handling names, and nobody else."""
    rows = connection.execute(
        "select d.id, d.assignee, coalesce(h.assignee, '') from dispute d"
        " left join handling h on h.city = d.city and h.dispute = d.id"
        " where d.assignee <> coalesce(h.assignee, '')"
    )
    for identifier, beside, told in rows:
        yield f"dispute {identifier}: beside it stands {beside!r}, its handling says {told!r}"
