"""Writing merchant-presented codes (EMVCo MPM 1.1): fields, their checksum, and a paycode around an acquirer's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.payments.emvco import CRC, MOST, Code, Field, checksum, examine

SCHEME = "93f0d2a4c6be4f17a2d85b0e7c41f6d9"
"""Who defines our template: a UUID without hyphens, one of the unique identifiers that section 4.7.10 allows."""
TEMPLATES = tuple(str(tag) for tag in range(80, 100))
"""The unreserved templates, for value-added services. A wallet routes no payment by them, unlike by the
merchant accounts 26 to 51, so that the acquirer's own account stays the only one."""
MOST_VALUE = 99
"""Characters of one value: its length has two digits."""
_GUID, _NUMBER, _ADDRESS = "00", "01", "02"
_HEAD, _SEAL = 4, 8
"""Characters of a tag and its length; and of the whole checksum field."""
_PLAIN = "https://"
MOST_ADDRESS = 45
"""Characters of an address without `https://`: what a template leaves beside its scheme and the number."""
RENMINBI, CHINA = "156", "CN"

Part = tuple[str, "str | Sequence[tuple[str, str]]"]
"""A tag and its value, or the parts of a template."""


class Link(NamedTuple):
    """What our template says: a paycode's number, and under which address its page lies."""

    number: str
    address: str
    """Such as `https://hejie.example/330100`."""

    @property
    def page(self) -> str:
        """The address of the page behind it."""
        return f"{self.address.rstrip('/')}/code/{self.number}"


class Acquired(Struct, frozen=True, kw_only=True):
    """What an acquirer's own code says, as far as a paycode needs it."""

    name: str
    city: str
    trade: str
    """Merchant category code (ISO 18245)."""
    accounts: tuple[str, ...]
    """Tag and value of each merchant account, as it stands there."""


def written(parts: Iterable[Part]) -> str:
    """Fields in the order given, then the checksum. Lengths count characters (section 3.2).

    Errors: `Refused("paycode_no_room")` where a value or the whole is too long, or a value is empty.
    """
    return sealed("".join(_field(tag, value) for tag, value in parts))


def sealed(text: str) -> str:
    """Fields closed by their checksum; `Refused("paycode_no_room")` above 512 characters (section 3.5)."""
    if len(text) + _SEAL > MOST:
        raise Refused("paycode_no_room")
    begun = f"{text}{CRC}04"
    return begun + checksum(begun)


def acquired(payload: str) -> Acquired:
    """An acquirer's code that can be printed and paid again and again.

    Errors: `Refused` with `paycode_checksum` where the checksum is wrong or missing, `paycode_payload` where it is no
    merchant-presented code, `paycode_dynamic` where it was made for one payment, `paycode_currency` where it is not for
    renminbi in China, `paycode_nested` where it is a paycode already, `paycode_no_room` where ours finds no place.
    """
    code = examine(payload)
    if any(fault.code in {"qr_crc_wrong", "qr_unchecked", "qr_crc_not_last"} for fault in code.faults):
        raise Refused("paycode_checksum")
    if code.faults or not payload.isprintable():
        raise Refused("paycode_payload")
    if code.dynamic:
        raise Refused("paycode_dynamic")
    if (code.value("53"), code.value("58")) != (RENMINBI, CHINA):
        raise Refused("paycode_currency")
    if any(_ours(field) for field in code.fields):
        raise Refused("paycode_nested")
    if len(payload) + _HEAD + MOST_VALUE > MOST or not _free(code):
        raise Refused("paycode_no_room")
    return said_by(code)


def said_by(code: Code) -> Acquired:
    """What a code says, whether or not it would be taken today."""
    return Acquired(
        name=code.value("59"),
        city=code.value("60"),
        trade=code.value("52"),
        accounts=tuple(f"{each.tag} {each.value}" for each in code.accounts),
    )


def around(payload: str, link: Link) -> str:
    """The acquirer's code with our template in it: all of it stays as it is, only its checksum is made anew.

    Errors: those of `acquired`, and `Refused("paycode_address_long")` for an address that the template cannot hold.
    """
    acquired(payload)
    address = link.address.rstrip("/").removeprefix(_PLAIN)
    if not 0 < len(address) <= MOST_ADDRESS:
        raise Refused("paycode_address_long", most=MOST_ADDRESS)
    ours = [(_GUID, SCHEME), (_NUMBER, link.number), (_ADDRESS, address)]
    return sealed(payload[:-_SEAL] + _field(_free(examine(payload)), ours))


def link_in(code: Code) -> Link | None:
    """The paycode that a code carries, if it carries one."""
    found = next((field for field in code.fields if _ours(field)), None)
    if found is None:
        return None
    address = found.part(_ADDRESS)
    return Link(found.part(_NUMBER), address if "://" in address else f"{_PLAIN}{address}")


def _ours(field: Field) -> bool:
    """Whether a template names us as who defines it; whoever writes it in capitals means the same."""
    return field.part(_GUID).lower() == SCHEME


def _free(code: Code) -> str:
    """The first unreserved template that nobody uses yet; empty where all are taken."""
    return next((tag for tag in TEMPLATES if code.field(tag) is None), "")


def _field(tag: str, value: str | Sequence[tuple[str, str]]) -> str:
    plain = value if isinstance(value, str) else "".join(_field(*part) for part in value)
    if not 0 < len(plain) <= MOST_VALUE:
        raise Refused("paycode_no_room")
    return f"{tag}{len(plain):02}{plain}"
