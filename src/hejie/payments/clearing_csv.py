"""Our own form of clearing records (docs/protocol/clearing.md): CSV in UTF-8 or GB18030, its last line the totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from hejie.base import csv_line
from hejie.base.clock import instant
from hejie.base.errors import Refused
from hejie.payments.clearing import ClearingRecord, Movement, amount

COLUMNS = (
    *("movement", "at", "settles", "amount_fen", "acquirer", "forwarder", "trace", "rrn", "query_id", "order_no"),
    *("merchant", "merchant_name", "terminal", "category", "card", "of_query_id", "of_trace", "of_at"),
)
NEEDED = frozenset({"movement", "at", "settles", "amount_fen", "acquirer", "merchant"})
TOTAL = "TOTAL"
_DIGITS = ("acquirer", "forwarder", "trace", "query_id", "of_query_id", "of_trace", "category", "card")
_OTHERS = tuple(name for name in COLUMNS if name not in {"movement", "at", "settles", "amount_fen", "of_at"})


def cells(line: bytes) -> list[str]:
    """One line's cells; `Refused("clearing_text")`."""
    try:
        return csv_line.cells(line)
    except ValueError:
        raise Refused("clearing_text") from None


def head(line: bytes) -> tuple[str, ...]:
    """The names of the columns; `Refused("clearing_columns")` where one is unknown, twice or missing."""
    names = tuple(cells(line))
    if len(set(names)) != len(names) or not set(names) >= NEEDED or not set(names) <= set(COLUMNS):
        raise Refused("clearing_columns")
    return names


def read_row(line: bytes, names: Sequence[str]) -> ClearingRecord:
    """One record.

    Errors: `Refused(code)`: `clearing_text`, `clearing_columns` (too many or too few cells), `clearing_code`,
    `clearing_number`, `clearing_amount`, `clearing_time`.
    """
    values = cells(line)
    if len(values) != len(names):
        raise Refused("clearing_columns")
    row = dict(zip(names, values, strict=True))
    digits = "".join([row.get(name, "") for name in _DIGITS])
    if not (digits.isascii() and digits.isdigit() and row["acquirer"] and row["merchant"]):
        raise Refused("clearing_number")
    return ClearingRecord(
        movement=_movement(row["movement"]),
        at=_instant(row["at"]),
        settles=_day(row["settles"]),
        amount_fen=amount(row["amount_fen"]),
        of_at=_instant(row["of_at"]) if row.get("of_at") else None,
        **{name: row[name] for name in _OTHERS if name in row},
    )


def _movement(text: str) -> Movement:
    try:
        return Movement(text)
    except ValueError:
        raise Refused("clearing_code") from None


def _instant(text: str) -> datetime:
    try:
        return instant(text)
    except (ValueError, OverflowError):
        raise Refused("clearing_time") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("clearing_time") from None
