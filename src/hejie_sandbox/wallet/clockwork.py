"""What the wallet does by itself: deadlines pass and messages go out."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from hejie_sandbox import sms_receipts
from hejie_sandbox.acquirer import pushes as acquirer
from hejie_sandbox.calling import caller
from hejie_sandbox.wallet import cases, pushes
from hejie_sandbox.wechatpay import complaints
from hejie_sandbox.wechatpay import pushes as wechat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hejie_sandbox.sandbox import Sandbox

TURN_SECONDS = 0.1
_log = logging.getLogger(__name__)


async def _run(box: Sandbox) -> None:
    async with caller(5) as client:
        while True:
            try:
                cases.pass_time(box)
                complaints.take_refunds(box)
                if calls := wechat.due(box):
                    await asyncio.gather(*(wechat.send(box, client, call) for call in calls))
                if events := acquirer.due(box):
                    await asyncio.gather(*(acquirer.send(box, client, each) for each in events))
                if receipts := sms_receipts.due(box):
                    await asyncio.gather(*(sms_receipts.send(box, client, each) for each in receipts))
                if batch := pushes.due(box):
                    await asyncio.gather(*(pushes.send(box, client, push) for push in batch))
                    continue
            except Exception:  # noqa: BLE001  whatever one turn meets, the next must come
                _log.exception("a turn of the wallet's clockwork failed")
            await asyncio.sleep(TURN_SECONDS)


@asynccontextmanager
async def clockwork(box: Sandbox) -> AsyncIterator[None]:
    """Run for as long as the server does."""
    task = asyncio.create_task(_run(box))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
