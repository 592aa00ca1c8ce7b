"""What a fault run sets out to do: its disputes and their parties, given by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from hejie.merchants.uscc import check_character

KINDS: Mapping[str, int] = MappingProxyType(
    {
        "accepted": 7,
        "partial": 4,
        "several": 4,
        "wrong_amount": 2,
        "counter_offer": 4,
        "standing_rule": 4,
        "unproven": 2,
        "own_tool_number": 3,
        "own_tool_file": 2,
        "unasked_refund": 1,
        "by_hand": 2,
        "denied": 1,
        "refused": 3,
        "silent_merchant": 2,
        "late_answer": 1,
        "silent_consumer": 2,
        "reopened": 1,
        "withdrawn": 2,
        "wallet_accepted": 4,
        "wallet_offered": 2,
        "wallet_cancelled": 2,
        "wallet_mediated": 2,
        "wallet_silent": 1,
        "both_doors": 2,
    }
)
"""Every kind of dispute and its share; each comes at least once."""
PAYMENTS: Mapping[str, int] = MappingProxyType({"several": 3})
MERCHANTS, PAYERS = 5, 12
STANDING = 0
"""The merchant that lets the house say yes at once."""
STANDING_MOST_FEN = 1_000_000


class Party(Struct, frozen=True):
    """A merchant by its credit code or a payer by its number, and its number at the wallet."""

    name: str
    account: str
    phone: str
    """Its number; every third payer has an e-mail address instead."""
    code: str = ""
    line: str = ""
    """A merchant's fixed line, called where no text message arrives."""


class Story(Struct, frozen=True, kw_only=True):
    """One dispute to come: what is to happen, who with whom, and what was paid (fen) under which trade numbers."""

    number: int
    kind: str
    merchant: int
    payer: int
    paid_fen: tuple[int, ...]
    trades: tuple[str, ...]


def plan(disputes: int, seed: int) -> list[Story]:
    """The stories of a run; the same seed gives the same ones."""
    chance = random.Random(seed)
    shares = [kind for kind, share in KINDS.items() for _ in range(share)]
    kinds = [*KINDS, *(chance.choice(shares) for _ in range(disputes))][: max(disputes, 1)]
    chance.shuffle(kinds)
    return [_story(number, kind, chance) for number, kind in enumerate(kinds)]


def _story(number: int, kind: str, chance: random.Random) -> Story:
    count = PAYMENTS.get(kind, 1)
    merchant = STANDING if kind == "standing_rule" else chance.randrange(1, MERCHANTS)
    return Story(
        number=number,
        kind=kind,
        merchant=merchant,
        payer=chance.randrange(PAYERS),
        paid_fen=tuple(chance.randrange(500, 50_000) for _ in range(count)),
        trades=tuple(f"9{number:05d}{place:02d}{chance.randrange(10**12):012d}" for place in range(count)),
    )


def merchants() -> list[Party]:
    """The merchants of every run."""
    bodies = [f"91330106MA2CFL{number:03d}" for number in range(MERCHANTS)]
    return [
        Party(
            f"店家{n + 1}",
            f"20880000000001{n:02d}",
            f"+86138000010{n:02d}",
            body + check_character(body),
            f"+86571880010{n:02d}",
        )
        for n, body in enumerate(bodies)
    ]


def is_visitor(payer: int) -> bool:
    """Whether a payer has an e-mail address instead of a number, and writes English."""
    return payer % 3 == 0


def payers() -> list[Party]:
    """The payers of every run."""
    contacts = [f"payer{n}@example.org" if is_visitor(n) else f"+86139000020{n:02d}" for n in range(PAYERS)]
    return [Party(f"顾客{n + 1}", f"20889000000002{n:02d}", contact) for n, contact in enumerate(contacts)]
