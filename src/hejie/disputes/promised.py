"""What a shop had promised when it was paid: kept with the dispute that says it was not kept, in the words of then."""

from __future__ import annotations

from msgspec import Struct

from hejie.cities.promises import Promise, Said


class Promised(Struct, frozen=True, kw_only=True):
    """One promise, as it was shown when the payment was made."""

    id: str
    paycode: str
    """Behind which it stood."""
    zh: Said
    en: Said

    def said(self, language: str) -> Said:
        """In a language of the house."""
        return self.en if language == "en" else self.zh


def promised(promise: Promise, paycode: str) -> Promised:
    """The city's words of that day, kept."""
    return Promised(id=promise.id, paycode=paycode, zh=promise.zh, en=promise.en)
