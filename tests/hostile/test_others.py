"""Whose it is not: another consumer's, merchant's or city's dispute does not exist, by any route of any portal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from tests.hostile.stage import APP, CITY, JSON, OTHER, Stage

from hejie.base.actor import Role
from hejie.desk.act import Content
from hejie.disputes import commands as c
from hejie.web.asgi import PORTALS

if TYPE_CHECKING:
    import httpx

    from hejie.web.shell import Route

_ABOUT_ONE = [route for route in PORTALS if "{id:str}" in route.path and "/law/" not in route.path]
_GATES = {401, 403, 404}


def address(route: Route, city: str = CITY, **values: str) -> str:
    """A route's path with its places filled; `x` where nothing is given."""
    path = route.path
    for place in ("id", "name", "token", "shop", "person", "offer", "step"):
        path = path.replace(f"{{{place}:str}}", values.get(place, "x"))
    assert "{" not in path, path
    return f"/{city}{path}"


async def ask(hand, route: Route, path: str, **fields: str) -> httpx.Response:
    if route.method == "GET":
        return await hand.get(path, **JSON)
    filled = {"version": "1", "words": "?", "offer": "claim", "remedy": "apology", "memo": "?", "note": "?"}
    return await hand.post(path, filled | {"solved": "yes", "mood": "3", "outcome": "unsettled"} | fields, JSON)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


async def with_picture(stage: Stage, payer: str = "x") -> tuple[str, str]:
    """A dispute and the name of a picture in it."""
    dispute = await stage.file(payer=payer)
    shown = Content(id=stage.desk.mint(CITY), kind="png", plain=picture())
    await stage.do(dispute, c.Say(pictures=(shown.id,)), payer, shown)
    return dispute, shown.id


async def test_another_consumers_dispute_is_unknown_by_every_route(stage: Stage):
    dispute, shown = await with_picture(stage)
    own, _ = await with_picture(stage, "y")
    stranger = await stage.hand("y")
    before = stage.everything()
    routes = [route for route in _ABOUT_ONE if route.roles == (Role.consumer,)]
    assert len(routes) > 10
    for route in routes:
        answer = await ask(stranger, route, address(route, id=dispute, name=shown))
        assert answer.status_code == 404, route.path
        assert answer.json()["code"] == "dispute_unknown"
        unknown = await ask(stranger, route, address(route, id=dispute[:-1] + "0", name=shown))
        assert unknown.json() == answer.json(), "what is not yours looks like what is not there"
    crossed = await stranger.get(f"/{CITY}/disputes/{own}/pictures/{shown}", **JSON)
    assert crossed.status_code == 404, "another's picture under one's own dispute"
    for verb in ("say", "offer", "accept", "decline", "withdraw", "escalate", "confirm", "deny", "reopen", "rate"):
        body = {"words": "?", "offer": "claim", "remedy": "apology", "solved": True, "mood": 3}
        answer = await stranger.api(f"/api/{CITY}/disputes/{dispute}/{verb}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "dispute_unknown"), verb
    read = await stranger.get(f"/api/{CITY}/disputes/{dispute}", authorization=f"Bearer {stranger.token}")
    assert read.status_code == 404
    assert stage.everything() == before


async def test_another_consumers_payment_cannot_be_disputed_or_seen(stage: Stage):
    trade, stranger = await stage.pay(payer="x"), await stage.hand("y")
    before = stage.everything()
    fields = {"trade": trade, "problem": "quality", "remedy": "refund_full"}
    assert (await stranger.post(f"/{CITY}/disputes", fields)).status_code == 404
    body = {"trades": [trade], "problem": "quality", "remedy": "refund_full"}
    answer = await stranger.api(f"/api/{CITY}/disputes", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "payment_unknown")
    for path in (f"/disputes/new?trade={trade}", f"/12315?trade={trade}"):
        assert (await stranger.get(f"/{CITY}{path}")).status_code == 404
    assert trade not in (await stranger.get(f"/{CITY}/bill")).text
    assert stage.everything() == before


async def test_another_merchants_dispute_is_unknown_and_a_case_link_opens_one_only(stage: Stage):
    dispute, shown = await with_picture(stage)
    same_merchants, _ = await with_picture(stage, "y")
    other, linked = await stage.hand("b"), await stage.hand("a", scope=same_merchants)
    before = stage.everything()
    for route in _ABOUT_ONE:
        if route.roles == (Role.merchant,) and "/disputes/" in route.path:
            for hand in (other, linked):
                answer = await ask(hand, route, address(route, id=dispute, name=shown))
                assert answer.status_code == 404, route.path
    assert stage.everything() == before
    with pytest.raises(Exception, match="dispute_unknown"):
        await stage.do(dispute, c.AcceptOffer(offer="claim"), "b")


@pytest.mark.parametrize("who", ["x", "a", "officer-1"])
async def test_a_session_is_nothing_in_another_city_and_for_another_role(stage: Stage, who: str):
    dispute, shown = await with_picture(stage)
    here, there = await stage.hand(who), await stage.hand(who, city=OTHER)
    before = stage.everything()
    role = stage.actor(who).role
    for route in PORTALS:
        if route.anyone or route.path.endswith("/live"):
            continue
        values = {"id": dispute, "name": shown}
        stage.sql("delete from rate returning 1")  # more routes than a stranger may try in a minute
        if role in route.roles:  # the cookie of here, shown there; that of there, shown here
            for hand, city in ((here, OTHER), (there, CITY)):
                stolen = {"cookie": f"hejie-{role.value}={hand.token}"}
                path = address(route, city, **values)
                answer = await hand.http.request(route.method, path, headers=stolen | JSON, data={"csrf": hand.csrf})
                assert answer.status_code == 401, path
        else:
            answer = await ask(here, route, address(route, **values))
            assert answer.status_code == 401, route.path
    assert stage.everything() == before


async def test_a_dispute_of_this_city_is_unknown_in_another(stage: Stage):
    dispute = await stage.file()
    there = await stage.hand("officer-1", city=OTHER)
    officer = await there.get(f"/{OTHER}/officer/disputes/{dispute}", **JSON)
    assert officer.status_code in _GATES
    consumer = await stage.hand("x", city=OTHER)
    assert (await consumer.get(f"/{OTHER}/disputes/{dispute}", **JSON)).status_code in _GATES
    assert (await consumer.api(f"/api/{OTHER}/disputes/{dispute}/withdraw")).status_code == 404
    assert (await consumer.api(f"/api/{CITY}/disputes/{dispute}/withdraw")).status_code == 401
    assert (await there.http.post(f"/api/{OTHER}/callbacks/alipay/{APP}", content="a=1")).status_code == 404


async def test_an_officer_who_has_not_taken_a_case_cannot_act_on_it(stage: Stage):
    dispute = await stage.file()
    for who, command in (("a", c.Answer(words="w")), ("x", c.Escalate()), ("officer-1", c.Take())):
        await stage.do(dispute, command, who)
    colleague = await stage.hand("officer-2")
    (row,) = stage.sql("select version from dispute")
    before = stage.everything()
    for act in ("take", "say", "propose", "close"):
        fields = {"version": str(row[0]), "words": "?", "remedy": "apology", "memo": "?", "outcome": "unsettled"}
        agency = {"agency": "330102", "amount": ""}
        answer = await colleague.post(f"/{CITY}/officer/disputes/{dispute}/{act}", fields | agency, JSON)
        assert answer.status_code in {403, 409}, (act, answer.status_code)
    assert stage.everything() == before
