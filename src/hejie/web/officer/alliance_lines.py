"""Links between cities and letters on them, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from hejie.alliance.bulletin import Level
from hejie.edge.words import mark, say
from hejie.queries.alliance import Heap, LinkHealth, Speed

LEVELS = {Level.notice: mark("Notice"), Level.warning: mark("Early warning")}
_KINDS = {
    "bulletin": mark("bulletin"),
    "bulletin_seen": mark("acknowledgement of a bulletin"),
    "contact": mark("list of offices"),
    "handover_offer": mark("dispute handed over"),
    "handover_piece": mark("piece of a dispute's record"),
    "handover_taken": mark("a dispute was taken over"),
    "handover_refused": mark("a dispute was not taken over"),
    "handover_recall": mark("a dispute is asked back"),
    "handover_recalled": mark("a dispute was given back before an answer"),
    "handover_told": mark("how a dispute stands"),
    "handover_note": mark("line between officers"),
    "unit": mark("promise unit"),
    "history_asked": mark("question about a merchant"),
    "history": mark("answer about a merchant"),
    "case": mark("case for the library"),
    "figures": mark("joint figures"),
    "probe": mark("test letter"),
}
_STATES = {
    "received": mark("being handled"),
    "held": mark("waits for an earlier letter"),
}
_ERRORS = {
    "wallet_unreachable": mark("no connection"),
    "wallet_silent": mark("no answer in time"),
    "wallet_unavailable": mark("it could not answer"),
    "peer_refuses": mark("it does not take our messages"),
}
_FEW, _MINUTE, _HOUR, _DAY = 9.95, 60, 3600, 86400


class LinkLine(Struct, frozen=True):
    """One link as the page shows it."""

    peer: str
    name: str
    well: bool
    why: str
    last_ok: datetime | None
    last_heard: datetime | None
    out: Heap
    inside: Heap
    delivered: str
    done: str
    handled: str


def link_lines(language: str, links: Mapping[str, LinkHealth], names: Mapping[str, str], own: str) -> list[LinkLine]:
    """Every member's link, also one that was never used."""
    lines = []
    for city in [*(each for each in names if each != own), *sorted(set(links) - set(names))]:
        each = links.get(city, LinkHealth(city))
        lines.append(
            LinkLine(
                peer=city,
                name=names.get(city, city),
                well=each.failures == 0,
                why=say(language, _ERRORS.get(each.last_error, _UNFIT)) if each.failures else "",
                last_ok=each.last_ok,
                last_heard=each.last_heard,
                out=each.out,
                inside=each.inside,
                delivered=_speed(language, each.delivered),
                done=_speed(language, each.done),
                handled=_speed(language, each.handled),
            )
        )
    return lines


_UNFIT = mark("an answer that cannot be believed")


def kind_words(language: str, kind: str) -> str:
    """What a letter is; a kind without words of its own keeps its name."""
    return say(language, _KINDS[kind]) if kind in _KINDS else kind


def state_words(language: str, state: str) -> str:
    """How a letter stands."""
    return say(language, _STATES[state]) if state in _STATES else state


def _speed(language: str, speed: Speed) -> str:
    """Half of them and nineteen of twenty, within how long."""
    if speed.p50 is None or speed.p95 is None:
        return say(language, mark("none yet"))
    half, most = _span(language, speed.p50), _span(language, speed.p95)
    return say(language, mark("{half} · {most}"), half=half, most=most)


def _span(language: str, seconds: float) -> str:
    if seconds < _MINUTE:
        return say(language, mark("{n} s"), n=f"{seconds:.1f}" if seconds < _FEW else f"{seconds:.0f}")
    if seconds < _HOUR:
        return say(language, mark("{n} min"), n=f"{seconds / _MINUTE:.0f}")
    if seconds < 2 * _DAY:
        return say(language, mark("{n} h"), n=f"{seconds / _HOUR:.0f}")
    return say(language, mark("{n} d"), n=f"{seconds / _DAY:.0f}")
