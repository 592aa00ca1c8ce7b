"""What similar disputes settled at: the statistic one settled dispute leaves, and the band that many of them give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from statistics import quantiles

from msgspec import Struct

from hejie.disputes.model import NEEDS_AMOUNT, REFUNDS, Dispute, Outcome, Remedy

SETTLED = frozenset({Outcome.performed, Outcome.confirmed, Outcome.unconfirmed, Outcome.mediated})
DEED_LEAST = 5
"""A deed is named from so many cases on."""
STEP = 5
"""Shares are told in steps of so many percent: finer ones would say more than such cases know, and tell of single
ones."""
_YUAN = 100


class Settlement(Struct, frozen=True, kw_only=True):
    """One settled dispute as a statistic keeps it."""

    settled_at: datetime
    paid_fen: int
    """What could still be refunded of its payments when it was filed."""
    agreed_fen: int
    """The money agreed on; 0 for a deed."""
    remedy: Remedy


class Band(Struct, frozen=True, kw_only=True):
    """The middle half of what was agreed in money, as shares of what was paid in percent, and what that is here."""

    n: int
    low: int
    middle: int
    high: int
    low_fen: int
    high_fen: int


class Similar(Struct, frozen=True, kw_only=True):
    """What similar disputes settled at; at least one of the two is there."""

    band: Band | None
    deeds: tuple[tuple[Remedy, int], ...] = ()
    """Remedies without money and how often each was agreed on, the most frequent first."""
    deeds_n: int = 0


def settlement(dispute: Dispute) -> Settlement | None:
    """The statistic of a settled dispute; None where it is not settled or nobody knows at what."""
    paid_fen = sum(paid.left_fen for paid in dispute.payments)
    if dispute.closed_at is None or dispute.outcome not in SETTLED or paid_fen <= 0:
        return None
    agreement = dispute.agreement
    if agreement is not None:
        remedy = agreement.remedy
        agreed_fen = agreement.amount_fen if remedy in NEEDS_AMOUNT else 0
    elif dispute.refunded_fen and dispute.claim.remedy in REFUNDS:
        remedy, agreed_fen = dispute.claim.remedy, dispute.refunded_fen  # paid back without many words
    else:
        return None
    return Settlement(settled_at=dispute.closed_at, paid_fen=paid_fen, agreed_fen=agreed_fen, remedy=remedy)


def similar(rows: Sequence[tuple[int, int, Remedy]], paid_fen: int, least: int) -> Similar | None:
    """What (paid, agreed, remedy) of similar cases say about one in which `paid_fen` was paid.

    None below `least` cases: a few cases are no custom, and would tell of people.
    """
    shares = [agreed / paid for paid, agreed, remedy in rows if remedy in NEEDS_AMOUNT]
    deeds = Counter(remedy for _, _, remedy in rows if remedy not in NEEDS_AMOUNT)
    deeds_n = deeds.total()
    told = tuple((remedy, n) for remedy, n in deeds.most_common() if n >= DEED_LEAST) if deeds_n >= least else ()
    band = _band(shares, paid_fen) if len(shares) >= least else None
    return Similar(band=band, deeds=told, deeds_n=deeds_n if told else 0) if band or told else None


def _band(shares: list[float], paid_fen: int) -> Band:
    low, middle, high = (round(100 * share / STEP) * STEP for share in quantiles(shares, n=4, method="inclusive"))
    return Band(
        n=len(shares),
        low=low,
        middle=middle,
        high=high,
        low_fen=_of(paid_fen, low),
        high_fen=_of(paid_fen, high),
    )


def _of(paid_fen: int, percent: int) -> int:
    """A share of a payment, in whole yuan where it is ten or more: it is a guide and no sum to the fen."""
    fen = paid_fen * percent // 100
    return fen if percent == 100 or fen < 10 * _YUAN else round(fen / _YUAN) * _YUAN  # noqa: PLR2004  all of it
