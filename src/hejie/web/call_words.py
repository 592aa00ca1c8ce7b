"""When a call suits, in words for both sides of it."""

from __future__ import annotations

from collections.abc import Mapping

from hejie.edge.words import mark, say

WHENS: Mapping[str, str] = {
    "any": mark("At any time of the day"),
    "morning": mark("In the morning"),
    "afternoon": mark("In the afternoon"),
}


def when_words(language: str, when: str) -> str:
    """When it suits; a word of unknown meaning is any time."""
    return say(language, WHENS.get(when, WHENS["any"]))
