"""Entry links from a wallet's bill: their form, signature, life and single use (docs/protocol/entry.md)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.money import positive_fen
from hejie.edge import nonces
from hejie.store.pool import Connection

MOST_LIFE = timedelta(seconds=300)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LINE = re.compile(r"[^&=\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,64}")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "wallet": re.compile(r"[a-z]{1,20}"),
    "app": re.compile(r"[A-Za-z0-9_-]{1,32}"),
    "trade_no": _NAME,
    "payer": _NAME,
    "amount": re.compile(r"(?:0|[1-9][0-9]{0,10})\.[0-9]{2}"),
    "expires": re.compile(r"[1-9][0-9]{8,10}"),
    "nonce": re.compile(r"[A-Za-z0-9_-]{22,64}"),
    "sign": re.compile(r"[A-Za-z0-9_-]{64,1024}"),
}
_MORE: Mapping[str, re.Pattern[str]] = {
    "account": _NAME,
    "shop": _NAME,
    "payee": _LINE,
    "item": _LINE,
    "paid_at": re.compile(r"[1-9][0-9]{8,10}"),
}


class EntryDoor(Struct, frozen=True, kw_only=True):
    """What a city knows of a wallet's entry links: its application there and the wallet's public keys (PEM)."""

    app: str
    keys: tuple[str, ...]


class Entry(Struct, frozen=True, kw_only=True):
    """One payment of one payer, as the wallet vouches for it. No money decision is taken from it."""

    wallet: str
    trade_no: str
    payer: str
    """The wallet's opaque identifier of its user."""
    amount_fen: int
    nonce: str
    expires: datetime
    account: str = ""
    """The payee's account at the wallet, where the link names it; likewise below."""
    shop: str = ""
    payee: str = ""
    """Whom the bill names."""
    item: str = ""
    paid_at: datetime | None = None


def read_entry(
    pairs: Sequence[tuple[str, str]], city: str, doors: Mapping[tuple[str, str], EntryDoor], now: datetime
) -> Entry:
    """What a link says, after form, wallet and application, signature and life are found good.

    Errors, all `Refused`: `entry_incomplete`, `entry_signature_wrong`, `entry_expired`, `entry_too_long_lived`.
    """
    told = _formed(pairs)
    door = doors.get((city, told["wallet"]))
    if door is None or door.app != told["app"] or not _signed_by_any(door.keys, told):
        raise Refused("entry_signature_wrong")
    expires = _instant(told["expires"])
    if now >= expires:
        raise Refused("entry_expired")
    if expires - now > MOST_LIFE:
        raise Refused("entry_too_long_lived")
    return Entry(
        wallet=told["wallet"],
        trade_no=told["trade_no"],
        payer=told["payer"],
        amount_fen=_positive(told["amount"]),
        nonce=told["nonce"],
        expires=expires,
        account=told.get("account", ""),
        shop=told.get("shop", ""),
        payee=told.get("payee", ""),
        item=told.get("item", ""),
        paid_at=_instant(told["paid_at"]) if "paid_at" in told else None,
    )


async def spend(connection: Connection, city: str, entry: Entry) -> None:
    """Use the link up, in the transaction that begins the session; `Refused("entry_replayed")` the second time."""
    if not await nonces.spend(connection, city, f"entry:{entry.wallet}", entry.nonce, entry.expires):
        raise Refused("entry_replayed")


def _formed(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    told = dict(pairs)
    known = {**_FORMS, **_MORE}
    whole = len(told) == len(pairs) and _FORMS.keys() <= told.keys() <= known.keys()
    if not whole or not all(known[name].fullmatch(value) for name, value in told.items()):
        raise Refused("entry_incomplete")
    return told


def _signed_by_any(keys: Sequence[str], told: Mapping[str, str]) -> bool:
    text = "&".join(f"{name}={told[name]}" for name in sorted(told) if name != "sign")
    try:
        sign = base64.urlsafe_b64decode(told["sign"] + "=" * (-len(told["sign"]) % 4))
    except (binascii.Error, ValueError):
        return False
    return any(_signed_by(pem, sign, text.encode()) for pem in keys)


def _signed_by(pem: str, sign: bytes, text: bytes) -> bool:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(sign, text, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _positive(amount: str) -> int:
    try:
        return positive_fen(amount)
    except Refused:
        raise Refused("entry_incomplete") from None


def _instant(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
