"""The whole road to 12315 over the wire: consent, hand-off, receipt and ends; whatever is lost, it goes there once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.town import CITY, OFFICER, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.handoff import Handoff, HandoffState
from hejie.disputes.handoff_commands import ConsentHandoff, EndOdr, HandOff, WithdrawHandoffConsent
from hejie.disputes.handoff_package import Complainant, package, written
from hejie.disputes.states import State
from hejie.duties.hand_off import LOOK_EVERY, hand_off, handoff_unclear
from hejie.merchants.commands import SetOdr
from hejie.merchants.odr import OdrSpan
from hejie.queries.handoffs import handoff_counts
from hejie.queries.merchant import read_merchant
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.worker import AgainError, LaterError, Work

WHO = Complainant(name="林晓", phone="+8613900010001", address="杭州市上城区解放路 1 号")
SINCE = date(2026, 1, 1)
FAULTS = ("system_error", "system_error_after_commit", "drop_after_commit", "garbage", "bad_signature")


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        await let(place, "officer")
        yield place


async def let(here: Town, how: str) -> None:
    """The city's newest settings, with the way to 12315 open from the next day on."""
    known = read_city(shipped(CITY))
    version = 100 + ["officer", "consent"].index(how)
    tomorrow = here.app.clock.now().astimezone(SHANGHAI).date() + timedelta(days=1)
    settings = replace(known, handoff=how, version=version, valid_from=tomorrow)
    await here.app.desk.act(CITIES, CITY, CITY, ApplySettings(settings=settings), SYSTEM)


async def escalated(here: Town) -> str:
    dispute = await here.file(await here.pay())
    here.advance(hours=97)
    await here.work()
    await here.act(dispute, d.Take(), OFFICER)
    return dispute


async def consent(here: Town, dispute: str) -> str:
    """The consumer's consent to a package of this dispute; its key."""
    row = await here.read(dispute)
    async with city_transaction(here.app.pool, CITY) as connection:
        merchant = await read_merchant(connection, CITY, here.merchant)
    whole = written(package(row, WHO, merchant, read_city(shipped(CITY)), "面是凉的", (), ()))
    content = Content(id=here.app.desk.mint(CITY), kind="text", plain=whole)
    command = ConsentHandoff(package=content.id, digest=hashlib.sha256(whole).hexdigest())
    await here.app.desk.act(DISPUTES, CITY, dispute, command, here.as_consumer, contents=[content])
    return content.id


async def handoff(here: Town, dispute: str) -> Handoff:
    found = (await here.read(dispute)).handoff
    assert found is not None
    return found


def there(here: Town) -> list[Any]:
    return list(here.wallet.get("national/ledger"))


def decide(here: Town, key: str, state: str, **more: Any) -> None:
    here.wallet.post("national/decide", city=CITY, key=key, state=state, **more)


async def look(here: Town) -> None:
    here.advance(seconds=LOOK_EVERY.total_seconds())
    await here.work()


async def test_each_fact_by_itself_from_the_receipt_to_the_result(here: Town):
    dispute = await escalated(here)
    key = await consent(here, dispute)
    await here.work()
    assert there(here) == []
    await here.act(dispute, HandOff(), OFFICER)
    await here.work()
    (row,) = there(here)
    found = await handoff(here, dispute)
    assert (row["key"], row["sha256"], row["number"]) == (key, found.digest, found.number)
    assert found.state is HandoffState.received
    assert found.decide_by is not None
    assert WHO.name in row["package"]
    decide(here, key, "accepted")
    await look(here)
    assert (await handoff(here, dispute)).mediate_by is not None
    decide(here, key, "concluded", words="已调解", settled=True)
    await look(here)
    assert (await handoff(here, dispute)).state is HandoffState.concluded
    assert (await here.read(dispute)).state is State.mediating
    told = await here.rows("select template from notice where audience = 'consumer' and template = 'handoff'")
    assert len(told) >= 3  # handed off, received, taken up, ended
    assert await here.rows("select 1 from task where kind = 'hand_off'") == []
    async with city_transaction(here.app.pool, CITY) as connection:
        counts = await handoff_counts(connection, CITY)
    assert {state: count for state, count in counts.items() if count} == {HandoffState.concluded: 1}


@pytest.mark.parametrize(
    ("state", "more"), [("refused", {"code": "N3", "words": "不属于日常消费"}), ("returned", {"words": "请补充地址"})]
)
async def test_what_comes_back_says_why_and_may_go_again(here: Town, state, more):
    dispute = await escalated(here)
    key = await consent(here, dispute)
    await here.act(dispute, HandOff(), OFFICER)
    await here.work()
    decide(here, key, state, **more)
    await look(here)
    found = await handoff(here, dispute)
    assert (found.state, found.refusal) == (HandoffState(state), more.get("code", ""))
    (said,) = await here.rows("select body->>'words' from log where event in ('HandoffRefused', 'HandoffReturned')")
    async with city_transaction(here.app.pool, CITY) as connection:
        vault = here.app.tools.vaults(CITY)
        contents = await read_contents(connection, vault, CITY, f"dispute:{dispute}", [said[0]])
    assert contents[said[0]][1].decode() == more["words"]
    assert await here.rows("select 1 from notice where audience = 'consumer' and template = 'handoff_back'")
    again = await consent(here, dispute)
    await here.act(dispute, HandOff(), OFFICER)
    await here.work()
    assert [row["key"] for row in there(here)] == [key, again]


