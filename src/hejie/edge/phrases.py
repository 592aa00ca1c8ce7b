"""Ready sentences: chosen by one side in its language, read by the others in theirs."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import Refused

LANGUAGES = ("zh", "en")


class Phrase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sentence in both languages of the house."""

    zh: str
    en: str
    retired: bool = False
    """Not offered any more; where it was sent it is still read."""

    def within(self, language: str) -> str:
        """The English sentence for `en`, else the Chinese one."""
        return self.en if language == "en" else self.zh


class Read(Struct, frozen=True, kw_only=True):
    """A message that holds a ready sentence, as one reader reads it."""

    words: str
    """In the reader's language as far as the ready sentence goes; what was written besides follows as it is."""
    sentence: str
    """The ready sentence as it was sent."""
    written_in: str
    """The language in which it was sent."""


@cache
def phrases() -> dict[str, Phrase]:
    """Every sentence by its name, `side.word`."""
    raw = files("hejie.edge").joinpath("data", "phrases.toml").read_text("utf-8")
    found = msgspec.convert(tomllib.loads(raw), dict[Role, dict[str, Phrase]])
    return {f"{side}.{word}": phrase for side, named in found.items() for word, phrase in named.items()}


def choices(side: Role, language: str) -> list[tuple[str, str]]:
    """What a side may choose from, as (name, sentence)."""
    return [
        (name, phrase.within(language))
        for name, phrase in phrases().items()
        if name.startswith(f"{side}.") and not phrase.retired
    ]


def chosen(side: Role, language: str, name: str) -> str:
    """The sentence a side has chosen, empty for none; `Refused("phrase_unknown")` for one that is not its own."""
    sentence = dict(choices(side, language)).get(name, "")
    if name and not sentence:
        raise Refused("phrase_unknown")
    return sentence


def joined(sentence: str, own: str) -> str:
    """A ready sentence, and what was written besides on the next line."""
    return "\n".join(filter(None, (sentence, own)))


def own_words(name: str, words: str) -> str:
    """What was written besides the ready sentence."""
    return _split(name, words)[1]


def read(name: str, words: str, language: str) -> Read | None:
    """A message with a ready sentence that was sent in another language than the reader's; None for every other."""
    sent_in, own = _split(name, words)
    if sent_in in {"", language}:
        return None
    phrase = phrases()[name]
    return Read(words=joined(phrase.within(language), own), sentence=phrase.within(sent_in), written_in=sent_in)


def _split(name: str, words: str) -> tuple[str, str]:
    """The language of the ready sentence (empty where there is none) and what follows it."""
    phrase = phrases().get(name)
    for language in LANGUAGES if phrase else ():
        sentence = phrase.within(language) if phrase else ""
        if words == sentence or words.startswith(f"{sentence}\n"):
            return language, words[len(sentence) :].strip()
    return "", words
