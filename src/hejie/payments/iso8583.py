"""ISO 8583 clearing records in UnionPay's dialect (CUPS): a 46-byte header, ASCII fields, a binary bitmap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, BinaryIO

import iso8583

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.payments.clearing import ClearingRecord, Movement, amount, clearing_day, moment

HEADER = 46
_MARK = b"\x2e"
"""The header's first byte tells its own length."""
_LENGTH = slice(2, 6)
_MOST = 2048
_PLAIN = {"data_enc": "ascii", "len_enc": "ascii"}


class FieldCode(StrEnum):
    """Field 39. The same digits mean other things at the online gateway: 05 is a no here, and pending there."""

    approved = "00"
    approved_for_vip = "11"
    declined = "05"


_APPROVED = frozenset({FieldCode.approved.value, FieldCode.approved_for_vip.value})
_LENGTHS: Mapping[str, tuple[int, int]] = {
    "t": (0, 4),
    "2": (2, 19),
    "3": (0, 6),
    "4": (0, 12),
    "5": (0, 12),
    "6": (0, 12),
    "7": (0, 10),
    "9": (0, 8),
    "10": (0, 8),
    "11": (0, 6),
    "12": (0, 6),
    "13": (0, 4),
    "14": (0, 4),
    "15": (0, 4),
    "16": (0, 4),
    "18": (0, 4),
    "19": (0, 3),
    "22": (0, 3),
    "23": (0, 3),
    "25": (0, 2),
    "26": (0, 2),
    "28": (0, 9),
    "32": (2, 11),
    "33": (2, 11),
    "35": (2, 37),
    "36": (3, 104),
    "37": (0, 12),
    "38": (0, 6),
    "39": (0, 2),
    "41": (0, 8),
    "42": (0, 15),
    "44": (2, 25),
    "48": (3, 512),
    "49": (0, 3),
    "50": (0, 3),
    "51": (0, 3),
    "54": (3, 40),
    "57": (3, 100),
    "59": (3, 600),
    "60": (3, 100),
    "61": (3, 200),
    "62": (3, 200),
    "63": (3, 512),
    "90": (0, 42),
    "100": (2, 11),
    "102": (2, 28),
    "103": (2, 28),
    "121": (3, 100),
    "122": (3, 100),
    "123": (3, 100),
}
"""Field → how many digits tell its length (0 for a fixed one), and its most bytes."""
SPEC: dict[str, dict[str, Any]] = {
    **{name: {**_PLAIN, "len_type": digits, "max_len": most} for name, (digits, most) in _LENGTHS.items()},
    "h": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": HEADER},
    "p": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8},
    "1": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8},
    "43": {"data_enc": "gb18030", "len_enc": "ascii", "len_type": 0, "max_len": 40},
    "52": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8},
    "55": {"data_enc": "b", "len_enc": "ascii", "len_type": 3, "max_len": 255},
    "64": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8},
    "128": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8},
}


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """The messages of a dump, one after another, each as long as its header says.

    Errors: `Refused("clearing_cut_off")` where a header is none or the dump ends within a message: what follows it
    cannot be found any more.
    """
    while head := stream.read(HEADER):
        told = head[_LENGTH]
        if len(head) < HEADER or not head.startswith(_MARK) or not told.isdigit():
            raise Refused("clearing_cut_off")
        rest = int(told) - HEADER
        if not 0 < rest <= _MOST:
            raise Refused("clearing_cut_off")
        body = stream.read(rest)
        if len(body) < rest:
            raise Refused("clearing_cut_off")
        yield head + body


def read_message(raw: bytes, near: date) -> ClearingRecord:
    """One message with its header; `near` is a day by which the years are known that it does not name.

    Errors: `Refused(code)`: `clearing_message` (not to be taken apart, or a field missing), `clearing_declined`,
    `clearing_code`, `clearing_amount`, `clearing_time`, `clearing_number`.
    """
    found = _fields(raw)
    if found.get("39", FieldCode.approved.value) not in _APPROVED:
        raise Refused("clearing_declined")
    at = moment(found["7"], near)
    settles = _day(found["15"], clearing_day(at)) if "15" in found else clearing_day(at)
    if not (found["11"].isdigit() and found["32"].isdigit() and found["42"].strip()):
        raise Refused("clearing_number")
    before = found.get("90", "")
    return ClearingRecord(
        movement=_movement(found),
        at=at,
        settles=settles,
        amount_fen=amount(found["4"]),
        acquirer=found["32"],
        forwarder=found.get("33", ""),
        trace=found["11"],
        rrn=found.get("37", "").strip(),
        merchant=found["42"].strip(),
        merchant_name=found.get("43", "").strip(),
        terminal=found.get("41", "").strip(),
        category=found.get("18", ""),
        card=found.get("2", ""),
        of_trace=before[4:10],
        of_at=moment(before[10:20], settles) if before else None,
    )


def _fields(raw: bytes) -> dict[str, str]:
    try:
        found, _ = iso8583.decode(raw, SPEC)
    except (iso8583.DecodeError, ValueError, KeyError, TypeError):
        raise Refused("clearing_message") from None
    if any(name not in found for name in ("3", "4", "7", "11", "32", "42")):
        raise Refused("clearing_message")
    texts = {str(name): str(text).replace("\u3000", " ") for name, text in found.items()}
    if not all(text.isprintable() for text in texts.values()):
        raise Refused("clearing_text")
    return texts


def _movement(found: Mapping[str, str]) -> Movement:
    kind, process = found["t"], found["3"][:2]
    if kind in {"0200", "0210"} and process in {"00", "20"}:
        return Movement.payment if process == "00" else Movement.void
    if kind in {"0220", "0230"} and process == "20":
        return Movement.refund
    if kind in {"0420", "0430"}:
        return Movement.void
    raise Refused("clearing_code")


def _day(text: str, near: date) -> date:
    """`MMDD` as the day nearest to another."""
    return moment(f"{text}120000", near).astimezone(SHANGHAI).date()
