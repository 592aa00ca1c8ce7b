"""Whether two payment identities are one merchant's: what links by itself, what never does, what a person decides."""

from __future__ import annotations

from collections.abc import Container, Iterable
from enum import StrEnum
from math import log2

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.merchants.joined import Joined
from hejie.merchants.uscc import credit_code

LINKS = 0.99
"""From this probability on, two identities are linked without a person."""
ASKS = 0.5
"""From here on a person is asked; below it nothing is said."""

_TINY = 1e-12


class Sighting(Struct, frozen=True, kw_only=True):
    """One payment identity as a source wrote it down on one day; what was not said is empty."""

    id: str
    acquirer: str = ""
    number: str = ""
    """The merchant number at that acquirer."""
    terminal: str = ""
    name: str = ""
    address: str = ""
    phone: str = ""
    """A keyed digest, never the number itself; so is `account`."""
    account: str = ""
    code: str = ""
    """The unified social credit code, as it was written."""
    day: int = 0
    """Days since any first one."""


class Reason(Struct, frozen=True, kw_only=True):
    """What one comparison adds: for the link above zero, against it below."""

    comparison: str
    level: str
    bits: float


class Pair(Struct, frozen=True, kw_only=True):
    """Two identities, how probable it is that they are one merchant's, and why."""

    one: str
    other: str
    probability: float
    reasons: tuple[Reason, ...] = ()

    @property
    def bits(self) -> float:
        """What all reasons add up to; the odds of the probability where none is told."""
        if self.reasons:
            return sum(reason.bits for reason in self.reasons)
        return log2(max(self.probability, _TINY) / max(1 - self.probability, _TINY))


class Verdict(StrEnum):
    """What follows for two identities."""

    link = "link"
    ask = "ask"
    nothing = "nothing"
    never = "never"


def valid_code(text: str) -> str:
    """A credit code whose check character agrees, else nothing: a slip must neither join nor part."""
    if not text:
        return ""
    try:
        return credit_code(text)
    except Refused:
        return ""


class Lineages:
    """Credit codes that a registered succession joins count as one."""

    def __init__(self, successions: Iterable[tuple[str, str]] = ()) -> None:
        self._joined = Joined()
        for former, later in successions:
            self._joined.join(former, later)

    def of(self, code: str) -> str:
        """What stands for a code and all its predecessors and successors; empty for no valid code."""
        valid = valid_code(code)
        return self._joined.root(valid) if valid else ""


def shared_accounts(rows: Iterable[Sighting], lineages: Lineages) -> frozenset[str]:
    """Accounts that identities with two different codes use: they name an owner or a market, not one merchant."""
    users: dict[str, set[str]] = {}
    for row in rows:
        if row.account and (code := lineages.of(row.code)):
            users.setdefault(row.account, set()).add(code)
    return frozenset(account for account, codes in users.items() if len(codes) > 1)


def verdict(
    one: Sighting,
    other: Sighting,
    probability: float,
    lineages: Lineages,
    *,
    shared: Container[str] = (),
    akin: bool = True,
) -> Verdict:
    """What follows for two identities alone, by their codes and accounts first and by the score after that.

    Two different valid codes never link without a registered succession, whatever else agrees.
    An account in `shared` says nothing by itself, nor does any between two that are not `akin`, which have neither
    name, house nor number in common.
    """
    left, right = lineages.of(one.code), lineages.of(other.code)
    if left and right:
        return Verdict.link if left == right else Verdict.never
    if akin and one.account and one.account == other.account and one.account not in shared:
        return Verdict.link
    if probability >= LINKS:
        return Verdict.link
    return Verdict.ask if probability >= ASKS else Verdict.nothing
