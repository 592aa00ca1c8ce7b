"""The one door to a dispute's rules: a command on a row gives events, or a refusal."""

from __future__ import annotations

from typing import assert_never

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.disputes import (
    assisting,
    bids,
    denials,
    ending,
    entitling,
    filing,
    handing,
    homing,
    mirror,
    performing,
    posting,
    pressing,
    talk,
)
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes import handoff_commands as hc
from hejie.disputes import homing_commands as home
from hejie.disputes.ground import Ground, must_be_party
from hejie.disputes.model import Dispute


def decide(dispute: Dispute | None, command: c.Command | home.HomingCommand, ground: Ground) -> list[e.AnyEvent]:
    """What happens when this is asked of that; an empty list means nothing is left to do.

    Errors: `Missing` for a dispute that does not exist or is not the actor's, `Refused(code)` for every
    rule that says no.
    """
    if isinstance(command, home.HomingCommand):
        return homing.decide_homing(dispute, command, ground)
    if isinstance(command, c.Mirror):
        rests = dispute is not None and homing.at_rest(dispute, ground)
        return [] if rests else mirror.mirror(dispute, command, ground)
    if isinstance(command, c.File):
        if dispute is not None:
            raise Refused("filed_before")
        return filing.file(command, ground)
    if dispute is None:
        raise Missing("dispute_unknown")
    if not (isinstance(command, c.TakeSale) and ground.actor.role is Role.merchant):
        must_be_party(dispute, ground)
    if homing.at_rest(dispute, ground):
        return []
    return _on_existing(dispute, command, ground)


def _on_existing(dispute: Dispute, command: c.OnExisting, ground: Ground) -> list[e.AnyEvent]:  # noqa: C901, PLR0911, PLR0912  one flat table of commands
    match command:
        case c.TakePictures():
            return mirror.take_pictures(dispute, command, ground)
        case c.Say():
            return talk.say(dispute, command, ground)
        case c.Answer():
            return talk.answer(dispute, command, ground)
        case c.MakeOffer():
            return talk.make_offer(dispute, command, ground)
        case c.AcceptOffer():
            return talk.accept(dispute, command, ground)
        case c.DeclineOffer():
            return talk.decline(dispute, command, ground)
        case c.NameLimit():
            return bids.name_limit(dispute, command, ground)
        case c.CompareLimits():
            return bids.compare(dispute, command, ground)
        case c.Withdraw():
            return ending.withdraw(dispute, ground)
        case c.Escalate():
            return ending.escalate(dispute, ground)
        case c.ClaimPerformed():
            return performing.claim_performed(dispute, command, ground)
        case c.RetryRefund():
            return performing.retry_refund(dispute, ground)
        case c.Confirm():
            return performing.confirm(dispute, ground)
        case c.Deny():
            return performing.deny(dispute, command, ground)
        case c.SeeRefund():
            return performing.see_refund(dispute, command, ground)
        case c.Prove():
            return performing.prove(dispute, command, ground)
        case c.KnowPayer():
            return performing.know_payer(dispute, command, ground)
        case c.RefundFails():
            return performing.refund_fails(dispute, command, ground)
        case c.RunOut():
            return ending.run_out(dispute, command, ground)
        case c.NoteReach():
            return ending.note_reach(dispute, command, ground)
        case c.Reopen():
            return ending.reopen(dispute, ground)
        case c.Take():
            return ending.take(dispute, ground)
        case c.Move():
            return posting.move(dispute, command, ground)
        case c.Close():
            return ending.close(dispute, command, ground)
        case c.EndByMediation():
            return ending.end_by_mediation(dispute, command, ground)
        case c.Rate():
            return ending.rate(dispute, command, ground)
        case c.CallPressure():
            return pressing.call_pressure(dispute, command, ground)
        case c.JudgePressure():
            return pressing.judge_pressure(dispute, command, ground)
        case c.OpenMultiples():
            return entitling.open_multiples(dispute, command, ground)
        case c.DenySale() | c.TakeSale() | c.PassDenial() | c.JudgeDenial():
            return denials.decide_denial(dispute, command, ground)
        case hc.ConsentHandoff() | hc.WithdrawHandoffConsent() | hc.HandOff() | hc.EndOdr() | hc.NoteHandoff():
            return handing.decide_handoff(dispute, command, ground)
        case c.IssueSlip():
            return assisting.issue_slip(dispute, command, ground)
        case c.WithdrawMandate():
            return assisting.withdraw_mandate(dispute, ground)
        case _:
            assert_never(command)
