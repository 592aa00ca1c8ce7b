"""What UnionPay's online gateway answers with (`respCode`); ISO 8583's field 39 uses the same digits otherwise."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What an answer means for us."""

    done = "done"
    open = "open"
    """The outcome is not known (yet): ask later."""
    absent = "absent"
    """No such transaction (now): no proof that there will be none."""
    mendable = "mendable"
    """A no that the merchant or the operator can put right."""
    no = "no"


_VERDICTS = {
    "00": Verdict.done,
    "A6": Verdict.done,
    "34": Verdict.absent,
    **dict.fromkeys(("10", "11", "13", "31", "32", "39", "66"), Verdict.mendable),
    **dict.fromkeys(("01", "33", "35", "36", "38", "40", "61", "62", "65", "78"), Verdict.no),
}
"""Anything else leaves the outcome open: 02 and 06 (busy), 03, 04 and 05 (pending), 12 (sent twice), 37 (too often)."""


def verdict(code: str) -> Verdict:
    """What a code means."""
    return _VERDICTS.get(code, Verdict.open)
