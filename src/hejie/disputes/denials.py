"""Not my sale: a merchant denies, the party it names or an officer decides, and no clock stops for it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.disputes import commands as c
from hejie.disputes import denial_events as n
from hejie.disputes import events as e
from hejie.disputes.denying import Party
from hejie.disputes.ground import Ground, best_road, must_be, must_be_in
from hejie.disputes.model import REFUNDS, Dispute, Road
from hejie.disputes.states import MERCHANT_MAY_ANSWER, State
from hejie.disputes.talk import must_have_taken

_WHILE = (*sorted(MERCHANT_MAY_ANSWER), State.mediating)


def decide_denial(dispute: Dispute, command: c.DenialCommand, ground: Ground) -> list[e.AnyEvent]:
    """What follows from a command around a denial; `decide` is the way in."""
    match command:
        case c.DenySale():
            return _deny(dispute, command, ground)
        case c.TakeSale():
            return _take(dispute, command, ground)
        case c.PassDenial():
            return _pass(dispute, command, ground)
        case c.JudgeDenial():
            return _judge(dispute, command, ground)
        case _:
            assert_never(command)


def _deny(dispute: Dispute, command: c.DenySale, ground: Ground) -> list[e.AnyEvent]:
    """The merchant denies once; who took a moved dispute over may deny it to the officer only.

    Errors: `Refused` with `denial_repeated`, `denial_after_agreement`, `words_missing`, `party_is_you`,
    `party_named_before`, `denial_to_officer_only` for a name in a moved dispute; `Missing("party_unknown")`.
    """
    must_be(ground, Role.merchant)
    must_be_in(dispute, *MERCHANT_MAY_ANSWER)
    if dispute.merchant in dispute.denied_by:
        raise Refused("denial_repeated")
    if dispute.agreed or dispute.refund_under_way:
        raise Refused("denial_after_agreement")
    if not command.words:
        raise Refused("words_missing")
    to = _party(dispute, command.to, ground)
    if to is not None and dispute.former:
        raise Refused("denial_to_officer_only")
    until = _half(dispute, ground.now) if to is not None and dispute.may_move else None
    return [
        n.SaleDenied(at=ground.now, by=dispute.merchant, reason=command.reason, words=command.words, to=to, until=until)
    ]


def _party(dispute: Dispute, named: c.Named | None, ground: Ground) -> Party | None:
    if named is None:
        return None
    if ground.party is None:
        raise Missing("party_unknown")
    if ground.party.merchant == dispute.merchant:
        raise Refused("party_is_you")
    if ground.party.merchant in dispute.named or any(gone.merchant == ground.party.merchant for gone in dispute.former):
        raise Refused("party_named_before")
    return ground.party


def _half(dispute: Dispute, now: datetime) -> datetime | None:
    """Half of the time that is left by the running clock; without one an officer looks at it from the start."""
    if dispute.due is None or dispute.due.passed(now):
        return None
    return now + (dispute.due.at - now) / 2


def _take(dispute: Dispute, command: c.TakeSale, ground: Ground) -> list[e.AnyEvent]:
    """The named party takes the dispute, or says no; it may take it until an officer has decided.

    Errors: `Missing("dispute_unknown")` for everybody who is not asked.
    """
    must_be(ground, Role.merchant)
    denial = dispute.denial
    if denial is None or denial.to is None or not dispute.asked or dispute.asked != ground.actor.organisation:
        raise Missing("dispute_unknown")
    must_be_in(dispute, *_WHILE)
    if not command.ours:
        return [n.PartyRefused(at=ground.now, words=command.words)]
    return [_moved(dispute, ground.party or denial.to, ground, accepted=True)]


def _moved(dispute: Dispute, to: Party, ground: Ground, *, accepted: bool) -> n.Moved:
    road = dispute.offers[0].road if dispute.offers else Road.by_hand
    if dispute.claim.remedy in REFUNDS:
        road = best_road(dispute, ground, by_api=road is Road.api)
    return n.Moved(at=ground.now, to=to, accepted=accepted, claim_road=road)


def _pass(dispute: Dispute, command: c.PassDenial, ground: Ground) -> list[e.AnyEvent]:
    must_be(ground, Role.system)
    denial = dispute.denial
    if denial is None or denial.with_officer or denial.at != command.at:
        return []
    late = denial.until is not None and ground.now >= denial.until
    return [n.PartySilent(at=ground.now)] if late else []


def _judge(dispute: Dispute, command: c.JudgeDenial, ground: Ground) -> list[e.AnyEvent]:
    """An officer decides, whether or not the named party is still asked.

    Right, and the seller is known: the dispute moves. Right, and nobody knows the seller: the officer has the case.
    Not right: it counts against the merchant, whose time has run on all the while.
    Errors: `Refused` with `denial_none`, `words_missing`, `party_is_you`, `denial_not_moved`, `outcome_wrong`;
    `Missing("party_unknown")`.
    """
    must_be(ground, Role.officer)
    denial = dispute.denial
    if denial is None:
        raise Refused("denial_none")
    must_be_in(dispute, *_WHILE)
    if dispute.officer:
        must_have_taken(dispute, ground)
    if not command.words:
        raise Refused("words_missing")
    if command.to is not None and not command.upheld:
        raise Refused("outcome_wrong")
    to = _judged_party(dispute, command.to, ground)
    judged = n.DenialJudged(
        at=ground.now,
        officer=ground.actor.id,
        upheld=command.upheld,
        words=command.words,
        moves=to is not None,
    )
    if to is not None:
        return [judged, _moved(dispute, to, ground, accepted=False)]
    if command.upheld and dispute.state is not State.mediating and not dispute.wallet_leads:
        return [judged, e.Escalated(at=ground.now, because="no_seller")]
    return [judged]


def _judged_party(dispute: Dispute, named: c.Named | None, ground: Ground) -> Party | None:
    if named is None:
        return None
    if not dispute.may_move:
        raise Refused("denial_not_moved")
    if ground.party is None:
        raise Missing("party_unknown")
    if ground.party.merchant == dispute.merchant or any(x.merchant == ground.party.merchant for x in dispute.former):
        raise Refused("party_is_you")
    return ground.party
