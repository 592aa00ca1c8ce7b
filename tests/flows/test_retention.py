"""Letters that ended lose their content after the city's span, and are still the same letters: nothing comes twice."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from tests.handovers.conftest import Two
from tests.support.alliance import HERE, THERE, Alliance, directory

from hejie.alliance.directory import Directory
from hejie.alliance.letter import carried
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.cities.city import ApplySettings
from hejie.desk.cities import CITIES
from hejie.duties import items
from hejie.handovers import commands as c
from hejie.handovers.model import State
from hejie.peers.directories import take_directory
from hejie.peers.inbox import Desk, take_letters
from hejie.store.letter_retention import empty_letters
from hejie.store.letters_in import gaps
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.worker import LaterError, Work

DAYS = 10
SIZES = "select about, number, length(bytes) > 0 from letter_in where kind = 'probe' order by about, number"
FULL = "select kind from letter_in where length(bytes) > 0 and kind like 'handover%%' order by number"


async def keeps_for(both: Alliance, city: str, days: int) -> None:
    """The city's next settings."""
    async with city_transaction(both.app.pool, city) as connection:
        told = await settings_at(connection, city, both.clock.now())
    told = msgspec.structs.replace(told, version=told.version + 1, valid_from=date(2026, 11, 30), letter_days=days)
    await both.app.desk.act(CITIES, city, city, ApplySettings(settings=told), SYSTEM)


async def later(two: Two, city: str = THERE, **span: float) -> None:
    """Time passes, and the city tidies up."""
    await two.pass_time(**span)
    now = two.both.clock.now()
    with pytest.raises(LaterError):
        await items.tidy(Work(city, 0, "tidy", "city", city, {}, 1, now, now), two.both.app.tools)


def inbox(both: Alliance, known: Directory) -> Desk:
    return Desk(both.app.pool, both.app.tools.exchange[THERE], known, HERE, both.clock.now())


async def test_a_tidied_letter_that_comes_again_is_the_same_letter(two: Two):
    both = two.both
    await keeps_for(both, HERE, DAYS)
    await keeps_for(both, THERE, DAYS)
    for number in (1, 2):
        await both.put(HERE, THERE, "probe-1", number, {"words": f"{number}"}, kind="probe")
    await two.work()
    written = await two.rows(HERE, "select bytes from letter_out where kind = 'probe' order by number")
    sent = [bytes(raw) for (raw,) in written]
    await two.pass_time(days=DAYS - 1)
    await both.put(HERE, THERE, "probe-2", 1, {"words": "later"}, kind="probe")
    await later(two, hours=12)
    assert await two.rows(THERE, SIZES) == [("probe-1", 1, True), ("probe-1", 2, True), ("probe-2", 1, True)]
    await later(two, days=1)
    await later(two, HERE)
    assert await two.rows(THERE, SIZES) == [("probe-1", 1, False), ("probe-1", 2, False), ("probe-2", 1, True)]
    assert await two.rows(HERE, SIZES.replace("letter_in", "letter_out")) == await two.rows(THERE, SIZES)
    kept = "select digest, state, over_at from letter_in order by about, number"
    proofs = "select count(*) from letter_evidence where receipt is not null"
    before, events = await two.rows(THERE, kept), await two.rows(HERE, proofs)
    keys, known = both.keys[HERE], await both.directory_of(THERE)
    again = [msgspec.to_builtins(carried(raw, keys.name, keys.signing)) for raw in sent]
    told = await take_letters(inbox(both, known), again, known.version)
    assert [(each.result, each.receipt.receipt["event"]) for each in told] == [("again", "retrieved")] * 2
    other = msgspec.json.decode(sent[1]) | {"data": {"words": "another"}}
    raw = msgspec.json.encode(other)
    (refused,) = await take_letters(
        inbox(both, known), [msgspec.to_builtins(carried(raw, keys.name, keys.signing))], known.version
    )
    assert refused.code == "letter_conflict"
    async with city_transaction(both.app.pool, THERE) as connection:
        assert await gaps(connection, THERE, HERE, "probe-1") == []
    assert await two.rows(THERE, kept) == before
    assert await two.rows(HERE, proofs) == events
    assert await two.rows(THERE, "select count(*) from task where kind = 'take_letter'") == [(0,)]
    await both.put(HERE, THERE, "probe-1", 3, {"words": "3"}, kind="probe")
    await two.work()
    assert await two.rows(THERE, "select state from letter_in where about = 'probe-1' and number = 3") == [("done",)]


