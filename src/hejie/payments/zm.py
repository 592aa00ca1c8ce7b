"""UnionPay's settlement files: ZM (payments, refunds) and ZME (errors, adjustments), fixed width in GBK bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from operator import itemgetter

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.payments.clearing import ClearingRecord, Movement, amount, moment


class Layout(StrEnum):
    """Which of the two files a line belongs to."""

    zm = "zm"
    zme = "zme"


class Field(Struct, frozen=True):
    """One field: where it begins, and how many bytes it has."""

    begin: int
    width: int


def _fields(widths: Sequence[tuple[str, int]]) -> dict[str, Field]:
    """Names and widths → places, one space between two fields."""
    found, at = {}, 0
    for name, width in widths:
        found[name] = Field(at, width)
        at += width + 1
    return found


ZM = _fields(
    [
        *(("code", 3), ("acquirer", 11), ("forwarder", 11), ("trace", 6), ("time", 10), ("card", 19), ("amount", 12)),
        *(("category", 4), ("terminal_type", 2), ("query_id", 21), ("pay_type_before", 2), ("order_no", 32)),
        *(("card_type", 2), ("of_trace", 6), ("of_time", 10), ("fee", 13), ("settled", 13), ("pay_type", 4)),
        *(("group", 15), ("txn_type", 2), ("txn_sub_type", 2), ("biz_type", 6), ("account_type", 2), ("bill_type", 4)),
        *(("bill_no", 32), ("interaction", 1), ("of_query_id", 21), ("merchant", 15), ("split", 1), ("sub", 15)),
        *(("sub_name", 32), ("sub_amount", 13), ("net", 13), ("terminal", 8), ("text", 32), ("discount", 13)),
        *(("invoice", 13), ("instalment_fee", 12), ("instalments", 2), ("medium", 1), ("reserved", 131)),
    ]
)
"""42 fields of 607 bytes in all; the last two (32 and 98) are one of 131 in older files, so they are read as one."""
ZME = _fields(
    [
        *(("code", 3), ("acquirer", 11), ("forwarder", 11), ("trace", 6), ("time", 10), ("card", 19), ("amount", 12)),
        *(("category", 4), ("terminal_type", 2), ("pay_type_before", 2), ("of_trace", 6), ("of_time", 10)),
        *(("reason", 4), ("unnamed_1", 12), ("fee", 13), ("settled", 13), ("merchant", 15), ("group", 15)),
        *(("unnamed_2", 1), ("unnamed_3", 12), ("unnamed_4", 2), ("reserved", 135)),
    ]
)
"""22 fields of 339 bytes in all; the widths are confirmed, the names behind the tenth field are not."""
WIDTH = {Layout.zm: 607, Layout.zme: 339}
_LAYOUTS = {Layout.zm: ZM, Layout.zme: ZME}
_MOVEMENTS = {"S22": Movement.payment, "S30": Movement.refund, "S31": Movement.void}
_KINDS = {"01": Movement.payment, "04": Movement.refund, "31": Movement.void}
_ANY = frozenset({"text", "sub_name", "reserved", "bill_no", "invoice"})
"""Fields that may hold Chinese; all others must be plain."""
_READ = frozenset(
    [
        *("code", "acquirer", "forwarder", "trace", "time", "card", "amount", "category", "query_id", "order_no"),
        *("of_trace", "of_time", "txn_type", "of_query_id", "merchant", "terminal"),
    ]
)
"""Fields that are taken out; the others are only looked at."""


class _Shape:
    """A layout made ready for reading many lines."""

    def __init__(self, fields: dict[str, Field]) -> None:
        ends = [(name, place.begin, place.begin + place.width) for name, place in fields.items()]
        self.fields = [each for each in ends if each[0] in _READ]
        self.free = [each for each in ends if each[0] in _ANY]
        self.name = next((at for at, each in enumerate(self.free) if each[0] == "sub_name"), None)
        self.plain = _spans([(begin, end + 1) for name, begin, end in ends if name not in _ANY])
        breaks = [end for _, _, end in ends[:-1]]
        self.between = itemgetter(*breaks)
        self.spaces = (ord(" "),) * len(breaks)


def _spans(found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch made one."""
    joined: list[tuple[int, int]] = []
    for begin, end in found:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined


_SHAPES = {layout: _Shape(fields) for layout, fields in _LAYOUTS.items()}


def read_line(raw: bytes, layout: Layout, settles: date) -> ClearingRecord:
    """One line without its end.

    Errors: `Refused(code)`: `clearing_width`, `clearing_space` (a byte between two fields that is no space),
    `clearing_text` (no GBK, or other than plain letters where only these may stand), `clearing_code`,
    `clearing_amount`, `clearing_time`, `clearing_number`.
    """
    found = cells(raw, layout)
    movement = _movement(found) if layout is Layout.zm else Movement.adjustment
    merchant, acquirer = found["merchant"], found["acquirer"]
    if not (merchant and acquirer.isdigit() and found["trace"].isdigit()):
        raise Refused("clearing_number")
    before = found["of_time"].strip("0")
    return ClearingRecord(
        movement=movement,
        at=moment(found["time"], settles),
        settles=settles,
        amount_fen=amount(found["amount"]),
        acquirer=acquirer,
        forwarder=found["forwarder"],
        trace=found["trace"],
        query_id=found.get("query_id", ""),
        order_no=found.get("order_no", ""),
        merchant=merchant,
        merchant_name=found["sub_name"],
        terminal=found.get("terminal", ""),
        category=found["category"],
        card=found["card"],
        of_query_id=found.get("of_query_id", "").strip("0") and found["of_query_id"],
        of_trace=found["of_trace"] if before else "",
        of_at=moment(found["of_time"], settles) if before else None,
    )


def cells(raw: bytes, layout: Layout) -> dict[str, str]:
    """The fields of one line that are of use, by name, without their padding; errors as `read_line`."""
    if len(raw) != WIDTH[layout]:
        raise Refused("clearing_width")
    shape = _SHAPES[layout]
    if shape.between(raw) != shape.spaces:
        raise Refused("clearing_space")
    plain = b"".join([raw[begin:end] for begin, end in shape.plain])
    if not plain.isascii() or not plain.decode("ascii").isprintable():
        raise Refused("clearing_text")
    line = raw.decode("latin-1")  # so that letters stand where the bytes do
    found = {name: line[begin:end].strip() for name, begin, end in shape.fields}
    free = [_letters(raw[begin:end]) for _, begin, end in shape.free]
    if not "".join(free).isprintable():
        raise Refused("clearing_text")
    found["sub_name"] = free[shape.name].strip() if shape.name is not None else ""
    return found


def _letters(raw: bytes) -> str:
    try:
        return raw.decode("gb18030").replace("\u3000", " ")
    except UnicodeDecodeError:
        raise Refused("clearing_text") from None


def _movement(found: dict[str, str]) -> Movement:
    """By trade code and by transaction type, which must not contradict each other."""
    told = (_MOVEMENTS.get(found["code"]), _KINDS.get(found["txn_type"]))
    named = {each for each in told if each}
    if len(named) != 1:
        raise Refused("clearing_code")
    return named.pop()
