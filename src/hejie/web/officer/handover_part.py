"""One hand-over as officers of both cities see it: clocks, how far it is, what was written, what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.desk.act import subject_of
from hejie.disputes.model import Dispute
from hejie.handovers.model import Handover, State
from hejie.queries.handovers import handovers_of
from hejie.store.contents import read_contents
from hejie.store.directories import present
from hejie.store.pool import Connection
from hejie.web import handed
from hejie.web import handover_words as hw
from hejie.web.shell import Visit

OFFER = "handover_offer"
"""The kind of letter that a member must be able to answer to take a dispute over."""


class Note(Struct, frozen=True):
    """A line between officers."""

    at: datetime
    ours: bool
    words: str


class Shown(Struct, frozen=True, kw_only=True):
    """One hand-over in the officer's words."""

    row: Handover
    peer: str
    state: str
    tag: str
    why: str
    words: str
    refusal: str
    refusal_words: str
    notes: tuple[Note, ...]
    there: handed.There | None
    past: bool
    """Whether the dispute has been handed over again since."""
    acts: frozenset[str]
    """What this officer can do now: `accept refuse recall note`."""


class Line(Struct, frozen=True, kw_only=True):
    """One hand-over in a list."""

    row: Handover
    peer: str
    state: str
    tag: str
    paid_fen: int


def line(visit: Visit, names: Mapping[str, str], row: Handover) -> Line:
    """The same in few words."""
    state, tag = hw.STEPS[row.state]
    paid = sum(each.paid_fen for each in row.payments)
    return Line(row=row, peer=hw.named(names, row.peer), state=visit.say(state), tag=tag, paid_fen=paid)


async def tell(visit: Visit, connection: Connection, row: Handover, dispute: Dispute | None) -> Shown:
    """A hand-over with all its words opened; `dispute` is its row here, none before it is taken over."""
    city, vault = visit.city, visit.house.vaults(visit.city)
    names = await hw.city_names(connection, city, visit.language)
    wanted = [name for name in (row.words, row.refusal_words, *(note.words for note in row.notes)) if name]
    found: dict[str, tuple[str, bytes]] = {}
    for subject in (subject_of("handover", row.id), subject_of("dispute", row.dispute)):
        found |= await read_contents(connection, vault, city, subject, wanted)
    texts = {name: plain.decode(errors="replace") for name, (_, plain) in found.items()}
    state, tag = hw.STEPS[row.state]
    if row.unanswered_at is not None and row.waits:
        state, tag = hw.LATE
    return Shown(
        row=row,
        peer=hw.named(names, row.peer),
        state=visit.say(state),
        tag=tag,
        why=visit.say(hw.BECAUSE.get(row.because, row.because)),
        words=texts.get(row.words, ""),
        refusal=visit.say(hw.REFUSALS.get(row.refusal, row.refusal)) if row.refusal else "",
        refusal_words=texts.get(row.refusal_words, ""),
        notes=tuple(Note(note.at, note.ours, texts.get(note.words, "")) for note in row.notes),
        there=handed.there(visit, names, row.summary) if row.summary else None,
        past=row.state is State.taken and dispute is not None and dispute.turn > row.turn,
        acts=frozenset(_acts(visit, row)),
    )


def _acts(visit: Visit, row: Handover) -> set[str]:
    found = {"note"} if visit.may("work") else set[str]()
    if row.ours and row.waits and row.recall_asked_at is None and visit.may("work"):
        found.add("recall")
    if not row.ours and row.state is State.offered and visit.may("receive"):
        found |= {"accept", "refuse"}
    return found


async def section(visit: Visit, dispute: Dispute, acts: frozenset[str]) -> dict[str, Any]:
    """What the part of a dispute's page about other cities shows; `acts` is what this officer can do there."""
    async with visit.connection() as connection:
        rows = await handovers_of(connection, visit.city, dispute.id)
        names = await hw.city_names(connection, visit.city, visit.language)
        now = next((row for row in rows if dispute.away and row.id == dispute.away.handover), None)
        can = "hand_over" in acts and dispute.away is None
        cities = await receivers(visit, connection) if can else []
        return {
            "handed": await handed.shown(visit, dispute),
            "came": await handed.came(visit, dispute),
            "handover": await tell(visit, connection, now, dispute) if now else None,
            "handovers": [line(visit, names, row) for row in reversed(rows)],
            "receivers": cities,
            "reasons": reasons(visit, dispute),
            "back": dispute.sent_by,
        }


def reasons(visit: Visit, dispute: Dispute) -> list[tuple[str, str]]:
    """Why a dispute may be handed over; only one that came from another city can be given back."""
    known = [each for each in hw.BECAUSE if each != "given_back" or dispute.sent_by]
    return [(each, visit.say(hw.BECAUSE[each])) for each in known]


async def receivers(visit: Visit, connection: Connection) -> list[tuple[str, str]]:
    """The other cities that may take a dispute over, by name; none while no list of members holds."""
    found = await present(connection, visit.city)
    if found is None or visit.house.clock.now() >= found.expires_at or visit.city not in visit.house.exchange:
        return []
    return [
        (each.city, each.name_zh if visit.language == "zh" else each.name_en)
        for each in found.members
        if each.city != visit.city and OFFER in each.rights
    ]
