"""Unclaimed merchant numbers are held against the registered merchants: linked, asked about, or left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from hejie.base.actor import SYSTEM
from hejie.base.errors import Refused
from hejie.cities.divisions import NAMES
from hejie.desk.bindings import BINDINGS
from hejie.duties.items import open_item
from hejie.duties.tools import Tools
from hejie.merchants import bindings as b
from hejie.merchants.bindings import Basis, Evidence, Scheme
from hejie.merchants.grouping import Edge, Ground, Merchants
from hejie.merchants.linking import LINKS, Lineages, Pair, Reason, Sighting
from hejie.merchants.successions import Term
from hejie.merchants.words import places
from hejie.queries import sightings
from hejie.queries.sightings import Place, Unclaimed
from hejie.queries.successions import lines_of
from hejie.store.pool import city_transaction

ASKED = "link_asked"
"""The kind of item that asks a person whether two are one."""
MOST_REASONS = 8
_NAMES = frozenset({"name", "trade"})
_BASES = {
    Ground.code: Basis.credit_code,
    Ground.succession: Basis.credit_code,
    Ground.account: Basis.settlement_account,
    Ground.score: Basis.scored,
}


class Found(Struct, frozen=True, kw_only=True):
    """What a search came to."""

    looked_at: int
    linked: int
    asked: int


async def find_links(tools: Tools, city: str, days: int) -> Found:
    """Hold the numbers of the last so many days against the merchants; safe to repeat.

    Errors: `Refused("analysis_missing")` where the extra is not installed.
    """
    try:
        from hejie.analysis.links import link
    except ImportError:
        raise Refused("analysis_missing") from None
    async with city_transaction(tools.pool, city) as connection:
        known, where = await sightings.registered(connection, city)
        open_ones = await sightings.unclaimed(connection, city, tools.clock.now() - timedelta(days=days))
        settled = await sightings.answered(connection, city)
        lines = await lines_of(connection, city)
    seen = {key_of(each).key: each for each in open_ones}
    rows = [*known, *(_row(each) for each in open_ones)]
    grouped, pairs = link(rows, places(NAMES), Lineages(lines.codes))
    linked, doubtful = 0, list(grouped.asked)
    for key, place, rivals, edge in _joined(grouped, pairs, where, seen):
        pair, since = _pair(pairs, edge), seen[key].first_at
        sure = edge.ground is not Ground.score or more_than_a_name(pair.reasons)
        if sure and len({lines.holder(each, since) for each in rivals}) == 1:
            terms = lines.terms(place.merchant, since)
            linked += await _bind(tools, city, seen[key], place, terms, edge, pair.reasons)
        else:
            doubtful.insert(0, pair)
    asked = 0
    for key, near, pair in _asked(doubtful, where, seen):
        place = _at(near, lines.holder(near.merchant, seen[key].first_at))
        if (key, place.merchant) not in settled:
            await _ask(tools, city, seen[key], place, pair)
            asked += 1
    return Found(looked_at=len(open_ones), linked=linked, asked=asked)


def key_of(each: Unclaimed) -> b.Identity:
    """The payment identity of an unclaimed number."""
    return b.Identity(Scheme.acquirer, each.number, each.acquirer)


def _row(each: Unclaimed) -> Sighting:
    return Sighting(
        id=key_of(each).key, acquirer=each.acquirer, number=each.number, terminal=each.terminal, name=each.name
    )


def _joined(
    grouped: Merchants, pairs: Sequence[Pair], where: Mapping[str, Place], seen: Mapping[str, Unclaimed]
) -> list[tuple[str, Place, frozenset[str], Edge]]:
    """Unclaimed numbers in a group with registered merchants, and the link that brought each there.

    A group has several merchants only where a succession joins them. Beside the nearest place stand all
    merchants to which the number is as surely alike: which of them had it, their own dates must tell.
    """
    near = _sure(pairs, where, seen)
    found = []
    for group in grouped.groups:
        owners = {where[name].merchant for name in group if name in where}
        for name in (each for each in group if each in seen and owners):
            edge = next(each for each in grouped.links if name in {each.one, each.other})
            other = edge.other if edge.one == name else edge.one
            mine = {where[other].merchant} if other in where else owners
            rivals = frozenset(mine | (near.get(name, set()) & owners))
            found.append((name, where.get(other, Place(min(owners), "")), rivals, edge))
    return found


def _sure(pairs: Sequence[Pair], where: Mapping[str, Place], seen: Mapping[str, Unclaimed]) -> Mapping[str, set[str]]:
    """For each unclaimed number the merchants that the score alone would link it with."""
    found: dict[str, set[str]] = {}
    for pair in pairs:
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            if pair.probability >= LINKS and one in seen and other in where:
                found.setdefault(one, set()).add(where[other].merchant)
    return found


def _at(place: Place, merchant: str) -> Place:
    """The same place with the merchant that had it, whose shop there is not known."""
    return place if place.merchant == merchant else Place(merchant, "")


def _asked(
    pairs: Sequence[Pair], where: Mapping[str, Place], seen: Mapping[str, Unclaimed]
) -> list[tuple[str, Place, Pair]]:
    """For each unclaimed number the likeliest registered merchant of those that are not likely enough."""
    found: dict[str, tuple[str, Place, Pair]] = {}
    for pair in pairs:
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            if one in seen and other in where:
                found.setdefault(one, (one, where[other], pair))
    return list(found.values())


def more_than_a_name(reasons: Sequence[Reason]) -> bool:
    """Whether anything beside name and trade speaks for a link.

    Records of payments give no address. Two shops of one name are common, and a dispute must not reach a namesake
    without a person having looked, however sure the score is.
    """
    return any(reason.bits > 0 and reason.comparison not in _NAMES for reason in reasons)


def _pair(pairs: Sequence[Pair], edge: Edge) -> Pair:
    """The scored pair behind a link; one by code or account has none, and needs none."""
    ends = {edge.one, edge.other}
    found = next((pair for pair in pairs if {pair.one, pair.other} == ends), None)
    return found or Pair(one=edge.one, other=edge.other, probability=edge.probability)


async def _bind(
    tools: Tools,
    city: str,
    each: Unclaimed,
    place: Place,
    terms: Sequence[Term],
    edge: Edge,
    reasons: Sequence[Reason],
) -> bool:
    """Whether it was bound, to each merchant for its own time; one bound by others meanwhile stays as it is."""
    told = ", ".join(f"{reason.comparison}: {reason.level} ({reason.bits:+.1f})" for reason in reasons)
    acts: list[tuple[str, b.Command]] = []
    for term in terms:
        identifier, whose = tools.desk.mint(city), _at(place, term.merchant)
        command = b.Bind(
            id=identifier,
            identity=key_of(each),
            merchant=whose.merchant,
            shop=whose.shop,
            begins=term.begins,
            ends=term.ends,
            evidence=Evidence(basis=_BASES[edge.ground], note=told[: b.MOST_WORDS], source="links"),
            confidence=max(1, min(b.SURE, int(edge.probability * b.SURE))),
        )
        acts.append((identifier, command))
    try:
        await tools.desk.act_together(BINDINGS, city, acts, SYSTEM)
    except Refused as error:
        if error.code != "binding_overlaps":
            raise
        return False
    return True


async def _ask(tools: Tools, city: str, each: Unclaimed, place: Place, pair: Pair) -> None:
    reasons = sorted(pair.reasons, key=lambda reason: -abs(reason.bits))[:MOST_REASONS]
    body = {
        "merchant": place.merchant,
        "shop": place.shop,
        "number": each.number,
        "acquirer": each.acquirer,
        "name": each.name,
        "first_at": each.first_at.isoformat(),
        "probability": round(pair.probability, 4),
        "reasons": [[reason.comparison, reason.level, reason.bits] for reason in reasons],
    }
    await open_item(tools, city, ASKED, "identity", key_of(each).key, body)
