"""Tables to take away: CSV that spreadsheets open as it is, and of which no cell is run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would take for a formula."""


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as text; numbers stay numbers, words are made safe."""
    text = io.StringIO()
    safe_rows = [[safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    csv.writer(text, lineterminator="\r\n").writerows(safe_rows)
    return text.getvalue()


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """A whole file in UTF-8 with the mark that spreadsheets know it by."""
    return b"\xef\xbb\xbf" + lines(rows).encode()


def safe(cell: str) -> str:
    """The cell so that no spreadsheet runs it: a quote in front of what would begin a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
