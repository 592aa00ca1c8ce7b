"""Payment codes under attack: another's is not there, nobody decides who may not, and what is forged leaves nothing."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from tests.hostile.stage import CITY, JSON, OTHER, Stage

from hejie.desk.paycodes import PAYCODES
from hejie.payments.emvco_writer import Link, around, written
from hejie.payments.paycode import Apply, Grant
from hejie.web.asgi import PORTALS

PAGE, DESK = f"/{CITY}/merchant/paycode", f"/{CITY}/officer/paycodes"
GATES = {401, 403, 404}


def acquirers(account: str = "a" * 31, **more: str) -> str:
    told = {"00": "01", "15": account, "52": "5812", "53": "156", "58": "CN", "59": "SHOP", "60": "HZ"} | more
    return written(sorted(told.items()))


async def asked(stage: Stage, who: str = "a", payload: str = "") -> str:
    number = "".join(secrets.choice("0123456789") for _ in range(10))
    command = Apply(
        id=stage.desk.mint(CITY),
        number=number,
        merchant=stage.merchants[who],
        shop=stage.shops[who],
        payload=payload or acquirers(),
        promises=("returns",),
    )
    await stage.desk.act(PAYCODES, CITY, command.id, command, stage.actor(who))
    return command.id


async def granted(stage: Stage, who: str = "a") -> str:
    identifier = await asked(stage, who)
    await stage.desk.act(PAYCODES, CITY, identifier, Grant(), stage.actor("officer-1"))
    return identifier


async def test_another_merchants_is_unknown_and_stays_as_it_is(stage: Stage):
    code = await granted(stage)
    other = await stage.hand("b")
    before = stage.everything()
    for kind in ("pdf", "png"):
        answer = await other.get(f"{PAGE}/{code}/poster.{kind}", **JSON)
        unknown = await other.get(f"{PAGE}/{code[:-1]}~/poster.{kind}", **JSON)
        assert (answer.status_code, answer.json()["code"]) == (404, "paycode_unknown")
        assert unknown.json() == answer.json(), "what is not yours looks like what is not there"
    ended = await other.post(f"{PAGE}/end", {"paycode": code, "reason": "mine"}, JSON)
    assert ended.json()["code"] == "paycode_unknown"
    assert code not in (await other.get(PAGE)).text
    assert stage.everything() == before


async def test_for_anothers_shop_nobody_asks(stage: Stage):
    other = await stage.hand("b")
    before = stage.everything()
    fields: dict[str, Any] = {"code_shop": stage.shops["a"], "payload": acquirers(), "promises": "returns"}
    answer = await other.post(PAGE, fields)
    assert answer.status_code == 404
    assert stage.everything() == before


async def test_only_an_officer_of_the_city_decides(stage: Stage):
    code = await asked(stage)
    before = stage.everything()
    routes = [each.path for each in PORTALS if each.path.startswith("/officer/paycodes")]
    assert len(routes) == 5
    for who in ("a", "b", "x"):
        hand = await stage.hand(who)
        for act in ("grant", "refuse", "end"):
            reason = {"refuse_reason": "x", "end_reason": "x"}
            assert (await hand.post(f"{DESK}/{code}/{act}", reason, JSON)).status_code in GATES
        assert (await hand.get(f"{DESK}/{code}", **JSON)).status_code in GATES
    elsewhere = await stage.hand("officer-2", city=OTHER)
    assert (await elsewhere.post(f"{DESK}/{code}/grant", {}, JSON)).status_code in GATES
    assert (await elsewhere.post(f"/{OTHER}/officer/paycodes/{code}/grant", {}, JSON)).status_code in GATES
    assert stage.everything() == before


@pytest.mark.parametrize(
    "payload",
    [
        acquirers()[:-4] + "FFFF",
        acquirers().replace("a" * 31, "b" * 31),
        acquirers() + acquirers(),
        around(acquirers(), Link("0123456789", "https://elsewhere.example/330100")),
        acquirers(**{"01": "12"}),
        acquirers(**{"59": "SHOP\u202e"}),
        acquirers(**{"59": "<script>"}).replace("<script>", "<scripT>"),
        "0002" * 40_000,
        "99" + "99" * 20_000,
        "\x00",
        "",
    ],
)
async def test_what_is_forged_leaves_nothing(stage: Stage, payload: str):
    owner = await stage.hand("a")
    before = stage.everything()
    answer = await owner.post(PAGE, {"code_shop": stage.shops["a"], "payload": payload, "promises": "returns"})
    assert 400 <= answer.status_code < 500
    assert stage.everything() == before


async def test_what_a_code_says_is_text_wherever_it_is_shown(stage: Stage):
    """The name in a code is the acquirer's word, or whoever made it up."""
    code = await asked(stage, payload=acquirers(**{"59": "<b onclick=x>'\"&{{7*7}}"}))
    owner, officer = await stage.hand("a"), await stage.hand("officer-1")
    for hand, page in ((owner, PAGE), (officer, f"{DESK}/{code}"), (officer, DESK)):
        shown = await hand.get(page)
        assert shown.status_code == 200
        assert "<b onclick" not in shown.text
        assert "49" not in shown.text.partition("&lt;b")[2][:60]


async def test_the_public_page_gives_no_account_and_no_person_away(stage: Stage):
    code = await granted(stage)
    [(number,)] = stage.sql("select number from paycode where id = %s", code)
    page = await stage.stranger().get(f"/{CITY}/code/{number}")
    assert page.status_code == 200
    for secret in ("a" * 31, stage.merchants["a"], code, "owner-a", "officer-1"):
        assert secret not in page.text, secret
    assert (await stage.stranger().get(f"/{OTHER}/code/{number}")).status_code == 404
