"""What becomes of a letter, told as evidence: signed by its receiver, over the SHA-256 of the letter's bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from hejie.base import curves
from hejie.base.errors import Refused

CONTEXT = "hejie-receipt-v1"


class Event(StrEnum):
    """The steps of a letter; the first two are the sender's own word, the others the receiver's."""

    submitted = "submitted"
    relayed = "relayed"
    delivered = "delivered"
    """It lies with the receiver."""
    retrieved = "retrieved"
    """The receiver has done what it asks."""
    refused = "refused"


_RANK = {
    Event.submitted: 0,
    Event.relayed: 1,
    Event.delivered: 2,
    Event.retrieved: 3,
    Event.refused: 3,
}
ENDS = frozenset({Event.retrieved, Event.refused})
OF_RECEIVER = frozenset({Event.delivered, Event.retrieved, Event.refused})


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of one letter."""

    letter: str
    source: str
    target: str
    protocol: Literal[1] = 1
    event: Event
    code: str = ""
    """Why, where it was refused."""
    sha256: str
    """Of the letter's canonical bytes, hexadecimal."""
    at: datetime


class SignedReceipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt with its receiver's proof."""

    receipt: dict[str, Any]
    key: str
    signature: str


def signed(receipt: Receipt, key: str, private: Ed25519PrivateKey) -> SignedReceipt:
    """A receipt made ready to be told."""
    content = msgspec.to_builtins(receipt)
    return SignedReceipt(receipt=content, key=key, signature=curves.sign(private, CONTEXT, content))


def read_receipt(item: SignedReceipt, keys: Mapping[str, str]) -> Receipt:
    """The receipt, believed by one of its receiver's keys (name → public); `Refused("receipt_wrong")`."""
    public = keys.get(item.key)
    if public is None:
        raise Refused("receipt_wrong")
    try:
        curves.verify(public, CONTEXT, item.receipt, item.signature)
        found = msgspec.convert(item.receipt, Receipt)
    except (Refused, msgspec.ValidationError):
        raise Refused("receipt_wrong") from None
    if found.event not in OF_RECEIVER or found.at.tzinfo is None or len(found.code) > 64:  # noqa: PLR2004  characters
        raise Refused("receipt_wrong")
    return found


def moves(state: Event, event: Event) -> bool:
    """Whether an event takes a letter further: an end never changes, and nothing goes back."""
    return _RANK[event] > _RANK[state]
