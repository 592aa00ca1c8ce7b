"""Merchant-presented codes (EMVCo QR Code Specification, MPM 1.1): tag, length, value, and a checksum at the end."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

MOST = 512
"""Characters of a payload (section 3.5)."""
CRC = "63"
_TWO = re.compile(r"[0-9]{2}", re.ASCII)
_HEAD = 4
"""Characters of a tag and its length."""
_TEMPLATES = frozenset([*range(26, 52), 62, 64, *range(80, 100)])
"""Tags whose value is made of fields again (section 4.3)."""
ACCOUNTS = range(2, 52)
"""Tags of merchant account information (section 4.7)."""
_NEEDED = {"00": "format", "52": "trade", "53": "currency", "58": "country", "59": "name", "60": "city"}
_SHAPES: dict[str, re.Pattern[str]] = {
    "00": re.compile(r"01"),
    "01": re.compile(r"1[12]"),
    "52": re.compile(r"[0-9]{4}"),
    "53": re.compile(r"[0-9]{3}"),
    "54": re.compile(r"(?=.{1,13}$)[0-9]+(?:\.[0-9]*)?"),
    "55": re.compile(r"0[123]"),
    "56": re.compile(r"(?=.{1,13}$)[0-9]+(?:\.[0-9]*)?"),
    "57": re.compile(r"(?=.{1,5}$)[0-9]+(?:\.[0-9]*)?"),
    "58": re.compile(r"[A-Z]{2}"),
    "59": re.compile(r".{1,25}", re.DOTALL),
    "60": re.compile(r".{1,15}", re.DOTALL),
    "61": re.compile(r".{1,10}", re.DOTALL),
    CRC: re.compile(r"[0-9A-F]{4}"),
}
_UNIQUE_ID = "00"
"""First field of a merchant account template: who defines the rest (section 4.7.10)."""


class Field(Struct, frozen=True, kw_only=True):
    """One field; `tag` is two digits, `at` the place of its tag in the text, counted in characters from 0."""

    tag: str
    value: str
    at: int
    inside: tuple[Field, ...] = ()
    """The fields of a template, empty for anything else."""

    def part(self, tag: str) -> str:
        """The value of a field inside, empty where there is none."""
        return next((each.value for each in self.inside if each.tag == tag), "")


class Fault(NamedTuple):
    """One thing that is wrong; `tag` is where (`26.00` inside a template), `said` and `right` where they help."""

    code: str
    at: int
    tag: str = ""
    said: str = ""
    right: str = ""


class Code(Struct, frozen=True, kw_only=True):
    """What a text says, as far as it can be read, and everything that is wrong with it."""

    fields: tuple[Field, ...]
    faults: tuple[Fault, ...]

    def field(self, tag: str) -> Field | None:
        """The field of a tag at the top."""
        return next((each for each in self.fields if each.tag == tag), None)

    def value(self, tag: str) -> str:
        """Its value, empty where there is none."""
        found = self.field(tag)
        return found.value if found else ""

    @property
    def accounts(self) -> tuple[Field, ...]:
        """Merchant account information, tags 02 to 51: how the payment can be routed."""
        return tuple(each for each in self.fields if int(each.tag) in ACCOUNTS)

    @property
    def dynamic(self) -> bool:
        """Made for one payment (point of initiation 12), not printed once for all."""
        return self.value("01") == "12"


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE of the UTF-8 bytes, four capital hexadecimal digits (section 4.7.3)."""
    return f"{binascii.crc_hqx(text.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


def examine(text: str) -> Code:
    """Read a text to its end or to where it stops making sense; nothing is raised for whatever it holds.

    Lengths count characters, not bytes (section 3.2). Faults stand in the order in which they are met.
    """
    if not text:
        return Code(fields=(), faults=(Fault("qr_empty", 0),))
    faults: list[Fault] = []
    if len(text) > MOST:
        faults.append(Fault("qr_too_long", MOST, said=str(len(text)), right=str(MOST)))
    fields = tuple(_fields(text, 0, "", faults))
    if fields:
        faults += _shapes(fields)
        faults += _missing(fields)
        faults += _crc(text, fields)
    return Code(fields=fields, faults=tuple(faults))


def _fields(text: str, start: int, above: str, faults: list[Fault]) -> Iterator[Field]:
    """Fields one after the other; the first one that cannot be cut out ends it, since nothing after it has a place."""
    place, seen = 0, set()
    while place < len(text):
        tag, length = text[place : place + 2], text[place + 2 : place + _HEAD]
        where, at = f"{above}{tag}", start + place
        if _TWO.fullmatch(tag) is None:
            faults.append(Fault("qr_tag", at, above.rstrip("."), said=tag))
            return
        if _TWO.fullmatch(length) is None or length == "00":
            faults.append(Fault("qr_length", at + 2, where, said=length))
            return
        value = text[place + _HEAD : place + _HEAD + int(length)]
        if len(value) < int(length):
            faults.append(Fault("qr_cut_off", at, where, said=str(len(value)), right=str(int(length))))
            return
        if tag in seen:
            faults.append(Fault("qr_twice", at, where))
        seen.add(tag)
        inside: tuple[Field, ...] = ()
        if not above and int(tag) in _TEMPLATES:
            inside = tuple(_fields(value, at + _HEAD, f"{tag}.", faults))
        yield Field(tag=tag, value=value, at=at, inside=inside)
        place += _HEAD + int(length)


def _shapes(fields: Sequence[Field]) -> Iterator[Fault]:
    for each in fields:
        shape = _SHAPES.get(each.tag)
        if shape and not shape.fullmatch(each.value):
            yield Fault("qr_value", each.at, each.tag, said=each.value)
        if each.inside and int(each.tag) in ACCOUNTS and each.inside[0].tag != _UNIQUE_ID:
            yield Fault("qr_nobody", each.at, each.tag)
    if fields[0].tag != "00":
        yield Fault("qr_first", 0, fields[0].tag)


def _missing(fields: Sequence[Field]) -> Iterator[Fault]:
    there = {each.tag for each in fields}
    end = fields[-1].at
    for tag in _NEEDED:
        if tag not in there:
            yield Fault("qr_missing", end, tag)
    if not any(int(tag) in ACCOUNTS for tag in there):
        yield Fault("qr_no_account", end)


def _crc(text: str, fields: Sequence[Field]) -> Iterator[Fault]:
    """The checksum is the last field and covers everything before its own value, its tag and length included."""
    found = next((each for each in fields if each.tag == CRC), None)
    if found is None:
        yield Fault("qr_unchecked", len(text), CRC)
        return
    if found is not fields[-1]:
        yield Fault("qr_crc_not_last", found.at, CRC)
    right = checksum(text[: found.at + _HEAD])
    if found.value.upper() != right:
        yield Fault("qr_crc_wrong", found.at, CRC, said=found.value, right=right)
