"""A dispute's way to another city and back: one home at any time, and no clock begins anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.base.errors import Missing, Refused
from hejie.cities.dues import Rule, due
from hejie.cities.homes import handover_of
from hejie.disputes import events as e
from hejie.disputes import homing_commands as hc
from hejie.disputes import homing_events as he
from hejie.disputes.away import Away
from hejie.disputes.fold import evolve
from hejie.disputes.ground import Ground, must_be, must_be_in
from hejie.disputes.handoff import OVER, UNSENT
from hejie.disputes.model import REFUNDS, Dispute, Road
from hejie.disputes.states import MERCHANT_MAY_ANSWER, State

MOST_RECORD = 2000
"""Events of one dispute that another city hands over."""


def decide_homing(dispute: Dispute | None, command: hc.HomingCommand, ground: Ground) -> list[e.AnyEvent]:
    """One flat table of the commands between cities; errors as each of them."""
    if isinstance(command, hc.TakeOver):
        return take_over(dispute, command, ground)
    if dispute is None:
        raise Missing("dispute_unknown")
    match command:
        case hc.HandOver():
            return hand_over(dispute, command, ground)
        case hc.Stay():
            return stay(dispute, command, ground)
        case hc.LetGo():
            return let_go(dispute, command, ground)
        case hc.FollowHome():
            return follow_home(dispute, command, ground)
        case _:
            assert_never(command)


def at_rest(dispute: Dispute, ground: Ground) -> bool:
    """Whether nothing happens to it here: the house and the wallets come in vain.

    Errors: `Refused("dispute_elsewhere")` for a person.
    """
    if dispute.away is None:
        return False
    if ground.actor.role in {Role.system, Role.wallet}:
        return True
    raise Refused("dispute_elsewhere", to=dispute.away.to)


def hand_over(dispute: Dispute, command: hc.HandOver, ground: Ground) -> list[e.AnyEvent]:
    """Offer it to another city: it rests here until that answers.

    Errors: `Refused` with `step_out_of_order`, `not_your_case`, `handover_to_itself`, `dispute_elsewhere` and the
    codes of `must_be_free`.
    """
    must_be(ground, Role.officer, Role.system)
    if dispute.away is not None:
        if dispute.away.to == command.to and ground.actor.role is Role.system:
            return []
        raise Refused("dispute_elsewhere", to=dispute.away.to)
    must_be_in(dispute, *MERCHANT_MAY_ANSWER, State.mediating)
    if ground.actor.role is Role.officer and dispute.officer not in {"", ground.actor.id}:
        raise Refused("not_your_case")
    if command.to == ground.city:
        raise Refused("handover_to_itself")
    must_be_free(dispute)
    return [leaving(dispute, command, ground)]


def leaving(dispute: Dispute, command: hc.HandOver, ground: Ground) -> he.Leaving:
    """The first step of the dispute's next turn."""
    turn = dispute.turn + 1
    return he.Leaving(
        at=ground.now,
        handover=handover_of(dispute.id, turn),
        to=command.to,
        turn=turn,
        because=command.because,
        words=command.words,
        officer=ground.actor.id if ground.actor.role is Role.officer else "",
    )


def must_be_free(dispute: Dispute) -> None:
    """Nothing that only this city can end may be under way.

    Errors: `Refused` with `handover_of_wallet` (a wallet holds the case at our door), `handover_assisted` (its slips
    open here), `handover_agreed`, `handover_refunding`, `handover_at_12315`.
    """
    if not dispute.may_move:
        raise Refused("handover_of_wallet")
    if dispute.assist is not None:
        raise Refused("handover_assisted")
    if dispute.agreed and not dispute.unperformed:
        raise Refused("handover_agreed")
    if dispute.refund_under_way:
        raise Refused("handover_refunding")
    if dispute.handoff is not None and dispute.handoff.state not in OVER | UNSENT:
        raise Refused("handover_at_12315")


def stay(dispute: Dispute, command: hc.Stay, ground: Ground) -> list[e.AnyEvent]:
    """It was not taken: its clock runs on as it was, and ends at once where its time is over by now."""
    must_be(ground, Role.system)
    away = dispute.away
    if away is None or away.gone or away.handover != command.handover:
        return []
    return [he.Stayed(at=ground.now, handover=away.handover, because=command.because, due=dispute.due)]


