"""Agreements between merchants in words, for officers and for the merchants themselves."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.edge.words import mark
from hejie.merchants.agreements import Bond, Counts, Part
from hejie.queries.agreements import Shown
from hejie.web.shell import Visit

BONDS: Mapping[Bond, str] = {
    Bond.franchise: mark("Brand and independent shop"),
    Bond.mall: mark("Mall and shop"),
    Bond.market: mark("Market and stall"),
    Bond.landlord: mark("Landlord and tenant"),
}


SIDES: Mapping[Part, str] = {
    Part.principal: mark("the brand, mall, market or landlord"),
    Part.member: mark("the shop, stall or tenant"),
}


class Line(Struct, frozen=True, kw_only=True):
    """One agreement, ready to be read."""

    id: str
    bond: str
    principal: str
    member: str
    other: str
    """The other side's identifier."""
    about: str
    facts: tuple[tuple[str, str], ...]
    begins: str
    ends: str
    """Empty where no end is set."""
    state: str
    tag: str
    open: bool
    """Whether it can still be ended."""


def lines(visit: Visit, merchant: str, found: list[Shown]) -> list[Line]:
    """The agreements of a merchant."""
    return [_line(visit, merchant, each) for each in found]


def _line(visit: Visit, merchant: str, shown: Shown) -> Line:
    agreement, say = shown.agreement, visit.say
    today = visit.house.clock.now().astimezone(SHANGHAI).date()
    names = {Part.principal: shown.principal, Part.member: shown.member}
    over = agreement.ends is not None and agreement.ends < today
    comma = "、" if visit.language == "zh" else ", "
    counted = {Counts.principal: shown.principal, Counts.member: shown.member}
    about = say(mark("What is sold at {shop}"), shop=shown.shop) if shown.shop else ""
    return Line(
        id=agreement.id,
        bond=say(BONDS[agreement.kind]),
        principal=shown.principal,
        member=shown.member,
        other=agreement.member if merchant == agreement.principal else agreement.principal,
        about=about or say(mark("Everything that is paid to {name}"), name=shown.member),
        facts=(
            (say(mark("Answers")), names[agreement.terms.answers]),
            (say(mark("Pays")), names[agreement.terms.pays]),
            (
                say(mark("May read it")),
                say(mark("both sides")) if agreement.terms.both_see else names[agreement.terms.answers],
            ),
            (
                say(mark("Counts for")),
                counted.get(agreement.terms.counts) or comma.join((shown.principal, shown.member)),
            ),
        ),
        begins=agreement.begins.isoformat(),
        ends=agreement.ends.isoformat() if agreement.ends else "",
        state=say(mark("over")) if over else say(mark("in force")) if agreement.holds(today) else say(mark("to come")),
        tag="" if over else "good" if agreement.holds(today) else "warn",
        open=not over,
    )
