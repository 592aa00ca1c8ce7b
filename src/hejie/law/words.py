"""A piece of text in both languages of the house, as it stands in the law's files."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Line = Annotated[str, Meta(min_length=1, max_length=600)]


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text, in Chinese and in English."""

    zh: Line
    en: Line

    def said(self, language: str) -> str:
        """The text in a language: Chinese for `zh`, else English."""
        return self.zh if language == "zh" else self.en
