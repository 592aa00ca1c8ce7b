"""What stands in the bodies of the exchange: batches, and what became of each thing in them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from hejie.alliance.directory import SignedDirectory
from hejie.alliance.letter import MOST_BATCH
from hejie.alliance.receipt import SignedReceipt

TAG = "hejie-exchange"
"""Stands in every signature of a request or answer."""


class Letters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Letters as they are brought; each item is read by itself, so that a bad one spoils no other."""

    protocol: Literal[1] = 1
    directory: int
    """The version the sender goes by."""
    letters: Annotated[tuple[Any, ...], Meta(min_length=1, max_length=MOST_BATCH)]


class LetterResult(Struct, frozen=True, kw_only=True):
    """What became of one letter."""

    id: str
    result: Literal["taken", "held", "again", "refused", "later"]
    code: str = ""
    receipt: SignedReceipt | None = None


class LettersAnswer(Struct, frozen=True, kw_only=True):
    """One result for each letter, in their order."""

    protocol: Literal[1] = 1
    request: str
    """Hexadecimal SHA-256 of the request's body; of the asked address where there was none."""
    directory: int
    results: tuple[LetterResult, ...]


class Receipts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Receipts as they are told."""

    protocol: Literal[1] = 1
    directory: int
    receipts: Annotated[tuple[Any, ...], Meta(min_length=1, max_length=MOST_BATCH)]


class ReceiptResult(Struct, frozen=True, kw_only=True):
    """What became of one receipt."""

    letter: str
    result: Literal["taken", "again", "unknown", "refused"]


class ReceiptsAnswer(Struct, frozen=True, kw_only=True):
    """One result for each receipt, in their order."""

    protocol: Literal[1] = 1
    request: str
    directory: int
    results: tuple[ReceiptResult, ...]


class Asked(Struct, frozen=True, kw_only=True):
    """How one letter stands: its receipt, or that nothing is known of it."""

    letter: str
    known: bool
    receipt: SignedReceipt | None = None


class AskedAnswer(Struct, frozen=True, kw_only=True):
    """How letters stand, in the order asked."""

    protocol: Literal[1] = 1
    request: str
    directory: int
    letters: tuple[Asked, ...]


class DirectoryAnswer(Struct, frozen=True, kw_only=True):
    """The directory as it goes round."""

    protocol: Literal[1] = 1
    request: str
    directory: int
    file: SignedDirectory
