"""What was typed, sealed by the city while it is read out: what is agreed to is what is filed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.seals import Vault

_PLACE = "clerk/filing"


class _Box(Struct, frozen=True):
    until: datetime
    fields: dict[str, str]


def seal_fields(vault: Vault, fields: Mapping[str, str], until: datetime) -> str:
    """Text for a hidden field, under a key of its own."""
    key, wrapped = vault.new_data_key()
    sealed = vault.seal(key, _PLACE, msgspec.msgpack.encode(_Box(until, dict(fields))))
    return base64.urlsafe_b64encode(bytes([len(wrapped)]) + wrapped + sealed).decode()


def open_fields(vault: Vault, text: str, now: datetime) -> dict[str, str]:
    """What `seal_fields` made; `Refused("form_unreadable")` for anything else, `Refused("filing_expired")` when old."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        key = vault.unwrap(raw[1 : 1 + raw[0]])
        box = msgspec.msgpack.decode(vault.open(key, _PLACE, raw[1 + raw[0] :]), type=_Box)
    except (Refused, binascii.Error, IndexError, ValueError):
        raise Refused("form_unreadable") from None
    if now >= box.until:
        raise Refused("filing_expired")
    return box.fields
