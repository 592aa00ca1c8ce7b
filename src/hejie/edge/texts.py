"""Words from people, made safe to store and show without changing what they say."""

from __future__ import annotations

import re
import unicodedata

from hejie.base.errors import Refused

MOST_CHARACTERS = 2000

_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
_JOINERS = "\u200c\u200d"
"""Invisible, yet part of words and emoji."""


def _stays(character: str) -> bool:
    """Neither control, direction override, lone surrogate nor another invisible sign."""
    return character in "\n" + _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}


def clean_text(text: str, most: int = MOST_CHARACTERS, *, needed: bool = False) -> str:
    r"""The text in NFC, with `\n` as its only control character, trimmed; markup stays as typed.

    Control characters, direction overrides and other invisible signs are dropped, three and more
    line breaks become two. Errors: `text_too_long` (facts `length`, `most`, in characters after
    cleaning; never cut short in silence), `text_empty` where it is `needed` and nothing is left.
    """
    if len(text) > 4 * most:  # beyond any cleaning: do not spend time on it
        raise Refused("text_too_long", length=len(text), most=most)
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    text = unicodedata.normalize("NFC", "".join(filter(_stays, text)))
    text = _EMPTY_LINES.sub("\n\n", text).strip().strip(_JOINERS).strip()
    if len(text) > most:
        raise Refused("text_too_long", length=len(text), most=most)
    if needed and not text:
        raise Refused("text_empty")
    return text
