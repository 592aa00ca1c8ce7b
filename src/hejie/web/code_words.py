"""Codes and statuses in the reader's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from hejie.edge.words import catalogue, mark, say, told
from hejie.web.code_sentences import SENTENCES

_TITLES = {
    400: mark("We could not read this"),
    401: mark("Please sign in"),
    403: mark("This is not allowed"),
    404: mark("Not found"),
    405: mark("Not possible this way"),
    409: mark("Not possible now"),
    413: mark("Too large"),
    422: mark("Something needs to be corrected"),
    429: mark("Too many requests"),
    503: mark("Not available at the moment"),
}
_OTHER = mark("Something went wrong")


def has_words(code: str) -> bool:
    """Whether a code has a sentence of its own."""
    return code in SENTENCES


def sentence(language: str, code: str, facts: Mapping[str, Any]) -> str:
    """What happened and what to do; a code without words of its own is told as an error of ours."""
    english = SENTENCES.get(code, SENTENCES["internal"])
    text = catalogue(language).get(english, english)
    return text.format_map(defaultdict(lambda: "…", told(language, facts)))


def title(language: str, status: int) -> str:
    """A few words above the sentence."""
    return say(language, _TITLES.get(status, _OTHER))
