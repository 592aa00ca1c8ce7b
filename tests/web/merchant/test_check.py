"""Is this message from us: what the number tells, and what it does not."""

from __future__ import annotations

import os

from tests.support.town import CITY
from tests.web.merchant.merchant_town import keys

from hejie.edge.links import check_handle
from hejie.store.pool import city_transaction
from hejie.web.merchant.check import TRIES

PAGE = f"/{CITY}/check"
_SENT = """
insert into delivery (city, id, notice, rung, dispute, contact, channel, state, check_code, tail, made_at, at)
values (%s, 'D', 'N', 0, 'X', '', 'sms', 'sent', %s, '42', %s, %s)
"""


async def ask(phone, number: str):
    return await phone.post(PAGE, data=keys((await phone.get(PAGE)).text) | {"number": number})


async def test_a_number_of_ours_tells_when_and_to_whose_end_and_no_more(phone, town):
    now = town.house.clock.now()
    async with city_transaction(town.house.pool, CITY) as connection:
        await connection.execute(_SENT, [CITY, check_handle(town.house.vaults(CITY), "k7m2q9xa"), now, now])
    for typed in ("K7M2Q9XA", "k7m2-q9xa", " K7M2 Q9XA "):
        html = (await ask(phone, typed)).text
        assert 'id="found"' in html
        assert "ending in 42" in html
        assert f"/{CITY}/" in html
    for wrong in ("K7M2Q9XB", "", "x", "'; drop", os.urandom(4).hex()):
        html = (await ask(phone, wrong)).text
        assert 'id="not-found"' in html
        assert "12315" in html


async def test_numbers_are_not_tried_by_the_thousand(phone):
    answers = [(await ask(phone, "K7M2Q9XB")).status_code for _ in range(TRIES.most + 1)]
    assert answers == [200] * TRIES.most + [429]
