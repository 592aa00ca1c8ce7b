"""A clearing record: one movement between a payer's bank and a merchant, as acquirers and clearing houses list them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused

_DIGITS = re.compile(r"[0-9]+", re.ASCII)
MOST_FEN = 10**12 - 1


class Movement(StrEnum):
    """Which way the money went."""

    payment = "payment"
    refund = "refund"
    void = "void"
    """The payment was taken back whole on the same clearing day."""
    adjustment = "adjustment"
    """An error that was put right afterwards (ZME): for a person to look at."""


class ClearingRecord(Struct, frozen=True, kw_only=True):
    """One movement. What a source does not tell is empty."""

    movement: Movement
    at: datetime
    """When it was sent, in UTC."""
    settles: date
    """The clearing day it belongs to (from 23:00 the day before until 23:00)."""
    amount_fen: int
    """Always positive."""
    acquirer: str
    """The acquiring institution's number."""
    forwarder: str = ""
    trace: str = ""
    """The system trace number, 6 digits: unique only with time, acquirer and forwarder."""
    rrn: str = ""
    """The retrieval reference number, 12 letters: several records may share it."""
    query_id: str = ""
    """UnionPay's own number of the movement, 21 digits."""
    order_no: str = ""
    merchant: str = ""
    """The merchant's number at the acquirer, 15 letters."""
    merchant_name: str = ""
    terminal: str = ""
    category: str = ""
    """Merchant category code (MCC), often wrong: a hint only."""
    card: str = ""
    """The payer's card number as the record has it. It is never stored, shown or logged: see `intake.clearing`."""
    of_query_id: str = ""
    """For a refund: the payment's number."""
    of_trace: str = ""
    of_at: datetime | None = None
    """For a refund: when the payment was sent."""

    def __repr__(self) -> str:
        """Without the card."""
        return f"ClearingRecord({self.movement.value}, {self.settles}, {self.amount_fen}, {self.query_id or self.rrn})"


class BrokenRecord(Struct, frozen=True):
    """A record that could not be read: where it stands, why, and its bytes."""

    line: int
    """Counted from 1."""
    why: str
    """A stable code that is put into words at the edge."""
    raw: bytes

    def __repr__(self) -> str:
        """Without its bytes, which may hold a card number."""
        return f"BrokenRecord({self.line}, {self.why})"


def amount(text: str) -> int:
    """Positive fen from 12 digits; `Refused("clearing_amount")`."""
    if _DIGITS.fullmatch(text) is None or not 0 < int(text) <= MOST_FEN:
        raise Refused("clearing_amount")
    return int(text)


def moment(text: str, settles: date) -> datetime:
    """The instant of `MMDDhhmmss` (Shanghai) nearest to a clearing day: the record names no year.

    Errors: `Refused("clearing_time")`.
    """
    if len(text) != len("MMDDhhmmss") or _DIGITS.fullmatch(text) is None:
        raise Refused("clearing_time")
    year = _year(text[:4], settles)
    try:
        at = datetime(
            year, int(text[:2]), int(text[2:4]), int(text[4:6]), int(text[6:8]), int(text[8:]), tzinfo=SHANGHAI
        )
    except ValueError:
        raise Refused("clearing_time") from None
    return at.astimezone(UTC)


@lru_cache(maxsize=1024)
def _year(day: str, near: date) -> int:
    """The year in which `MMDD` lies nearest to a day."""
    found = [each for year in (near.year, near.year - 1, near.year + 1) if (each := _in(year, day))]
    if not found:
        raise Refused("clearing_time")
    return min(found, key=lambda each: abs(each - near)).year


def _in(year: int, day: str) -> date | None:
    try:
        return date(year, int(day[:2]), int(day[2:]))
    except ValueError:
        return None


def clearing_day(at: datetime) -> date:
    """The clearing day of an instant: from 23:00 (Shanghai) on it is the next one."""
    return (at.astimezone(SHANGHAI) + timedelta(hours=1)).date()
