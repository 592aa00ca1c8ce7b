"""What goes out or comes in together stands as if it had gone one by one; one round to a peer at a time."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.peers.test_hostile import Caller
from tests.support.alliance import HERE, THERE, Alliance

from hejie.alliance import receipt as receipts
from hejie.alliance.letter import Letter
from hejie.alliance.receipt import Event, Receipt
from hejie.duties import relay
from hejie.worker import LaterError

LETTERS = "select number, state, code from letter_in where about like %s order by about, number"
TASKS = "select kind, count(*)::int from task where kind in ('take_letter', 'watch_gap') group by kind order by kind"


@pytest.mark.parametrize("seed", range(6))
async def test_letters_in_one_message_stand_as_those_that_came_one_by_one(two: Alliance, seed: int):
    caller = Caller(two, two.keys[HERE])

    def letters(way: str) -> list[Letter]:
        found: list[Letter] = []
        numbers = random.Random(seed)
        for _ in range(12):
            about, number = f"{way}-{numbers.randint(1, 2)}", numbers.choice([1, 1, 2, 2, 3, 4, 3000])
            bad = {"data": {"phone": "13800000000"}} if numbers.random() < 0.25 else {}
            found.append(caller.letter(about=about, number=number, **bad))
            if numbers.random() < 0.2:
                found.append(numbers.choice(found))
        return found

    async def told(*some: Letter) -> list[tuple[str, str]]:
        body = caller.body(*map(caller.item, some))
        answer = await caller.send(caller.signed(body), body)
        return [(each["result"], each["code"]) for each in answer.json()["results"]]

    one_by_one = [result for each in letters("single") for result in await told(each)]
    ours = await two.rows(THERE, TASKS)
    assert await told(*letters("joined")) == one_by_one
    assert await two.rows(THERE, LETTERS, "joined-%") == await two.rows(THERE, LETTERS, "single-%")
    assert await two.rows(THERE, TASKS) == [(kind, 2 * count) for kind, count in ours]


async def test_receipts_in_one_message_move_each_letter_once_and_end_it_once(two: Alliance):
    names = [await two.put(HERE, THERE, f"case-{number}", 1, {"words": "x"}) for number in (1, 2)]
    digests = dict(await two.rows(HERE, "select id, digest from letter_out"))
    caller = Caller(two, two.keys[THERE])
    caller.url = f"{two.url}/api/{HERE}/exchange/receipts"

    def told(name: str, event: Event, **more: Any) -> Any:
        same = {"letter": name, "source": HERE, "target": THERE, "sha256": digests[names[0]], "at": two.clock.now()}
        receipt = Receipt(**{**same, "event": event, **more})
        return receipts.signed(receipt, two.keys[THERE].name, two.keys[THERE].signing)

    first = [told(names[0], event) for event in (Event.delivered, Event.refused, Event.delivered, Event.retrieved)]
    other = told(names[1], Event.retrieved)  # for the first one's bytes
    body = msgspec.json.encode({"protocol": 1, "directory": 1, "receipts": [*first, other, other, {"receipt": {}}]})
    answer = (await caller.send(caller.signed(body), body)).json()["results"]
    assert [each["result"] for each in answer] == [*["taken"] * 4, *["refused"] * 3]
    assert sorted(await two.rows(HERE, "select id, state from letter_out")) == sorted(
        [(names[0], "refused"), (names[1], "submitted")]
    )
    over = await two.rows(HERE, "select subject, payload->>'refused' from task where kind = 'letter_over'")
    assert over == [(names[0], "refused")]


async def test_one_round_to_a_peer_at_a_time_and_what_gathers_goes_as_one_message(
    two: Alliance, monkeypatch: pytest.MonkeyPatch
):
    began, go_on, messages = asyncio.Event(), asyncio.Event(), list[int]()
    bring = relay._bring

    async def slowly(road: Any, due: Any) -> None:
        messages.append(len(due))
        began.set()
        await go_on.wait()
        await bring(road, due)

    monkeypatch.setattr(relay, "_bring", slowly)
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    (first,) = [work for work in await two.worker.claim(8) if work.kind == "relay"]
    under_way = asyncio.create_task(two.worker.do(first))
    await began.wait()
    for number in range(2, 7):
        await two.put(HERE, THERE, f"case-{number}", 1, {"words": "x"})
    (second,) = [work for work in await two.worker.claim(8) if work.kind == "relay"]
    with pytest.raises(LaterError):
        await asyncio.wait_for(relay.relay(second, two.app.tools), 10)
    assert messages == [1]
    go_on.set()
    await under_way
    await two.worker.do(second)
    assert messages[:2] == [1, 5]


async def test_a_round_whose_process_ended_is_waited_for_some_seconds_only(two: Alliance):
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    (dead,) = [work for work in await two.worker.claim(8) if work.kind == "relay"]
    await two.put(HERE, THERE, "case-2", 1, {"words": "x"})
    (heir,) = [work for work in await two.worker.claim(8) if work.kind == "relay"]
    with pytest.raises(LaterError):
        await relay.relay(heir, two.app.tools)
    earlier = dead.leased_until - timedelta(seconds=relay._BELIEVED_SECONDS)
    await two.rows(HERE, "update task set leased_until = %s where id = %s returning id", earlier, dead.id)
    await two.worker.do(heir)
    assert await two.rows(HERE, "select distinct state from letter_out where about like 'case-%%'") == [("delivered",)]
