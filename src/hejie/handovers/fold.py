"""Folding a hand-over's events into its row."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from hejie.handovers import events as e
from hejie.handovers.model import Handover, Note, State


def evolve(row: Handover | None, event: e.AnyEvent) -> Handover:
    """The row after one event; `None` stands for nothing yet."""
    if row is None:
        if not isinstance(event, e.Offered | e.Received):
            raise AssertionError(f"a hand-over begins with an offer, not {type(event).__name__}")
        return _begun(event)
    changed = _changed(row, event)
    return replace(changed, version=row.version + 1, changed_at=event.at)


def _begun(event: e.Offered | e.Received) -> Handover:
    return Handover(
        city=event.city,
        id=event.id,
        version=1,
        dispute=event.dispute,
        sender=event.sender,
        receiver=event.receiver,
        turn=event.turn,
        because=event.because,
        words=event.words,
        officer=event.officer,
        state=State.offered,
        offered_at=event.offered_at,
        answer_by=event.answer_by,
        finish_by=event.finish_by,
        due_at=event.due_at,
        payments=event.payments,
        payee=event.payee,
        pieces=event.pieces,
        sent=len(event.pieces) + 1 if isinstance(event, e.Offered) else 0,
        changed_at=event.at,
    )


def _changed(row: Handover, event: e.AnyEvent) -> Handover:
    match event:
        case e.Offered() | e.Received():
            raise AssertionError("a hand-over begins once")
        case e.Accepted():
            return replace(row, state=State.accepted, merchant=event.merchant, shop=event.shop, answered_at=event.at)
        case e.Taken(number=number):
            answered = row.answered_at or event.at
            return replace(row, state=State.taken, answered_at=answered, sent=max(row.sent, number))
        case e.Refused(number=number):
            return replace(
                row,
                state=State.refused,
                refusal=event.code,
                refusal_words=event.words,
                answered_at=event.at,
                sent=max(row.sent, number),
            )
        case e.RecallAsked(number=number):
            return replace(row, recall_asked_at=event.at, sent=max(row.sent, number))
        case e.Recalled(number=number):
            return replace(row, state=State.recalled, answered_at=event.at, sent=max(row.sent, number))
        case e.Told():
            return replace(row, told=event.number, summary=event.summary, sent=max(row.sent, event.letter))
        case e.Noted(ours=ours, words=words, number=number):
            note = Note(at=event.at, ours=ours, words=words, number=number)
            return replace(row, notes=(*row.notes, note), sent=max(row.sent, number))
        case e.Unanswered():
            return replace(row, unanswered_at=event.at)
        case _:
            assert_never(event)
