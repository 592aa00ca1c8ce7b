"""Files that come from an acquirer and go to it: manifest, rejected lines, and each there only when it is whole."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.told_file import Checked, Form, ToldLine, cells, check, lines
from hejie.intake.manifest import read_manifest

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `FILE.manifest.json` tells of a file."""

    lines: int | None = None
    sha256: str = ""


class Speaker(Struct, frozen=True, kw_only=True):
    """Who brings a file."""

    acquirer: str
    numbers: frozenset[str]
    business_day: Callable[[datetime], date]


def checked(path: Path, form: Form) -> Checked:
    """What a file holds by its own totals and its manifest.

    Errors: those of `base.told_file.check`, `Refused("manifest_unreadable")`.
    """
    manifest = read_manifest(path, Manifest) or Manifest()
    with path.open("rb") as stream:
        return check(stream, form, manifest.lines, manifest.sha256)


class Lines:
    """The lines of a file; may be gone through more than once."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path, self._form = path, form

    def __iter__(self) -> Iterator[ToldLine]:
        with self._path.open("rb") as stream:
            yield from lines(stream, self._form)


class Rejected:
    """The rejected lines on their way into `FILE.rejected.csv`, which is there only when it is whole."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path = path.with_name(f"{path.name}.rejected.csv")
        self._fresh, self._form = self._path.with_name(f"{self._path.name}.new"), form
        self._count = 0

    def __enter__(self) -> Self:
        self._out = self._fresh.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._out, lineterminator="\n")
        self._rows.writerow(["line", "code", "as it came"])
        return self

    def write(self, line: ToldLine, code: str) -> None:
        """Write one down; what a spreadsheet would take for a formula is quoted."""
        self._count += 1
        self._rows.writerow([line.number, code, *map(_harmless, _cells_of(line.raw, self._form.most_cell))])

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


class Outgoing:
    """A file for an acquirer, written line by line under a name that begins with a dot, and named when it is whole.

    Its last line is its `TOTAL`; the manifest comes after it, so that where a manifest lies, the file is whole.
    """

    def __init__(self, path: Path, columns: Sequence[str], encoding: str) -> None:
        self.path, self.lines = path, 0
        self._columns, self._encoding = columns, encoding
        self._fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        self._out = self._fresh.open("xb")
        self._put(self._columns)
        return self

    def write(self, cells: Sequence[object]) -> None:
        """One line, in the order of the columns."""
        self._put(cells)
        self.lines += 1

    def _put(self, row: Sequence[object]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow(row)
        raw = text.getvalue().encode(self._encoding)
        self._digest.update(raw)
        self._out.write(raw)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._put(["TOTAL", self.lines, self._digest.hexdigest()])
            self._out.flush()
            os.fsync(self._out.fileno())
        self._out.close()
        if kind is not None:
            self._fresh.unlink()
            return
        self._fresh.replace(self.path)
        write_json(beside(self.path, "manifest"), Manifest(lines=self.lines, sha256=self._digest.hexdigest()))


def beside(path: Path, what: str) -> Path:
    """The JSON file that lies beside a file."""
    return path.with_name(f"{path.name}.{what}.json")


def write_json(path: Path, told: Struct) -> None:
    """Write it whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    with io.FileIO(fresh, "w") as out:
        out.write(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
        os.fsync(out.fileno())
    fresh.replace(path)


def _cells_of(raw: bytes, most: int) -> list[str]:
    try:
        return cells(raw, most)
    except Refused:
        return [raw.decode("utf-8", "replace").replace("\0", "\ufffd")]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
