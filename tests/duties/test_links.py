"""Unclaimed merchant numbers in clearing records: linked where it is sure, asked about where it is not, never twice."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.desk.test_bindings import another
from tests.desk.test_successions import succeed
from tests.queries.test_trace import load
from tests.support.town import CITY, OFFICER, Town, town

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.desk.bindings import BINDINGS
from hejie.desk.items import finish
from hejie.desk.merchants import MERCHANTS
from hejie.duties.links import find_links
from hejie.merchants import commands as m
from hejie.merchants.bindings import Basis, Bind, Evidence, Identity, Scheme, Undo
from hejie.merchants.model import Shop
from hejie_lab import clearing_writer as w


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


def paid(here: Town, number: str, name: str, seed: int) -> w.Movement:
    today = here.app.clock.now().astimezone(SHANGHAI).date()
    return replace(w.movement(seed, today, random.Random(seed)), merchant=number, name=name, terminal=f"T{number[-6:]}")


NAME = "奎元馆解放路店"
"""The shop's own."""


async def test_a_name_alone_is_asked_about_however_alike_and_a_no_is_not_asked_again(here: Town, tmp_path: Path):
    await load(here, tmp_path, paid(here, "898330158120001", NAME, 1), paid(here, "2", "知味观湖滨店", 2))
    found = await find_links(here.app.tools, CITY, 90)
    assert (found.looked_at, found.linked, found.asked) == (2, 0, 1)
    [(item, kind, subject, body)] = await here.rows("select id, kind, subject, body from work_item")
    assert (kind, subject) == ("link_asked", f"acquirer/{w.ACQUIRER}/898330158120001")
    assert (body["merchant"], body["name"]) == (here.merchant, NAME)
    assert body["probability"] > 0.99
    assert any(name == "name" and bits > 0 for name, _, bits in body["reasons"])
    assert (await find_links(here.app.tools, CITY, 90)).asked == 1
    assert await here.rows("select count(*) from work_item") == [(1,)]
    await finish(here.app.desk, CITY, item, "another restaurant", OFFICER)
    assert (await find_links(here.app.tools, CITY, 90)).asked == 0
    assert await here.rows("select count(*) from work_item where done_at is null") == [(0,)]


async def test_a_new_number_on_the_same_terminal_links_itself_says_why_and_can_be_undone(here: Town, tmp_path: Path):
    known = Identity(Scheme.terminal, "T120001", w.ACQUIRER)
    command = Bind(
        id=here.app.desk.mint(CITY),
        identity=known,
        merchant=here.merchant,
        begins=here.app.clock.now() - timedelta(days=90),
        evidence=Evidence(basis=Basis.announced),
    )
    await here.app.desk.act(BINDINGS, CITY, command.id, command, OFFICER)
    first = paid(here, "898330158120001", NAME, 1)
    await load(here, tmp_path, first)
    found = await find_links(here.app.tools, CITY, 90)
    assert (found.linked, found.asked) == (1, 0)
    [(link, body, begins)] = await here.rows("select id, body, begins from binding where identity like 'acquirer/%%'")
    assert body["evidence"]["basis"] == "scored"
    assert "terminal: the same terminal" in body["evidence"]["note"]
    assert begins == first.at
    assert (await find_links(here.app.tools, CITY, 90)).linked == 0
    await here.app.desk.act(BINDINGS, CITY, link, Undo(note="it was lent to a neighbour"), OFFICER)
    assert await here.rows("select undone from binding where id = %s", link) == [(True,)]


@pytest.mark.parametrize(
    ("days", "alike", "terms"),
    [
        (None, True, []),
        (9.0, True, [("new", False)]),
        (0.0, True, []),
        (0.0, False, [("old", True), ("new", False)]),
    ],
    ids=["no succession", "paid after it", "paid before it, like both", "paid before it, like the former alone"],
)
async def test_two_codes_link_only_by_a_registered_succession_each_for_its_own_time(
    here: Town,
    tmp_path: Path,
    days: float | None,
    alike: bool,  # noqa: FBT001  a table's column
    terms: list[tuple[str, bool]],
):
    """One shop under two companies; a new number is told by the day on which it was first paid, else a person is."""
    new, now = await another(here), here.app.clock.now()
    shop = Shop(
        id=here.app.desk.mint(CITY), name=NAME if alike else "别家饺子馆", district="330102", address="文三路 9 号"
    )
    await here.app.desk.act(MERCHANTS, CITY, new, m.AddShop(shop=shop), SYSTEM)
    for merchant, begins, ends in ((here.merchant, 90, 9), (new, 9, -9))[: 1 + alike]:
        command = Bind(
            id=here.app.desk.mint(CITY),
            identity=Identity(Scheme.terminal, "T120001", w.ACQUIRER),
            merchant=merchant,
            begins=now - timedelta(days=begins),
            ends=now - timedelta(days=ends),
            evidence=Evidence(basis=Basis.announced),
        )
        await here.app.desk.act(BINDINGS, CITY, command.id, command, OFFICER)
    first = replace(paid(here, "898330158120001", NAME, 1), at=now - timedelta(hours=2))
    await load(here, tmp_path, first)
    if days is not None:
        await succeed(here, here.merchant, new, days)
    found = await find_links(here.app.tools, CITY, 90)
    who = {here.merchant: "old", new: "new"}
    rows = await here.rows(
        "select merchant, begins, ends from binding where identity like 'acquirer/%%' order by begins"
    )
    assert [(who[merchant], ends is not None) for merchant, _, ends in rows] == terms
    assert (found.linked, found.asked) == (bool(terms), days is not None and not terms)
    if terms:
        assert rows[0][1] == first.at
        assert all(one[2] == two[1] for one, two in pairwise(rows))
