"""A bill as a spreadsheet: opened within bounds, its first sheet turned into rows of text."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from hejie.base.errors import Refused
from hejie.payments.bill_grid import MOST_PREAMBLE, MOST_ROWS, Grid, header_at, is_blank, is_closing

_MOST_UNPACKED = 24 * 1024 * 1024
_MOST_PARTS = 200
_MOST_COLUMNS = 32
_MOST_CELL = 8_000
_EXACT = 2**53
_DEFINITIONS = (b"<!DOCTYPE", b"<!ENTITY", b"\x00")
"""What no sheet needs in its XML: definitions, or letters of two bytes that could hide them."""

_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    struct.error,
    SyntaxError,  # the XML parser's own
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the unpacker, the XML parser and the sheet reader raise on a damaged file."""


def is_packed(raw: bytes) -> bool:
    """The file begins like a zip archive, which every spreadsheet is."""
    return raw.startswith(b"PK")


def _checked(raw: bytes) -> None:
    """Refuse what is no spreadsheet, too much of one, or one that defines XML entities."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except _DAMAGED:
        raise Refused("bill_cut_off") from None
    with archive:
        parts = archive.infolist()
        if "xl/workbook.xml" not in {part.filename for part in parts}:
            raise Refused("bill_zipped")
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise Refused("bill_too_large")
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                content = archive.read(part)
                if any(mark in content for mark in _DEFINITIONS):
                    raise Refused("bill_unknown_format")


def _text(value: object) -> str:
    """A cell as the wallet would print it; a number that lost digits is left out."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, float):
        if abs(value) >= _EXACT:
            return ""
        return f"{value:.0f}" if value.is_integer() else f"{round(value, 6):.6f}".rstrip("0")
    return str(value)[:_MOST_CELL].strip()


def _rows(raw: bytes) -> list[list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a wallet's sheet has no default style
        from openpyxl import load_workbook  # takes a quarter of a second, and most bills are no spreadsheets

        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            found = sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True)
            most = MOST_ROWS + 2 * MOST_PREAMBLE
            rows = [[_text(value) for value in row] for row in islice(found, most + 1)]
        finally:
            book.close()
    if len(rows) > most:
        raise Refused("bill_too_large")
    return rows


def grid_of(raw: bytes, *, known: Callable[[Sequence[str]], bool]) -> Grid:
    """Cut the first sheet into preamble, header, rows and footer.

    Errors: `bill_zipped` for an archive that is no spreadsheet, `bill_cut_off` for half of one,
    `bill_too_large`, `bill_damaged`, and those of `header_at`.
    """
    try:
        _checked(raw)
        rows = _rows(raw)
    except _DAMAGED:
        raise Refused("bill_damaged") from None
    at = header_at(rows, known)
    lines = ["".join(row) for row in rows]
    end = next((i for i in range(at + 1, len(rows)) if is_closing(lines[i])), len(rows))
    body = tuple(tuple(row) for row in rows[at + 1 : end] if not is_blank(row))
    if len(body) > MOST_ROWS:
        raise Refused("bill_too_large")
    return Grid(preamble=tuple(lines[:at]), header=tuple(rows[at]), body=body, footer=tuple(lines[end:]), ended=True)
