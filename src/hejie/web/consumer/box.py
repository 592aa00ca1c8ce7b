"""What a page carries from step to step, sealed by the city: readable and changeable by nobody on the way."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.seals import Vault

_PLACE = "consumer/bill-file"


class BoxRow(Struct, frozen=True, kw_only=True):
    """One payment of a bill file that may be chosen; `time` in UTC, amounts in fen."""

    time: datetime
    counterparty: str
    item: str
    amount_fen: int
    refunded_fen: int
    trade_no: str
    order_no: str
    why: str
    asks: bool
    """Only the consumer can tell whom it was paid to."""


class Box(Struct, frozen=True, kw_only=True):
    """Everything between the upload and the first stored word."""

    wallet: str
    until: datetime
    rows: tuple[BoxRow, ...]
    place: str = ""
    """The stall, shop or market as the consumer named it."""
    phone: str = ""
    """The number that a code was sent to."""


def seal_box(vault: Vault, box: Box) -> str:
    """Text for a hidden field, under a key of its own."""
    key, wrapped = vault.new_data_key()
    sealed = vault.seal(key, _PLACE, msgspec.msgpack.encode(box))
    return base64.urlsafe_b64encode(bytes([len(wrapped)]) + wrapped + sealed).decode()


def open_box(vault: Vault, text: str, now: datetime) -> Box:
    """What `seal_box` made; `Refused("form_unreadable")` for anything else, `Refused("page_expired")` when too old."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        key = vault.unwrap(raw[1 : 1 + raw[0]])
        box = msgspec.msgpack.decode(vault.open(key, _PLACE, raw[1 + raw[0] :]), type=Box)
    except (Refused, binascii.Error, IndexError, ValueError):
        raise Refused("form_unreadable") from None
    if now >= box.until:
        raise Refused("page_expired")
    return box
