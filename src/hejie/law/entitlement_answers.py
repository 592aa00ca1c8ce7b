"""One answer: what may be owed, by whom, until when, by which article, how it was worked out, what must be shown."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from msgspec import Struct

from hejie.base.money import yuan
from hejie.law.entitlement_facts import Facts
from hejie.law.entitlement_rules import Book, Kind, Payer, Rule, Words


class Answer(Struct, frozen=True, kw_only=True):
    """What may be owed under one rule, for reference only; amounts in fen, a part of a fen is dropped.

    Dropped, because no amount shown may be more than the rule gives.
    """

    rule: str
    kind: Kind
    payer: Payer
    least_fen: int | None
    """None where the rule gives no amount, or nobody knows it yet."""
    most_fen: int | None
    total_fen: int | None
    """Together with the price, where this comes on top of it."""
    until: date | None
    """The last calendar day; a day of rest may move it on, which the clock tells."""
    article: Words
    steps: tuple[Words, ...]
    establish: tuple[Words, ...]
    """What must still be so: nothing of it is asserted."""
    label: Words

    @property
    def amount_fen(self) -> int | None:
        """The amount, where it is one and not a range."""
        return self.most_fen if self.least_fen == self.most_fen else None


class Desk(Struct, frozen=True, kw_only=True):
    """The facts, and the rules that count."""

    facts: Facts
    book: Book

    def rule(self, identifier: str) -> Rule | None:
        """The rule of the day of the purchase."""
        return self.book.rule(identifier, self.facts.event_on)

    def word(self, name: str, **facts: object) -> Words:
        """A sentence; amounts are named in fen and told in yuan by `_fen` at their end."""
        return self.book.words[name].filled(told(facts))

    def give(
        self,
        rule: Rule,
        *steps: Words,
        least: int | None = None,
        most: int | None = None,
        total: int | None = None,
        until: date | None = None,
        establish: Iterable[Words] = (),
    ) -> Answer:
        """An answer by a rule; `most` alone is the amount."""
        rolls = (self.word("roll", day=until),) if until is not None else ()
        values = told(rule.values)
        return Answer(
            rule=rule.id,
            kind=rule.kind,
            payer=rule.payer,
            least_fen=most if least is None else least,
            most_fen=most,
            total_fen=total,
            until=until,
            article=rule.article,
            steps=(rule.says.filled(values), *steps, *rolls),
            establish=tuple(each.filled(values) for each in (*rule.establish, *establish)),
            label=self.word("label"),
        )


def told(facts: Mapping[str, object]) -> dict[str, object]:
    """As sentences name them: fen as yuan."""
    return {name: yuan(value) if name.endswith("_fen") and isinstance(value, int) else value
            for name, value in facts.items()}  # fmt: skip


def days_after(day: date | None, days: int) -> date | None:
    """The last of so many calendar days after a day, which itself does not count; None beyond the calendar."""
    try:
        return None if day is None else day + timedelta(days=days)
    except OverflowError:
        return None


def months_after(day: date | None, months: int) -> date | None:
    """The same day so many months on, or the month's last (Civil Code, article 202); None beyond the calendar."""
    if day is None:
        return None
    years, month = divmod(day.month - 1 + months, 12)
    if day.year + years > date.max.year:
        return None
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))
