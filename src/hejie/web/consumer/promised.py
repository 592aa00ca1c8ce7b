"""The filing form's question which promise it is about, of those that the shop showed when it was paid."""

from __future__ import annotations

from collections.abc import Sequence

from hejie.cities.promises import Promise
from hejie.edge.words import mark
from hejie.web.shell import Visit

NO_PROMISE = mark("None of them")
Choice = tuple[str, ...]
"""Value, title, and the sentence where there is one."""


def choices(visit: Visit, promises: Sequence[Promise]) -> list[Choice]:
    """Those, and none of them first; nothing where nothing was shown."""
    if not promises:
        return []
    said = [(each.id, each.said(visit.language)) for each in promises]
    return [("", visit.say(NO_PROMISE)), *((name, each.title, each.sentence) for name, each in said)]


def title(found: Sequence[Choice], typed: str) -> str:
    """An answer as it is read back."""
    return next((each[1] for each in found if each[0] == typed), "")
