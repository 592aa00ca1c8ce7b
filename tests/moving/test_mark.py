"""From the mark on nothing of the city changes where it was; whatever was under way is over before, or refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from tests.moving.conftest import Moving
from tests.support.alliance import HERE, THERE, Alliance

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.desk.merchants import MERCHANTS
from hejie.merchants import commands as m
from hejie.store.moving import mark
from hejie.store.pool import Moved, city_transaction

AT = datetime(2026, 12, 1, tzinfo=UTC)
_WAITS = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
_TASK = (
    "insert into task (city, kind, noun, subject, destination, due_at, payload)"
    " values (%s, 'tend_log', 'city', %s, 'test', 'epoch', '{}')"
)


async def _marked(resting: Moving, to: str = "") -> mark.Mark:
    def do() -> mark.Mark:
        with psycopg.connect(resting.databases[0].owner_url, autocommit=True) as owner:
            return mark.set_mark(owner, HERE, AT, to)

    return await asyncio.to_thread(do)


async def _until_waiting(url: str, count: int) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for _ in range(2000):
            row: Any = await (await connection.execute(_WAITS)).fetchone()
            if row[0] >= count:
                return
            await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def _register(place: Alliance, city: str, code: str) -> str:
    identifier = place.app.desk.mint(city)
    command = m.RegisterMerchant(city=city, id=identifier, credit_code=code, name="面馆")
    await place.app.desk.act(MERCHANTS, city, identifier, command, SYSTEM)
    return identifier


async def test_the_mark_waits_for_who_is_in_the_city_and_lets_nobody_in_after_them(resting: Moving):
    """Three at once: one in the middle of a transaction, the mark, and an act that comes while the mark waits."""
    url = resting.databases[0].superuser_url
    async with city_transaction(resting.old.app.pool, HERE) as connection:
        await connection.execute(_TASK, [HERE, HERE])
        marking = asyncio.create_task(_marked(resting))
        await _until_waiting(url, 1)
        late = asyncio.create_task(_register(resting.old, HERE, "92510104MA6ABCDE1E"))
        await _until_waiting(url, 2)
        assert not marking.done()
        assert not late.done()
        await connection.execute(_TASK, [HERE, HERE])
    assert (await marking).at == AT
    with pytest.raises(Moved, match="city_moving"):
        await late
    with psycopg.connect(url) as watching:
        kept = watching.execute("select count(*) from task where city = %s and destination = 'test'", [HERE])
        assert kept.fetchone() == (2,)
        assert watching.execute("select count(*) from merchant where city = %s", [HERE]).fetchone() == (0,)


async def test_where_waiting_takes_too_long_nothing_has_changed(resting: Moving, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mark, "WAIT_SECONDS", "0.05")
    async with city_transaction(resting.old.app.pool, HERE):
        with pytest.raises(Refused, match="city_busy"):
            await _marked(resting)
    assert await resting.old.rows(HERE, "select * from city_moved") == []
    await _register(resting.old, HERE, "92510104MA6ABCDE1E")


async def test_of_a_city_that_moved_nothing_is_done_and_of_the_others_everything(resting: Moving):
    await resting.old.work()
    for city in (HERE, THERE):
        await resting.old.rows(city, f"{_TASK} returning 1", city, city)
    await _marked(resting, "https://new.example")
    with psycopg.connect(resting.databases[0].superuser_url, autocommit=True) as watching:
        before = watching.execute("select to_jsonb(t) from task t where city = %s order by id", [HERE]).fetchall()
        assert await resting.old.worker.claim(30) != []
        after = watching.execute("select to_jsonb(t) from task t where city = %s order by id", [HERE]).fetchall()
        assert before == after
        claimed = watching.execute("select distinct city from task where leased_until > clock_timestamp()")
        assert claimed.fetchall() == [(THERE,)]
    for code in ("92510104MA6ABCDE1E", "91330106MA2CFLDC09"):
        with pytest.raises(Moved, match="city_moved"):
            await _register(resting.old, HERE, code)
    await _register(resting.old, THERE, "92510104MA6ABCDE1E")


async def test_a_claim_under_way_is_waited_for_too(resting: Moving):
    url = resting.databases[0]
    await resting.old.rows(HERE, f"{_TASK} returning 1", HERE, HERE)
    async with await psycopg.AsyncConnection.connect(url.app_url) as claiming:
        await claiming.execute("select * from claim_tasks('2027-01-01', 60, 10, 10)")
        marking = asyncio.create_task(_marked(resting))
        await _until_waiting(url.superuser_url, 1)
        assert not marking.done()
        await claiming.commit()
    await marking


async def test_pages_lead_to_the_new_address_and_callers_are_told_to_come_again(resting: Moving):
    await _marked(resting, "https://new.example")
    async with httpx.AsyncClient(base_url=resting.old.url, trust_env=False) as client:
        for language, word in (("zh", "搬到新地址"), ("en", "has moved to another address")):
            page = await client.get(f"/{HERE}/units?of=a%22b", headers={"accept-language": language})
            assert (page.status_code, page.headers["retry-after"]) == (503, "600")
            assert word in page.text
            assert f'href="https://new.example/{HERE}/units?of=a%22b"' in page.text
        told = await client.get(f"/{HERE}/units", headers={"accept": "application/json"})
        assert (told.status_code, told.json()["code"]) == (503, "city_moved")
        assert told.json()["to"] == "https://new.example"
        assert told.headers["retry-after"] == "600"
        for path in ("merchant/sign-in", "officer", "merchant", "proof"):
            page = await client.get(f"/{HERE}/{path}")
            assert (page.status_code, f"https://new.example/{HERE}/{path}" in page.text) == (503, True), path
        other = await client.get(f"/{THERE}/units")
        assert other.status_code == 200


async def test_taken_back_it_goes_on_and_only_where_it_is_meant(resting: Moving, capsys: pytest.CaptureFixture[str]):
    assert await resting.hejie(resting.old, "city", "move", HERE, "--back", "--yes") == 2
    await resting.move()
    again = resting.folder / "again.city"
    assert await resting.hejie(resting.old, "city", "move", HERE, "--file", str(resting.file)) == 2
    assert await resting.hejie(resting.old, "city", "move", HERE, "--file", str(again)) == 0
    assert (again.stat().st_mode & 0o777, resting.file.stat().st_mode & 0o777) == (0o600, 0o600)
    with pytest.raises(Moved, match="city_moving"):
        await _register(resting.old, HERE, "92510104MA6ABCDE1E")
    capsys.readouterr()
    assert await resting.hejie(resting.old, "city", "move", HERE, "--back", "--lang", "en") == 1
    assert "Never do this once the new place is open" in capsys.readouterr().out
    assert await resting.hejie(resting.old, "city", "move", HERE, "--back", "--yes") == 0
    await _register(resting.old, HERE, "92510104MA6ABCDE1E")


async def test_what_cannot_move_is_refused(resting: Moving, capsys: pytest.CaptureFixture[str]):
    for told, code in {
        ("620100",): "keys of city 620100 are missing",
        (HERE, "--to", "javascript:alert(1)"): "is no address",
        (HERE, "--to", "https://new.example/path"): "is no address",
    }.items():
        assert await resting.hejie(resting.old, "city", "move", *told, "--file", str(resting.file)) == 2
        assert code in capsys.readouterr().err
        assert not resting.file.exists()
        assert await resting.old.rows(HERE, "select * from city_moved") == []


def test_a_city_that_is_not_here_cannot_be_marked(database: Any):
    with psycopg.connect(database.owner_url, autocommit=True) as owner, pytest.raises(Missing, match="city_not_here"):
        mark.set_mark(owner, HERE, AT, "")
