"""Merchants from a list: checked, looked at, worked off once, followed as a campaign; its file is forgotten."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.town import CITY, CODE, NAME, Town, town
from tests.support.unjoined import code_of
from tests.web.consumer_lab import Browser, signed_in

from hejie.base.actor import SYSTEM, Role
from hejie.base.errors import Unknown
from hejie.desk.merchants import MERCHANTS
from hejie.edge.sweep import sweep
from hejie.merchants import commands as m
from hejie.merchants.model import AccountKind, Enrolment
from hejie.store.pool import city_transaction
from hejie.web.csv_out import as_csv

HEAD = "统一社会信用代码,商户名称,店铺名称,区县,地址,行业,手机号"


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


@pytest.fixture
async def officer(here: Town) -> AsyncIterator[Browser]:
    made = await signed_in(here, Role.officer, "officer-1", "330102")
    yield made
    await made.http.aclose()


def line(number: int, shop: str = "", **how: str) -> str:
    told = {"name": f"甲{number}有限公司", "district": "西湖区", "phone": f"1390000{number:04d}"} | how
    place = f"{shop or f'甲{number}店'},{told['district']},文三路{number}号"
    return f"{code_of(number)},{told['name']},{place},6210,{told['phone']}"


async def bring(officer: Browser, *lines: str, **fields: str) -> None:
    raw = "\n".join((HEAD, *lines)).encode("gb18030")
    await officer.open("officer/enrol")
    await officer.send("list-form", files={"list": ("l.csv", raw, "text/csv")}, campaign="秋季邀请", **fields)


async def test_a_list_is_checked_looked_at_and_worked_off(here: Town, officer: Browser):
    before = await here.rows("select count(*) from merchant")
    shops = [line(1), line(1, "甲1二店", phone="13900009999"), line(2)]
    await bring(
        officer, *shops, line(3, district="武侯区"), f"{CODE},{NAME},奎元馆解放路店,上城区,解放路 154 号,,13800000009"
    )
    assert officer.page.status_code == 200
    assert "甲1店" in officer.text
    assert "139****0001" in officer.text
    assert "13900000001" not in officer.text
    assert "第 5 行" in officer.text
    assert "不属于本市" in officer.text
    assert await here.rows("select count(*) from merchant") == before
    await officer.tap("run")
    await here.work()
    await officer.open(officer.path)
    for name, count in (("fresh", 2), ("same", 1), ("joined", 0)):
        assert f'id="{name}">{count}<' in officer.html
    assert "上传的文件已删除" in officer.text
    found = await here.rows(
        "select id, body->'contacts', body->'shops' from merchant where credit_code = %s", code_of(1)
    )
    first, second = found[0][2]
    assert (first["category"], second["category"]) == ("6210", "6210")
    assert [contact["shop"] for contact in found[0][1]] == ["", second["id"]]
    assert await here.rows("select 1 from content where subject like 'campaign:%%'") == []
    assert await here.rows("select 1 from data_key where subject like 'campaign:%%'") == []
    assert await here.rows("select distinct actor_role, actor from log where id = %s", found[0][0]) == [
        ("officer", "officer-1")
    ]
    known = await here.rows("select body->'contacts'->0->>'content' from merchant where credit_code = %s", CODE)
    phone = await here.rows("select count(*) from content where subject = %s", f"merchant:{here.merchant}")
    assert (bool(known[0][0]), phone[0][0]) == (True, 2)  # its own number and the wallet's token


async def test_the_same_file_twice_changes_nothing(here: Town, officer: Browser):
    for _ in range(2):
        await bring(officer, line(1), line(1, "甲1二店"))
        await officer.tap("run")
        await here.work()
        log = await here.rows("select count(*) from log where noun = 'merchant'")
    first = await here.rows("select count(*) from log where noun = 'merchant'")
    await bring(officer, line(1), line(1, "甲1二店"))
    await officer.tap("run")
    await here.work()
    assert await here.rows("select count(*) from log where noun = 'merchant'") == first == log
    await officer.open(officer.path)
    assert 'id="same">2<' in officer.html


async def test_pressed_twice_it_runs_once_and_a_dropped_one_never(here: Town, officer: Browser):
    await bring(officer, line(1))
    page = officer.page
    await officer.tap("run")
    officer.page = page
    await officer.tap("run")
    assert officer.page.status_code in {409, 422}
    assert await here.rows("select count(*) from task where kind = 'enrol_list'") == [(1,)]
    await bring(officer, line(2))
    page = officer.page
    await officer.tap("drop")
    assert "名单已删除" in officer.text
    assert await here.rows("select 1 from content where subject like 'campaign:%%'") in ([], [(1,)])
    officer.page = page
    await officer.tap("run")
    await here.work()
    assert await here.rows("select 1 from merchant where credit_code = %s", code_of(2)) == []


async def test_a_campaign_invites_each_new_merchant_once_and_growth_is_seen(here: Town, officer: Browser):
    await bring(officer, line(1), line(1, "甲1二店"), line(2), invites="yes")
    assert "邀请短信" in officer.text
    await officer.tap("run")
    await here.work()
    sent = [each for each in here.wallet.get("sms") if each["template"] == "invite_campaign_zh"]
    assert sorted(each["to"] for each in sent) == ["8613900000001", "8613900000002"]
    assert all("顾客想" not in each["text"] and each["text"].endswith(f"/{CITY}/join") for each in sent)
    ((merchant,),) = await here.rows("select id from merchant where credit_code = %s", code_of(1))
    note = m.NoteEnrolment(
        wallet="alipay", account="2088000000000088", kind=AccountKind.direct, enrolment=Enrolment.open, status="OPENED"
    )
    await here.app.desk.act(MERCHANTS, CITY, merchant, note, SYSTEM)
    await officer.open("officer/coverage")
    assert "秋季邀请" in officer.text
    assert "新登记 2 家，邀请 2 家，此后加入 1 家" in officer.text


async def test_a_worker_that_dies_half_way_counts_the_same(
    here: Town, officer: Browser, monkeypatch: pytest.MonkeyPatch
):
    from hejie.duties import enrol_list

    await bring(officer, line(1), line(2), line(3), invites="yes")
    await officer.tap("run")
    real, left = here.app.desk.act, [5]

    async def dying(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Unknown("killed")
        return await real(*given, **named)

    monkeypatch.setattr(here.app.desk, "act", dying)
    monkeypatch.setattr(enrol_list, "BATCH", 2)
    await here.work()
    await officer.open(officer.path)
    assert re.search(r'id="fresh">3<', officer.html)
    assert await here.rows("select count(*) from campaign_line where invited") == [(3,)]
    assert len([each for each in here.wallet.get("sms") if each["template"] == "invite_campaign_zh"]) == 3


async def test_refused_lines_come_as_a_file_without_formulas(here: Town, officer: Browser):
    await bring(officer, line(1), line(2, phone="=1+1"), "=cmd|' /C calc'!A0,x,x,x,x,,x")
    await officer.open(f"{officer.path}/refused.csv")
    text = officer.page.content.decode("utf-8-sig")
    assert officer.page.headers["content-type"].startswith("text/csv")
    assert text.splitlines()[0] == "行,统一社会信用代码,未通过原因"
    assert [each.split(",")[0] for each in text.splitlines()[1:]] == ["3", "4"]
    assert "cmd" not in text
    assert as_csv([["=1", "+1", "-1", "@x", "a"]]).decode("utf-8-sig") == "'=1,'+1,'-1,'@x,a\r\n"


async def test_a_bad_file_is_told_at_its_field_and_nothing_is_kept(here: Town, officer: Browser):
    for raw in (b"", b"a,b\n1,2\n", b"\x00"):
        await officer.open("officer/enrol")
        await officer.send("list-form", files={"list": ("l.csv", raw, "text/csv")}, campaign="x")
        assert officer.page.status_code == 422
        assert 'id="list-fault"' in officer.html
    await officer.send("list-form", files={"list": ("l.csv", b"x" * 2_200_000, "text/csv")}, campaign="x")
    assert officer.page.status_code == 413
    await officer.open("officer/enrol")
    await officer.send("list-form", files={"list": ("l.csv", b"x", "text/csv")}, campaign="")
    assert 'id="campaign-fault"' in officer.html
    assert await here.rows("select 1 from campaign") == []


async def test_a_list_nobody_set_going_is_forgotten_after_a_month(here: Town, officer: Browser):
    await bring(officer, line(1))
    page = officer.page
    here.advance(days=31)
    async with city_transaction(here.app.pool, CITY) as connection:
        await sweep(connection, CITY, here.app.clock.now())
    await officer.open(officer.path)
    assert "已删除，请重新上传" in officer.text
    officer.page = page
    await officer.tap("run")
    assert officer.page.status_code in {409, 422}
    assert await here.rows("select 1 from task where kind = 'enrol_list'") == []


async def test_lists_are_for_officers_only(here: Town, officer: Browser):
    await bring(officer, line(1))
    stranger = Browser(here)
    for path in ("officer/enrol", officer.path, f"{officer.path}/part", f"{officer.path}/refused.csv"):
        answer = await stranger.http.get(path if path.startswith("/") else f"/{CITY}/{path}")
        assert answer.status_code in {303, 401}, path
    merchant = await signed_in(here, Role.merchant, "owner-1", here.merchant)
    assert (await merchant.http.get(officer.path)).status_code in {303, 401}
    for each in (stranger, merchant):
        await each.http.aclose()
