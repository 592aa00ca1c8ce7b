"""The officers' desk: in with two factors only; list, take, say, propose, close, each with its refusals."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.web.officer.officer_town import CITY, PASSWORD, Town, come_in, keys, session

from hejie.base.actor import Role
from hejie.disputes import commands as c
from hejie.disputes.model import Outcome, Remedy
from hejie.disputes.states import State
from hejie.queries.record import read_dispute
from hejie.store.pool import city_transaction

DESK = f"/{CITY}/officer"
ZH, EN = {"accept-language": "zh-CN"}, {"accept-language": "en"}


async def row(town: Town, dispute: str):
    async with city_transaction(town.house.pool, CITY) as connection:
        return await read_dispute(connection, CITY, dispute)


async def send(client: httpx.AsyncClient, page: str, path: str, **fields: str) -> httpx.Response:
    html = (await client.get(page)).text
    return await client.post(path, data=keys(html) | fields)


# The door ---------------------------------------------------------------------------------------


async def test_an_officer_comes_in_with_password_and_code(stranger, town):
    door = f"{DESK}/sign-in"
    back = f"{DESK}/items"
    answer = await send(stranger, door, door, login="Wang", password=PASSWORD, code=town.code(), next=back)
    assert answer.status_code == 303
    assert answer.headers["location"] == back
    assert (await stranger.get(DESK)).status_code == 200
    assert (await stranger.get(door)).headers["location"] == DESK
    out = await send(stranger, DESK, f"{DESK}/sign-out")
    assert out.status_code == 303
    assert (await stranger.get(DESK)).headers["location"].startswith(f"{DESK}/sign-in?next=")


async def test_whatever_is_wrong_at_the_door_gets_the_same_answer(stranger, town):
    door = f"{DESK}/sign-in"
    wrong = [
        {"login": "wang", "password": PASSWORD, "code": "000000"},
        {"login": "wang", "password": PASSWORD, "code": ""},
        {"login": "wang", "password": "x", "code": town.code()},
        {"login": "nobody", "password": PASSWORD, "code": town.code()},
    ]
    told = set()
    for given in wrong:
        answer = await send(stranger, door, door, **given)
        assert answer.status_code == 401
        told.add(re.sub(r'(value|content|nonce|data-options)="[^"]*"', "", answer.text))
    assert len(told) == 1
    assert (await stranger.get(DESK)).status_code == 303
    assert PASSWORD not in answer.text


async def test_a_passkey_is_offered_and_a_forged_one_refused(officer, town):
    form = await officer.get(f"{DESK}/passkey")
    assert 'data-passkey="create"' in form.text
    assert "hidden" in form.text
    answer = await send(officer, f"{DESK}/passkey", f"{DESK}/passkey", name="office", credential="{}")
    assert answer.status_code == 400
    assert "could not be read" in answer.text
    officer.cookies.clear()
    door = await officer.get(f"{DESK}/sign-in")
    assert 'data-passkey="get"' in door.text
    refused = await officer.post(f"{DESK}/sign-in/passkey", data=keys(door.text) | {"credential": "{}"})
    assert refused.status_code == 400


@pytest.mark.parametrize("path", ["", "/list", "/items", "/merchants", "/merchants/new", "/settings", "/passkey"])
async def test_every_page_needs_an_officer(stranger, house, town, path):
    assert (await stranger.get(DESK + path)).status_code == 303
    token = await session(house, Role.merchant, "owner-1", town.merchant)
    stranger.cookies.set("hejie-merchant", token, path=f"/{CITY}")
    stranger.cookies.set("hejie-officer", token, path=f"/{CITY}")
    assert (await stranger.get(DESK + path)).status_code == 303


@pytest.mark.parametrize("path", ["", "/items", "/merchants", "/merchants/new", "/settings", "/passkey"])
async def test_every_page_speaks_both_languages(officer, town, path):
    await town.escalated()
    zh, en = await officer.get(DESK + path, headers=ZH), await officer.get(DESK + path)
    assert zh.status_code == en.status_code == 200
    assert zh.text.count("<h1>") == en.text.count("<h1>") == 1
    own = re.sub(r"Alipay|HTTP|English|<[^>]*>|data-[a-z-]*=.*", "", zh.text.split("<main")[1].split("</main>")[0])
    assert not re.findall(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", own)


# The list ---------------------------------------------------------------------------------------


def listed(html: str) -> list[str]:
    return re.findall(r'data-dispute="([^"]+)"', html)


async def test_escalated_ones_come_first_then_by_due_time(officer, town):
    first, second = await town.dispute(), await town.dispute()
    older, newer = await town.escalated(), await town.escalated()
    page = await officer.get(DESK)
    assert listed(page.text) == [older, newer, first, second]
    assert "With the authority" in page.text
    assert "left" in page.text
    assert listed((await officer.get(f"{DESK}?order=newest")).text)[0] == newer
    assert listed((await officer.get(f"{DESK}?order=due")).text) == [first, second]


async def test_filters_narrow_the_list(officer, town):
    plain, case, undue = await town.dispute(), await town.escalated(), await town.dispute(problem="charged_twice")
    for query, wanted in {
        "state=mediating": [case],
        "state=awaiting_merchant": [plain, undue],
        "state=settled": [],
        "undue=yes": [undue],
        "problem=charged_twice": [undue],
        "mine=yes": [],
        "wallet=yes": [],
        "district=330106": [],
        "district=330102&order=newest": [undue, case, plain],
        "state=nonsense": [case, plain, undue],
    }.items():
        assert listed((await officer.get(f"{DESK}?{query}")).text) == wanted, query
    await town.do(case, c.Take(), "officer")
    assert listed((await officer.get(f"{DESK}?mine=yes")).text) == [case]


async def test_pages_of_the_list_join_without_gap_or_repetition(officer, town, monkeypatch):
    from hejie.queries import officer as queries

    monkeypatch.setattr(queries.desk_order, "__defaults__", ("", 2))
    wanted = [await town.dispute() for _ in range(3)]
    wanted = [await town.escalated() for _ in range(4)] + wanted
    found, address = [], DESK
    while address:
        html = (await officer.get(address)).text
        found += listed(html)
        following = re.search(r'class="pager__next" href="([^"]+)"', html)
        address = following[1].replace("&amp;", "&") if following else ""
    assert found == wanted


@pytest.mark.parametrize("after", ["x~y", "m~yesterday~a", "u~~", "%00"])
async def test_a_made_up_page_key_is_refused(officer, after):
    assert (await officer.get(f"{DESK}?after={after}")).status_code in {400, 422}


# The case ---------------------------------------------------------------------------------------


async def test_the_record_tells_everything_and_no_whole_phone_number(officer, town):
    case = await town.escalated("面里有<头发>")
    page = await officer.get(f"{DESK}/disputes/{case}")
    assert page.status_code == 200
    for told in (
        "面里有&lt;头发&gt;",
        "是香菜",
        "奎元馆解放路店",
        "138****0001",
        "¥12.00",
        "asked the authority",
        case,
    ):
        assert told in page.text
    assert "13800000001" not in page.text
    part = await officer.get(f"{DESK}/disputes/{case}/record", headers={"hx-request": "true"})
    assert "<form" not in part.text
    assert "是香菜" in part.text
    assert (await officer.get(f"{DESK}/disputes/{CITY}-0-0")).status_code == 404
    zh = await officer.get(f"{DESK}/disputes/{case}", headers=ZH)
    assert "已转监管" in zh.text or "消费者申请" in zh.text


async def test_take_say_propose_and_close_without_javascript(officer, town):
    case = await town.escalated()
    page = f"{DESK}/disputes/{case}"
    assert 'data-act="take"' in (await officer.get(page)).text
    assert (await send(officer, page, f"{page}/take")).headers["location"] == f"{page}?done=taken"
    assert "You have taken the case." in (await officer.get(f"{page}?done=taken")).text
    assert (await send(officer, page, f"{page}/say", words="请双方补充照片")).status_code == 303
    proposed = await send(officer, page, f"{page}/propose", remedy="refund_part", amount="8.50", proposal="各让一步")
    assert proposed.status_code == 303
    offer = (await row(town, case)).offers[-1]
    assert (offer.by, offer.amount_fen) == (Role.officer, 850)
    await town.do(case, c.AcceptOffer(offer=offer.id), "consumer")
    await town.do(case, c.AcceptOffer(offer=offer.id), "merchant")
    fields = {"outcome": "mediated", "agency": "330102", "memo": "双方同意退款 8.50 元。"}
    assert (await send(officer, page, f"{page}/close", **fields)).status_code == 303
    closed = await row(town, case)
    assert (closed.state, closed.outcome, closed.agency) == (
        State.mediated,
        Outcome.mediated,
        "杭州市上城区市场监督管理局",
    )
    told = (await officer.get(page)).text
    assert "双方同意退款 8.50 元。" in told
    assert "请双方补充照片" in told
    assert 'data-act="close"' not in told


async def test_what_is_missing_is_said_and_nothing_changes(officer, town):
    case = await town.escalated()
    page = f"{DESK}/disputes/{case}"
    await send(officer, page, f"{page}/take")
    before = await row(town, case)
    tries = {
        "say": {"words": "  "},
        "propose": {"remedy": "refund_part", "amount": "1e3", "proposal": "kept words"},
        "close": {"outcome": "unsettled", "agency": "999999", "memo": ""},
    }
    for act, fields in tries.items():
        answer = await send(officer, page, f"{page}/{act}", **fields)
        assert answer.status_code == 422, act
        assert 'id="summary"' in answer.text, act
    assert 'href="#memo"' in answer.text
    assert 'href="#agency"' in answer.text
    above = await send(officer, page, f"{page}/propose", remedy="refund_part", amount="50.01", proposal="kept words")
    assert above.status_code == 422
    assert 'value="50.01"' in above.text
    assert "kept words" in above.text
    early = await send(officer, page, f"{page}/close", outcome="mediated", agency="330102", memo="x")
    assert early.status_code == 409
    assert "Nothing has been agreed" in early.text
    assert await row(town, case) == before


async def test_a_colleagues_case_can_be_read_and_not_acted_on(officer, house, town):
    case = await town.escalated()
    page = f"{DESK}/disputes/{case}"
    await town.do(case, c.Take(), "officer")
    colleague, _ = await town.hire("li-ming", "李警官")
    await come_in(officer, house, colleague)
    before = await row(town, case)
    html = (await officer.get(page)).text
    assert "王警官 has taken this case" in html
    assert "You took" not in html
    assert 'data-act="say"' not in html
    for act, fields in {
        "take": {},
        "say": {"words": "x"},
        "propose": {"remedy": "apology"},
        "close": {"outcome": "unsettled", "agency": "330102", "memo": "x"},
    }.items():
        more = {"version": str(before.version), "once": f"a-key-for-{act:_<8}"}
        answer = await officer.post(f"{page}/{act}", data=keys(html) | more | fields)
        assert answer.status_code == 403, act
    assert await row(town, case) == before


async def test_an_act_on_what_was_read_before_it_changed_is_refused_and_kept(officer, town):
    case = await town.escalated()
    page = f"{DESK}/disputes/{case}"
    await send(officer, page, f"{page}/take")
    old = keys((await officer.get(page)).text)
    said = town.text("我再说一句")
    await town.do(case, c.Say(words=said.id), "consumer", said)
    before = await row(town, case)
    answer = await officer.post(f"{page}/propose", data=old | {"remedy": "apology", "proposal": "Sorry."})
    assert answer.status_code == 409
    assert "has changed" in answer.text
    assert "Sorry." in answer.text
    assert await row(town, case) == before
    assert keys(answer.text)["version"] == str(before.version)


async def test_the_same_form_twice_is_one_proposal(officer, town):
    case = await town.escalated()
    page = f"{DESK}/disputes/{case}"
    await send(officer, page, f"{page}/take")
    form = keys((await officer.get(page)).text) | {"remedy": Remedy.apology.value, "proposal": "Sorry."}
    for _ in range(2):
        assert (await officer.post(f"{page}/propose", data=form)).status_code == 303
    assert len((await row(town, case)).offers) == 2
    other = await officer.post(f"{page}/propose", data=form | {"proposal": "Another."})
    assert other.status_code == 422


async def test_pictures_are_shown_to_officers_only(officer, town):
    case = await town.escalated()
    page = f"{DESK}/disputes/{case}"
    assert (await officer.get(f"{page}/pictures/nothing")).status_code == 404