def let_go(dispute: Dispute, command: hc.LetGo, ground: Ground) -> list[e.AnyEvent]:
    """It was taken; told again, nothing changes."""
    must_be(ground, Role.system)
    away = dispute.away
    if away is None or away.gone or away.handover != command.handover:
        return []
    return [he.Left(at=ground.now, handover=away.handover, to=away.to)]


def follow_home(dispute: Dispute, command: hc.FollowHome, ground: Ground) -> list[e.AnyEvent]:
    """The newest word from its home stands; an older one, or one of another turn, changes nothing."""
    must_be(ground, Role.system)
    away = dispute.away
    if away is None or not away.gone or away.handover != command.handover or command.number <= away.heard:
        return []
    return [he.Followed(at=ground.now, number=command.number, summary=command.summary)]


def take_over(dispute: Dispute | None, command: hc.TakeOver, ground: Ground) -> list[e.AnyEvent]:
    """The rest of its record, then its arrival; taken again, nothing.

    Errors as `checked`.
    """
    must_be(ground, Role.system)
    if dispute is not None and dispute.arrived == command.handover:
        return []
    fresh, now = checked(dispute, ground.record, command, ground.city)
    if now.id != ground.dispute:
        raise Refused("record_broken")
    return [*fresh, _arrived(now, command, ground)]


def checked(
    dispute: Dispute | None, kept: tuple[e.AnyEvent, ...], command: hc.TakeOver, city: str
) -> tuple[tuple[e.AnyEvent, ...], Dispute]:
    """What of a record is new in this city, and the row that it gives.

    `dispute` is the copy that was kept here, and `kept` its record, if it was here before: the record must go on from
    there. Errors: `Refused` with `record_broken` (it does not fold, or is another hand-over's), `record_differs`,
    `handover_out_of_turn`.
    """
    if dispute is not None and (dispute.turn >= command.turn or not _may_return(dispute.away, command.sender)):
        raise Refused("handover_out_of_turn")
    if [as_told(event) for event in kept] != [as_told(event) for event in command.record[: len(kept)]]:
        raise Refused("record_differs")
    fresh = command.record[len(kept) :]
    if dispute is None:
        fresh = _begun_elsewhere(fresh, city)
    now = _folded(dispute, fresh)
    if command.handover != handover_of(now.id, command.turn):
        raise Refused("record_broken")
    return fresh, now


def as_told(event: e.AnyEvent) -> e.AnyEvent:
    """As every city has it."""
    return replace(event, copied_to="") if isinstance(event, e.Filed) else event


def _may_return(away: Away | None, sender: str) -> bool:
    """Only a city that has it, as far as is known here, can give it back: its last home, or where that handed it."""
    return away is not None and away.gone and sender in {away.to, away.summary.home if away.summary else away.to}


def _begun_elsewhere(record: Sequence[e.AnyEvent], city: str) -> tuple[e.AnyEvent, ...]:
    if not record or not isinstance(record[0], e.Filed) or record[0].city == city or record[0].copied_to:
        raise Refused("record_broken")
    return (replace(record[0], copied_to=city), *record[1:])


def _folded(dispute: Dispute | None, record: tuple[e.AnyEvent, ...]) -> Dispute:
    if len(record) > MOST_RECORD or any(isinstance(each, he.HomingEvent) for each in record):
        raise Refused("record_broken")
    now = dispute
    try:
        for event in record:
            now = evolve(now, event)
    except AssertionError:
        raise Refused("record_broken") from None
    if now is None:
        raise Refused("record_broken")
    return now


def _arrived(now: Dispute, command: hc.TakeOver, ground: Ground) -> he.Arrived:
    """The clock stands as it was: whoever set it, its instant is this city's to keep now."""
    asks_merchant = now.state is State.awaiting_merchant and not now.answered
    return he.Arrived(
        at=ground.now,
        city=ground.city,
        handover=command.handover,
        sender=command.sender,
        turn=command.turn,
        consumer=command.consumer,
        merchant=command.merchant,
        shop=command.shop,
        district=command.district,
        claim_road=_road(now, ground),
        due=replace(now.due, set_by=ground.city) if now.due else None,
        reach=due(Rule.reach, ground.now, ground.settings) if asks_merchant else None,
    )


def _road(now: Dispute, ground: Ground) -> Road:
    if now.claim.remedy not in REFUNDS:
        return Road.by_hand
    return Road.api if now.proven and ground.authorised else Road.own_tool
