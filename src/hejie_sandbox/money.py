"""Yuan at the wire, integer fen inside."""

from __future__ import annotations

import re

_YUAN = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?", re.ASCII)


def fen(text: str) -> int:
    """Turn yuan text such as `12.5` or `12.50` into fen; ValueError for signs, exponents and third decimals."""
    match = _YUAN.fullmatch(text)
    if match is None:
        raise ValueError(f"not an amount in yuan: {text!r}")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def yuan(amount_fen: int) -> str:
    """Print fen as yuan with two places, with a minus sign where negative."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"
