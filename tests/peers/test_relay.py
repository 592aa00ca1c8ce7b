"""Letters to a city that is away, silent, endless or mad: kept, tried ever later, told to a person, brought at last."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from tests.support.alliance import AGREEMENTS, HERE, START, THERE, Alliance, directory

from hejie.duties import items, relay
from hejie.peers.directories import take_directory
from hejie.store import letters
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, LaterError, Work

Madness = Callable[[asyncio.StreamWriter], Awaitable[None]]
OUT = "select state, tries from letter_out where kind <> 'figures' order by about, number"
OPEN = "select kind from work_item where done_at is null order by kind"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


async def garbage(out: asyncio.StreamWriter) -> None:
    out.write(HEAD + b"content-length: 9\r\n\r\n{]garbage")


async def unsigned_yes(out: asyncio.StreamWriter) -> None:
    body = b'{"protocol":1,"request":"","directory":1,"results":[]}'
    out.write(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)


async def ten_gigabytes(out: asyncio.StreamWriter) -> None:
    out.write(HEAD + b"content-length: 10737418240\r\n\r\n")
    for _ in range(200):
        out.write(b" " * 65536)
        await out.drain()


async def a_byte_a_second(out: asyncio.StreamWriter) -> None:
    out.write(HEAD + b"content-length: 1000\r\n\r\n")
    for _ in range(40):
        out.write(b" ")
        await out.drain()
        await asyncio.sleep(0.05)


async def elsewhere(out: asyncio.StreamWriter) -> None:
    out.write(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")


async def hangs_up(out: asyncio.StreamWriter) -> None:
    out.write(b"HT")


MAD = [
    (garbage, "reply_unsigned"),
    (unsigned_yes, "reply_unsigned"),
    (ten_gigabytes, "reply_too_large"),
    (a_byte_a_second, "wallet_silent"),
    (elsewhere, "reply_unsigned"),
    (hangs_up, "wallet_silent"),
]


@asynccontextmanager
async def standing(madness: list[Madness]) -> AsyncIterator[str]:
    """A server that answers everybody as the last madness says; its address."""

    async def serve(reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        try:
            await reader.read(65536)
            await madness[-1](out)
            await out.drain()
        except OSError:
            pass
        finally:
            out.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()


async def go_by(two: Alliance, base: str, version: int) -> None:
    """Let the other city stand at an address, for this one."""
    members = [two.members[0], {**two.members[1], "base": base}]
    file = directory(two.keeper, members, version=version)
    await take_directory(two.app.pool, two.app.tools.exchange[HERE], file, two.clock.now())


async def test_a_mad_peer_is_never_believed_and_gets_it_in_the_end(two: Alliance, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relay, "_CALL_SECONDS", 0.6)
    madness: list[Madness] = []
    async with standing(madness) as base:
        await go_by(two, base, 2)
        await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
        for tries, (mad, code) in enumerate(MAD, 1):
            madness.append(mad)
            await two.pass_time(hours=1)
            assert await two.rows(HERE, OUT) == [("relayed", tries)], mad
            assert await two.rows(HERE, "select failures, last_error from alliance_link") == [(tries, code)], mad
    assert await two.rows(THERE, "select * from letter_in") == []
    await go_by(two, two.url, 3)
    await two.pass_time(hours=1)
    assert await two.rows(HERE, OUT) == [("refused", 6)]  # nobody handles greetings there
    assert await two.rows(THERE, "select count(*) from letter_in") == [(1,)]


async def test_a_dead_peer_is_told_after_a_day_and_tried_for_good(two: Alliance):
    await go_by(two, "http://127.0.0.1:1", 2)
    await two.work()
    start = two.clock.at
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    await two.put(HERE, THERE, "case-1", 2, {"words": "y"})
    for _ in range(25):
        await two.pass_time(hours=1)
        due = await two.rows(HERE, "select min(due_at) from task where kind = 'relay'")
        assert due[0][0] is not None
        told = await two.rows(HERE, OPEN)
        assert told == ([("letter_waiting",)] if two.clock.at - start >= timedelta(hours=24) else [])
    ((_, tries), _) = await two.rows(HERE, OUT)
    for _ in range(40):
        await two.pass_time(hours=3)
    ((state, later), _) = await two.rows(HERE, OUT)
    assert (state, later > tries + 8) == ("relayed", True)
    assert await two.rows(HERE, "select count(*) from task where parked") == [(0,)]
    await go_by(two, two.url, 3)
    await two.pass_time(hours=7)
    await two.pass_time(minutes=5)
    assert [state for state, _ in await two.rows(HERE, OUT)] == ["refused", "refused"]
    assert ("letter_waiting",) not in await two.rows(HERE, OPEN)
    ended = "select number from letter_in where about = 'case-1' order by over_at, number"
    assert await two.rows(THERE, ended) == [(1,), (2,)]


async def test_after_ten_failures_a_peer_has_a_minutes_rest(two: Alliance):
    await go_by(two, "http://127.0.0.1:1", 2)
    for number in range(1, 11):
        await two.put(HERE, THERE, f"case-{number}", 1, {"words": "x"})
        await two.pass_time(seconds=100)
    before = await two.rows(HERE, "select failures from alliance_link")
    assert before[0][0] >= 10
    await two.put(HERE, THERE, "case-11", 1, {"words": "x"})
    await two.work()
    assert await two.rows(HERE, "select failures from alliance_link") == before
    assert await two.rows(HERE, "select tries from letter_out where about = 'case-11'") == [(0,)]
    await two.pass_time(seconds=61)
    assert await two.rows(HERE, "select failures from alliance_link") > before


async def test_an_answer_that_was_lost_is_asked_for_before_anything_is_sent_again(two: Alliance):
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    await two.work()
    await two.rows(HERE, "update letter_out set state = 'relayed', next_at = first_at returning id")
    await two.rows(HERE, "delete from task where kind = 'relay' returning id")
    await two.put(HERE, THERE, "case-2", 1, {"words": "x"})
    ((nonces,),) = await two.rows(THERE, "select count(*) from nonce")
    await two.work()
    assert [state for state, _ in await two.rows(HERE, OUT)] == ["refused", "refused"]
    assert await two.rows(THERE, "select count(*) from letter_in") == [(2,)]
    assert await two.rows(THERE, "select count(*) from nonce") == [(nonces + 2,)]  # asked for one, brought the other


async def test_a_letter_by_a_newer_directory_waits_until_it_is_fetched(two: Alliance):
    await two.work()
    members = [{**each, "rights": [*each["rights"], "query"]} for each in two.members]
    query = {"kind": "query", "basis": "pact 3", "fields": ["shop"], "begins": "2026-01-01"}
    file = directory(two.keeper, members, version=2, agreements=[*AGREEMENTS, query])
    await take_directory(two.app.pool, two.app.tools.exchange[HERE], file, two.clock.now())
    await two.put(HERE, THERE, "case-1", 1, {"shop": "x"}, kind="query")
    await two.work()
    assert await two.rows(HERE, OUT) == [("relayed", 1)]
    assert await two.rows(THERE, "select max(version) from alliance_directory") == [(2,)]
    await two.pass_time(minutes=1)
    assert await two.rows(HERE, "select state, code from letter_out") == [("refused", "kind_unknown")]


async def test_a_letter_behind_one_that_was_put_off_does_not_bring_its_relay_at_once_again(two: Alliance):
    """It is not due before the one it waits for: a relay that came for it now would come for ever."""
    await two.work()
    now, later = two.clock.now(), two.clock.now() + timedelta(hours=1)
    for number in (1, 2, 3):
        await two.put(HERE, THERE, "case-1", number, {"words": "x"})
    await two.rows(HERE, "update letter_out set next_at = %s where number = 1 and about = 'case-1' returning id", later)
    await two.rows(HERE, "delete from task where kind = 'relay' returning id")
    with pytest.raises(AgainError) as again:
        await relay.relay(Work(HERE, 0, "relay", "peer", THERE, {}, 1, now, now), two.app.tools)
    assert again.value.at == later
    async with city_transaction(two.app.pool, HERE) as connection:
        assert await letters.take_due(connection, HERE, THERE, now) == []
        await letters.put(connection, HERE, THERE, "case-2", 1, "greeting", {"words": "y"}, now=now, chance=os.urandom)
        assert (await letters.waiting(connection, HERE, THERE)).next_at == now  # another subject waits for nobody


async def test_a_newer_directory_goes_from_peer_to_peer(two: Alliance):
    file = directory(two.keeper, two.members, version=5)
    await take_directory(two.app.pool, two.app.tools.exchange[THERE], file, two.clock.now())
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    await two.work()
    assert await two.rows(HERE, "select max(version) from alliance_directory") == [(5,)]


async def test_a_letter_whose_task_is_gone_is_not_forgotten(two: Alliance):
    await two.work()
    await two.put(HERE, THERE, "case-1", 1, {"words": "x"})
    await two.rows(HERE, "update task set parked = true where kind = 'relay' returning id")
    now = two.clock.now()
    for _ in range(2):
        with pytest.raises(LaterError):
            await items.tidy(Work(HERE, 0, "tidy", "city", HERE, {}, 1, now, now), two.app.tools)
    assert await two.rows(HERE, "select count(*) from task where kind = 'relay' and not parked") == [(1,)]
    await two.work()
    assert await two.rows(THERE, "select count(*) from letter_in") == [(1,)]


async def test_a_month_before_the_directory_ends_a_person_is_told(two: Alliance):
    async def told() -> list[tuple[str]]:
        return await two.rows(HERE, "select body->>'code' from work_item where kind = 'exchange_ending' and "
                                    "done_at is null")  # fmt: skip

    await two.work()
    for version, ends, found in (
        (2, "2026-12-20T00:00:00Z", [("directory_expired",)]),
        (3, "2027-12-01T00:00:00Z", []),
    ):
        file = directory(two.keeper, two.members, version=version, expires_at=ends)
        await take_directory(two.app.pool, two.app.tools.exchange[HERE], file, two.clock.now())
        await two.put(HERE, THERE, "case-1", version - 1, {"words": "x"})
        await two.work()
        assert await told() == found
    two.clock.at = START + timedelta(days=10)
    await two.put(HERE, THERE, "case-1", 3, {"words": "x"})
    await two.work()
    assert await told() == [("own_key_unlisted",)]
