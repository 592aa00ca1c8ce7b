"""What somebody must say of a purchase before anything can be worked out: facts, read from JSON and checked."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hejie.base.errors import Refused
from hejie.base.money import MOST_FEN

Fen = Annotated[int, Meta(ge=0, le=MOST_FEN)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Points = Annotated[int, Meta(ge=0, le=10_000)]
"""A yearly rate in hundredths of a percent: 3 % is 300."""
MOST_BYTES = 100_000


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the facts: what is not said is not known."""


class Goods(StrEnum):
    """Kinds of goods with a rule of their own on when they are still intact."""

    general = "general"
    sealed = "sealed"
    """Food, cosmetics, medical articles, contraceptives."""
    electronics = "electronics"
    textiles = "textiles"


class Excepted(StrEnum):
    """What the right to return without a reason does not reach."""

    none = "none"
    custom_made = "custom_made"
    fresh = "fresh"
    digital = "digital"
    """Downloaded by the consumer, or unsealed."""
    press = "press"
    other_confirmed = "other_confirmed"
    """Unfit by its nature, and confirmed by the consumer for this very purchase."""
    other_unconfirmed = "other_unconfirmed"


class Return(_Part, frozen=True, kw_only=True):
    """Goods that are to go back without a reason."""

    remote: bool | None = None
    """Sold over the internet, television, telephone or by post."""
    exception: Excepted = Excepted.none
    goods: Goods = Goods.general
    intact: bool | None = None
    returned_on: date | None = None
    """When the merchant had the goods back."""


class Promotion(_Part, frozen=True, kw_only=True):
    """Goods bought together for less."""

    prices_fen: Annotated[tuple[Fen, ...], Meta(min_length=2, max_length=100)]
    less_fen: Fen
    returned: Annotated[tuple[Count, ...], Meta(min_length=1, max_length=100)]
    """Which of them go back, counted from 0."""
    from_fen: Fen | None = None
    """The sum from which the reduction is given; without it, the reduction is taken to end with any return."""


class Defect(_Part, frozen=True, kw_only=True):
    """Goods or a service that are not as they must be."""

    found_on: date | None = None
    durable: bool | None = None
    """A durable (car, computer, television, refrigerator, air conditioner, washing machine …) or decoration work."""
    rescission: bool | None = None
    """Whether the contract may lawfully be ended later than in the first days."""
    gift_fen: Fen = 0
    """Worth of what was given with it."""
    repaired: Count = 0
    """Repairs that failed."""
    repair_days: Count = 0
    """Days under repair, together."""
    guaranteed: bool | None = None
    """Whether the goods stand in the list of the three guarantees (三包)."""


class Promise(_Part, frozen=True, kw_only=True):
    """What the shop promised, in its words."""

    zh: Annotated[str, Meta(min_length=1, max_length=300)]
    en: Annotated[str, Meta(min_length=1, max_length=300)]
    days: Count | None = None


class Cause(StrEnum):
    """On whose side the reason lies for which a prepaid contract ends."""

    merchant = "merchant"
    neutral = "neutral"
    consumer = "consumer"


class Prepaid(_Part, frozen=True, kw_only=True):
    """A prepaid card, package or balance."""

    paid_fen: Fen
    paid_on: date | None = None
    units: Count = 0
    """How many goods or services it was for; 0 for a balance in money or where it is not known."""
    used: Count = 0
    list_unit_fen: Fen | None = None
    """What one of them costs without the reduction."""
    spent_fen: Fen | None = None
    """Of a balance in money: what has been spent."""
    cause: Cause | None = None
    experienced_before: bool | None = None
    """Whether the same goods or service were had before at this merchant."""
    asked_on: date | None = None
    lpr_one_year: Points | None = None
    """One-year loan prime rate on the day of the contract."""
    deposit_one_year: Points | None = None
    """One-year deposit rate on the day of the contract."""
    interest_from: date | None = None
    interest_to: date | None = None
    closing_on: date | None = None
    """When the merchant closes or moves."""


class Multiple(StrEnum):
    """For what more than the price may be owed."""

    fraud = "fraud"
    harm = "harm"
    food = "food"
    drug = "drug"


class More(_Part, frozen=True, kw_only=True):
    """What speaks for more than the price; it is looked at only once an officer has opened the question."""

    ground: Multiple
    loss_fen: Fen | None = None
    label_flaw_only: bool | None = None
    """Nothing but a flaw of the label that neither touches safety nor misleads."""
    knowing_buyer: bool | None = None
    bought: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """How many pieces the price is for."""
    household: Count | None = None
    """How many of them a household would reasonably buy."""


class Platform(_Part, frozen=True, kw_only=True):
    """The platform on which the seller sold."""

    names_seller: bool | None = None
    """Whether it gives the seller's real name, address and means of contact."""
    knew: bool | None = None
    """Whether it knew, or should have known, of the wrong and did nothing."""


