"""An officer brings a shop its printed code, prints the poster, and ends it."""

from __future__ import annotations

import re

from tests.web.officer.officer_town import CITY, keys

from hejie.documents.paper import can_print
from hejie.store.pool import city_transaction


async def test_an_officer_makes_prints_and_ends_a_code(officer, town):
    page = f"/{CITY}/officer/merchants/{town.merchant}"

    async def send(path: str, **fields: str):
        return await officer.post(f"{page}/{path}", data=keys((await officer.get(page)).text) | fields)

    made = await send("stall", stall_shop=town.shop)
    (code,) = set(re.findall(rf"/{CITY}/stall/([0-9a-z]{{8}})\b", made.text))
    assert code not in (await officer.get(page)).text, "it is shown this once"
    if can_print():
        assert (await send("stall/poster", stall_code=code)).content.startswith(b"%PDF")
    assert (await send("stall/poster", stall_code="00000000")).status_code == 404
    assert (await send("stall", stall_shop="nowhere")).status_code == 404
    assert (await send("stall/end", stall_shop=town.shop)).status_code == 303
    async with city_transaction(town.house.pool, CITY) as connection:
        rows = await (await connection.execute("select made_by, ended_at from stall_code")).fetchall()
    assert [(by, at is not None) for by, at in rows] == [(town.officer, True)]
