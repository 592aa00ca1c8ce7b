"""A clearing file comes in: whole or not at all, once, its cards as tokens, its broken records sealed."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from hejie.agenda import Task
from hejie.base.actor import SYSTEM
from hejie.base.errors import Refused
from hejie.base.identifiers import Chance
from hejie.base.seals import Vault, commitment
from hejie.cities.settings import ClearingAgreement
from hejie.intake.clearing_rows import COLUMNS, CREATE, INTO, REFERENCES, Rows
from hejie.payments.clearing import BrokenRecord
from hejie.payments.clearing_files import HEAD_LINES, Form, Tally, Totals, read_clearing
from hejie.store.contents import first_data_key
from hejie.store.pool import Connection, Pool, city_transaction
from hejie.store.writing import LogLine, write_log, write_tasks

BATCH = 20_000

_FILE = """
insert into clearing_file (city, digest, name, form, agreement, loaded_at, records, broken)
values (%s, %s, %s, %s, %s, %s, 0, 0) on conflict (city, digest) do nothing returning number
"""
_BEFORE = "select number, records, broken, first_day, last_day from clearing_file where city = %s and digest = %s"
_COUNTS = """
update clearing_file set records = %s, broken = %s, first_day = %s, last_day = %s where city = %s and number = %s
"""
_BROKEN = "insert into clearing_broken (city, file, line, why, sealed) values (%s, %s, %s, %s, %s)"


class Delivery(Struct, frozen=True, kw_only=True):
    """What is to be loaded, and under which agreement."""

    path: Path
    form: Form
    day: date
    """The file's clearing day."""
    agreement: ClearingAgreement
    told: Totals | None
    """From a manifest; a CSV tells its own. None where there is none and that was agreed to."""
    digest: str = ""
    """SHA-256 in hexadecimal, where the manifest names it."""


class Loaded(Struct, frozen=True, kw_only=True):
    """A file that is in."""

    number: int
    records: int
    broken: int
    first_day: date | None
    last_day: date | None
    again: bool
    """It was loaded before; nothing has changed."""


