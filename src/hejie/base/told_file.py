"""Files that an acquirer brings (docs/protocol/acquirer.md): CSV in UTF-8 or GB18030, its last line the totals."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from msgspec import Struct

from hejie.base import csv_line
from hejie.base.errors import Refused

TOTAL = b"TOTAL,"
MOST_LINE = 4096
"""Bytes: a longer line is none."""
_TOTAL = re.compile(rb"TOTAL,(0|[1-9][0-9]{0,9}),([0-9a-f]{64})?", re.ASCII)


class Form(Struct, frozen=True, kw_only=True):
    """What the lines of one kind of file hold."""

    columns: tuple[str, ...]
    """In any order in the file."""
    most_cell: int = csv_line.MOST_CELL
    """Characters."""


class ToldLine(Struct, frozen=True, kw_only=True):
    """A line as it came."""

    number: int
    parts: Mapping[str, str] | None = None
    """As text, by the form's columns; None where it could not be taken apart."""
    code: str = ""
    """Why it could not."""
    raw: bytes = b""
    """Its bytes, where it came in a file."""


class Totals(Struct, frozen=True, kw_only=True):
    """What a file says it holds; SHA-256 in small hexadecimal letters, of all bytes before its last line, or empty."""

    lines: int
    sha256: str


class Checked(Struct, frozen=True, kw_only=True):
    """What a file was found to hold."""

    lines: int
    sha256: str
    """Of the whole file."""


def check(stream: BinaryIO, form: Form, wanted: int | None = None, sha256: str = "") -> Checked:
    """Go through a file once and hold it against its own totals, and against a manifest's where there is one.

    Errors, all of which mean that nothing of it may be used: `Refused("announcement_columns" | "announcement_cut_off" |
    "announcement_count" | "announcement_changed" | "announcement_undigested" | "announcement_line_long")`.
    """
    whole, before = hashlib.sha256(), hashlib.sha256()
    count, told = 0, None
    first = stream.readline(MOST_LINE)
    _columns(first, form)
    whole.update(first)
    before.update(first)
    for raw in _raw_lines(stream):
        whole.update(raw)
        if told is not None:
            raise Refused("announcement_cut_off")
        told = _totals(raw)
        if told is None:
            before.update(raw)
            count += 1
    if told is None:
        raise Refused("announcement_cut_off")
    if count != told.lines or (wanted is not None and wanted != count):
        raise Refused("announcement_count", found=count, told=told.lines if count != told.lines else wanted)
    if told.sha256 not in {"", before.hexdigest()} or sha256.lower() not in {"", whole.hexdigest()}:
        raise Refused("announcement_changed")
    if not told.sha256 and not sha256:
        raise Refused("announcement_undigested")
    return Checked(lines=count, sha256=whole.hexdigest())


def lines(stream: BinaryIO, form: Form) -> Iterator[ToldLine]:
    """The lines of a file that was checked."""
    names = _columns(stream.readline(MOST_LINE), form)
    for number, raw in enumerate(_raw_lines(stream), 2):
        if _totals(raw) is None:
            yield _line(number, raw, names, form)


def _raw_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends; `Refused("announcement_line_long")`."""
    while raw := stream.readline(MOST_LINE):
        if len(raw) == MOST_LINE:
            raise Refused("announcement_line_long", most=MOST_LINE)
        yield raw


def _totals(raw: bytes) -> Totals | None:
    if not raw.startswith(TOTAL):
        return None
    found = _TOTAL.fullmatch(raw.rstrip(b"\r\n"))
    if found is None:
        raise Refused("announcement_cut_off")
    return Totals(lines=int(found[1]), sha256=(found[2] or b"").decode())


def _columns(raw: bytes, form: Form) -> list[str]:
    try:
        names = cells(raw)
    except Refused:
        raise Refused("announcement_columns") from None
    if sorted(names) != sorted(form.columns):
        raise Refused("announcement_columns")
    return names


def _line(number: int, raw: bytes, names: list[str], form: Form) -> ToldLine:
    line = raw.rstrip(b"\r\n")
    try:
        values = cells(line, form.most_cell)
    except Refused as error:
        return ToldLine(number=number, code=error.code, raw=line)
    if len(values) != len(names):
        return ToldLine(number=number, code="announcement_columns", raw=line)
    return ToldLine(number=number, parts=dict(zip(names, values, strict=True)), raw=line)


def cells(raw: bytes, most: int = csv_line.MOST_CELL) -> list[str]:
    """One line's cells; `Refused("announcement_text")`."""
    try:
        return csv_line.cells(raw.rstrip(b"\r\n"), most)
    except ValueError:
        raise Refused("announcement_text") from None
