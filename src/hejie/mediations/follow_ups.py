"""A call afterwards: of the disputes that officers closed a share is drawn by lot, and somebody without a part asks."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Actor, Role, must_stand
from hejie.base.errors import Missing, Refused

_PARTS = 10_000
"""A share is counted in hundredths of a per cent."""


def follow_up_of(dispute: str) -> str:
    """The identifier of a dispute's call afterwards."""
    return f"f:{dispute}"


def is_drawn(lot: bytes, percent: float) -> bool:
    """Whether a dispute is among this share of a hundred; `lot` is a keyed digest of its id (8 bytes or more).

    Without the key nobody can tell which, and the same dispute is drawn or not however often it is asked.
    """
    return _number(lot) % _PARTS < round(percent * _PARTS / 100)


def caller_of(lot: bytes, officers: list[str]) -> str:
    """Who of these calls; empty where there is nobody."""
    return sorted(officers)[_number(lot) % len(officers)] if officers else ""


def _number(lot: bytes) -> int:
    return int.from_bytes(lot[:8], "big")


class FollowUp(Struct, frozen=True, kw_only=True):
    """A follow-up's row: folding its events from nothing gives exactly this."""

    city: str
    id: str
    version: int
    dispute: str
    handlers: tuple[str, ...]
    """Officers who had a part in the case: none of them calls."""
    drawn_at: datetime
    call_from: datetime
    noted_at: datetime | None = None
    officer: str = ""
    reached: bool | None = None
    satisfied: bool | None = None
    performed: bool | None = None
    """None where there was nothing to perform, or nobody was reached."""
    words: str = ""
    """Content identifier."""
    changed_at: datetime


class Draw(Struct, frozen=True, kw_only=True):
    """The dispute has been drawn."""

    dispute: str
    handlers: tuple[str, ...]
    call_from: datetime


class Note(Struct, frozen=True, kw_only=True):
    """What the call came to."""

    reached: bool
    satisfied: bool | None
    performed: bool | None
    words: str


Command = Draw | Note


class FollowUpDrawn(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """The consumer is to be called from this instant on."""

    at: datetime
    city: str
    id: str
    dispute: str
    handlers: tuple[str, ...]
    call_from: datetime


class FollowUpNoted(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """An officer called, and wrote down what was said."""

    at: datetime
    officer: str
    reached: bool
    satisfied: bool | None
    performed: bool | None
    words: str


AnyEvent = FollowUpDrawn | FollowUpNoted


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know beside the row."""

    city: str
    id: str
    now: datetime
    actor: Actor


def decide(row: FollowUp | None, command: Command, ground: Ground) -> list[AnyEvent]:
    """Events that follow; none for a dispute that was drawn before.

    Errors: `Missing("follow_up_unknown")`, `Refused` with `not_allowed`, `follow_up_own`, `follow_up_noted`,
    `choice_missing` (whoever was reached is satisfied or not; whoever was not has said nothing), `words_missing`.
    """
    if isinstance(command, Draw):
        must_stand(ground.actor, Role.system)
        if row is not None:
            return []
        return [
            FollowUpDrawn(
                at=ground.now,
                city=ground.city,
                id=ground.id,
                dispute=command.dispute,
                handlers=command.handlers,
                call_from=command.call_from,
            )
        ]
    if row is None:
        raise Missing("follow_up_unknown")
    must_stand(ground.actor, Role.officer)
    if ground.actor.id in row.handlers:
        raise Refused("follow_up_own")
    if row.noted_at is not None:
        raise Refused("follow_up_noted")
    if command.reached is not (command.satisfied is not None) or (
        command.performed is not None and not command.reached
    ):
        raise Refused("choice_missing")
    if not command.words:
        raise Refused("words_missing")
    return [
        FollowUpNoted(
            at=ground.now,
            officer=ground.actor.id,
            reached=command.reached,
            satisfied=command.satisfied,
            performed=command.performed,
            words=command.words,
        )
    ]


def evolve(row: FollowUp | None, event: AnyEvent) -> FollowUp:
    """The row after one more event."""
    if isinstance(event, FollowUpDrawn):
        return FollowUp(
            city=event.city,
            id=event.id,
            version=1,
            dispute=event.dispute,
            handlers=event.handlers,
            drawn_at=event.at,
            call_from=event.call_from,
            changed_at=event.at,
        )
    if row is None:
        raise AssertionError("a follow-up begins with FollowUpDrawn")
    return replace(
        row,
        version=row.version + 1,
        changed_at=event.at,
        noted_at=event.at,
        officer=event.officer,
        reached=event.reached,
        satisfied=event.satisfied,
        performed=event.performed,
        words=event.words,
    )
