"""All rules of a day as people look for them: grouped by matter, narrowed by a word, each in its own lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from msgspec import Struct

from hejie.edge.words import LANGUAGES, mark, say
from hejie.law.book import Book
from hejie.law.clock import Span
from hejie.law.rules import Rule
from hejie.web.law_lines import rule_lines, span_words

_GOODS = mark("Goods and services: return, refund, repair")
_PREPAID = mark("Prepaid cards and balances")
_MORE = mark("More than the price, and who is liable")
_TAKEN = mark("Whether a complaint is taken up")
_WHERE = mark("Which authority is competent")
_MEDIATED = mark("Mediation, and how it ends")
_OTHERS = mark("Other ways: associations, arbitration, court")
_PROVINCE = mark("The province's own rules")
GROUPS = (_GOODS, _PREPAID, _MORE, _TAKEN, _WHERE, _MEDIATED, _OTHERS, _PROVINCE)
_GROUP: Mapping[str, str] = MappingProxyType(
    {
        "R": _GOODS, "P": _PREPAID, "D": _MORE, "A": _TAKEN, "N": _TAKEN, "J": _WHERE,
        "M": _MEDIATED, "T": _MEDIATED, "V": _MEDIATED, "X": _MEDIATED, "O": _OTHERS, "L": _OTHERS,
    }
)  # fmt: skip
"""The letter of a rule's id → its matter."""


class Entry(Struct, frozen=True, kw_only=True):
    """One wording in a list."""

    id: str
    lines: tuple[str, ...]
    """As `rule_lines`: name, sentence, source with its days, and what else is known."""
    limit: str
    """`60 days`, or empty."""
    weaker: bool
    """Whether a stronger source prevails over it."""


class Group(Struct, frozen=True, kw_only=True):
    """The rules of one matter."""

    title: str
    entries: tuple[Entry, ...]


def in_force(language: str, rules: Book, province: str, day: date, word: str = "") -> tuple[Group, ...]:
    """The rules in force on a day in a province, those only that have a word in either language."""
    found = [rule for rule in rules.rules if rule.province in {"", province} and rule.holds(day)]
    groups: dict[str, list[Entry]] = {title: [] for title in GROUPS}
    for rule in found:
        if word and not any(
            word.casefold() in line.casefold() for each in LANGUAGES for line in rule_lines(each, rule)
        ):
            continue
        weaker = rules.chosen(rule.id, day, province) is not rule
        groups[_PROVINCE if rule.province else _GROUP.get(rule.id[0], _OTHERS)].append(
            entry(language, rule, weaker=weaker)
        )
    return tuple(
        Group(title=say(language, title), entries=tuple(entries)) for title, entries in groups.items() if entries
    )


def entry(language: str, rule: Rule, *, weaker: bool = False) -> Entry:
    """One wording."""
    text = rule.text
    limit = span_words(language, Span(text.amount, text.unit)) if text.amount else ""
    return Entry(id=rule.id, lines=tuple(rule_lines(language, rule)), limit=limit, weaker=weaker)
