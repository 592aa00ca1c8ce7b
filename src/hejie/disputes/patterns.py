"""How one person files: plain counts that an officer weighs, never a verdict and never in the way of a filing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from hejie.disputes.model import Outcome
from hejie.disputes.similar import SETTLED

SPAN = timedelta(days=90)
"""How far before and after one dispute others are looked at."""
WEEK = timedelta(days=7)
LEAST_WORDS = 12
"""Letters, signs and digits below which two texts are the same by chance."""


class Near(Struct, frozen=True, kw_only=True):
    """One dispute near another: of the same consumer, in the same words, or with the same phone number."""

    id: str
    place: str
    consumer: str
    merchant: str
    filed_at: datetime
    outcome: Outcome | None
    items: tuple[str, ...]
    trades: tuple[str, ...]
    same_words: bool
    same_contact: bool


class Patterns(Struct, frozen=True, kw_only=True):
    """What stands beside one dispute; lists hold the other disputes, the newest first."""

    near: tuple[Near, ...]
    """Others of the same consumer."""
    merchants: int
    """Merchants in all of that consumer's disputes, this one's included."""
    busiest_week: int
    """Most of them within seven days."""
    same_words: tuple[Near, ...]
    """In the same words, whoever filed."""
    same_contact: tuple[Near, ...]
    """Of another payer with the same phone number."""
    same_goods: tuple[Near, ...]
    """Of the same consumer on goods of the same name."""
    settled_before: tuple[Near, ...]
    """Of the same consumer, settled before, on the same payment or against the same merchant."""

    @property
    def silent(self) -> bool:
        """Whether nothing else is near."""
        return not (self.near or self.same_words or self.same_contact)


def plain_words(text: str) -> str:
    """A text without what a hand changes in passing: signs, spaces, widths and capitals; empty where it is short."""
    kept = "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())
    return kept if len(kept) >= LEAST_WORDS else ""


def patterns(this: Near, others: Sequence[Near]) -> Patterns:
    """The counts around `this`; `others` the newest first."""
    own = tuple(each for each in others if each.consumer == this.consumer)
    goods = _goods(this)
    return Patterns(
        near=own,
        merchants=len({each.merchant for each in (this, *own)}),
        busiest_week=_busiest(each.filed_at for each in (this, *own)),
        same_words=tuple(each for each in others if each.same_words),
        same_contact=tuple(each for each in others if each.same_contact and each.consumer != this.consumer),
        same_goods=tuple(each for each in own if goods & _goods(each)),
        settled_before=tuple(each for each in own if _settled_before(this, each)),
    )


def _goods(dispute: Near) -> set[str]:
    return {item.strip().casefold() for item in dispute.items if item.strip()}


def _settled_before(this: Near, other: Near) -> bool:
    if other.outcome not in SETTLED or other.filed_at >= this.filed_at:
        return False
    return other.merchant == this.merchant or bool(set(other.trades) & set(this.trades))


def _busiest(filed: Iterable[datetime]) -> int:
    times = sorted(filed)
    return max(sum(begin <= each < begin + WEEK for each in times) for begin in times)
