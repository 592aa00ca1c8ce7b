"""An offer that the other city's house cannot read leaves the dispute where it is, and its clock runs on."""

from __future__ import annotations

from tests.handovers.conftest import Two
from tests.support.alliance import HERE, THERE

from hejie.agenda import Task
from hejie.store.handover_letters import OFFER
from hejie.store.pool import city_transaction
from hejie.store.writing import write_tasks


async def test_an_offer_that_is_refused_as_a_letter_stays_here(two: Two):
    case = await two.file(await two.register(HERE))
    due = (await two.dispute(HERE, case)).due.at
    await two.hand_over(HERE, case, THERE)
    await two.work()
    assert (await two.dispute(HERE, case)).away is not None
    told = {"kind": OFFER, "about": f"{case}-1", "number": 2, "peer": THERE, "refused": "record_differs"}
    async with city_transaction(two.both.app.pool, HERE) as connection:
        task = Task(kind="letter_over", noun="letter", subject="330100-x", payload=told)
        await write_tasks(connection, HERE, two.both.clock.now(), [task])
    await two.work()
    stays = await two.dispute(HERE, case)
    assert (stays.home, stays.away, stays.due.at) == (HERE, None, due)
