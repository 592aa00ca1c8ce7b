"""A file of announcements taken: its rejected lines and its acknowledgement are written beside it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.desk.act import Desk
from hejie.desk.announcing import REJECTED, Announcement, Result, answered_before, take_announcement
from hejie.intake.manifest import read_manifest
from hejie.merchants.announced import ToldLine
from hejie.merchants.announced_csv import cells, check, lines

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `FILE.manifest.json` tells of a file."""

    lines: int | None = None
    sha256: str = ""


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """What `FILE.ack.json` tells whoever brought the file."""

    sha256: str
    lines: int
    bound: int
    waiting: int
    rejected: int
    received_at: datetime
    business_day: date
    """For which of the bank's business days it counts."""


class Speaker(Struct, frozen=True, kw_only=True):
    """Who brings a file."""

    acquirer: str
    numbers: frozenset[str]
    business_day: Callable[[datetime], date]


async def take_file(desk: Desk, city: str, path: Path, speaker: Speaker) -> Acknowledgement:
    """Take one file; taken before, it changes nothing, and its acknowledgement is written again.

    The acknowledgement comes last: where it is, all of the file was taken and the rejected lines lie beside it.
    Errors, before a line is taken: those of `merchants.announced_csv.check`, `Refused("manifest_unreadable")`;
    amid them `Stale`: take it again.
    """
    manifest = read_manifest(path, Manifest) or Manifest()
    with path.open("rb") as stream:
        found = check(stream, manifest.lines, manifest.sha256)
    told = Announcement(
        acquirer=speaker.acquirer,
        numbers=speaker.numbers,
        key=f"file:{found.sha256}",
        digest=bytes.fromhex(found.sha256),
        lines=_Lines(path),
    )
    taken = await answered_before(desk, city, told)
    if taken is None:
        with _Rejected(path.with_name(f"{path.name}.rejected.csv")) as rejected:
            taken = await take_announcement(desk, city, told, rejected.hear)
    acknowledgement = Acknowledgement(
        sha256=found.sha256,
        lines=found.lines,
        bound=taken.bound,
        waiting=taken.waiting,
        rejected=taken.rejected,
        received_at=taken.taken_at,
        business_day=speaker.business_day(taken.taken_at),
    )
    _write(path.with_name(f"{path.name}.ack.json"), msgspec.json.format(msgspec.json.encode(acknowledgement)) + b"\n")
    return acknowledgement


class _Lines:
    """The lines of a file; may be gone through more than once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[ToldLine]:
        with self._path.open("rb") as stream:
            yield from lines(stream)


class _Rejected:
    """The rejected lines on their way into their file, which is there only when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._fresh = path, path.with_name(f"{path.name}.new")
        self._count = 0

    def __enter__(self) -> Self:
        self._out = self._fresh.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._out, lineterminator="\n")
        self._rows.writerow(["line", "code", "as it came"])
        return self

    def hear(self, line: ToldLine, result: Result) -> None:
        """Write it down if it was rejected; what a spreadsheet would take for a formula is quoted."""
        if result.result != REJECTED:
            return
        self._count += 1
        self._rows.writerow([line.number, result.code, *map(_harmless, _cells_of(line.raw))])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._rows.writerow(["TOTAL", self._count])
            self._out.flush()
            os.fsync(self._out.fileno())
        self._out.close()
        if kind is None:
            self._fresh.replace(self._path)
        else:
            self._fresh.unlink()


def _cells_of(raw: bytes) -> list[str]:
    try:
        return cells(raw)
    except Refused:
        return [raw.decode("utf-8", "replace").replace("\0", "\ufffd")]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with io.FileIO(fresh, "w") as out:
        out.write(content)
        os.fsync(out.fileno())
    fresh.replace(path)
