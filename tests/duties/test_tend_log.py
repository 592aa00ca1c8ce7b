"""The standing duty numbers every line of a city's log, with or without a key to sign it."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.town import CITY, town

from hejie.duties.table import bound
from hejie.transparency.keys import Signer
from hejie.transparency.parties import OwnLog
from hejie.worker import Worker

LINES = "select (select count(*) from log), (select count(*) from log_number), (select count(*) from log_waiting)"
AGAIN = "update task set ready_at = clock_timestamp() where city = %s and kind = 'tend_log' returning 1"


async def test_every_line_is_numbered_and_nothing_is_signed_unseen(tmp_path, app_url):
    async with town(tmp_path / "house", app_url) as here:
        await here.file(await here.pay())
        await here.work()
        own = OwnLog(signer=Signer("330100.example/log", Ed25519PrivateKey.generate()))
        for logs in ({}, {CITY: own}):
            here.worker = Worker(
                here.app.pool, here.app.clock, bound(replace(here.app.tools, logs=logs)), here.app.settings
            )
            assert await here.rows(AGAIN, CITY) == [(1,)]
            await here.work()
            [(lines, numbers, waiting)] = await here.rows(LINES)
            assert (numbers, waiting) == (lines, 0)
            assert await here.rows("select 1 from log_checkpoint") == []
            [(ready, attempts)] = await here.rows(
                "select ready_at > clock_timestamp(), attempts from task where kind = 'tend_log'"
            )
            assert (ready, attempts) == (True, 0)
