"""A dispute's way to another city as pure rules: what may go, what rests, and which records are believed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.disputes.dispute_cases import CONSUMER, FULL, MERCHANT, OFFICER, T0, Case, paid

from hejie.base.actor import SYSTEM
from hejie.base.errors import Refused
from hejie.cities.homes import Summary
from hejie.disputes import commands as c
from hejie.disputes import homing_commands as h
from hejie.disputes.events import AnyEvent, Filed, Withdrawn
from hejie.disputes.homing import checked
from hejie.disputes.homing_events import HomingEvent, Left
from hejie.disputes.model import Dispute, Road

THERE = "510100"
GO = h.HandOver(to=THERE, because="shop_elsewhere")


def gone(case: Case | None = None) -> Case:
    """In the other city."""
    case = case or Case().file()
    case.do(OFFICER, GO)
    case.do(SYSTEM, h.LetGo(handover="D1-1"))
    return case


def record(case: Case) -> tuple[AnyEvent, ...]:
    return tuple(each for each in case.events if not isinstance(each, HomingEvent))


def taking(
    case: Case, *, turn: int = 1, sender: str = "330100", told: tuple[AnyEvent, ...] | None = None
) -> h.TakeOver:
    return h.TakeOver(
        handover=f"D1-{turn}",
        sender=sender,
        turn=turn,
        record=told or record(case),
        consumer="P9",
        merchant="M9",
        shop="SH9",
        district="510104",
    )


WHILE_AWAY = [
    (CONSUMER, c.Say(words="w")),
    (CONSUMER, c.Withdraw()),
    (CONSUMER, c.Escalate()),
    (MERCHANT, c.AcceptOffer(offer="claim")),
    (MERCHANT, c.Answer(words="w")),
    (MERCHANT, c.MakeOffer(id="o9", remedy=FULL.remedy, road=Road.by_hand)),
    (OFFICER, c.Take()),
    (OFFICER, GO),
]


@pytest.mark.parametrize("left", [False, True], ids=["rests", "gone"])
@pytest.mark.parametrize(("actor", "command"), WHILE_AWAY)
def test_while_it_is_away_nobody_decides_here(actor, command, left: bool):  # noqa: FBT001
    case = gone() if left else Case().file()
    if not left:
        case.do(OFFICER, GO)
    case.refuse("dispute_elsewhere", actor, command)
    for timer in (c.RunOut(rule="merchant_answer", at=case.row.due.at), c.NoteReach(reached=False)):
        case.wait(timedelta(days=9)).nothing(SYSTEM, timer)


def test_a_stranger_learns_nothing_of_it():
    case = gone()
    case.refuse("dispute_unknown", replace(CONSUMER, id="P2"), c.Withdraw())


def _agreed() -> Case:
    return Case().file().offer().accept("o1", CONSUMER)


def _withdrawn() -> Case:
    case = Case().file()
    case.do(CONSUMER, c.Withdraw())
    return case


@pytest.mark.parametrize("made", [_agreed, _withdrawn])
def test_what_only_this_city_can_end_stays(made):
    made().refuse("step_out_of_order", OFFICER, GO)


def test_it_goes_nowhere_by_going_home():
    Case().file().refuse("handover_to_itself", OFFICER, h.HandOver(to="330100", because="shop_elsewhere"))
    Case().file().refuse("not_allowed", MERCHANT, GO)


def test_its_home_is_followed_and_only_forward():
    case = gone()
    later, earlier = (Summary(home=THERE, state=state) for state in ("settling", "awaiting_merchant"))
    case.do(SYSTEM, h.FollowHome(handover="D1-1", number=2, summary=later))
    case.nothing(SYSTEM, h.FollowHome(handover="D1-1", number=1, summary=earlier))
    case.nothing(SYSTEM, h.FollowHome(handover="D1-9", number=3, summary=earlier))
    assert case.row.away.summary == later
    assert case.row.is_open
    over = replace(later, state="settled", closed_at=T0)
    case.do(SYSTEM, h.FollowHome(handover="D1-1", number=3, summary=over))
    assert not case.row.is_open


def test_a_record_folds_to_the_same_dispute_elsewhere():
    case = gone(Case(paid(before=500)).file().offer())
    fresh, now = checked(None, (), taking(case), THERE)
    assert (now.city, now.home) == (THERE, "330100")
    assert (now.due, now.offers, now.state) == (case.row.due, case.row.offers, case.row.state)
    assert len(fresh) == case.row.version - case.row.homing


def _spoilt(case: Case, what: str) -> h.TakeOver:
    told = record(case)
    first = told[0]
    assert isinstance(first, Filed)
    match what:
        case "empty":
            return replace(taking(case), record=())
        case "ours":
            return taking(case, told=(replace(first, city=THERE), *told[1:]))
        case "headless":
            return taking(case, told=told[1:])
        case "twice":
            return taking(case, told=(first, *told))
        case "with a step between cities":
            return taking(case, told=(*told, Left(at=T0, handover="D1-1", to=THERE)))
        case "another's":
            return replace(taking(case), handover="D2-1")
        case "another turn":
            return replace(taking(case), handover="D1-2")
        case _:
            return taking(case, told=(replace(first, copied_to=THERE), *told[1:]))


@pytest.mark.parametrize(
    "what", ["empty", "ours", "headless", "twice", "with a step between cities", "another's", "another turn", "copied"]
)
def test_a_record_that_is_none_is_refused(what: str):
    case = gone(Case().file().offer())
    with pytest.raises(Refused, match="record_broken"):
        checked(None, (), _spoilt(case, what), THERE)


def test_a_return_must_begin_as_it_was_and_come_from_its_home():
    case = gone(Case().file().offer())
    kept, row = record(case), case.row
    back = taking(case, turn=2, sender=THERE, told=(*kept, Withdrawn(at=T0)))
    _, now = checked(row, kept, back, "330100")
    assert now.closed_at == T0
    assert _refused(row, kept, replace(back, record=back.record[:1])) == "record_differs"
    assert (
        _refused(row, kept, replace(back, record=(replace(kept[0], consumer="P2"), *back.record[1:])))
        == "record_differs"
    )
    assert _refused(row, kept, replace(back, sender="350200")) == "handover_out_of_turn"
    assert _refused(row, kept, replace(back, turn=1, handover="D1-1")) == "handover_out_of_turn"
    assert _refused(replace(row, away=None), kept, back) == "handover_out_of_turn"


def _refused(row: Dispute, kept: tuple[AnyEvent, ...], command: h.TakeOver) -> str:
    with pytest.raises(Refused) as why:
        checked(row, kept, command, "330100")
    return why.value.code