async def test_only_so_many_at_a_time_and_only_what_ended(two: Two):
    both = two.both
    for number in range(1, 6):
        await both.put(HERE, THERE, f"probe-{number}", 1, {"words": "x"}, kind="probe")
    await two.work()
    open_ = "update letter_in set state = 'received', over_at = null where about = 'probe-5' returning id"
    await two.rows(THERE, open_)
    both.clock.at = both.clock.at.replace(year=2028)
    assert await empty_letters(both.app.pool, THERE, DAYS, both.clock.now(), most=2) >= 4
    assert [full for _, _, full in await two.rows(THERE, SIZES)] == [False] * 4 + [True]
    assert await empty_letters(both.app.pool, THERE, DAYS, both.clock.now(), most=2) == 0


async def test_an_open_hand_over_keeps_its_pieces_and_a_refused_one_loses_them(two: Two):
    await keeps_for(two.both, THERE, DAYS)
    here = await two.register(HERE)
    case = await two.file(here)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    await later(two, days=DAYS + 5)
    assert await two.rows(THERE, FULL) == [("handover_piece",), ("handover_offer",)]
    await two.to_handover(THERE, f"{case}-1", c.Refuse(code="merchant_unknown"), Actor(Role.officer, "o", THERE))
    await later(two, hours=2)
    assert await two.rows(THERE, FULL) == []
    assert (await two.handover(THERE, f"{case}-1")).state is State.refused
    assert (await two.dispute(HERE, case)).home == HERE


async def test_what_is_accepted_late_is_taken_in_whole(two: Two):
    await keeps_for(two.both, THERE, DAYS)
    here = await two.register(HERE)
    case = await two.file(here)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    await later(two, days=DAYS + 5)
    there = await two.register(THERE)
    await two.to_handover(THERE, f"{case}-1", c.Accept(merchant=there), Actor(Role.officer, "o", THERE))
    await two.work()
    assert (await two.dispute(THERE, case)).home == THERE
    assert await two.rows(THERE, "select kind from content where subject = %s", f"dispute:{case}") == [("text",)]
    await later(two, hours=2)
    assert await two.rows(THERE, FULL) == []


async def go_by(both: Alliance, base: str, version: int) -> None:
    """Where Hangzhou looks for Chengdu."""
    file = directory(both.keeper, [both.members[0], {**both.members[1], "base": base}], version=version)
    await take_directory(both.app.pool, both.app.tools.exchange[HERE], file, both.clock.now())


async def test_an_offer_that_comes_after_its_pieces_are_gone_is_refused_and_the_dispute_stays(two: Two):
    both, least = two.both, 7
    await keeps_for(both, HERE, least)
    await keeps_for(both, THERE, least)
    here, _ = await two.register(HERE), await two.register(THERE)
    case = await two.file(here)
    await go_by(both, "http://127.0.0.1:1", 2)
    await two.hand_over(HERE, case, THERE)
    await two.work()
    ((piece,),) = await two.rows(HERE, "select bytes from letter_out where kind = 'handover_piece'")
    keys, known = both.keys[HERE], await both.directory_of(THERE)
    item = msgspec.to_builtins(carried(bytes(piece), keys.name, keys.signing))
    (told,) = await take_letters(inbox(both, known), [item], known.version)
    assert told.result == "taken"
    await two.work()
    await later(two, days=4 * least - 1)
    assert await two.rows(THERE, FULL) == [("handover_piece",)]
    await later(two, days=2)
    assert await two.rows(THERE, FULL) == []
    await go_by(both, both.url, 3)
    await two.pass_time(hours=10)
    await two.pass_time(minutes=1)
    refused = await two.rows(THERE, "select code from letter_in where kind = 'handover_offer'")
    assert refused == [("letter_unreadable",)]
    assert await two.rows(THERE, "select id from handover") == []
    stays = await two.dispute(HERE, case)
    assert (stays.home, stays.away) == (HERE, None)
    await later(two, HERE)
    kept = "select kind, length(bytes) > 0 from letter_out where kind like 'handover%%' order by number"
    left = await two.rows(HERE, kept)
    assert left == [("handover_piece", False), ("handover_offer", True)]  # the offer ended only now
