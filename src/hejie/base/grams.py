"""Short pieces of a text by which it is found again: one and two characters each, for scripts that write no spaces."""

from __future__ import annotations

import unicodedata

MOST = 4000
"""Characters of a text that are looked at."""


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:MOST]).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def grams(text: str) -> list[str]:
    """All pieces of a text, each once, in order of the alphabet; signs between the letters do not count."""
    plain = _plain(text)
    pairs = {plain[place : place + 2] for place in range(len(plain) - 1)}
    return sorted({*plain, *pairs})


def wanted(words: str) -> list[str]:
    """The pieces that a text must have to hold these words; none where there is nothing to look for."""
    plain = _plain(words)
    if len(plain) < 2:  # noqa: PLR2004  a single character is its own piece
        return [plain] if plain else []
    return sorted({plain[place : place + 2] for place in range(len(plain) - 1)})
