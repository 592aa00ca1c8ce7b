"""The officer's page enters and ends agreements between merchants."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
from tests.support.unjoined import code_of
from tests.web.officer.officer_town import CITY, CODE, Town, keys

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.desk.merchants import MERCHANTS
from hejie.merchants import commands as m
from hejie.store.pool import city_transaction


async def brand(town: Town) -> str:

    identifier = town.desk.mint(CITY)
    command = m.RegisterMerchant(city=CITY, id=identifier, credit_code=code_of(77), name="某品牌管理有限公司")
    await town.desk.act(MERCHANTS, CITY, identifier, command, SYSTEM)
    return code_of(77)


def form(code: str, **more: str) -> dict[str, str]:
    return {
        "bond": "franchise", "side": "member", "other_code": code, "agreed_shop": "", "answers": "principal",
        "pays": "member", "counts": "both", "both_see": "yes", "begins": "2026-01-01", "ends": "",
        "principal_words": "三月一日的合同", "member_words": "店长当面同意",
    } | more  # fmt: skip


async def send(officer: httpx.AsyncClient, town: Town, act: str, **fields: str) -> httpx.Response:
    page = f"/{CITY}/officer/merchants/{town.merchant}"
    html = (await officer.get(page)).text
    return await officer.post(f"{page}/{act}", data=keys(html) | fields, follow_redirects=True)


async def rows(town: Town) -> list[Any]:
    async with city_transaction(town.house.pool, CITY) as connection:
        return await (await connection.execute("select id, scope, member, ends from agreement")).fetchall()


async def test_an_agreement_is_entered_shown_and_ended(officer: httpx.AsyncClient, town: Town):
    answer = await send(officer, town, "agreements", **form(await brand(town)))
    assert "The agreement is entered" in answer.text
    assert "Brand and independent shop" in answer.text
    assert "since 2026-01-01" in answer.text
    (found,) = await rows(town)
    assert found[1:] == (town.merchant, town.merchant, None)
    today = town.house.clock.now().astimezone(SHANGHAI).date()
    answer = await send(officer, town, "agreements/end", agreement=found[0], last=today.isoformat())
    assert "ends after that day" in answer.text
    assert (await rows(town))[0][3] == today
    answer = await send(officer, town, "agreements/end", agreement=found[0], last=str(today - timedelta(days=1)))
    assert answer.status_code == 422


async def test_what_is_missing_or_overlaps_is_said_and_nothing_is_lost(officer: httpx.AsyncClient, town: Town):
    code = await brand(town)
    answer = await send(officer, town, "agreements", **form(code, bond="", member_words=" ", begins="x"))
    assert answer.status_code == 422
    assert "三月一日的合同" in answer.text
    assert len(re.findall('class="fault"|id="[a-z_]+-fault"', answer.text)) >= 3
    for wrong in (form("91330106MA2CF0000X"), form(CODE), form(code, ends="2025-01-01")):
        assert (await send(officer, town, "agreements", **wrong)).status_code == 422
    assert await rows(town) == []
    await send(officer, town, "agreements", **form(code))
    answer = await send(officer, town, "agreements", **form(code, begins="2026-06-01"))
    assert (answer.status_code, "already says who answers" in answer.text) == (422, True)
    assert len(await rows(town)) == 1
