"""From the escalation to acceptance or refusal: who complains, whose it is, and the seven working days."""

from __future__ import annotations

import re

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.cities.posts import must_sit_at
from hejie.mediations import commands as c
from hejie.mediations import events as e
from hejie.mediations.ground import Ground, must_be, must_be_authority, must_be_in, must_hold, must_speak_for
from hejie.mediations.limits import ACCEPTANCE, MEDIATION
from hejie.mediations.model import ENDED, Checked, Elsewhere, Judged, Mediation, State

SYSTEMS = frozenset({"12315", "12345"})
MOST_LINKS = 10
_NUMBER = re.compile(r"[0-9A-Za-z-]{4,40}", re.ASCII)


def open_it(row: Mediation | None, command: c.Open, ground: Ground) -> list[e.AnyEvent]:
    """A dispute was escalated: the house itself opens its mediation, once, and follows it to another merchant."""
    must_be(ground, Role.system)
    if row is not None:
        if row.merchant == command.merchant or row.is_over:
            return []
        changed = e.RespondentChanged(
            at=ground.now, merchant=command.merchant, competent=command.competent, bases=command.bases
        )
        return [changed]
    return [
        e.MediationOpened(
            at=ground.now,
            city=ground.city,
            id=ground.id,
            dispute=command.dispute,
            consumer=command.consumer,
            merchant=command.merchant,
            wallet=command.wallet,
            competent=command.competent,
            bases=command.bases,
            materials=command.materials,
        )
    ]


def give_identity(row: Mediation, command: c.GiveIdentity, ground: Ground) -> list[e.AnyEvent]:
    """Asked once: the consumer's own word is not asked again; an officer's check at the counter stands above it.

    Errors: `Refused` with `not_allowed`, `identity_given`, `step_out_of_order`, `identity_missing`.
    """
    must_speak_for(row, Role.consumer, ground)
    must_be_in(row, State.escalated, State.received)
    officer = ground.actor.role is Role.officer
    if (command.checked is Checked.counter) is not officer:
        raise Refused("not_allowed", role=ground.actor.role.value)
    if not command.identity:
        raise Refused("identity_missing")
    if row.checked is Checked.counter or (row.checked and not officer):
        raise Refused("identity_given")
    given = e.IdentityGiven(at=ground.now, identity=command.identity, checked=command.checked, by=ground.actor.role)
    return [given]


def receive(row: Mediation, command: c.Receive, ground: Ground) -> list[e.AnyEvent]:
    """A competent authority has it: its own officers say so, or the city's bureau says which one.

    The consumer's home gives no competence (Order 121 art. 13), and the first receiver keeps it (art. 14).
    Errors: `Refused` with `not_allowed`, `step_out_of_order`, `mediation_elsewhere`, `county_missing`.
    """
    must_be(ground, Role.officer)
    must_be_in(row, State.escalated)
    own = ground.actor.organisation
    theirs, named = ground.post.sits_at(own), command.authority or own
    must_sit_at(ground.post, own, named, ground.city)
    if named not in ground.counties:
        raise Refused("county_missing")
    if row.competent and named not in row.competent:
        raise Refused("mediation_elsewhere", division=named)
    if not row.competent and ground.city not in theirs:
        raise Refused("mediation_elsewhere", division=named)
    due = ground.law.limit(ACCEPTANCE, ground.now)
    officer = ground.actor.id if named in theirs else ""
    return [e.ComplaintReceived(at=ground.now, authority=named, officer=officer, due=due)]


def take_over(row: Mediation, ground: Ground) -> list[e.AnyEvent]:
    """Any officer of the authority may go on with it, but for the one who had to step back."""
    must_be_authority(row, ground)
    if row.state in ENDED:
        raise Refused("step_out_of_order", state=row.state.value)
    return [] if row.officer == ground.actor.id else [e.TakenOver(at=ground.now, officer=ground.actor.id)]


def grade(row: Mediation, command: c.Grade, ground: Ground) -> list[e.AnyEvent]:
    """How urgent it is, by who has it."""
    must_hold(row, ground)
    must_be_in(row, State.received, State.accepted, State.agreed)
    return [] if row.urgency is command.urgency else [e.Graded(at=ground.now, urgency=command.urgency)]


def link_elsewhere(row: Mediation, command: c.LinkElsewhere, ground: Ground) -> list[e.AnyEvent]:
    """Its number in 12315 or 12345; `Refused("link_unreadable")`."""
    must_hold(row, ground)
    must_be_in(row, State.received, State.accepted, State.agreed)
    if command.system not in SYSTEMS or _NUMBER.fullmatch(command.number) is None or len(row.elsewhere) >= MOST_LINKS:
        raise Refused("link_unreadable")
    if Elsewhere(system=command.system, number=command.number) in row.elsewhere:
        return []
    return [e.LinkedElsewhere(at=ground.now, system=command.system, number=command.number)]


def judge_duplicate(row: Mediation, command: c.JudgeDuplicate, ground: Ground) -> list[e.AnyEvent]:
    """Whether another case is the same complaint; the officer may think again. `Refused("duplicate_itself")`."""
    must_hold(row, ground)
    must_be_in(row, State.received, State.accepted, State.agreed)
    if command.dispute in {"", row.dispute}:
        raise Refused("duplicate_itself")
    if Judged(dispute=command.dispute, same=command.same) in row.duplicates:
        return []
    return [e.DuplicateJudged(at=ground.now, dispute=command.dispute, same=command.same)]


def accept(row: Mediation, ground: Ground) -> list[e.AnyEvent]:
    """The complaint is accepted, once it is known who complains; the time to mediate begins.

    Errors: `Refused` with `mediation_elsewhere`, `not_your_case`, `step_out_of_order`, `identity_missing`.
    """
    must_hold(row, ground)
    must_be_in(row, State.received)
    if row.checked is None:
        raise Refused("identity_missing")
    due = ground.law.limit(MEDIATION, ground.now)
    return [e.ComplaintAccepted(at=ground.now, officer=ground.actor.id, due=due)]


def refuse(row: Mediation, command: c.Refuse, ground: Ground) -> list[e.AnyEvent]:
    """The complaint is not accepted, with reasons and the other ways (Order 121 arts. 15, 16).

    Errors: those of `accept`, and `Refused` with `reasons_missing`, `ways_missing`.
    """
    must_hold(row, ground)
    must_be_in(row, State.received)
    must_say_why(command.words, bool(command.ways))
    refused = e.ComplaintRefused(
        at=ground.now, officer=ground.actor.id, ground=command.ground, words=command.words, ways=command.ways
    )
    return [refused]


def must_say_why(words: str, ways: bool = True) -> None:  # noqa: FBT001, FBT002  read beside its call
    """`Refused("reasons_missing")` without words, `Refused("ways_missing")` where no other way is named."""
    if not words:
        raise Refused("reasons_missing")
    if not ways:
        raise Refused("ways_missing")
