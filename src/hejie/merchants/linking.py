"""Which payment identities are one merchant's: what links by itself, what never links, and what a person decides."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.merchants.uscc import credit_code

LINKS = 0.99
"""From this probability on, two identities are linked without a person."""
ASKS = 0.5
"""From here on a person is asked; below it nothing is said."""


class Identity(Struct, frozen=True, kw_only=True):
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


class Verdict(StrEnum):
    """What follows for two identities."""

    link = "link"
    ask = "ask"
    nothing = "nothing"
    never = "never"


class Ground(StrEnum):
    """What a link stands on, the firmest first."""

    code = "code"
    succession = "succession"
    account = "account"
    score = "score"


class Edge(Struct, frozen=True, kw_only=True):
    """A link between two identities; without it the merchant falls apart again."""

    one: str
    other: str
    ground: Ground
    probability: float = 1.0


class Merchants(Struct, frozen=True, kw_only=True):
    """Identities in groups, and how they came to be so."""

    groups: tuple[tuple[str, ...], ...]
    """Every identity once, in the order of the rows; groups by their first."""
    links: tuple[Edge, ...]
    refused: tuple[Edge, ...]
    """Links that would have joined two different codes: for a person to look at."""
    asked: tuple[Pair, ...]
    """Pairs between ASKS and LINKS whose identities no other link has joined."""


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
        self._joined = _Joined()
        for former, later in successions:
            self._joined.join(former, later)

    def of(self, code: str) -> str:
        """What stands for a code and all its predecessors and successors; empty for no valid code."""
        valid = valid_code(code)
        return self._joined.root(valid) if valid else ""


def shared_accounts(rows: Iterable[Identity], lineages: Lineages) -> frozenset[str]:
    """Accounts that identities with two different codes use: they name an owner or a market, not one merchant."""
    users: dict[str, set[str]] = {}
    for row in rows:
        if row.account and (code := lineages.of(row.code)):
            users.setdefault(row.account, set()).add(code)
    return frozenset(account for account, codes in users.items() if len(codes) > 1)


def verdict(
    one: Identity, other: Identity, probability: float, lineages: Lineages, shared: Container[str] = ()
) -> Verdict:
    """What follows for two identities alone, by their codes and accounts first and by the score after that.

    Two different valid codes never link without a registered succession, whatever else agrees.
    An account in `shared` says nothing by itself.
    """
    left, right = lineages.of(one.code), lineages.of(other.code)
    if left and right:
        return Verdict.link if left == right else Verdict.never
    if one.account and one.account == other.account and one.account not in shared:
        return Verdict.link
    if probability >= LINKS:
        return Verdict.link
    return Verdict.ask if probability >= ASKS else Verdict.nothing


def merchants(rows: Sequence[Identity], pairs: Iterable[Pair], lineages: Lineages) -> Merchants:
    """Identities joined by the firmest links first; none that would put two different codes into one merchant.

    The same rows, pairs and successions give the same merchants in whatever order the pairs come;
    a link taken back is undone by leaving it out.
    """
    codes = {row.id: lineages.of(row.code) for row in rows}
    shared = shared_accounts(rows, lineages)
    joined = _Joined(codes)
    scored = sorted(pairs, key=lambda pair: (-pair.probability, pair.one, pair.other))
    links: list[Edge] = []
    refused: list[Edge] = []
    for edge in (*_hard(rows, codes, shared), *_soft(scored)):
        if joined.root(edge.one) == joined.root(edge.other):
            continue
        (links if joined.join(edge.one, edge.other) else refused).append(edge)
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(joined.root(row.id), []).append(row.id)
    return Merchants(
        groups=tuple(tuple(group) for group in groups.values()),
        links=tuple(links),
        refused=tuple(refused),
        asked=tuple(pair for pair in scored if ASKS <= pair.probability < LINKS and joined.may(pair.one, pair.other)),
    )


def _hard(rows: Sequence[Identity], codes: Mapping[str, str], shared: Container[str]) -> Iterable[Edge]:
    """Neighbours of one code, then of one account: enough to hold each together."""
    by_code: dict[str, list[Identity]] = {}
    by_account: dict[str, list[Identity]] = {}
    for row in rows:
        if codes[row.id]:
            by_code.setdefault(codes[row.id], []).append(row)
        if row.account and row.account not in shared:
            by_account.setdefault(row.account, []).append(row)
    for group in by_code.values():
        for one, other in pairwise(group):
            same = valid_code(one.code) == valid_code(other.code)
            yield Edge(one=one.id, other=other.id, ground=Ground.code if same else Ground.succession)
    for group in by_account.values():
        for one, other in pairwise(group):
            yield Edge(one=one.id, other=other.id, ground=Ground.account)


def _soft(scored: Iterable[Pair]) -> Iterable[Edge]:
    for pair in scored:
        if pair.probability >= LINKS:
            yield Edge(one=pair.one, other=pair.other, ground=Ground.score, probability=pair.probability)


class _Joined:
    """Disjoint sets of names; with marks, none ever holds two different ones."""

    def __init__(self, marks: Mapping[str, str] | None = None) -> None:
        self._above: dict[str, str] = {}
        self._marks = dict(marks or {})

    def root(self, name: str) -> str:
        """The name that stands for a set."""
        top = name
        while (above := self._above.get(top, top)) != top:
            top = above
        while name != top:
            self._above[name], name = top, self._above.get(name, name)
        return top

    def may(self, one: str, other: str) -> bool:
        """Whether two sets are apart and may be joined."""
        left, right = self.root(one), self.root(other)
        marks = {self._marks.get(left, ""), self._marks.get(right, "")} - {""}
        return left != right and len(marks) <= 1

    def join(self, one: str, other: str) -> bool:
        """Join two sets if they may be; the lesser name stands for both."""
        if not self.may(one, other):
            return False
        low, high = sorted((self.root(one), self.root(other)))
        self._above[high] = low
        self._marks[low] = self._marks.get(low, "") or self._marks.get(high, "")
        return True
