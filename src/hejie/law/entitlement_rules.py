"""Entitlements as dated data: what each rule gives, by which article, in which days; national and by province."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hejie.base.errors import Refused

NATIONAL = "national"
WORDS = "words"
_UNITS = ("_days", "_months", "_fen", "_times", "_count")
"""How the name of a value ends: calendar days, months, fen, multiples, pieces."""
_FOLDER = files("hejie.law").joinpath("data", "entitlements")
Text = Annotated[str, Meta(min_length=1, max_length=600)]


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same in both languages of the house."""

    zh: Text
    en: Text

    def said(self, language: str) -> str:
        """In one of them."""
        return self.en if language == "en" else self.zh

    def filled(self, facts: Mapping[str, object]) -> Words:
        """With the facts that its braces name."""
        return Words(zh=self.zh.format_map(facts), en=self.en.format_map(facts))


class Kind(StrEnum):
    """What may be owed."""

    refund = "refund"
    goods_return = "goods_return"
    repair = "repair"
    prepaid = "prepaid"
    freight = "freight"
    multiple = "multiple"
    compensation = "compensation"
    proof = "proof"
    """Who has to prove what."""
    duty = "duty"
    """Something to be done, not paid."""


class Payer(StrEnum):
    """Who pays or does it."""

    merchant = "merchant"
    consumer = "consumer"
    platform = "platform"
    courier = "courier"
    either = "either"
    """Maker or seller; whoever is asked first pays first."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule as it stands from a day on; a change is another row that follows."""

    id: Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z0-9_-]{0,39}$")]
    kind: Kind
    payer: Payer
    article: Words
    valid_from: date
    valid_to: date | None = None
    """The last day."""
    values: dict[str, Annotated[int, Meta(ge=0)]] = {}
    says: Words
    """What it gives; braces name its values."""
    establish: tuple[Words, ...] = ()
    """What must be so before it gives anything."""

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Pack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of rules; of a province, with what is not known of it."""

    rules: tuple[Rule, ...] = ()
    unknown: Words | None = None


class Book(Struct, frozen=True, kw_only=True):
    """Every rule that counts in one city: the nation's and its province's."""

    rules: tuple[Rule, ...]
    words: Mapping[str, Words]
    """Sentences of the computations, by name."""
    unknown: Words | None
    """What is not known of the province, if anything."""

    def rule(self, identifier: str, day: date) -> Rule | None:
        """The rule as it stood on a day; None where there was none."""
        return next((each for each in self.rules if each.id == identifier and each.holds(day)), None)


def read_pack(text: str, name: str) -> Pack:
    """A pack from TOML.

    Errors: `Refused("law_file_invalid", file=, where=, why=)` for what is no TOML, a missing source, an unknown
    field or unit, a sentence that names a value the rule has not, and days that overlap or leave a gap.
    """
    try:
        pack = msgspec.convert(tomllib.loads(text), Pack)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        why, _, where = str(problem).partition(" - at `$")
        raise Refused("law_file_invalid", file=name, where=where.strip("`.") or "-", why=why) from None
    for rule in pack.rules:
        if wrong := _fault(rule):
            raise Refused("law_file_invalid", file=name, where=f"{rule.id} {rule.valid_from}", why=wrong)
    if clash := _clash(pack.rules):
        raise Refused("law_file_invalid", file=name, where=clash[0], why=clash[1])
    return pack


@cache
def book(city: str) -> Book:
    """What counts in a city (six digits): its province is told by the first two."""
    province = f"{city[:2]}0000"
    national, words = read_pack(_text(NATIONAL), NATIONAL), _sentences()
    own = read_pack(_text(province), province) if province in packs() else None
    return Book(
        rules=(*national.rules, *(own.rules if own else ())),
        words=words,
        unknown=own.unknown if own else words["province_unknown"],
    )


def packs() -> tuple[str, ...]:
    """The names of the packs that travel with the house."""
    names = (each.name.removesuffix(".toml") for each in _FOLDER.iterdir() if each.name.endswith(".toml"))
    return tuple(sorted(name for name in names if name != WORDS))


def shipped(name: str) -> Pack:
    """One of them."""
    return read_pack(_text(name), name)


def _text(name: str) -> str:
    return _FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def _sentences() -> dict[str, Words]:
    return msgspec.convert(tomllib.loads(_text(WORDS)), dict[str, Words])


def _fault(rule: Rule) -> str:
    if rule.valid_to is not None and rule.valid_to < rule.valid_from:
        return "ends before it begins"
    for name in rule.values:
        if not name.endswith(_UNITS):
            return f"unknown unit: {name}"
    for sentence in (rule.says, *rule.establish):
        named = [_names(sentence.zh), _names(sentence.en)]
        if named[0] != named[1] or not named[0] <= set(rule.values):
            return f"a sentence names other values: {', '.join(sorted((named[0] ^ named[1]) or named[0]))}"
    return ""


def _names(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}


def _clash(rules: Iterable[Rule]) -> tuple[str, str] | None:
    last: dict[str, date] = {}
    for each in sorted(rules, key=lambda rule: (rule.id, rule.valid_from)):
        before = last.get(each.id)
        if before is not None and before >= each.valid_from:
            return f"{each.id} {each.valid_from}", "overlaps the one before"
        if before is not None and before + timedelta(days=1) != each.valid_from:
            return f"{each.id} {each.valid_from}", "leaves a gap after the one before"
        last[each.id] = each.valid_to or date.max
    return None
