"""A bill as text: its encoding found out, its lines and cells cut, quotes taken with care."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence

from hejie.base.errors import Refused
from hejie.payments.bill_grid import MOST_PREAMBLE, MOST_ROWS, Grid, header_at, is_blank, is_closing

_MOST_LINE = 8_000
_LONGEST_CHARACTER = 4
_MOST_JOINED = 5
"""Lines that one quoted cell may span."""


def _decoded(raw: bytes, encoding: str) -> tuple[str, bool] | None:
    """The text and whether its last character is whole; None where it is not this encoding."""
    try:
        return raw.decode(encoding), True
    except UnicodeDecodeError as fault:
        tail = len(raw) - fault.start
        if tail < _LONGEST_CHARACTER and fault.reason.startswith(("unexpected end", "incomplete")):
            return raw[: fault.start].decode(encoding), False
        return None


def text_of(raw: bytes) -> tuple[str, bool]:
    """The file's text (UTF-8 with or without mark, else GB18030) and whether its end is whole.

    Errors: `bill_unknown_format` where neither encoding fits.
    """
    if b"\x00" in raw:
        raise Refused("bill_unknown_format")
    found = _decoded(raw, "utf-8-sig") or _decoded(raw, "gb18030")
    if found is None:
        raise Refused("bill_unknown_format")
    return found


def _quoted(text: str) -> list[str] | None:
    """The cells of one record; None while a quote stands open or is misplaced."""
    try:
        records = list(csv.reader(text.split("\n"), strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _record(lines: Sequence[str], at: int, width: int) -> tuple[list[str], int]:
    """The cells beginning at line `at`, and the index after them.

    A wallet that quotes nothing may print a stray quote; so following lines are joined only
    where the joined record is as wide as the header, else the quote is a plain character.
    """
    if '"' not in lines[at]:
        return lines[at].split(","), at + 1
    for taken in range(1, _MOST_JOINED + 1):
        cells = _quoted("\n".join(lines[at : at + taken]))
        if cells is not None and (taken == 1 or len(cells) == width):
            return cells, at + taken
    return lines[at].split(","), at + 1


def grid_of(text: str, *, whole: bool, known: Callable[[Sequence[str]], bool]) -> Grid:
    """Cut the text into preamble, header, rows and footer; `known` recognises a header.

    Errors: as `header_at`; `bill_too_large` above 20,000 rows or in one overlong line.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    ended = whole and lines[-1] == ""
    if max(map(len, lines)) > _MOST_LINE:
        raise Refused("bill_too_large")
    at = header_at([line.split(",") for line in lines[: MOST_PREAMBLE + 1]], known)
    header = lines[at].split(",")
    body: list[tuple[str, ...]] = []
    next_line = at + 1
    while next_line < len(lines) and not is_closing(lines[next_line]):
        cells, next_line = _record(lines, next_line, len(header))
        if not is_blank(cells):
            body.append(tuple(cells))
        if len(body) > MOST_ROWS:
            raise Refused("bill_too_large")
    return Grid(
        preamble=tuple(lines[:at]),
        header=tuple(header),
        body=tuple(body),
        footer=tuple(lines[next_line:]),
        ended=ended,
    )
