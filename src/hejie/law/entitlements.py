"""What a consumer may be owed, from facts alone: a reference for both sides, by the rules of the purchase's day."""

from __future__ import annotations

from msgspec import Struct

from hejie.law.entitlement_answers import Answer, Desk
from hejie.law.entitlement_facts import Facts, must_fit
from hejie.law.entitlement_goods import of_defect, of_idling, of_price, of_promise, of_promotion, of_return
from hejie.law.entitlement_more import of_courier, of_multiples, of_platform
from hejie.law.entitlement_prepaid import of_prepaid
from hejie.law.entitlement_rules import Words, book

_PARTS = (
    of_return, of_promotion, of_defect, of_promise, of_price, of_prepaid, of_platform, of_courier, of_idling,
    of_multiples,
)  # fmt: skip


class Entitlements(Struct, frozen=True, kw_only=True):
    """All answers, and what is not known of the province's own rules."""

    label: Words
    answers: tuple[Answer, ...]
    unknown: Words | None


def entitlements(facts: Facts) -> Entitlements:
    """What the rules in force on the day of the purchase may give; amounts in fen, nothing asserted.

    Multiples of the price are not named at all unless an officer has opened the question.
    Errors: `Refused("facts_disagree")` for facts that cannot all be true.
    """
    must_fit(facts)
    desk = Desk(facts=facts, book=book(facts.city))
    answers = tuple(answer for part in _PARTS for answer in part(desk))
    return Entitlements(label=desk.word("label"), answers=answers, unknown=desk.book.unknown)
