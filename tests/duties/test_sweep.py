"""Cases whose push was lost are found by asking, and one that cannot be followed holds up no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.town import ACCOUNT, USER, Town, town

GOVERNMENT_QUERY = "alipay.merchant.complain.government.query"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url, retry_seconds=(3600,)) as place:
        yield place


def _complain(here: Town) -> str:
    payment = {"user_id": USER, "merchant_id": ACCOUNT, "amount": "50.00", "subject": "片儿川"}
    trade = here.wallet.post("load", payments=[payment])["trade_nos"][0]
    words = {"user_id": USER, "reason": "商品质量问题", "demand": "退款", "content": "面是凉的"}
    return str(here.wallet.post("cases", trade_no=trade, **words)["complain_event_id"])


async def _sweep(here: Town) -> None:
    await here.rows("update task set ready_at = clock_timestamp() where kind = 'sweep_cases' returning 1")
    await here.work()


async def test_a_case_that_cannot_be_followed_holds_up_no_other(here: Town):
    events = {_complain(here) for _ in range(3)}
    here.wallet.knob("system_error", method=GOVERNMENT_QUERY)
    await _sweep(here)
    assert len(await here.rows("select id from dispute")) == 2
    waiting = await here.rows("select subject, parked from task where kind = 'follow_case' and noun = 'case'")
    assert len(waiting) == 1
    await _sweep(here)
    again = await here.rows("select subject, parked from task where kind = 'follow_case' and noun = 'case'")
    assert again == waiting
    await here.rows("update task set ready_at = clock_timestamp() where kind = 'follow_case' returning 1")
    await here.work()
    assert {row[0] for row in await here.rows("select wallet_event from dispute")} == events
