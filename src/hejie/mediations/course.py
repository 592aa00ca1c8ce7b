"""While the authority mediates: consent, another mediator, appraisal, joined cases, a registered body, violations."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities.posts import must_sit_at
from hejie.law.clock import Pause
from hejie.mediations import commands as c
from hejie.mediations import events as e
from hejie.mediations.ground import (
    SIDES,
    Ground,
    must_be,
    must_be_in,
    must_be_in_time,
    must_go_on,
    must_hold,
    must_speak_for,
)
from hejie.mediations.intake import must_say_why
from hejie.mediations.limits import VERIFICATION, day_of
from hejie.mediations.model import Mediation, State

MOST_NAME = 60
"""Characters of the name of a body."""
MOST_JOINED = 50
MOST_REPRESENTATIVES = 2
"""Order 121 art. 12."""


def consent(row: Mediation, command: c.Consent, ground: Ground) -> list[e.AnyEvent]:
    """One side agrees to mediation (Order 121 art. 18)."""
    must_speak_for(row, command.by, ground)
    must_be_in(row, State.accepted)
    if command.by in row.consents:
        return []
    noted = ground.actor.id if ground.actor.role is Role.officer else ""
    return [e.Consented(at=ground.now, by=command.by, noted_by=noted)]


def ask_recusal(row: Mediation, command: c.AskRecusal, ground: Ground) -> list[e.AnyEvent]:
    """One side wishes another mediator; mediation waits, its clock does not (Order 121 art. 21)."""
    must_speak_for(row, command.by, ground)
    must_be_in(row, State.accepted)
    must_go_on(row)
    must_say_why(command.words)
    return [e.RecusalAsked(at=ground.now, by=command.by, words=command.words)]


def decide_recusal(row: Mediation, command: c.DecideRecusal, ground: Ground) -> list[e.AnyEvent]:
    """Another officer of the authority decides, or the bureau: nobody about themselves or whom they stand in for.

    Errors: `Refused` with `not_allowed`, `recusal_none`, `recusal_own`, `mediation_elsewhere`.
    """
    must_be(ground, Role.officer)
    must_be_in(row, State.accepted)
    if row.recusal is None:
        raise Refused("recusal_none")
    must_sit_at(ground.post, ground.actor.organisation, row.authority, ground.city)
    if ground.post.holds(ground.actor.id, row.officer):
        raise Refused("recusal_own")
    return [e.RecusalDecided(at=ground.now, granted=command.granted, officer=ground.actor.id)]


def begin_appraisal(row: Mediation, command: c.BeginAppraisal, ground: Ground) -> list[e.AnyEvent]:
    """From this day on the time to mediate stands still (Order 121 art. 22)."""
    _may_mediate(row, ground)
    if row.appraisal is not None:
        raise Refused("appraisal_runs")
    if command.named_by not in {Role.consumer, Role.officer}:
        raise Refused("field_unreadable")
    body = _name(command.body)
    return [e.AppraisalBegun(at=ground.now, body=body, named_by=command.named_by, day=day_of(ground.now))]


def end_appraisal(row: Mediation, ground: Ground) -> list[e.AnyEvent]:
    """The clock runs on; both its first and its last day are left out."""
    must_hold(row, ground)
    must_be_in(row, State.accepted)
    if row.appraisal is None or row.accepted_at is None:
        raise Refused("appraisal_none")
    pause = Pause(row.appraisal.since, day_of(ground.now))
    due = ground.law.limit("M1", row.accepted_at, (*row.pauses, pause))
    return [e.AppraisalEnded(at=ground.now, pause=pause, due=due)]


def join(row: Mediation, command: c.Join, ground: Ground) -> list[e.AnyEvent]:
    """Others against the same merchant are handled with it; two may speak for all (Order 121 art. 12).

    Errors: `Refused` with `join_unknown` (not here, not this merchant's, not accepted, of another authority),
    `join_representatives`, and those of who has it.
    """
    _may_mediate(row, ground)
    known = {each.id: each for each in ground.others}
    fresh = tuple(each for each in command.others if each not in row.joined)
    total = len(row.joined) + len(fresh)
    if row.id in command.others or total > MOST_JOINED or len(set(fresh)) != len(fresh):
        raise Refused("join_unknown")
    for name in fresh:
        other = known.get(name)
        if other is None or (other.merchant, other.authority, other.state) != (
            row.merchant,
            row.authority,
            State.accepted,
        ):
            raise Refused("join_unknown")
    all_of_them = {row.id, *row.joined, *fresh}
    spoken = command.representatives
    if len(spoken) > MOST_REPRESENTATIVES or len(set(spoken)) != len(spoken) or not all_of_them.issuperset(spoken):
        raise Refused("join_representatives")
    if not fresh and spoken == row.representatives:
        return []
    return [e.Joined(at=ground.now, others=fresh, representatives=spoken)]


def commission(row: Mediation, command: c.CommissionTo, ground: Ground) -> list[e.AnyEvent]:
    """A registered body mediates, once and for good: it must not pass it on (Order 121 art. 19).

    Errors: `Refused` with `consent_of_both_missing`, `commission_once`, `body_missing`, and those of who has it.
    """
    _may_mediate(row, ground)
    if row.commission is not None:
        raise Refused("commission_once")
    if not command.both_agree:
        raise Refused("consent_of_both_missing")
    must_both_consent(row)
    return [e.Commissioned(at=ground.now, body=_name(command.body), confirmable=command.confirmable)]


def split_off(row: Mediation, command: c.SplitOff, ground: Ground) -> list[e.AnyEvent]:
    """A suspected violation goes its own way, also after the end: no settlement waives it (Order 121 arts. 9, 27)."""
    must_hold(row, ground)
    must_say_why(command.words)
    due = ground.law.limit(VERIFICATION, ground.now)
    return [e.ViolationSplitOff(at=ground.now, words=command.words, due=due)]


def must_both_consent(row: Mediation) -> None:
    """`Refused("consent_of_both_missing")` until both sides have agreed to mediation."""
    if not set(SIDES) <= set(row.consents):
        raise Refused("consent_of_both_missing")


def _may_mediate(row: Mediation, ground: Ground) -> None:
    must_hold(row, ground)
    must_be_in(row, State.accepted)
    must_go_on(row)
    must_be_in_time(row, ground)


def _name(word: str) -> str:
    name = word.strip()
    if not name or len(name) > MOST_NAME:
        raise Refused("body_missing")
    return name