class Courier(_Part, frozen=True, kw_only=True):
    """A parcel that was lost or damaged."""

    fee_fen: Fen
    declared: bool | None = None
    """Whether its value was declared, or is known."""


class Facts(_Part, frozen=True, kw_only=True):
    """All that is known; amounts in fen, days as days in Shanghai."""

    city: Annotated[str, Meta(pattern=r"^[1-9][0-9]{5}$")]
    event_on: date
    """The day of the purchase: the rules of that day decide."""
    price_fen: Fen = 0
    """What the receipt says."""
    proven_paid_fen: Fen | None = None
    """What the merchant can prove was really paid."""
    refunded_fen: Fen = 0
    """Given back already."""
    freight_fen: Fen = 0
    """What sending the goods back costs."""
    received_on: date | None = None
    asked_on: date | None = None
    """When the consumer asked the merchant."""
    refund: bool = False
    """The price is asked back."""
    returns: Return | None = None
    promotion: Promotion | None = None
    defect: Defect | None = None
    promise: Promise | None = None
    prepaid: Prepaid | None = None
    more: More | None = None
    opened_by_officer: bool = False
    platform: Platform | None = None
    courier: Courier | None = None

    @property
    def base_fen(self) -> int:
        """The price that counts: the receipt's, unless another payment is proven."""
        return self.price_fen if self.proven_paid_fen is None else self.proven_paid_fen

    @property
    def left_fen(self) -> int:
        """What of it has not gone back yet."""
        return self.base_fen - self.refunded_fen


def read_facts(content: bytes) -> Facts:
    """Facts from JSON in UTF-8.

    Errors: `Refused` with `facts_unreadable`, `facts_invalid` (an unknown field, an impossible day, a negative
    amount; `where` names it), or one of those of `must_fit`.
    """
    if len(content) > MOST_BYTES:
        raise Refused("facts_unreadable")
    try:
        facts = msgspec.json.decode(content, type=Facts)
    except msgspec.ValidationError as problem:
        why, _, where = str(problem).partition(" - at `$")
        raise Refused("facts_invalid", why=why, where=where.strip("`.") or "-") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("facts_unreadable") from None
    must_fit(facts)
    return facts


def must_fit(facts: Facts) -> None:
    """Refuse facts that cannot all be true.

    Errors: `Refused("facts_disagree", where=...)` with the two that do not fit together.
    """
    checks = [
        ("refunded_fen, price_fen", facts.left_fen < 0),
        ("proven_paid_fen, price_fen", facts.proven_paid_fen is not None and facts.base_fen > facts.price_fen),
        ("received_on, event_on", _before(facts.received_on, facts.event_on)),
        ("asked_on, event_on", _before(facts.asked_on, facts.event_on)),
        *_of_goods(facts),
        *_of_prepaid(facts.prepaid),
    ]
    for where, wrong in checks:
        if wrong:
            raise Refused("facts_disagree", where=where)


def _of_goods(facts: Facts) -> list[tuple[str, bool]]:
    checks = []
    if facts.returns is not None:
        since = facts.received_on or facts.event_on
        checks.append(("returns.returned_on, received_on", _before(facts.returns.returned_on, since)))
    if facts.defect is not None:
        checks.append(("defect.found_on, event_on", _before(facts.defect.found_on, facts.event_on)))
    if facts.promotion is not None:
        shared = facts.promotion
        checks += [
            ("promotion.less_fen, prices_fen", shared.less_fen > sum(shared.prices_fen)),
            ("promotion.returned", len(set(shared.returned)) < len(shared.returned)),
            ("promotion.returned, prices_fen", max(shared.returned) >= len(shared.prices_fen)),
            ("promotion.from_fen, prices_fen", (shared.from_fen or 0) > sum(shared.prices_fen)),
        ]
    return checks


def _of_prepaid(prepaid: Prepaid | None) -> list[tuple[str, bool]]:
    if prepaid is None:
        return []
    listed = prepaid.list_unit_fen
    return [
        ("prepaid.used, units", prepaid.used > prepaid.units),
        ("prepaid.spent_fen, paid_fen", (prepaid.spent_fen or 0) > prepaid.paid_fen),
        ("prepaid.spent_fen, units", prepaid.spent_fen is not None and prepaid.units > 0),
        ("prepaid.list_unit_fen, paid_fen", listed is not None and listed * prepaid.units < prepaid.paid_fen),
        ("prepaid.asked_on, paid_on", _before(prepaid.asked_on, prepaid.paid_on)),
        ("prepaid.interest_to, interest_from", _before(prepaid.interest_to, prepaid.interest_from)),
    ]


def _before(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day < other
