"""Why two payment identities may be one merchant's, in words: what was compared, what was found, how much it weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hejie.edge.words import mark, say

_COMPARED: Mapping[str, str] = {
    "name": mark("Its name"),
    "trade": mark("Trade"),
    "place": mark("Address"),
    "phone": mark("Telephone"),
    "account": mark("Settlement account"),
    "code": mark("Credit code"),
    "merchant": mark("Merchant number"),
    "terminal": mark("Terminal"),
}
_LEVELS: Mapping[str, str] = {
    "the same core": mark("the same core"),
    "sounds the same": mark("sounds the same"),
    "one begins or ends with the other": mark("one begins or ends with the other"),
    "half of the letters, or nearly the same sound": mark("half of the letters, or nearly the same sound"),
    "the same trade": mark("the same trade"),
    "shares a word of trade": mark("shares a word of trade"),
    "the same house and unit": mark("the same house and unit"),
    "the same house, another unit": mark("the same house, another unit"),
    "the same house": mark("the same house"),
    "the same street": mark("the same street"),
    "the same telephone": mark("the same telephone"),
    "the same account": mark("the same account"),
    "the same credit code": mark("the same credit code"),
    "the same merchant number": mark("the same merchant number"),
    "the same terminal": mark("the same terminal"),
    "different": mark("different"),
}
_STRONG = 5.0
"""Bits from which a reason weighs much: odds of 32 to 1."""


def reasons_in_words(language: str, body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What was compared, what was found, and whether that speaks for one merchant or against it."""
    told: Sequence[Sequence[Any]] = body.get("reasons", ())
    return [
        (
            say(language, _COMPARED[name]) if name in _COMPARED else str(name),
            say(language, _LEVELS[level]) if level in _LEVELS else str(level),
            _weight(language, float(bits)),
        )
        for name, level, bits in told
    ]


def _weight(language: str, bits: float) -> str:
    if bits >= _STRONG:
        return say(language, mark("speaks strongly for it"))
    if bits > 0:
        return say(language, mark("speaks for it"))
    if bits > -_STRONG:
        return say(language, mark("speaks against it"))
    return say(language, mark("speaks strongly against it"))