async def test_whatever_is_lost_it_is_there_once(here: Town):
    disputes = [await here.file(await here.pay()) for _ in FAULTS]
    here.advance(hours=97)
    await here.work()
    keys = []
    for fault, dispute in zip(FAULTS, disputes, strict=True):
        await here.act(dispute, d.Take(), OFFICER)
        keys.append(await consent(here, dispute))
        here.wallet.knob(fault, "national.", remaining=3)  # the submission, the asking, and one of them again
        await here.act(dispute, HandOff(), OFFICER)
        await here.work()
        assert [row["key"] for row in there(here)] == keys, fault
        assert (await handoff(here, dispute)).state is HandoffState.received
        doubts = "select count(*) from log where id = %s and event = 'HandoffDoubted'"
        assert (await here.rows(doubts, dispute))[0][0] > 0, fault


async def test_parallel_and_repeated_duties_hand_it_over_once(here: Town):
    dispute = await escalated(here)
    key = await consent(here, dispute)
    await here.act(dispute, HandOff(), OFFICER)
    here.wallet.knob("drop_after_commit", "national.submit", remaining=3)
    now = here.app.clock.now()
    work = Work(CITY, 1, "hand_off", "dispute", dispute, {"key": key}, 1, now, now)
    for _ in range(3):
        done = await asyncio.gather(*(hand_off(work, here.app.tools) for _ in range(4)), return_exceptions=True)
        assert all(isinstance(each, AgainError | LaterError) for each in done), done
    assert [row["key"] for row in there(here)] == [key]
    found = await handoff(here, dispute)
    assert (found.state, found.number) == (HandoffState.received, there(here)[0]["number"])
    assert len(await here.rows("select 1 from log where event = 'HandoffReceived'")) == 1


async def test_a_consent_taken_back_before_the_sending_sends_nothing_and_deletes_the_package(here: Town):
    dispute = await escalated(here)
    key = await consent(here, dispute)
    await here.act(dispute, HandOff(), OFFICER)
    await here.act(dispute, WithdrawHandoffConsent(), here.as_consumer)
    await here.work()
    assert there(here) == []
    assert await here.rows("select 1 from content where id = %s", key) == []
    assert await here.rows("select 1 from task where kind = 'hand_off'") == []


async def test_a_clear_no_of_the_package_comes_back_as_returned(here: Town):
    dispute = await escalated(here)
    content = Content(id=here.app.desk.mint(CITY), kind="text", plain=b'{"format":"other"}')
    command = ConsentHandoff(package=content.id, digest="0")
    await here.app.desk.act(DISPUTES, CITY, dispute, command, here.as_consumer, contents=[content])
    await here.act(dispute, HandOff(), OFFICER)
    await here.work()
    assert there(here) == []
    assert (await handoff(here, dispute)).state is HandoffState.returned


async def test_an_odr_enterprise_has_its_time_first_then_it_goes_by_itself(here: Town):
    await let(here, "consent")
    await here.tell(SetOdr(span=OdrSpan(first=SINCE)), OFFICER)
    dispute = await escalated(here)
    await consent(here, dispute)
    await here.work()
    row = await here.read(dispute)
    assert row.odr is not None
    assert there(here) == []
    assert await here.rows("select 1 from notice where audience = 'merchant' and template = 'odr_begun'")
    here.advance(seconds=(row.odr.until.at - here.app.clock.now()).total_seconds() + 1)
    await here.work()
    assert len(there(here)) == 1
    found = await handoff(here, dispute)
    assert found.received_at is not None
    assert found.received_at >= row.odr.until.at.replace(microsecond=0)


async def test_the_merchants_word_opens_the_way_at_once(here: Town):
    await let(here, "consent")
    await here.tell(SetOdr(span=OdrSpan(first=SINCE)), OFFICER)
    dispute = await escalated(here)
    await consent(here, dispute)
    await here.act(dispute, EndOdr(), here.as_merchant)
    await here.work()
    assert len(there(here)) == 1


async def test_a_person_is_asked_where_it_stays_unknown_and_only_there(here: Town):
    dispute = await escalated(here)
    key = await consent(here, dispute)
    await here.act(dispute, HandOff(), OFFICER)
    here.wallet.knob("drop_after_commit", "national.submit", remaining=1)
    now = here.app.clock.now()
    work = Work(CITY, 1, "hand_off", "dispute", dispute, {"key": key}, 1, now, now)
    with pytest.raises(LaterError):
        await hand_off(work, here.app.tools)
    assert (await handoff(here, dispute)).state is HandoffState.unknown
    due = """select t.due_at - l.at from task t join log l on l.id = t.subject and l.event = 'HandoffSending'
      where t.kind = 'handoff_unclear'"""
    assert await here.rows(due) == [(timedelta(hours=24),)]
    items = "select subject from work_item where kind = 'handoff_unclear' and done_at is null"
    for payload, expected in (({"key": "another"}, []), ({"key": key}, [(dispute,)]), ({"key": key}, [(dispute,)])):
        await handoff_unclear(Work(CITY, 2, "", "dispute", dispute, payload, 1, now, now), here.app.tools)
        assert await here.rows(items) == expected
    await here.work()
    assert (await handoff(here, dispute)).state is HandoffState.received
