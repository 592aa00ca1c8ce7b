"""What an officer or clerk may do for a person whose dispute they filed: a new slip, a mandate taken back."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.assist import Assist, Holder
from hejie.disputes.ground import Ground, must_be
from hejie.disputes.model import Dispute


def issue_slip(dispute: Dispute, command: c.IssueSlip, ground: Ground) -> list[e.AnyEvent]:
    """A new slip; the link on the one before stops.

    Errors: `Refused("not_assisted")`, `Refused("mandate_missing")` for a relative without a mandate in force.
    """
    assist = _assist(dispute, ground)
    if command.holder is Holder.relative and not assist.mandate_stands(ground.now):
        raise Refused("mandate_missing")
    return [e.SlipIssued(at=ground.now, holder=command.holder)]


def withdraw_mandate(dispute: Dispute, ground: Ground) -> list[e.AnyEvent]:
    """The relative acts no longer; the dispute goes on for the person. Told twice is told once.

    Errors: `Refused("not_assisted")`, `Refused("mandate_missing")` where there never was one.
    """
    assist = _assist(dispute, ground)
    if not assist.mandate:
        raise Refused("mandate_missing")
    return [] if assist.mandate_withdrawn_at else [e.MandateWithdrawn(at=ground.now)]


def _assist(dispute: Dispute, ground: Ground) -> Assist:
    must_be(ground, Role.officer, Role.clerk)
    if dispute.assist is None:
        raise Refused("not_assisted")
    return dispute.assist
