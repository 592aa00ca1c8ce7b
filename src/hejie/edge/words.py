"""Words for people: English sentences are the keys, Chinese ones come from the portals' catalogues."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any

from babel.messages.pofile import read_po

from hejie.base.clock import SHANGHAI
from hejie.base.money import yuan

LANGUAGES = ("zh", "en")
_MINUTE = 60
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ACCEPTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*")


def mark(sentence: str) -> str:
    """The sentence itself: tells the search for sentences that it needs a translation."""
    return sentence


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every translated sentence of a language; empty for English. The Chinese need no plurals."""
    if language == "en":
        return {}
    folder = resources.files("hejie") / "web" / "locale" / language
    found: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".po"):
            continue
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language):
                key, text = _first(message.id), _first(message.string)
                if key and text and not message.fuzzy:
                    found[key] = text
    return found


def _first(words: str | Sequence[str] | None) -> str:
    return words if isinstance(words, str) else words[0] if words else ""


def say(language: str, sentence: str, /, **facts: Any) -> str:
    """The sentence in a language, with its `{facts}` filled in."""
    text = catalogue(language).get(sentence, sentence)
    return text.format(**facts) if facts else text


def say_many(language: str, one: str, many: str, number: int, /, **facts: Any) -> str:
    """The same for a number: `{n}` is the number."""
    sentence = catalogue(language).get(one) or (one if number == 1 else many)
    return sentence.format(n=number, **facts)


def choose(asked: str, kept: str, accept: str) -> str:
    """A reader's language: asked for in the address, kept in a cookie, told by the browser, else Chinese."""
    for word in (asked, kept):
        if word in LANGUAGES:
            return word
    weighed: list[tuple[float, str]] = []
    for part in accept[:200].split(","):
        match = _ACCEPTED.fullmatch(part)
        if match and match[1].lower() in LANGUAGES:
            weighed.append((float(match[2] or 1), match[1].lower()))
    return max(weighed, key=lambda pair: pair[0])[1] if weighed else LANGUAGES[0]


def money(fen: int) -> str:
    """Yuan for people: 1250 → `¥12.50`."""
    return f"-¥{yuan(-fen)}" if fen < 0 else f"¥{yuan(fen)}"


def instant(language: str, at: datetime) -> str:
    """A Shanghai instant without its year: `11月26日 10:15`, `26 Nov 10:15`."""
    local = at.astimezone(SHANGHAI)
    if language == "en":
        return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def instant_with_year(language: str, at: datetime) -> str:
    """The same with its year, for records and print."""
    local = at.astimezone(SHANGHAI)
    if language == "en":
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H:%M}"
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def last_instant(language: str, at: datetime) -> str:
    """The end of a time that is counted in days: midnight is told as 24:00 of the day that ends with it."""
    if at.astimezone(SHANGHAI).time() != time(0):
        return instant_with_year(language, at)
    return f"{day(language, at - timedelta(minutes=1))} 24:00"


def day(language: str, at: datetime) -> str:
    """A Shanghai day with its year: `2026年11月26日`, `26 Nov 2026`."""
    return instant_with_year(language, at).rpartition(" ")[0]


def span(language: str, length: timedelta) -> str:
    """A length in its two largest parts: `3 天 4 小时`, `3 days 4 hours`; under a minute, `1 minute`."""
    minutes = max(1, int(length.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        say_many(language, one, many, number)
        for number, one, many in (
            (days, mark("{n} day"), "{n} days"),
            (hours, mark("{n} hour"), "{n} hours"),
            (minutes, mark("{n} minute"), "{n} minutes"),
        )
        if number
    ]
    return " ".join(parts[:2])


def left(language: str, at: datetime, now: datetime) -> str:
    """How far off an instant is: `还剩 3 天 4 小时`, `已过 2 小时`."""
    if at > now:
        return say(language, mark("{span} left"), span=span(language, at - now))
    return say(language, mark("{span} past"), span=span(language, now - at))


def told(language: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """An error's facts as people read them: `..._fen` as money, instants as local time, `seconds` as a length."""
    shown: dict[str, str] = {}
    for name, value in facts.items():
        if name.endswith("_fen") and isinstance(value, int):
            shown[name] = money(value)
        elif name == "until" and isinstance(value, str):
            shown[name] = instant(language, datetime.fromisoformat(value).astimezone(UTC))
        elif name == "seconds" and isinstance(value, int):
            shown[name] = _wait(language, value)
        else:
            shown[name] = str(value)
    return shown


def _wait(language: str, seconds: int) -> str:
    """How long to wait: seconds within a minute, beyond it whole minutes, rounded up."""
    if seconds <= _MINUTE:
        return say_many(language, mark("{n} second"), "{n} seconds", seconds)
    return span(language, timedelta(minutes=-(-seconds // _MINUTE)))
