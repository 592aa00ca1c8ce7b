"""Jinja environments, one per language: sentences, money and instants in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.loaders import BaseLoader, ChoiceLoader
from markupsafe import Markup, escape
from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.documents.paper import can_print
from hejie.edge import words
from hejie.web import assets


class Wrong(Struct, frozen=True):
    """One fault of a form in the reader's words; `field` is the id of the element to mend, or empty."""

    field: str
    text: str


_NO_MORE: Mapping[str, Any] = MappingProxyType({})


def render(language: str, template: str, **context: Any) -> str:
    """A page or a part of one; the portals' templates are named `consumer/...`, `merchant/...`, `officer/...`."""
    return environment(language).get_template(template).render(**context)


@cache
def environment(language: str) -> Environment:
    """Everything a template knows besides its own values."""
    made = Environment(
        loader=_loader(),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        _=partial(_say, language),
        ngettext=partial(_say_many, language),
        language=language,
        other_language="en" if language == "zh" else "zh",
        colon="：" if language == "zh" else ": ",
        comma="，" if language == "zh" else ", ",
        static=assets.address,
        can_print=can_print,
        attributes=_attributes,
    )
    made.filters.update(
        yuan=words.money,
        instant=partial(_instant, language),
        instant_with_year=partial(_instant_with_year, language),
        day=partial(words.day, language),
        last_instant=partial(_last_instant, language),
        day_before=lambda at: words.day(language, at - timedelta(seconds=1)),
        left=lambda at, now: words.left(language, at, now),
        span=partial(words.span, language),
        name=lambda names: getattr(names, language),
        lines=_lines,
    )
    return made


def folder() -> Path:
    """Where the portals lie."""
    return Path(str(resources.files("hejie.web")))


def _loader() -> BaseLoader:
    portals = {
        each.parent.name: FileSystemLoader(each) for each in folder().glob("*/templates") if each.parent != folder()
    }
    return ChoiceLoader([PrefixLoader(portals), FileSystemLoader(folder() / "templates")])


def _say(language: str, sentence: str, /, **facts: Any) -> Markup:
    """Facts are escaped on their way in, unless they are markup themselves."""
    text = escape(words.catalogue(language).get(sentence, sentence))
    return text.format(**facts) if facts else text


def _say_many(language: str, one: str, many: str, number: int, /, **facts: Any) -> Markup:
    sentence = words.catalogue(language).get(one) or (one if number == 1 else many)
    return escape(sentence).format(n=number, **facts)


def _instant(language: str, at: datetime) -> Markup:
    return _time(at, words.instant(language, at))


def _instant_with_year(language: str, at: datetime) -> Markup:
    return _time(at, words.instant_with_year(language, at))


def _last_instant(language: str, at: datetime) -> Markup:
    return _time(at, words.last_instant(language, at))


def _time(at: datetime, shown: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(at.astimezone(SHANGHAI).isoformat(timespec="seconds"), shown)


def _attributes(
    name: str, hint: str, errors: Sequence[Wrong], more: Mapping[str, Any] = _NO_MORE
) -> dict[str, str | None]:
    """A form control's further attributes: `max_length=9` → `max-length`, and what describes it to a reader aloud."""
    faulty = any(wrong.field == name for wrong in errors)
    described = " ".join([*([f"{name}-hint"] if hint else []), *([f"{name}-fault"] if faulty else [])])
    named = {key.rstrip("_").replace("_", "-"): value for key, value in more.items()}
    own = {"aria-describedby": described or None, "aria-invalid": "true" if faulty else None}
    return {**named, **own}


def _lines(text: str) -> Markup:
    """Words of people with their line breaks."""
    return Markup("<br>").join(text.split("\n"))
