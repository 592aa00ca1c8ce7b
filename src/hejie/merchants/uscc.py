"""Unified social credit codes (GB 32100): eighteen characters, the last of which checks the rest."""

from __future__ import annotations

from hejie.base.errors import Refused

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Thirty-one characters: I, O, S, V and Z are left out, being too like digits."""
LENGTH = 18

_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))


def check_character(body: str) -> str:
    """The eighteenth character for seventeen of the alphabet: (31 - Σ value · 3^(i-1) mod 31) mod 31."""
    total = sum(_VALUE[letter] * weight for letter, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def credit_code(text: str) -> str:
    """A code as it is stored, from what a person typed: trimmed, capitals, checked.

    Letters are allowed in every place, the registering authority and the division included.
    Errors: `Refused("credit_code_length")`, `("credit_code_letter", place=...)` for a
    character outside the alphabet, `("credit_code_check")` when the check character differs.
    """
    typed = text.strip()
    if len(typed) != LENGTH:
        raise Refused("credit_code_length", length=len(typed))
    code = typed.upper() if typed.isascii() else typed
    for place, letter in enumerate(code, start=1):
        if letter not in _VALUE:
            raise Refused("credit_code_letter", place=place)
    if check_character(code[:-1]) != code[-1]:
        raise Refused("credit_code_check")
    return code
