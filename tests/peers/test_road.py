"""A letter's whole road between two cities, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.alliance import HERE, THERE, Alliance

from hejie.base.errors import Missing, Refused
from hejie.duties import take_letter
from hejie.duties.letter_kinds import Incoming
from hejie.duties.tools import Tools

ENDS = "select state, code, tries from letter_out order by about, number"
STEPS = "select event from letter_evidence order by heard_at, event"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Incoming]:
    """What greetings say, as a handler hears them."""
    found: list[Incoming] = []

    async def greeting(_tools: Tools, _city: str, letter: Incoming) -> None:
        if letter.data["words"] == "no":
            raise Refused("not_today")
        found.append(letter)

    monkeypatch.setattr(take_letter, "HANDLERS", {"greeting": greeting})
    return found


async def test_a_letter_goes_over_and_its_receipts_come_back(two: Alliance, heard: list[Incoming]):
    name = await two.put(HERE, THERE, "case-1", 1, {"words": "你好"}, sealed={"name": "王女士"})
    await two.work()
    assert [(each.peer, each.id, each.data, each.sealed) for each in heard] == [
        (HERE, name, {"words": "你好"}, {"name": "王女士"})
    ]
    assert await two.rows(HERE, ENDS) == [("retrieved", "", 0)]
    steps = await two.rows(HERE, "select event, receipt is not null from letter_evidence order by event")
    assert dict(steps) == {"submitted": False, "relayed": False, "delivered": True, "retrieved": True}
    assert await two.rows(THERE, "select state, told from letter_in") == [("done", True)]


async def test_the_personal_field_travels_closed(two: Alliance, heard: list[Incoming]):
    await two.put(HERE, THERE, "case-1", 1, {"words": "你好"}, sealed={"name": "王女士"})
    (raw,) = (await two.rows(HERE, "select bytes from letter_out"))[0]
    assert "王女士".encode() not in raw
    assert "你好".encode() in raw


async def test_written_twice_it_is_one_letter(two: Alliance, heard: list[Incoming]):
    first = await two.put(HERE, THERE, "case-1", 1, {"words": "你好"})
    assert await two.put(HERE, THERE, "case-1", 1, {"words": "你好"}) == first
    await two.work()
    assert len(heard) == 1


async def test_a_refusal_of_the_handler_is_told_to_the_sender_and_a_person(two: Alliance, heard: list[Incoming]):
    await two.put(HERE, THERE, "case-1", 1, {"words": "no"})
    await two.put(HERE, THERE, "case-1", 2, {"words": "yes"})
    await two.work()
    assert await two.rows(HERE, ENDS) == [("refused", "not_today", 0), ("retrieved", "", 0)]
    assert await two.rows(HERE, "select kind, body->>'code' from work_item") == [("letter_refused", "not_today")]
    assert [each.number for each in heard] == [2]


NOT_ALLOWED: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("greeting", {"words": "x", "phone": "13800000000"}, None, "field_not_agreed"),
    ("greeting", {"words": "x"}, {"words2": "y"}, "field_not_agreed"),
    ("greeting", {"name": "open what must be closed"}, None, "field_not_agreed"),
    ("query", {"words": "x"}, None, "kind_not_ours"),
]


@pytest.mark.parametrize(("kind", "data", "sealed", "code"), NOT_ALLOWED)
async def test_what_is_not_agreed_is_refused_before_it_is_written(two: Alliance, kind, data, sealed, code):
    with pytest.raises(Refused) as error:
        await two.put(HERE, THERE, "case-1", 1, data, kind=kind, sealed=sealed)
    assert error.value.code == code
    with pytest.raises(Missing):
        await two.put(HERE, "110000", "case-1", 1, {"words": "x"})
    assert await two.rows(HERE, "select * from letter_out") == []
    assert await two.rows(HERE, "select * from task where kind = 'relay'") == []


DEEP: Any = "x"
for _ in range(14):
    DEEP = [DEEP]


@pytest.mark.parametrize("value", [DEEP, float("nan"), 2**60, "\x00", "\ud800"])
async def test_what_no_reader_takes_is_not_written(two: Alliance, value: Any):
    with pytest.raises(Refused, match="letter_unreadable"):
        await two.put(HERE, THERE, "case-1", 1, {"words": value})
    assert await two.rows(HERE, "select * from letter_out") == []


async def test_a_key_that_is_not_found_is_sought_for_three_days(two: Alliance, heard: list[Incoming]):
    own = two.app.tools.exchange[THERE]
    keys = dict(own.opening)
    object.__setattr__(own, "opening", {})
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"}, sealed={"name": "y"})
    await two.put(HERE, THERE, "case-2", 1, {"words": "x"}, sealed={"name": "y"})
    await two.work()
    await two.pass_time(hours=2)
    open_ = "select count(*) from work_item where kind = 'letter_not_opened' and done_at is null"
    assert (heard, await two.rows(THERE, open_)) == ([], [(2,)])
    object.__setattr__(own, "opening", keys)
    await two.pass_time(hours=2)
    assert (len(heard), await two.rows(THERE, open_)) == (2, [(0,)])
    object.__setattr__(own, "opening", {})
    await two.put(HERE, THERE, "case-3", 1, {"words": "x"}, sealed={"name": "y"})
    await two.work()
    await two.pass_time(days=4)
    assert await two.rows(HERE, "select code from letter_out where about = 'case-3'") == [("letter_not_for_us",)]
