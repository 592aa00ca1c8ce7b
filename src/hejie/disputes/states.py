"""The nine states, the wallet's names for them, and every transition, in one place."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a dispute stands."""

    awaiting_merchant = "awaiting_merchant"
    awaiting_consumer = "awaiting_consumer"
    overdue = "overdue"
    settling = "settling"
    settled = "settled"
    withdrawn = "withdrawn"
    lapsed = "lapsed"
    mediating = "mediating"
    mediated = "mediated"


S = State

TRANSITIONS: dict[State, frozenset[State]] = {
    S.awaiting_merchant: frozenset({S.awaiting_consumer, S.overdue, S.settling, S.withdrawn, S.mediating}),
    S.awaiting_consumer: frozenset(
        {S.awaiting_merchant, S.settling, S.settled, S.lapsed, S.withdrawn, S.mediating},
    ),
    S.overdue: frozenset({S.awaiting_consumer, S.settling, S.withdrawn, S.mediating}),
    S.settling: frozenset({S.settled, S.awaiting_consumer, S.overdue}),
    S.lapsed: frozenset({S.awaiting_consumer}),
    S.mediating: frozenset({S.mediated, S.withdrawn}),
    S.settled: frozenset(),
    S.withdrawn: frozenset(),
    S.mediated: frozenset(),
}
"""What we may do by ourselves (`settling` to `overdue` only where the wallet has said so); a wallet-born case may be
moved anywhere by the wallet, which leads it."""

OPEN = frozenset({S.awaiting_merchant, S.awaiting_consumer, S.overdue, S.settling, S.mediating})
"""States in which a payment is taken: it stands in one open dispute at most."""

MERCHANT_MAY_ANSWER = frozenset({S.awaiting_merchant, S.awaiting_consumer, S.overdue})

OWES_ANSWER = frozenset({S.awaiting_merchant, S.overdue})
"""It is the merchant's turn."""

WALLET_NAMES: dict[State, str] = {
    S.awaiting_merchant: "MERCHANT_PROCESSING",
    S.awaiting_consumer: "MERCHANT_FEEDBACKED",
    S.overdue: "MERCHANT_FEEDBACK_OVERTIME",
    S.settling: "MERCHANT_FEEDBACKED",
    S.settled: "FINISHED",
    S.withdrawn: "CANCELLED",
    S.lapsed: "CLOSED",
    S.mediating: "PLATFORM_PROCESSING",
    S.mediated: "PLATFORM_FINISH",
}
"""Ours → the wallet's published names (`settling` is seen as MERCHANT_FEEDBACKED)."""

FROM_WALLET: dict[str, State] = {name: state for state, name in WALLET_NAMES.items() if state is not State.settling}
