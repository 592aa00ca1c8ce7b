"""A merchant may call a claim pressure, and an officer decides: neither moves the dispute or the consumer's clocks."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.ground import Ground, answers_late, must_be, must_be_in
from hejie.disputes.model import Dispute
from hejie.disputes.states import MERCHANT_MAY_ANSWER, State


def call_pressure(dispute: Dispute, command: c.CallPressure, ground: Ground) -> list[e.AnyEvent]:
    """The merchant's word that the claim is pressure, or not about daily consumption; once in a dispute.

    Errors: `Refused` with `words_missing`, `pressure_called_before`, `step_out_of_order`.
    """
    must_be(ground, Role.merchant)
    must_be_in(dispute, *MERCHANT_MAY_ANSWER, State.mediating)
    if dispute.pressure is not None:
        raise Refused("pressure_called_before")
    if not command.words:
        raise Refused("words_missing")
    clock = dispute.due if dispute.state is State.awaiting_merchant else None
    return [
        e.PressureCalled(
            at=ground.now,
            reason=command.reason,
            words=command.words,
            late=answers_late(dispute, ground),
            ran_until=clock.at if clock else None,
        )
    ]


def judge_pressure(dispute: Dispute, command: c.JudgePressure, ground: Ground) -> list[e.AnyEvent]:
    """A person's decision on it, by any officer until one has taken the case, and after the end of the dispute too.

    Errors: `Refused` with `pressure_not_called`, `pressure_judged`, `not_your_case`, `words_missing`.
    """
    must_be(ground, Role.officer)
    if dispute.pressure is None:
        raise Refused("pressure_not_called")
    if dispute.pressure.judged_at is not None:
        raise Refused("pressure_judged")
    if dispute.officer not in {"", ground.actor.id}:
        raise Refused("not_your_case")
    if not command.words:
        raise Refused("words_missing")
    return [e.PressureJudged(at=ground.now, upheld=command.upheld, words=command.words)]
