"""A whole clearing file, whatever its form: its records one by one, the broken among them, and their totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import BinaryIO

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.payments import clearing_csv, iso8583, zm
from hejie.payments.clearing import BrokenRecord, ClearingRecord, Movement

MOST_LINE = 4096
"""Bytes: a longer line is no record."""


class Form(StrEnum):
    """The forms that are read."""

    csv = "csv"
    zm = "zm"
    zme = "zme"
    iso8583 = "iso8583"


HEAD_LINES = {Form.csv: 1, Form.zm: 0, Form.zme: 0, Form.iso8583: 0}
"""Lines before the first record."""
NEAR = timedelta(days=31)
"""How far a record's clearing day may lie from its file's: a damaged date must not open a day of its own."""


class Totals(Struct, frozen=True):
    """What a file's records sum to."""

    records: int
    payments_fen: int
    refunds_fen: int
    """Of refunds and voids."""


class Tally:
    """Counts records as they come."""

    def __init__(self) -> None:
        self._records = self._paid = self._back = 0

    def take(self, record: ClearingRecord | BrokenRecord) -> None:
        """Count one; a broken one counts as a record without an amount."""
        self._records += 1
        if isinstance(record, BrokenRecord):
            return
        if record.movement is Movement.payment:
            self._paid += record.amount_fen
        elif record.movement is not Movement.adjustment:
            self._back += record.amount_fen

    def check(self, told: Totals, broken: int) -> None:
        """Hold against what was told.

        Errors: `Refused("clearing_count")`, and without a broken record `Refused("clearing_total")`: the amounts of
        broken ones are not known, so they may be what is missing.
        """
        if told.records != self._records:
            raise Refused("clearing_count", told=told.records, found=self._records)
        same = (told.payments_fen, told.refunds_fen) == (self._paid, self._back)
        less = told.payments_fen >= self._paid and told.refunds_fen >= self._back
        if not (same or (broken and less)):
            raise Refused("clearing_total", told=told.payments_fen - told.refunds_fen, found=self._paid - self._back)


Item = ClearingRecord | BrokenRecord | Totals


def read_clearing(stream: BinaryIO, form: Form, near: date) -> Iterator[Item]:
    """The records of a file in order; a CSV's totals come last.

    `near` is the file's clearing day, by which years are known that records do not name.
    Errors: `Refused("clearing_empty" | "clearing_columns" | "clearing_cut_off")`: nothing of such a file can be used.
    """
    if form is Form.csv:
        yield from _csv(stream, near)
    elif form is Form.iso8583:
        yield from _numbered(iso8583.messages(stream), lambda raw: _near(iso8583.read_message(raw, near), near))
    else:
        layout = zm.Layout(form.value)
        yield from _numbered(_lines(stream), lambda raw: zm.read_line(raw, layout, near))


def _near(record: ClearingRecord, day: date) -> ClearingRecord:
    if abs(record.settles - day) > NEAR:
        raise Refused("clearing_day_far")
    return record


def _numbered(raws: Iterator[bytes], read: Callable[[bytes], ClearingRecord]) -> Iterator[Item]:
    for number, raw in enumerate(raws, 1):
        try:
            yield read(raw)
        except Refused as error:
            yield BrokenRecord(number, error.code, raw[:MOST_LINE])


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends; of one that is too long only its begin, so that it is a broken one."""
    while raw := stream.readline(MOST_LINE + 1):
        line, whole = raw, raw.endswith(b"\n")
        while not whole and (more := stream.readline(MOST_LINE)):
            whole = more.endswith(b"\n")
        yield line.rstrip(b"\r\n")


def _csv(stream: BinaryIO, near: date) -> Iterator[Item]:
    lines = _lines(stream)
    first = next(lines, None)
    if not first:
        raise Refused("clearing_empty")
    names = clearing_csv.head(first)
    for number, raw in enumerate(lines, 2):
        if raw.startswith(clearing_csv.TOTAL.encode() + b","):
            yield _totals(raw)
            if next(lines, None) is not None:
                raise Refused("clearing_cut_off")
            return
        try:
            yield _near(clearing_csv.read_row(raw, names), near)
        except Refused as error:
            yield BrokenRecord(number, error.code, raw[:MOST_LINE])
    raise Refused("clearing_cut_off")


def _totals(raw: bytes) -> Totals:
    told = clearing_csv.cells(raw)[1:]
    if len(told) != len(Totals.__struct_fields__) or not all(each.isascii() and each.isdigit() for each in told):
        raise Refused("clearing_cut_off")
    return Totals(*(int(each) for each in told))
