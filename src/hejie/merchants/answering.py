"""Who answers a dispute, a shop or the head office, by the chain's own rules; and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class Answers(StrEnum):
    """Which desk of a merchant answers."""

    shop = "shop"
    office = "office"
    """The head office (总部): staff who work for all shops."""


class AnsweringRule(Struct, frozen=True, kw_only=True):
    """Which claims a desk answers; the first rule that fits counts, and without any the shop answers."""

    id: str
    answers: Answers
    least_fen: int = 0
    """Claims of at least so much; deeds and goods count as 0."""
    problems: tuple[str, ...] = ()
    """Problems it covers; empty for every one."""
    person: str = ""
    """Who is the first to have it; empty for the whole desk."""

    def covers(self, *, problem: str, claim_fen: int) -> bool:
        """Whether this rule speaks of a claim."""
        return claim_fen >= self.least_fen and (not self.problems or problem in self.problems)


class AnswerLeave(Struct, frozen=True, kw_only=True):
    """The merchant lets one acquirer answer disputes on payments through it, in the merchant's name."""

    acquirer: str
    most_fen: int
    """Most that it may give away in one answer; 0 for words and deeds only."""
    given_at: datetime
    expires_at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it may be used at this instant."""
        return now < self.expires_at


def answering(rules: Iterable[AnsweringRule], *, problem: str, claim_fen: int) -> AnsweringRule | None:
    """The first rule that fits a claim; none leaves it to the shop."""
    return next((rule for rule in rules if rule.covers(problem=problem, claim_fen=claim_fen)), None)


class Cover(Struct, frozen=True, kw_only=True):
    """One colleague stands in for another while they are away."""

    person: str
    by: str
    first: date
    """First and last day of the absence, in the city's calendar (Asia/Shanghai)."""
    last: date

    def holds(self, day: date) -> bool:
        """Whether the person is away on this day."""
        return self.first <= day <= self.last


def present(covers: Iterable[Cover], person: str, day: date) -> str:
    """Who has a person's disputes on this day: the person, or whoever stands in, and so on along the line.

    Where everybody along the line is away it stays with the person first named.
    """
    away = {cover.person: cover.by for cover in covers if cover.holds(day)}
    here, seen = person, {person}
    while here in away:
        here = away[here]
        if here in seen:
            return person
        seen.add(here)
    return here


def standing_in_for(covers: Iterable[Cover], person: str, day: date) -> frozenset[str]:
    """Everybody whose disputes this person has today besides their own; empty for who is away too."""
    covers = tuple(covers)
    away = {cover.person for cover in covers if cover.holds(day)}
    return frozenset(each for each in away - {person} if present(covers, each, day) == person)
