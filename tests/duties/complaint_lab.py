"""A complaint in WeChat Pay's emulator, and the town that hears of it by push."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.served import served
from tests.support.town import OFFICER, WECHAT_ACCOUNT, Town

from hejie.merchants import commands as m


@asynccontextmanager
async def complaining(folder: Path, database_url: str) -> AsyncIterator[Town]:
    """The town whose merchant has given leave in WeChat Pay too."""
    async with served(folder, database_url) as place:
        await place.tell(m.AskEnrolment(wallet="wechatpay", account=WECHAT_ACCOUNT), OFFICER)
        await place.work()
        payload = {"wallet": "wechatpay", "code": WECHAT_ACCOUNT}
        await place.task("grant_authority", place.merchant, payload, "merchant")
        await place.work()
        yield place


def pay(here: Town) -> str:
    """A payment that the house does not know."""
    payment = {"sub_mchid": WECHAT_ACCOUNT, "amount": "50.00", "description": "片儿川"}
    return str(here.wallet.post("wechatpay", payments=[payment])["transaction_ids"][0])


def complain(here: Town, trade: str, **more: object) -> str:
    given = {"transaction_id": trade, "detail": "面是凉的"} | more
    return str(here.wallet.post("wechatpay/complaints", **given)["complaint_id"])


def history(here: Town, number: str) -> list[tuple[str, str]]:
    lines = here.wallet.get("wechatpay/complaints")["history"]
    return [(row["operate_type"], row["details"]) for row in lines if row["complaint_id"] == number]


def there(here: Town, number: str) -> str:
    rows = here.wallet.get("wechatpay/complaints")["complaints"]
    return next(str(row["state"]) for row in rows if row["complaint_id"] == number)


def moved(here: Town) -> list[int]:
    return [row["amount"] for row in here.wallet.get("wechatpay/ledger")["refunds"]]


async def until(here: Town, holds: Callable[[], bool]) -> None:
    """Let pushes come and work be done until something holds."""
    for _ in range(200):
        await here.work()
        if await asyncio.to_thread(holds):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never held")


def pushes_done(here: Town, count: int) -> Callable[[], bool]:
    def done() -> bool:
        pushed = here.wallet.get("wechatpay/complaints")["pushes"]
        return len(pushed) >= count and all(row["state"] == "done" for row in pushed)

    return done


async def born(here: Town, number: str) -> str:
    """The dispute that a complaint became, once its push has come."""
    await until(here, pushes_done(here, 1))
    await here.work()
    rows = await here.rows("select id from dispute where wallet_event = %s", number)
    assert len(rows) == 1
    return str(rows[0][0])
