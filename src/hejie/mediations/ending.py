"""How a mediation ends: agreed and performed or not, terminated by a code, or by the clock; and that both are told."""

from __future__ import annotations

from typing import assert_never

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.mediations import commands as c
from hejie.mediations import events as e
from hejie.mediations.course import must_both_consent
from hejie.mediations.ground import (
    SIDES,
    Ground,
    must_be,
    must_be_authority,
    must_be_in,
    must_be_in_time,
    must_go_on,
    must_hold,
    must_speak_for,
)
from hejie.mediations.intake import must_say_why
from hejie.mediations.limits import CONFIRMATION, MEDIATION, TELLING, by_day, day_of
from hejie.mediations.model import Mediation, State, Telling, Termination, Way

MOST_TERMS = 20
ALWAYS_OPEN = (Way.talk, Way.council, Way.arbitration, Way.court)
"""What is open to a consumer after a mediation that failed (Consumer Law art. 39)."""
_BEFORE_AN_END = frozenset({State.escalated, State.received, State.accepted})


def agree(row: Mediation, command: c.Agree, ground: Ground) -> list[e.AnyEvent]:
    """Both have agreed: who does what, by when (Order 121 art. 24).

    Errors: `Refused` with `mediation_elsewhere`, `not_your_case`, `step_out_of_order`, `recusal_pending`,
    `appraisal_runs`, `consent_of_both_missing`, `terms_missing`, `term_unreadable`, `facts_missing`.
    """
    must_hold(row, ground)
    must_be_in(row, State.accepted)
    must_go_on(row)
    must_be_in_time(row, ground)
    if row.appraisal is not None:
        raise Refused("appraisal_runs")
    must_both_consent(row)
    if not 0 < len(command.terms) <= MOST_TERMS:
        raise Refused("terms_missing")
    today = day_of(ground.now)
    for term in command.terms:
        if term.who not in SIDES or not term.what or term.amount_fen < 0 or term.by < today:
            raise Refused("term_unreadable")
    if not command.facts:
        raise Refused("facts_missing")
    confirmable = row.commission is not None and row.commission.confirmable
    return [
        e.AgreementReached(
            at=ground.now,
            face=command.face,
            facts=command.facts,
            terms=command.terms,
            officer=ground.actor.id,
            authority=row.authority,
            due=by_day(ground.now, max(term.by for term in command.terms)),
            confirm_due=ground.law.limit(CONFIRMATION, ground.now) if confirmable else None,
        )
    ]


def note_performance(row: Mediation, command: c.NotePerformance, ground: Ground) -> list[e.AnyEvent]:
    """What was agreed is done, or it is not and the consumer hears of the other ways."""
    must_hold(row, ground)
    must_be_in(row, State.agreed)
    must_say_why(command.words, command.performed or bool(command.ways))
    who = ground.actor.id
    if command.performed:
        return [e.AgreementPerformed(at=ground.now, officer=who, words=command.words)]
    return [e.AgreementBroken(at=ground.now, officer=who, words=command.words, ways=command.ways)]


def terminate(row: Mediation, command: c.Terminate, ground: Ground) -> list[e.AnyEvent]:
    """Mediation ends without an agreement (Order 121 art. 23); by the clock only once it has run out.

    Errors: `Refused` with `mediation_time_left`, `reasons_missing`, `ways_missing`, and those of who has it.
    """
    must_hold(row, ground)
    must_be_in(row, State.accepted)
    must_say_why(command.words, bool(command.ways))
    if command.code is Termination.T5 and (row.due is None or not row.due.passed(ground.now)):
        raise Refused("mediation_time_left")
    return [_terminated(command.code, command.words, command.ways, ground, told=True)]


def run_out(row: Mediation, command: c.RunOut, ground: Ground) -> list[e.AnyEvent]:
    """The time to mediate is over; a clock that stands still or was replaced meanwhile changes nothing."""
    must_be(ground, Role.system)
    due = row.due
    if due is None or (due.rule, due.at) != (command.rule, command.at) or not due.passed(ground.now):
        return []
    if row.state is not State.accepted or due.rule != MEDIATION:
        return []
    return [_terminated(Termination.T5, "", ALWAYS_OPEN, ground, told=True)]


def follow(row: Mediation, command: c.Follow, ground: Ground) -> list[e.AnyEvent]:
    """The dispute has ended by itself; what was agreed here is followed to its own end."""
    must_be(ground, Role.system)
    if row.state not in _BEFORE_AN_END:
        return []
    if command.agreed:
        return [e.SettledAside(at=ground.now)]
    code = Termination.T1 if command.withdrawn else Termination.T8
    return [_terminated(code, "", ALWAYS_OPEN, ground, told=row.state is State.accepted)]


def note_told(row: Mediation, command: c.NoteTold, ground: Ground) -> list[e.AnyEvent]:
    """One side knows how it ended; with both nothing is due any more (Order 121 art. 23).

    A delivery is the house's word, an opened page the side's own, anything else an officer's, who says how.
    Errors: those of who may, and `Refused("reasons_missing")`.
    """
    side = command.side
    match command.how:
        case Telling.delivered:
            must_be(ground, Role.system)
        case Telling.opened:
            must_be(ground, *SIDES)
            must_speak_for(row, side, ground)
        case Telling.person:
            must_be_authority(row, ground)
            must_say_why(command.words)
        case _:
            assert_never(command.how)
    if side not in SIDES or not row.is_over or row.told_at is not None or side in row.told:
        return []
    told: list[e.AnyEvent] = [e.SideTold(at=ground.now, side=side, how=command.how, words=command.words)]
    return [*told, e.BothTold(at=ground.now)] if {*row.told, side} == {*SIDES} else told


def _terminated(
    code: Termination, words: str, ways: tuple[Way, ...], ground: Ground, *, told: bool
) -> e.MediationTerminated:
    return e.MediationTerminated(
        at=ground.now,
        code=code,
        words=words,
        ways=ways,
        officer=ground.actor.id if ground.actor.role is Role.officer else "",
        due=ground.law.limit(TELLING, ground.now) if told else None,
    )
