"""Promise units: told to members, kept by their newest word, recognised on the pages of another city."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.flows.conftest import NUMBER, grant, officer
from tests.handovers.conftest import ACCOUNT, CODE, Two
from tests.support.alliance import HERE, START, THERE, alliance
from tests.web.officer.test_alliance import officer_of

from hejie.agenda import Task, for_measure
from hejie.alliance.units import Account, Unit, UnitState, must_be_theirs
from hejie.base.errors import Refused
from hejie.base.grams import grams, wanted
from hejie.desk.paycodes import PAYCODES
from hejie.merchants.measures import MeasureAnnounced, Step, evolve
from hejie.payments import paycode as p
from hejie.store import units
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks
from hejie.web.asgi import web_app
from hejie.web.consumer import ROUTES

KEPT = "select peer, code, credit_code, shop, division, accounts, state, number from peer_unit where id = %s"


def test_a_text_is_found_by_its_pieces():
    assert set(wanted("面馆")) <= set(grams("锦里-面 馆（总店）"))
    assert not set(wanted("面店")) <= set(grams("锦里面馆"))
    assert (wanted("面"), wanted(" ，")) == (["面"], [])
    assert set(wanted("kfc")) <= set(grams("KFC 春熙路店"))


@pytest.mark.parametrize(
    ("division", "peer", "refused"),
    [
        ("510107", "510100", ""),
        ("330106", "510100", "unit_not_theirs"),
        ("510200", "510100", "unit_not_theirs"),
        ("310101", "310000", ""),
        ("361002", "361000", ""),
        ("361102", "361000", "unit_not_theirs"),
    ],
)
def test_a_city_vouches_within_its_divisions_only(division: str, peer: str, refused: str):
    unit = _unit(UnitState.in_force, division)
    with pytest.raises(Refused, match=refused) if refused else nullcontext():
        must_be_theirs(unit, (), peer)


async def test_a_granted_code_is_told_and_so_is_every_change(two: Two):
    merchant = await two.register(THERE)
    await two.work()
    code = await grant(two, THERE, merchant)
    await two.work()
    told = (THERE, NUMBER, CODE, "锦里面馆", "510107", [f"alipay:{ACCOUNT}"])
    assert await two.rows(HERE, KEPT, code) == [(*told, "in_force", 1)]
    assert await two.rows(THERE, KEPT, code) == [(*told, "in_force", 1)]
    await _suspend(two, merchant)
    await two.work()
    assert (await two.rows(HERE, KEPT, code))[0][-2:] == ("suspended", 2)
    await two.at(THERE).app.desk.act(PAYCODES, THERE, code, p.EndPaycode(reason="停业"), officer(THERE))
    await two.work()
    assert (await two.rows(HERE, KEPT, code))[0][-2:] == ("ended", 3)
    letters = await two.rows(HERE, "select state from letter_in where kind = 'unit'")
    assert letters == [("done",)] * 3


_MEASURE = """
insert into measure (city, id, version, merchant, step, state, announced_at, effective_at, changed_at, body)
values (%s, 'e-1', 1, %s, %s, 'stands', %s, %s, %s, '{}') returning 1
"""


async def _suspend(two: Two, merchant: str) -> None:
    """A measure takes effect: its row, and the task that its announcement has brought."""
    now = two.both.clock.now()
    await two.rows(THERE, _MEASURE, THERE, merchant, Step.paycode_suspended.value, now, now, now)
    async with city_transaction(two.at(THERE).app.pool, THERE) as connection:
        await write_tasks(connection, THERE, now, [Task(kind="tell_units_of", noun="merchant", subject=merchant)])


@pytest.mark.parametrize(("step", "told"), [(Step.warning, 0), (Step.paycode_suspended, 2)])
def test_a_measure_that_suspends_is_told_when_it_begins_and_when_it_ends(step: Step, told: int):
    begins, ends = START + timedelta(days=15), START + timedelta(days=45)
    announced = MeasureAnnounced(
        at=START,
        city=THERE,
        id="e-1",
        merchant="m-1",
        step=step,
        reason="w",
        disputes=("d-1",),
        agency=THERE,
        decided_by="o-1",
        effective_at=begins,
        appeal_until=begins,
        lasts_until=ends,
    )
    tasks = [each for each in for_measure(evolve(None, announced), announced) if each.kind == "tell_units_of"]
    assert [(each.subject, each.at) for each in tasks] == [("m-1", begins), ("m-1", ends)][:told]


def _unit(state: UnitState, division: str = "510107") -> Unit:
    return Unit(
        number=NUMBER,
        credit_code=CODE,
        name="店",
        shop="店",
        division=division,
        promises=(),
        since=START,
        state=state,
    )


async def test_an_older_word_changes_nothing(two: Two):
    async with city_transaction(two.at(HERE).app.pool, HERE) as connection:
        for number, state in ((2, UnitState.ended), (1, UnitState.in_force)):
            paid = [Account(wallet="alipay", account="20881")]
            await units.keep_unit(connection, HERE, THERE, "u-1", number, _unit(state), paid, START)
    assert (await two.rows(HERE, KEPT, "u-1"))[0][-2:] == ("ended", 2)


async def test_a_unit_of_another_city_is_refused_and_not_kept(two: Two):
    data = msgspec.to_builtins(_unit(UnitState.in_force, "330106"))
    await two.both.put(THERE, HERE, "u-1", 1, data, kind="unit", sealed={"accounts": []})
    await two.work()
    assert await two.rows(HERE, "select code from letter_in where kind = 'unit'") == [("unit_not_theirs",)]
    assert await two.rows(HERE, "select 1 from peer_unit") == []


@asynccontextmanager
async def anyone(two: Two) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(web_app(two.both.app.house, routes=ROUTES), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test") as client:
        yield client


async def test_who_joins_later_is_told_of_all_and_pages_show_who_vouches(tmp_path: Path, app_url: str):
    async with alliance(tmp_path, app_url) as both:
        two = Two(both)
        code = await grant(two, THERE, await two.register(THERE))
        await two.work()
        assert await two.rows(HERE, KEPT, code) == []
        await both.join()
        await two.work()
        await _pages(two, code)


async def _pages(two: Two, code: str) -> None:
    path = f"/{HERE}/officer/units"
    async with officer_of(two.both, HERE) as here:
        assert "锦里面馆" in (await here.get(f"{path}?q=里面")).text
        assert "Chengdu vouches for it, and this city recognises that." in (await here.get(f"{path}?q={CODE}")).text
        assert "No promise unit was found." in (await here.get(f"{path}?q=没有")).text
    async with anyone(two) as phone:
        known = await phone.get(f"/{HERE}/code/{NUMBER}")
        assert (known.status_code, known.headers["location"]) == (303, f"/{HERE}/units?q={NUMBER}")
        shown = (await phone.get(known.headers["location"])).text
        assert f"/{THERE}/code/{NUMBER}" in shown
        assert ACCOUNT not in shown
        assert (await phone.get(f"/{HERE}/code/0000000000")).status_code == 404
    assert code in shown
