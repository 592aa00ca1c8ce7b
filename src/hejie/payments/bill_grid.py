"""The common shape of every bill file: free text, a header, rows of cells, free text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from hejie.base.errors import Refused

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_PREAMBLE = 200
"""Lines of free text before the header; the wallets print about twenty-five."""

COUNT = re.compile(r"共\s*(\d{1,7})\s*笔", re.ASCII)
_PADDING = " \t\u3000\ufeff\"'"


class Grid(Struct, frozen=True, kw_only=True):
    """A bill file cut into its parts; cells are still as printed."""

    preamble: tuple[str, ...]
    header: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    footer: tuple[str, ...]
    ended: bool
    """The last line of the file is whole, as far as its own end shows."""


def is_blank(cells: Sequence[str]) -> bool:
    """Nothing but padding stands in the row."""
    return not any(cell.strip(_PADDING) for cell in cells)


def is_closing(line: str) -> bool:
    """A ruler, or the line of counts, that ends the list."""
    line = line.strip(_PADDING)
    return line.startswith("-----") or COUNT.match(line) is not None


def header_at(lines: Sequence[Sequence[str]], known: Callable[[Sequence[str]], bool]) -> int:
    """Index of the header row.

    Errors: `bill_empty` for a file without any content, `bill_cut_off` where a wallet's title
    stands but no header follows, `bill_unknown_format` otherwise.
    """
    for index, cells in enumerate(lines[:MOST_PREAMBLE]):
        if known(cells):
            return index
    words = "".join("".join(cells) for cells in lines[:MOST_PREAMBLE])
    if not words.strip(_PADDING + "\r\n"):
        raise Refused("bill_empty")
    cut = len(lines) <= MOST_PREAMBLE and ("支付宝" in words or "微信支付账单" in words)
    raise Refused("bill_cut_off" if cut else "bill_unknown_format")
