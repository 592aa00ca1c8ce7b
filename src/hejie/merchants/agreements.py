"""An agreement between two merchants about one's sales: who answers, who pays, who may see, whose record counts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused

MOST_WORDS = 200
"""Characters that say how a side has agreed."""


class Bond(StrEnum):
    """What ties the two together."""

    franchise = "franchise"
    mall = "mall"
    market = "market"
    landlord = "landlord"


class Part(StrEnum):
    """One of the two sides."""

    principal = "principal"
    """The brand, mall, market or landlord."""
    member = "member"
    """The franchisee, stall or tenant."""


class Counts(StrEnum):
    """Whose record a dispute counts for."""

    principal = "principal"
    member = "member"
    both = "both"


class Terms(Struct, frozen=True, kw_only=True):
    """What was agreed."""

    answers: Part
    pays: Part
    """Out of whose account a refund may go."""
    both_see: bool
    """Whether the side that does not answer may read the dispute."""
    counts: Counts


class Agreement(Struct, frozen=True, kw_only=True):
    """An agreement's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    kind: Bond
    principal: str
    member: str
    scope: str
    """Whose payments it speaks of: the member's own, or those that the principal takes at the member's place."""
    shop: str
    """The one shop it speaks of; empty for every payment to `scope`, which is the member then."""
    terms: Terms
    begins: date
    """First and last day, in the city's calendar (Asia/Shanghai)."""
    ends: date | None
    changed_at: datetime

    def side(self, part: Part) -> str:
        """The merchant on a side."""
        return self.principal if part is Part.principal else self.member

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.begins <= day and (self.ends is None or day <= self.ends)


class Under(Struct, frozen=True, kw_only=True):
    """What an agreement means for one dispute; it is written on the dispute and stays as it was at the filing."""

    agreement: str
    answers: str
    """The merchant that answers."""
    other: str
    """The other side."""
    pays: str
    other_sees: bool
    counts_for: tuple[str, ...]
    """The merchants whose record it counts for."""


def under(agreement: Agreement) -> Under:
    """An agreement's effects on a dispute about a payment that it speaks of."""
    terms = agreement.terms
    answers = agreement.side(terms.answers)
    counts = {
        Counts.principal: (agreement.principal,),
        Counts.member: (agreement.member,),
        Counts.both: (agreement.principal, agreement.member),
    }
    return Under(
        agreement=agreement.id,
        answers=answers,
        other=agreement.principal if answers == agreement.member else agreement.member,
        pays=agreement.side(terms.pays),
        other_sees=terms.both_see,
        counts_for=counts[terms.counts],
    )


# Commands. --------------------------------------------------------------------------------------


class MakeAgreement(Struct, frozen=True, kw_only=True):
    """An officer enters what both sides have agreed; how each has said so is kept beside, as content."""

    id: str
    kind: Bond
    principal: str
    member: str
    shop: str
    terms: Terms
    begins: date
    ends: date | None
    principal_words: str
    """Content identifiers: how the two sides' consent was given."""
    member_words: str


class EndAgreement(Struct, frozen=True, kw_only=True):
    """Either side, or an officer for it, ends it by a day, which is its last."""

    last: date


Command = MakeAgreement | EndAgreement

# Events. ----------------------------------------------------------------------------------------


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; `at` is business time."""

    at: datetime


class AgreementMade(Event, frozen=True, kw_only=True, tag=True):
    """Both sides have agreed."""

    city: str
    id: str
    kind: Bond
    principal: str
    member: str
    scope: str
    shop: str
    terms: Terms
    begins: date
    ends: date | None
    principal_words: str
    member_words: str


class AgreementEnded(Event, frozen=True, kw_only=True, tag=True):
    """It has a last day now."""

    last: date
    by: str
    """The merchant that ended it; empty for an officer."""


AnyEvent = AgreementMade | AgreementEnded


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the row."""

    city: str
    now: datetime
    actor: Actor
    known: frozenset[str] = frozenset()
    """Which of the two named merchants are registered here."""
    shop_of: str = ""
    """The merchant whose shop the named one is."""
    overlaps: bool = False
    """Another agreement speaks of the same payments in that time."""

    @property
    def day(self) -> date:
        """The city's day."""
        return self.now.astimezone(SHANGHAI).date()


def decide(agreement: Agreement | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow from a command; none if everything is so already.

    Errors: `Missing("agreement_unknown" | "party_unknown")`, `Refused` with `agreement_one_side`,
    `agreement_shop_elsewhere`, `agreement_days`, `consent_missing`, `agreement_overlaps`, `agreement_over`.
    """
    match command:
        case MakeAgreement():
            return [] if agreement is not None else [_make(command, ground)]
        case EndAgreement(last=last):
            if agreement is None:
                raise Missing("agreement_unknown")
            return _end(agreement, last, ground)
        case _:
            assert_never(command)


def _make(command: MakeAgreement, ground: Ground) -> AgreementMade:
    if command.principal == command.member:
        raise Refused("agreement_one_side")
    if not {command.principal, command.member} <= ground.known:
        raise Missing("party_unknown")
    if command.shop and ground.shop_of not in {command.principal, command.member}:
        raise Refused("agreement_shop_elsewhere")
    if command.ends is not None and command.ends < command.begins:
        raise Refused("agreement_days")
    if not command.principal_words or not command.member_words:
        raise Refused("consent_missing")
    if ground.overlaps:
        raise Refused("agreement_overlaps")
    return AgreementMade(
        at=ground.now,
        city=ground.city,
        id=command.id,
        kind=command.kind,
        principal=command.principal,
        member=command.member,
        scope=ground.shop_of if command.shop else command.member,
        shop=command.shop,
        terms=command.terms,
        begins=command.begins,
        ends=command.ends,
        principal_words=command.principal_words,
        member_words=command.member_words,
    )


def _end(agreement: Agreement, last: date, ground: Ground) -> list[AnyEvent]:
    """It may be ended from today on, and only sooner than before."""
    if agreement.ends == last:
        return []
    if agreement.ends is not None and agreement.ends < max(last, ground.day):
        raise Refused("agreement_over")
    if last < ground.day or last < agreement.begins:
        raise Refused("agreement_days")
    by = ground.actor.organisation if ground.actor.role is Role.merchant else ""
    return [AgreementEnded(at=ground.now, last=last, by=by)]


def evolve(agreement: Agreement | None, event: AnyEvent) -> Agreement:
    """The row after one more event."""
    if agreement is None:
        if not isinstance(event, AgreementMade):
            raise AssertionError(f"an agreement begins with AgreementMade, not {type(event).__name__}")
        return Agreement(
            city=event.city,
            id=event.id,
            version=1,
            kind=event.kind,
            principal=event.principal,
            member=event.member,
            scope=event.scope,
            shop=event.shop,
            terms=event.terms,
            begins=event.begins,
            ends=event.ends,
            changed_at=event.at,
        )
    match event:
        case AgreementEnded(last=last):
            return replace(agreement, ends=last, version=agreement.version + 1, changed_at=event.at)
        case AgreementMade():
            raise AssertionError("an agreement is made once")
        case _:
            assert_never(event)
