"""How the consumer of a dispute files, as an officer reads it: facts with their disputes, and what they are not."""

from __future__ import annotations

from msgspec import Struct

from hejie.disputes.patterns import Near, Patterns
from hejie.edge.words import mark
from hejie.web.shell import Visit

MOST_LINKS = 5


class Fact(Struct, frozen=True, kw_only=True):
    """One sentence, and the newest of the disputes it counts."""

    text: str
    links: tuple[Near, ...]
    more: int


def facts(visit: Visit, found: Patterns) -> list[Fact]:
    """What is there to tell; nothing where no other dispute is near."""
    if found.silent:
        return []
    own = visit.say(
        mark("This consumer's disputes within ninety days of this one, itself included: {n}. Merchants in them:"
             " {merchants}. Most within seven days: {week}."),
        n=len(found.near) + 1,
        merchants=found.merchants,
        week=found.busiest_week,
    )  # fmt: skip
    same_words = visit.say(
        mark("Others in the same words: {n}. Payers who wrote them, besides this one: {payers}."),
        n=len(found.same_words),
        payers=len({each.consumer for each in found.same_words if each not in found.near}),
    )
    counted = [
        (own, found.near),
        (same_words, found.same_words),
        (_n(visit, mark("By other payers with the same phone number: {n}."), found.same_contact), found.same_contact),
        (_n(visit, mark("By this consumer on goods of the same name: {n}."), found.same_goods), found.same_goods),
        (
            _n(
                visit,
                mark("Settled before on this payment or with this merchant, then filed again: {n}."),
                found.settled_before,
            ),
            found.settled_before,
        ),
    ]
    return [
        Fact(text=text, links=others[:MOST_LINKS], more=max(0, len(others) - MOST_LINKS))
        for text, others in counted
        if others
    ]


def _n(visit: Visit, sentence: str, others: tuple[Near, ...]) -> str:
    return visit.say(sentence, n=len(others))
