"""Money is integer fen plus currency; yuan text is turned into fen here and nowhere else."""

from __future__ import annotations

import re

from hejie.base.errors import Refused

CNY = "CNY"
MOST_FEN = 10_000_000_000_00
"""Upper bound of any amount, in fen (ten billion yuan)."""

_PLAIN = re.compile(r"(0|[1-9][0-9]{0,19})(?:\.([0-9]{1,2}))?", re.ASCII)
_TOO_FINE = re.compile(r"[0-9]+\.[0-9]{3,}", re.ASCII)


def fen(text: str) -> int:
    """Fen from a yuan text as people and wallets write it (`12`, `12.5`, `12.50`).

    Errors: `Refused("amount_unreadable")` for signs, exponents, full-width digits and
    anything else; `amount_too_fine` for more than two places; `amount_too_large`.
    """
    if _TOO_FINE.fullmatch(text):
        raise Refused("amount_too_fine")
    match = _PLAIN.fullmatch(text)
    if match is None:
        raise Refused("amount_unreadable")
    value = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if value > MOST_FEN:
        raise Refused("amount_too_large")
    return value


def positive_fen(text: str) -> int:
    """As `fen`, and above zero: `Refused("amount_not_positive")` otherwise."""
    value = fen(text)
    if value == 0:
        raise Refused("amount_not_positive")
    return value


def yuan(amount: int) -> str:
    """Yuan with two places, as wallets print it: 1250 → `12.50`."""
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 100)
    return f"{sign}{whole}.{part:02d}"
