"""Identifiers are minted once: a city's code, the time, and chance, in sortable letters."""

from __future__ import annotations

from collections.abc import Callable

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Chance = Callable[[int], bytes]
"""A source of random bytes, `os.urandom` in production."""


def _base32(number: int, length: int) -> str:
    out = ""
    for _ in range(length):
        number, rest = divmod(number, 32)
        out = _LETTERS[rest] + out
    return out


def mint(city: str, milliseconds: int, chance: Chance) -> str:
    """A fresh identifier: `CITY-TTTTTTTTTT-RRRRRRRRRRRR` (6 digits, 10 time letters, 12 random letters)."""
    rest = int.from_bytes(chance(8), "big") >> 4
    return f"{city}-{_base32(milliseconds, 10)}-{_base32(rest, 12)}"


def birth_city(identifier: str) -> str:
    """The six-digit code of the city in which an identifier was minted."""
    return identifier[:6]
