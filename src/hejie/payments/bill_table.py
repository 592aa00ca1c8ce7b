"""From a bill's rows of cells to entries, and the proof that none is missing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.money import fen
from hejie.payments.bill import Direction, Entry
from hejie.payments.bill_grid import COUNT, Grid
from hejie.payments.bill_layouts import Columns

_MOST_WORDS = 300
_MOST_NUMBER = 64

_DIRECTIONS: dict[str, Direction] = {"支出": "out", "收入": "in"}
_TIME = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
_REFUNDED = re.compile(r"已退款\D{0,3}[¥￥]?([0-9.,]+)", re.ASCII)
_CLASSES: tuple[tuple[Direction, re.Pattern[str]], ...] = (
    ("in", re.compile(r"^\W*(?:已)?收入\s*[：:]\s*(\d{1,7})\s*笔")),
    ("out", re.compile(r"^\W*(?:已)?支出\s*[：:]\s*(\d{1,7})\s*笔")),
    ("neutral", re.compile(r"^\W*(?:不计收支|中性交易)\s*[：:]?\s*(\d{1,7})\s*笔")),
)


def entries_of(grid: Grid, columns: Columns) -> tuple[tuple[Entry, ...], int | None]:
    """All rows as entries, and how many the file announces.

    Errors: `bill_cut_off` where the file shows that rows or parts of one are missing,
    `bill_row_unreadable` (fact `row`, counted from 1) for a row without time or amount,
    `bill_empty` for a list without rows. Nothing partial is ever returned.
    """
    entries = tuple(_read(cells, columns, row, grid) for row, cells in enumerate(grid.body, 1))
    announced = _announced(grid)
    if _is_cut(grid, columns) or (announced is not None and _lacks_rows(grid, entries, announced)):
        raise Refused("bill_cut_off")
    if not entries:
        raise Refused("bill_empty")
    return entries, announced


def _is_cut(grid: Grid, columns: Columns) -> bool:
    """The end of the file is not the end of the list."""
    if grid.footer:
        return False
    ruler = next((line for line in reversed(grid.preamble) if line.strip(' "').startswith("---")), "")
    if "交易记录明细列表" in ruler:  # the older web export closes what it opens
        return True
    return not grid.ended and (not grid.body or len(grid.body[-1]) < columns.full_width)


def _announced(grid: Grid) -> int | None:
    found = (COUNT.search(line) for line in (*grid.preamble, *grid.footer))
    return next((int(match[1]) for match in found if match), None)


def _lacks_rows(grid: Grid, entries: Sequence[Entry], announced: int) -> bool:
    """Fewer rows than announced, as only a cut leaves them.

    A bill its owner has edited by hand may hold more of one class than it announces. No cut
    does that, so it is read: what it proves is weighed elsewhere.
    """
    if len(entries) >= announced:
        return False
    present = Counter(entry.direction for entry in entries)
    for line in (*grid.preamble, *grid.footer):
        for direction, pattern in _CLASSES:
            match = pattern.match(line)
            if match and present[direction] > int(match[1]):
                return False
    return True


def _read(cells: Sequence[str], columns: Columns, row: int, grid: Grid) -> Entry:
    if len(cells) < columns.width:
        at_end = row == len(grid.body) and not grid.footer
        raise Refused("bill_cut_off") if at_end else Refused("bill_row_unreadable", row=row)
    for fitted in _fittings(cells, columns):
        try:
            return _entry(fitted, columns)
        except (Refused, ValueError, OverflowError):
            continue
    if row == len(grid.body) and not grid.footer and not grid.ended and len(cells) < columns.full_width:
        raise Refused("bill_cut_off")
    raise Refused("bill_row_unreadable", row=row)


def _fittings(cells: Sequence[str], columns: Columns) -> Iterator[Sequence[str]]:
    """The cells as they are, or with the halves of an unquoted comma joined again.

    An amount's comma comes first: its first half alone would be read as a smaller amount.
    """

    def joined(field: str, extra: int) -> Sequence[str]:
        at = columns.at[field][0]
        return (*cells[:at], ",".join(cells[at : at + extra + 1]), *cells[at + extra + 1 :])

    surplus = min(len(cells) - columns.width, 8)
    at = columns.at["amount"][0]
    for extra in range(surplus, 0, -1):
        amount = joined("amount", extra)
        if _THOUSANDS.fullmatch(amount[at].strip().lstrip("¥￥")):
            yield amount
    yield cells
    for extra in range(1, surplus + 1):
        yield joined("item", extra)


def _entry(cells: Sequence[str], columns: Columns) -> Entry:
    def cell(field: str) -> str:
        found = (_clean(cells[index]) for index in columns.at.get(field, ()))
        return next((text for text in found if text), "")

    status = " ".join(filter(None, (cell("status"), cell("funds") if cell("funds") in _FUNDS_MATTER else "")))
    amount = _amount(cell("amount"))
    return Entry(
        time=_time(cell("time")),
        kind=cell("kind")[:_MOST_WORDS],
        counterparty=cell("counterparty")[:_MOST_WORDS],
        item=cell("item")[:_MOST_WORDS],
        direction=_DIRECTIONS.get(cell("direction"), "neutral"),
        amount_fen=amount,
        refunded_fen=_refunded(cell("refunded"), status, amount),
        method=cell("method")[:_MOST_WORDS],
        status=status[:_MOST_WORDS],
        trade_no=_number(cell("trade_no")),
        order_no=_number(cell("order_no")),
        source=cell("source")[:_MOST_WORDS],
    )


_FUNDS_MATTER = frozenset({"未支付", "待支付", "冻结"})
"""States of the money that say more than the state of the trade (older web export)."""


def _clean(text: str) -> str:
    """A cell without padding and invisible characters; `/` stands for nothing."""
    if not text.isascii() or not text.isprintable():
        text = "".join(" " if c == "\t" else c for c in text if c == "\t" or unicodedata.category(c)[0] != "C")
    text = text.strip().strip("\u3000").strip()
    return "" if text == "/" else text


def _time(text: str) -> datetime:
    """The instant; wallets print the time of Shanghai, a sheet may count days since 1899."""
    if match := _TIME.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        local = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    elif _SERIAL.fullmatch(text):
        seconds = round(float(text) * 86_400)
        local = datetime(1899, 12, 30, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
    else:
        raise Refused("time_unreadable")
    return local.astimezone(UTC)


def _amount(text: str) -> int:
    """Fen of an amount as wallets print it (`¥1,234.50`)."""
    text = text.removeprefix("¥").removeprefix("￥").strip()
    return fen(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text)


def _refunded(column: str, status: str, amount_fen: int) -> int:
    """What went back already, by the column of the older export or by WeChat's status."""
    if "全额退款" in status:
        return amount_fen
    if match := _REFUNDED.search(status):
        return _amount(match[1])
    return _amount(column) if column else 0


def _number(text: str) -> str:
    """A trade or order number; empty where a spreadsheet program rounded it away."""
    text = "".join(text.split()).strip("'`")
    return "" if _ROUNDED.fullmatch(text) or len(text) > _MOST_NUMBER else text