class _Count:
    """What a load has seen so far."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.records = self.broken = 0
        self.days: set[date] = set()
        self.why = ""

    def add(self, good: int, broken: list[BrokenRecord]) -> None:
        self.records += good
        self.broken += len(broken)
        self.why = self.why or (broken[0].why if broken else "")


async def load_clearing(
    pool: Pool, vault: Vault, city: str, delivery: Delivery, now: datetime, chance: Chance
) -> Loaded:
    """Load one file in one transaction; a file that was loaded before changes nothing.

    Errors, all without a trace of the file: `Refused("clearing_changed")` where it is not the manifest's,
    `Refused("clearing_count" | "clearing_total")` where it does not hold what was told, `Refused("clearing_unread")`
    where no record at all can be read, and those of `read_clearing`.
    """
    with delivery.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
        if delivery.digest and delivery.digest.lower() != digest.hex():
            raise Refused("clearing_changed")
        stream.seek(0)
        async with city_transaction(pool, city) as connection:
            values = [city, digest, delivery.path.name, delivery.form.value, delivery.agreement.id, now]
            row = await (await connection.execute(_FILE, values)).fetchone()
            if row is None:
                return await _before(connection, city, digest)
            count = await _Load(pool, connection, vault, city, row[0]).take(stream, delivery)
            await _end(connection, city, row[0], delivery, count, now, chance)
    return _loaded(row[0], count)


async def _before(connection: Connection, city: str, digest: bytes) -> Loaded:
    row: Any = await (await connection.execute(_BEFORE, [city, digest])).fetchone()
    number, records, broken, first, last = row
    return Loaded(number=number, records=records, broken=broken, first_day=first, last_day=last, again=True)


def _loaded(number: int, count: _Count) -> Loaded:
    first, last = (min(count.days), max(count.days)) if count.days else (None, None)
    return Loaded(
        number=number, records=count.records, broken=count.broken, first_day=first, last_day=last, again=False
    )


class _Batch(Struct, frozen=True):
    """Some thousand records, ready to be sent."""

    lines: bytes
    days: frozenset[date]
    broken: list[BrokenRecord]


class _Reader:
    """Reads a file batch by batch: in a thread, so that the database takes one while the next is read."""

    def __init__(self, stream: BinaryIO, delivery: Delivery, rows: Rows) -> None:
        self._items = read_clearing(stream, delivery.form, delivery.day)
        self._line = HEAD_LINES[delivery.form]
        self._rows = rows
        self.told = [delivery.told] if delivery.told else []
        self.count = _Count()

    def next(self) -> _Batch | None:
        """The next batch; None at the end of the file."""
        items = list(islice(self._items, BATCH))
        if not items:
            return None
        good, broken, count = [], [], self.count
        for item in items:
            if isinstance(item, Totals):
                self.told.append(item)
                continue
            self._line += 1
            count.tally.take(item)
            if isinstance(item, BrokenRecord):
                broken.append(item)
            else:
                good.append((self._line, item))
        count.add(len(good), broken)
        return _Batch(b"".join(self._rows.blocks(good)), frozenset({each.settles for _, each in good}), broken)

    def check(self) -> None:
        """Hold what came against what was told."""
        for totals in self.told:
            self.count.tally.check(totals, self.count.broken)
        if self.count.broken and not self.count.records:
            raise Refused("clearing_unread", why=self.count.why)


class _Load:
    """One file on its way in."""

    def __init__(self, pool: Pool, connection: Connection, vault: Vault, city: str, number: int) -> None:
        self._pool, self._connection = pool, connection
        self._vault, self._city, self._number = vault, city, number
        self._key = b""

    async def take(self, stream: BinaryIO, delivery: Delivery) -> _Count:
        """All of it, batch by batch."""
        await self._connection.execute(CREATE)
        reader = _Reader(stream, delivery, Rows(self._vault, self._city, self._number))
        coming = asyncio.create_task(asyncio.to_thread(reader.next))
        try:
            while batch := await coming:
                coming = asyncio.create_task(asyncio.to_thread(reader.next))
                await self._put_in(batch, reader.count)
        finally:
            await asyncio.wait([coming])
        reader.check()
        return reader.count

    async def _put_in(self, batch: _Batch, count: _Count) -> None:
        await self._open_days(batch.days, count)
        if batch.lines:
            async with (
                self._connection.cursor() as cursor,
                cursor.copy(f"copy clearing_incoming ({COLUMNS}, hashes) from stdin") as copy,
            ):
                await copy.write(batch.lines)
            for statement in (INTO, REFERENCES, "truncate clearing_incoming"):
                await self._connection.execute(statement)
        if batch.broken:
            await self._put_aside(batch.broken)

    async def _open_days(self, days: frozenset[date], count: _Count) -> None:
        """A day's part is made before its first record, in a transaction of its own, so that no lock outlasts it."""
        for day in sorted(days - count.days):
            async with city_transaction(self._pool, self._city) as connection:
                await connection.execute("select clearing_part(%s)", [day])
            count.days.add(day)

    async def _put_aside(self, broken: list[BrokenRecord]) -> None:
        if not self._key:
            self._key = await first_data_key(self._connection, self._vault, self._city, subject(self._number))
        rows = [
            (self._city, self._number, each.line, each.why, self._vault.seal(self._key, place(self._number), each.raw))
            for each in broken
        ]
        async with self._connection.cursor() as cursor:
            await cursor.executemany(_BROKEN, rows)


async def _end(
    connection: Connection, city: str, number: int, delivery: Delivery, count: _Count, now: datetime, chance: Chance
) -> None:
    """Counts, one line in the log, and the two tasks that follow."""
    loaded = _loaded(number, count)
    values = [count.records, count.broken, loaded.first_day, loaded.last_day, city, number]
    await connection.execute(_COUNTS, values)
    body = {
        "agreement": delivery.agreement.id,
        "form": delivery.form.value,
        "name": delivery.path.name,
        "records": count.records,
        "broken": count.broken,
    }
    salt = chance(16)
    line = LogLine(1, "ClearingLoaded", msgspec.json.encode(body).decode(), salt, commitment(salt, body))
    await write_log(connection, city, "intake", f"clearing:{number}", now, SYSTEM.role.value, SYSTEM.id, [line])
    task = Task(kind="match_clearing", noun="clearing", subject=str(number))
    over = now + timedelta(days=delivery.agreement.keep_days)
    forget = Task(kind="forget_clearing", noun="clearing", subject=str(number), at=over)
    await write_tasks(connection, city, now, [task, forget])


async def forget_clearing_before(connection: Connection, day: date) -> None:
    """Days before one go; records of disputed payments stay."""
    await connection.execute("select clearing_forget(%s)", [day])


def subject(number: int) -> str:
    """Under which the broken records of a file are sealed."""
    return f"clearing:{number}"


def place(number: int) -> str:
    """Where a sealed broken record stands."""
    return f"clearing_broken/{number}"
