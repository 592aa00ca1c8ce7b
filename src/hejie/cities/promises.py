"""What shops of a city may promise (承诺): dated data, each in both languages of the house."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

Sentence = Annotated[str, Meta(min_length=1, max_length=200)]
Title = Annotated[str, Meta(min_length=1, max_length=80)]


class Said(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise in one language."""

    title: Title
    sentence: Sentence


class Promise(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One promise as it may be made from a day on; another wording of it is another row that follows."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    zh: Said
    en: Said
    valid_from: date
    valid_to: date | None = None
    """The last day."""
    provisional: bool = True
    """Whether the city has not yet confirmed the wording."""

    def holds(self, day: date) -> bool:
        """Whether it may be made, and is owed, on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def said(self, language: str) -> Said:
        """In a language of the house."""
        return self.en if language == "en" else self.zh


def first_clash(promises: Iterable[Promise]) -> str:
    """The promise that ends before it begins, or holds twice on one day; empty where none does."""
    ends: dict[str, date] = {}
    for each in sorted(promises, key=lambda promise: (promise.id, promise.valid_from)):
        last = each.valid_to or date.max
        if last < each.valid_from or ends.get(each.id, date.min) >= each.valid_from:
            return each.id
        ends[each.id] = last
    return ""
