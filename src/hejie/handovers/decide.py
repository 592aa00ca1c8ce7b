"""The rules of a hand-over: the receiver alone decides, once; whatever comes twice or too late changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from msgspec import Struct

from hejie.base.actor import Actor, Role, must_stand
from hejie.base.errors import Missing, Refused
from hejie.handovers import commands as c
from hejie.handovers import events as e
from hejie.handovers.model import REFUSALS, Handover, State

MOST_NOTES = 200


class Ground(Struct, frozen=True, kw_only=True):
    """What a rule may know beside the row."""

    city: str
    id: str
    now: datetime
    actor: Actor
    answer_by: datetime | None = None
    finish_by: datetime | None = None
    """The sender's clocks by the law of the day, for an offer."""
    known: bool = False
    """Whether the named merchant, and shop, stand in this city's register."""


def decide(row: Handover | None, command: c.Command, ground: Ground) -> list[e.AnyEvent]:  # noqa: C901, PLR0911, PLR0912  one flat table of commands
    """What follows; an empty list where nothing is left to do.

    Errors: `Missing("handover_unknown")`, `Refused` with `handover_answered`, `handover_not_ours`, `merchant_unknown`,
    `refusal_unknown`, `not_allowed`, `notes_too_many`.
    """
    match command:
        case c.Offer():
            return _offer(row, command, ground)
        case c.Receive():
            return _receive(row, command, ground)
    if row is None:
        raise Missing("handover_unknown")
    match command:
        case c.Accept():
            return _accept(row, command, ground)
        case c.Refuse():
            return _refuse(row, command, ground)
        case c.Take():
            return [e.Taken(at=ground.now, number=row.sent + 1)] if row.state is State.accepted else []
        case c.Recall():
            return _recall(row, ground)
        case c.Hear():
            return _hear(row, command, ground)
        case c.HearRecall():
            waits = row.state is State.offered and not row.ours
            return [e.Recalled(at=ground.now, number=row.sent + 1)] if waits else []
        case c.Tell():
            return _tell(row, command, ground)
        case c.HearTold():
            fresh = row.ours and row.state is State.taken and command.number > row.told
            return [e.Told(at=ground.now, number=command.number, summary=command.summary)] if fresh else []
        case c.AddNote() | c.HearNote():
            return _note(row, command, ground)
        case c.RunOut():
            late = row.waits and row.unanswered_at is None and row.answer_by == command.at <= ground.now
            return [e.Unanswered(at=ground.now)] if late else []
        case _:
            assert_never(command)


def _offer(row: Handover | None, command: c.Offer, ground: Ground) -> list[e.AnyEvent]:
    must_stand(ground.actor, Role.system)
    if row is not None:
        return []
    if ground.answer_by is None or ground.finish_by is None:
        raise AssertionError("an offer has its clocks")
    return [
        e.Offered(
            at=ground.now,
            city=ground.city,
            id=ground.id,
            dispute=command.dispute,
            sender=ground.city,
            receiver=command.receiver,
            turn=command.turn,
            because=command.because,
            words=command.words,
            officer=command.officer,
            offered_at=ground.now,
            answer_by=ground.answer_by,
            finish_by=ground.finish_by,
            due_at=command.due_at,
            payments=command.payments,
            payee=command.payee,
            pieces=command.pieces,
        )
    ]


def _receive(row: Handover | None, command: c.Receive, ground: Ground) -> list[e.AnyEvent]:
    must_stand(ground.actor, Role.system)
    if row is not None:
        return []
    return [
        e.Received(
            at=ground.now,
            city=ground.city,
            id=ground.id,
            dispute=command.dispute,
            sender=command.sender,
            receiver=ground.city,
            turn=command.turn,
            because=command.because,
            words=command.words,
            offered_at=command.offered_at,
            answer_by=command.answer_by,
            finish_by=command.finish_by,
            due_at=command.due_at,
            payments=command.payments,
            payee=command.payee,
            pieces=command.pieces,
        )
    ]


def _accept(row: Handover, command: c.Accept, ground: Ground) -> list[e.AnyEvent]:
    must_stand(ground.actor, Role.officer, Role.system)
    if row.ours:
        raise Refused("handover_not_ours")
    if row.state is not State.offered:
        if ground.actor.role is Role.system:
            return []
        raise Refused("handover_answered")
    if not ground.known:
        raise Refused("merchant_unknown")
    officer = ground.actor.id if ground.actor.role is Role.officer else ""
    return [e.Accepted(at=ground.now, merchant=command.merchant, shop=command.shop, officer=officer)]


def _refuse(row: Handover, command: c.Refuse, ground: Ground) -> list[e.AnyEvent]:
    must_stand(ground.actor, Role.officer, Role.system)
    if row.ours:
        raise Refused("handover_not_ours")
    if row.state is not State.offered:
        if ground.actor.role is Role.system:
            return []
        raise Refused("handover_answered")
    if command.code not in REFUSALS:
        raise Refused("refusal_unknown")
    officer = ground.actor.id if ground.actor.role is Role.officer else ""
    words = command.words
    return [e.Refused(at=ground.now, code=command.code, words=words, officer=officer, number=row.sent + 1)]


def _recall(row: Handover, ground: Ground) -> list[e.AnyEvent]:
    must_stand(ground.actor, Role.officer)
    if not row.ours:
        raise Refused("handover_not_ours")
    if not row.waits:
        raise Refused("handover_answered")
    if row.recall_asked_at is not None:
        return []
    return [e.RecallAsked(at=ground.now, officer=ground.actor.id, number=row.sent + 1)]


def _hear(row: Handover, command: c.Hear, ground: Ground) -> list[e.AnyEvent]:
    must_stand(ground.actor, Role.system)
    if not row.ours or row.state is not State.offered:
        return []
    match command.what:
        case "taken":
            return [e.Taken(at=ground.now)]
        case "refused" if command.code in REFUSALS:
            return [e.Refused(at=ground.now, code=command.code, words=command.words)]
        case "recalled":
            return [e.Recalled(at=ground.now)]
        case _:
            raise Refused("refusal_unknown")


def _tell(row: Handover, command: c.Tell, ground: Ground) -> list[e.AnyEvent]:
    must_stand(ground.actor, Role.system)
    if row.ours or row.state is not State.taken or row.summary == command.summary:
        return []
    told = e.Told(at=ground.now, number=row.told + 1, letter=row.sent + 1, summary=command.summary)
    return [told]


def _note(row: Handover, command: c.AddNote | c.HearNote, ground: Ground) -> list[e.AnyEvent]:
    if len(row.notes) >= MOST_NOTES:
        raise Refused("notes_too_many", most=MOST_NOTES)
    if isinstance(command, c.HearNote):
        must_stand(ground.actor, Role.system)
        return [e.Noted(at=ground.now, ours=False, words=command.words)]
    must_stand(ground.actor, Role.officer)
    return [
        e.Noted(at=ground.now, ours=True, words=command.words, officer=ground.actor.id, number=row.sent + 1),
    ]
