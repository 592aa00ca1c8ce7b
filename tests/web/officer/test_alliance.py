"""The officers' pages of the alliance: links, bulletins written, read and acknowledged, offices, refusals told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.alliance import HERE, THERE, Alliance, alliance

from hejie.base.actor import Role
from hejie.edge import sessions
from hejie.edge.sessions import Viewer
from hejie.store.pool import city_transaction
from hejie.web.asgi import web_app
from hejie.web.entrance import session_cookie
from hejie.web.officer import ROUTES


@pytest.fixture
async def two(tmp_path: Path, app_url: str) -> AsyncIterator[Alliance]:
    async with alliance(tmp_path, app_url) as both:
        yield both


@asynccontextmanager
async def officer_of(two: Alliance, city: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of the city's own authority, without JavaScript, in English."""
    house = two.app.house
    viewer = Viewer(city=city, role=Role.officer, person=f"o-{city}", organisation=city, scope="", facts={"name": "王"})
    async with city_transaction(house.pool, city) as connection:
        token = await sessions.begin(connection, house.chance, viewer)
    cookie = session_cookie(house, viewer, token)
    transport = httpx.ASGITransport(web_app(house, routes=ROUTES), raise_app_exceptions=False)
    headers = {"accept-language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url="http://hejie.test", headers=headers) as client:
        client.cookies.set(cookie.key, str(cookie.value))
        yield client


async def submit(client: httpx.AsyncClient, page: str, path: str, **fields: Any) -> httpx.Response:
    shown = (await client.get(page)).text
    keys = {name: re.findall(f'name="{name}" value="([^"]+)"', shown)[0] for name in ("csrf", "once")}
    return await client.post(path, data=keys | fields)


async def test_a_bulletin_is_written_here_and_acknowledged_there(two: Alliance):
    await two.join()
    await two.work()
    at = f"/{HERE}/officer/alliance/bulletins"
    async with officer_of(two, HERE) as here, officer_of(two, THERE) as there:
        sent = await submit(
            here, at, at, level="warning", title="预付卡", words="三家闭店。", readers=[THERE], until=""
        )
        assert sent.status_code == 303, sent.text
        await two.work()
        theirs = sent.headers["location"].replace(HERE, THERE, 1).partition("?")[0]
        assert "to be acknowledged" in (await there.get(at.replace(HERE, THERE))).text
        page = await there.get(theirs)
        assert "三家闭店。" in page.text
        assert (await submit(there, theirs, f"{theirs}/seen")).status_code == 303
        await two.work()
        mine = (await here.get(sent.headers["location"])).text
        assert "not yet" not in mine
        assert "acknowledged by 1 of 1" in (await here.get(at)).text
        assert "data-link" in (await here.get(f"/{HERE}/officer/alliance")).text


async def test_what_is_wrong_is_told_and_nothing_is_sent(two: Alliance):
    await two.join()
    await two.work()
    at = f"/{HERE}/officer/alliance/bulletins"
    async with officer_of(two, HERE) as here:
        wrong = await submit(here, at, at, level="warning", title="预付卡", words="x", until="")
        assert (wrong.status_code, "Please choose at least one member city." in wrong.text) == (422, True)
        base = f"/{HERE}/officer/alliance"
        wrong = await submit(here, base, f"{base}/offices", office="消保处", duty="", phone="call me")
        assert (wrong.status_code, "Please give each office a name" in wrong.text) == (422, True)
        assert (
            await submit(here, base, f"{base}/offices", office="消保处", duty="", phone="0571-1")
        ).status_code == 303
        assert (await here.get(f"{at}/{HERE}-0123456789-0123456789AB")).status_code == 404
    await two.work()
    assert await two.rows(HERE, "select kind from letter_out") == [("contact",)]


async def test_without_a_directory_the_page_says_what_to_do(two: Alliance):
    async with officer_of(two, HERE) as here:
        assert "hejie alliance directory apply" in (await here.get(f"/{HERE}/officer/alliance")).text
