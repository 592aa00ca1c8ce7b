"""A merchant's case link: signed, expiring, good for one dispute, and nothing stored."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from datetime import UTC, datetime

from hejie.base.errors import Refused
from hejie.base.seals import Vault

_TAG = 16
_WHEN = struct.Struct(">I")


def case_link(vault: Vault, public_url: str, city: str, dispute: str, expires: datetime) -> str:
    """The whole address that opens one dispute for its merchant until `expires`."""
    return f"{public_url.rstrip('/')}/{city}/m/{case_token(vault, dispute, expires)}"


def case_token(vault: Vault, dispute: str, expires: datetime) -> str:
    """Expiry, tag and dispute (its city stands in the address), in letters that survive any messenger."""
    until = _WHEN.pack(int(expires.timestamp()))
    return f"{_text(until + vault.link_tag(_signed(dispute, until)))}.{dispute.partition('-')[2]}"


def opened_case(vault: Vault, city: str, token: str, now: datetime) -> str:
    """The dispute a token opens.

    Errors: `Refused("link_wrong")` for a token that is not ours, `Refused("link_expired")`.
    """
    sealed, _, rest = token.partition(".")
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    except (binascii.Error, ValueError):
        raise Refused("link_wrong") from None
    until, tag = raw[: _WHEN.size], raw[_WHEN.size :]
    dispute = f"{city}-{rest}"
    if len(raw) != _WHEN.size + _TAG or not hmac.compare_digest(tag, vault.link_tag(_signed(dispute, until))):
        raise Refused("link_wrong")
    if now >= datetime.fromtimestamp(_WHEN.unpack(until)[0], UTC):
        raise Refused("link_expired")
    return dispute


def _signed(dispute: str, until: bytes) -> str:
    return f"case\0{dispute}\0{until.hex()}"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
