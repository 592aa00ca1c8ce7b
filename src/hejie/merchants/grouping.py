"""Payment identities grouped into merchants: the firmest links first, and no merchant with two different codes."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

from hejie.merchants.joined import Joined
from hejie.merchants.linking import ASKS, LINKS, Lineages, Pair, Sighting, shared_accounts, valid_code

MARGIN = 8.0
"""Bits by which one code must be likelier than any other before an identity without a code joins it."""


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
    """Links that would have joined two different codes, or that two codes claim alike: for a person to look at."""
    asked: tuple[Pair, ...]
    """Pairs that were likely and not likely enough, whose identities no other link has joined."""


def anyhow(_one: str, _other: str) -> bool:
    """Every two identities are akin: for rows of which nothing but codes and accounts is known."""
    return True


def merchants(
    rows: Sequence[Sighting],
    pairs: Iterable[Pair],
    lineages: Lineages,
    akin: Callable[[str, str], bool] = anyhow,
    least: float = LINKS,
) -> Merchants:
    """Identities joined by the firmest links first; none that would put two different codes into one merchant.

    An account joins by itself those that are `akin` (by their ids): an owner of two shops may use
    one for both. From the probability `least` on a score links. The same rows, pairs and
    successions give the same merchants in whatever order the pairs come; a link taken back is
    undone by leaving it out.
    """
    codes = {row.id: lineages.of(row.code) for row in rows}
    joined = Joined(codes)
    scored = sorted(pairs, key=lambda pair: (-pair.bits, pair.one, pair.other))
    links: list[Edge] = []
    refused: list[Edge] = []
    for edge in (*_by_code(rows, codes), *_by_account(rows, shared_accounts(rows, lineages), akin)):
        if joined.root(edge.one) != joined.root(edge.other):
            (links if joined.join(edge.one, edge.other) else refused).append(edge)
    claims = _Claims(joined, [pair for pair in scored if pair.probability >= least], rows)
    for pair in claims.pairs:
        edge = Edge(one=pair.one, other=pair.other, ground=Ground.score, probability=pair.probability)
        if joined.root(edge.one) != joined.root(edge.other):
            (links if claims.join(pair) else refused).append(edge)
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(joined.root(row.id), []).append(row.id)
    return Merchants(
        groups=tuple(tuple(group) for group in groups.values()),
        links=tuple(links),
        refused=tuple(refused),
        asked=tuple(pair for pair in scored if ASKS <= pair.probability < least and joined.may(pair.one, pair.other)),
    )


def _by_code(rows: Sequence[Sighting], codes: Mapping[str, str]) -> Iterable[Edge]:
    """Neighbours of one code, or of codes that succeed each other: enough to hold each together."""
    found: dict[str, list[Sighting]] = {}
    for row in rows:
        if codes[row.id]:
            found.setdefault(codes[row.id], []).append(row)
    for group in found.values():
        for one, other in pairwise(group):
            same = valid_code(one.code) == valid_code(other.code)
            yield Edge(one=one.id, other=other.id, ground=Ground.code if same else Ground.succession)


def _by_account(rows: Sequence[Sighting], shared: Container[str], akin: Callable[[str, str], bool]) -> Iterable[Edge]:
    """Everybody of one account with the nearest before that is akin."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if not row.account or row.account in shared:
            continue
        before = found.setdefault(row.account, [])
        yield from (Edge(one=one, other=row.id, ground=Ground.account) for one in before if akin(one, row.id))
        before.append(row.id)


class _Claims:
    """Scored links, taken by their weight; what two codes claim alike, or two owners, goes to neither."""

    def __init__(self, joined: Joined, pairs: Sequence[Pair], rows: Sequence[Sighting]) -> None:
        self.pairs, self._joined = pairs, joined
        self._rows = {row.id: row for row in rows}
        self._members: dict[str, list[str]] = {}
        for row in rows:
            self._members.setdefault(joined.root(row.id), []).append(row.id)
        self._near: dict[str, list[tuple[str, float]]] = {}
        for pair in pairs:
            self._near.setdefault(pair.one, []).append((pair.other, pair.bits))
            self._near.setdefault(pair.other, []).append((pair.one, pair.bits))

    def join(self, pair: Pair) -> bool:
        """Join the two, unless they may not be, another code is nearly as likely, or the owners differ."""
        joined = self._joined
        if not joined.may(pair.one, pair.other) or self._contested(pair) or self._sold(pair):
            return False
        left, right = joined.root(pair.one), joined.root(pair.other)
        joined.join(left, right)
        root = joined.root(left)
        (gone,) = {left, right} - {root}
        self._members[root] += self._members.pop(gone)
        return True

    def _contested(self, pair: Pair) -> bool:
        """Whether one of the two has no code yet and another code is nearly as likely."""
        marks = {name: self._joined.mark(name) for name in (pair.one, pair.other)}
        free = next((name for name in marks if not marks[name]), "")
        mark = "".join(marks.values())
        if not free or not mark:
            return False
        rivals = {
            self._joined.mark(other)
            for member in self._members[self._joined.root(free)]
            for other, bits in self._near.get(member, ())
            if bits >= pair.bits - MARGIN
        }
        return bool(rivals - {"", mark})

    def _sold(self, pair: Pair) -> bool:
        """Whether only sign and place agree while every telephone and account of both sides differs.

        Then it is one shop, perhaps under a second owner; who answers for which sale a person must say.
        """
        one, other = self._rows[pair.one], self._rows[pair.other]
        if any(mine and mine == theirs for mine, theirs in zip(_owner(one), _owner(other), strict=True)):
            return False
        left, right = self._known(pair.one), self._known(pair.other)
        if any(mine & theirs for mine, theirs in zip(left, right, strict=True)):
            return False
        return any(left[at] and right[at] for at in (0, 1))  # a number may well be new at another acquirer

    def _known(self, name: str) -> tuple[set[str], set[str], set[str]]:
        """Telephones, accounts and merchant numbers of a whole group."""
        told = [_owner(self._rows[member]) for member in self._members[self._joined.root(name)]]
        phones, accounts, numbers = ({each[at] for each in told} - {""} for at in range(3))
        return phones, accounts, numbers


def _owner(row: Sighting) -> tuple[str, str, str]:
    return row.phone, row.account, f"{row.acquirer} {row.number}" if row.number else ""
