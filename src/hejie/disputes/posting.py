"""Among the officers: a case is given, given back or passed to another authority; sides and clocks see none of it."""

from __future__ import annotations

from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.cities import custody
from hejie.cities.custody import Custody
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.ground import Ground, must_be
from hejie.disputes.model import Dispute
from hejie.disputes.states import State


def custody_of(dispute: Dispute) -> Custody:
    """With whom it lies."""
    return Custody(
        officer=dispute.officer,
        authority=dispute.authority,
        offered_to=dispute.offered_to,
        offered_by=dispute.offered_by,
    )


def move(dispute: Dispute, command: c.Move, ground: Ground) -> list[e.AnyEvent]:
    """What changes; errors as `custody.decide`, and `Refused("not_allowed")` for whoever is no officer."""
    must_be(ground, Role.officer)
    about = custody.Ground(
        city=ground.city,
        district=dispute.district,
        person=ground.actor.id,
        post=ground.post,
        open=dispute.state is State.mediating,
        authorities=ground.settings.authorities,
        candidate=ground.candidate,
    )
    changes = custody.decide(custody_of(dispute), command.what, about)
    words = getattr(command.what, "words", "")
    return [e.CustodyChanged(at=ground.now, change=change, words=words) for change in changes]


def moved_among_officers(dispute: Dispute, event: e.CustodyChanged) -> Dispute:
    """The row after it."""
    now = custody.evolve(custody_of(dispute), event.change)
    return replace(
        dispute,
        officer=now.officer,
        authority=now.authority,
        offered_to=now.offered_to,
        offered_by=now.offered_by,
    )
