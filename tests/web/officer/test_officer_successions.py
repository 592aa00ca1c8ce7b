"""Successions at the desk: registered by the successor, shown to both, refused in words, undone with a reason."""

from __future__ import annotations

import pytest
from tests.web.officer.officer_town import CITY, CODE, Town, keys
from tests.web.officer.officer_town import SECOND as NEW

from hejie.merchants.uscc import check_character
from hejie.store.pool import city_transaction

BODY = "91330106MA2CFLDC2"
GOOD = {"succession_code": CODE.lower(), "succession_from": "2026-01-02", "succession_words": "registry's notice"}


@pytest.fixture
async def heir(town: Town) -> str:
    return await town.second()


def page(merchant: str) -> str:
    return f"/{CITY}/officer/merchants/{merchant}"


async def send(client, merchant: str, path: str = "", **fields: str):
    return await client.post(
        f"{page(merchant)}/successions{path}", data=keys((await client.get(page(merchant))).text) | fields
    )


async def rows(town: Town, query: str):
    async with city_transaction(town.house.pool, CITY) as connection:
        return await (await connection.execute(query)).fetchall()


async def test_registered_on_one_page_shown_on_both_and_undone(officer, town, heir):
    answer = await send(officer, heir, **GOOD)
    assert answer.status_code == 303
    for merchant, other, code in ((heir, town.merchant, CODE), (town.merchant, heir, NEW)):
        shown = (await officer.get(page(merchant))).text
        assert f'href="{page(other)}"' in shown
        assert code in shown
        assert "since 2026-01-02" in shown
    [(identifier,)] = await rows(town, "select id from succession")
    assert (await send(officer, heir, "/undo", succession=identifier, mistake_words=" ")).status_code == 422
    assert (await send(officer, heir, "/undo", succession="x", mistake_words="wrong")).status_code == 404
    assert await rows(town, "select undone from succession") == [(False,)]
    done = await send(officer, town.merchant, "/undo", succession=identifier, mistake_words="only the sign was sold")
    assert done.status_code == 303
    shown = (await officer.get(page(heir))).text
    assert "only the sign was sold" in shown
    assert 'data-act="undo-succession"' not in shown


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"succession_code": "91330106MA2CFLDC0"}, 422, "this one has 17"),
        ({"succession_code": NEW}, 422, "cannot succeed itself"),
        ({"succession_code": BODY + check_character(BODY)}, 404, "not known here"),
        ({"succession_from": "2126-01-01"}, 422, "not to come"),
        ({"succession_from": "0001-01-01"}, 422, "enter a day"),
        ({"succession_from": "soon"}, 422, "enter a day"),
        ({"succession_words": " "}, 422, "write something"),
    ],
)
async def test_what_cannot_be_registered_is_refused_in_words(officer, town, heir, wrong, status, words):
    answer = await send(officer, heir, **(GOOD | wrong))
    assert (answer.status_code, words in answer.text) == (status, True)
    assert await rows(town, "select count(*) from succession") == [(0,)]
