"""The house's own yes comes after an officer's no, or after the offer was taken back: it changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import Refused
from hejie.handovers import commands as c
from hejie.handovers.decide import Ground, decide
from hejie.handovers.model import Handover, State

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


def _row(state: State) -> Handover:
    return Handover(
        city="510100", id="330100-A-B-1", version=2, dispute="330100-A-B", sender="330100", receiver="510100", turn=1,
        because="shop_elsewhere", state=state, offered_at=NOW, answer_by=NOW, finish_by=NOW, changed_at=NOW,
    )  # fmt: skip


def _ground(actor: Actor) -> Ground:
    return Ground(city="510100", id="330100-A-B-1", now=NOW, actor=actor, known=True)


@pytest.mark.parametrize("state", [State.refused, State.recalled, State.accepted, State.taken])
def test_the_house_finds_it_answered_and_an_officer_is_told(state):
    yes = c.Accept(merchant="510100-M")
    assert decide(_row(state), yes, _ground(SYSTEM)) == []
    with pytest.raises(Refused, match="handover_answered"):
        decide(_row(state), yes, _ground(Actor(Role.officer, "o", "510100")))
