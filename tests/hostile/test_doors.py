"""Every way in, forged, replayed, stale, stolen or tried too often: entry links, callbacks, case links, accounts."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from tests.hostile.stage import APP, CITY, JSON, OTHER, PHONES, Hand, Stage, entry_link, forged_key, push

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge import one_time
from hejie.edge.links import case_link, opened_case
from hejie.edge.members import add_member
from hejie.intake.payments import contact_handle
from hejie.store.pool import city_transaction

FORM = {"content-type": "application/x-www-form-urlencoded"}
PASSWORD = "correct horse battery"

# The wallet's entry links ------------------------------------------------------------------------


async def test_entry_links_that_are_forged_changed_stale_or_of_another_place(stage: Stage):
    now, before = stage.now(), stage.everything()
    good = entry_link(now)
    seconds = int(now.timestamp())
    for path, status, code in (
        (entry_link(now, forged_key()), 401, "entry_signature_wrong"),
        (good.replace("amount=50.00", "amount=5000.00"), 401, "entry_signature_wrong"),
        (good.replace("payer=2088900000000001", "payer=2088900000000002"), 401, "entry_signature_wrong"),
        (good.replace(f"/{CITY}/", f"/{OTHER}/"), 401, "entry_signature_wrong"),
        (entry_link(now, wallet="wechat"), 401, "entry_signature_wrong"),
        (entry_link(now, app="2021000000000009"), 401, "entry_signature_wrong"),
        (good + "&amount=1.00", 400, "entry_incomplete"),
        (good + "&extra=1", 400, "entry_incomplete"),
        (good.partition("&sign=")[0], 400, "entry_incomplete"),
        (good.partition("&sign=")[0] + "&sign=", 400, "entry_incomplete"),
        (f"/{CITY}/entry", 400, "entry_incomplete"),
        (entry_link(now, expires=str(seconds - 1)), 403, "entry_expired"),
        (entry_link(now, expires=str(seconds + 400)), 403, "entry_too_long_lived"),
        (entry_link(now, expires="99999999999"), 403, "entry_too_long_lived"),
        *((entry_link(now, **wrong), 400, "entry_incomplete") for wrong in (
            {"amount": "0.00"}, {"amount": "-1.00"}, {"amount": "1e3"}, {"amount": "１.00"}, {"amount": "1.000"},
            {"amount": "99999999999.00"}, {"trade_no": "a/../b"}, {"trade_no": ""}, {"payer": "x" * 65},
            {"nonce": "short"}, {"item": "a\nb"}, {"expires": "1e9"}, {"paid_at": "-1"},
        )),
    ):  # fmt: skip
        answer = await stage.stranger(**JSON).get(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert "set-cookie" not in answer.headers
    assert stage.everything() == before
    assert stage.sql("select count(*) from session") == [(0,)]


async def test_an_entry_link_opens_once_and_its_address_is_cleaned(stage: Stage):
    link = entry_link(stage.now())
    first = await stage.stranger().get(link)
    assert first.status_code == 303
    assert "sign=" not in first.headers["location"]
    assert "nonce=" not in first.headers["location"]
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    before = stage.everything()
    again = await stage.stranger(**JSON).get(link)
    assert (again.status_code, again.json()["code"]) == (403, "entry_replayed")
    assert stage.everything() == before


async def test_a_session_from_a_link_is_a_new_one_whatever_cookie_came_along(stage: Stage):
    planted = "A" * 43
    hand = stage.stranger()
    hand.http.cookies.set("hejie-consumer", planted, path=f"/{CITY}")
    answer = await hand.get(entry_link(stage.now()))
    token = re.search(r"hejie-consumer=([^;]+)", answer.headers["set-cookie"])
    assert token
    assert token[1] != planted
    assert (await stage.stranger(cookie=f"hejie-consumer={planted}").get(f"/{CITY}/bill", **JSON)).status_code == 401


# The wallet's callbacks --------------------------------------------------------------------------


async def test_callbacks_that_are_forged_stale_misdirected_or_garbage(stage: Stage):
    now, stranger, before = stage.now(), stage.stranger(), stage.everything()
    own = f"/api/{CITY}/callbacks/alipay/{APP}"
    for path, body, status, code in (
        (own, push(now, forged_key()), 401, "signature_wrong"),
        (own, push(now).replace("EV1", "EV2"), 401, "signature_wrong"),
        (own, push(now, app_id="2021000000000009"), 403, "callback_misdirected"),
        (own, push(now - timedelta(minutes=20)), 401, "callback_stale"),
        (own, push(now + timedelta(minutes=20)), 401, "callback_stale"),
        (own, push(now, utc_timestamp="9" * 400), 400, "callback_unreadable"),
        (own, push(now, biz_content='{"complain_event_id":"a\\u0000b"}'), 400, "callback_unreadable"),
        (own, push(now, biz_content='{"complain_event_id":["EV1"]}'), 400, "callback_unreadable"),
        (own, push(now, biz_content="[" * 5000), 400, "callback_unreadable"),
        (own, push(now, notify_id="a\x00b"), 400, "callback_unreadable"),
        (own, push(now, notify_id="x" * 20_000), 400, "callback_unreadable"),
        (own, push(now) + "&app_id=2", 400, "callback_unreadable"),
        (own, "", 400, "callback_unreadable"),
        (own, "\u00ff", 400, "callback_unreadable"),
        (own, "a=" + "x" * 70_000, 413, "body_too_large"),
        (f"/api/{CITY}/callbacks/alipay/other", push(now), 403, "callback_misdirected"),
        (f"/api/{CITY}/callbacks/alipay/%00", push(now), 403, "callback_misdirected"),
        (f"/api/{CITY}/callbacks/wechat/{APP}", push(now), 404, "page_unknown"),
        (f"/api/{OTHER}/callbacks/alipay/{APP}", push(now), 404, "page_unknown"),
        (f"/api/999999/callbacks/alipay/{APP}", push(now), 404, "city_not_here"),
    ):
        answer = await stranger.http.post(path, content=body, headers=FORM)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, body[:60])
    assert stage.everything() == before


async def test_a_callback_told_again_is_thanked_and_counted_once(stage: Stage):
    now, stranger = stage.now(), stage.stranger()
    body, path = push(now), f"/api/{CITY}/callbacks/alipay/{APP}"
    for _ in range(3):
        answer = await stranger.http.post(path, content=body, headers=FORM)
        assert (answer.status_code, answer.text) == (200, "success")
    assert stage.sql("select count(*) from callback") == [(1,)]
    assert stage.sql("select count(*) from task where kind = 'follow_case'") == [(1,)]
    foreign = push(now, msg_method="alipay.open.auth.appauth.cancelled", biz_content='{"user_id":"2088999999999999"}')
    assert (await stranger.http.post(path, content=foreign, headers=FORM)).text == "success"
    assert stage.sql("select count(*) from task where kind = 'withdraw_authority'") == [(0,)]


# Case links --------------------------------------------------------------------------------------


async def test_case_links_cannot_be_made_moved_or_used_late(stage: Stage):
    one, now = await stage.file(), stage.now()
    vault = stage.house.vaults(CITY)
    async with city_transaction(stage.house.pool, CITY) as connection:
        made = [
            await case_link(connection, vault, os.urandom, "https://h.example", CITY, one, now + timedelta(hours=span))
            for span in (1, -1)
        ]
        token, late = (link.rpartition("/")[2] for link in made)
        assert len(made[0]) <= len("https://h.example/330100/m/") + 12
        assert (await opened_case(connection, vault, CITY, token, now)).dispute == one
        assert (await opened_case(connection, vault, CITY, token.upper(), now)).dispute == one
        changed = token[:-1] + ("0" if token[-1] != "0" else "1")
        for wrong in (changed, token[:-1], f"{token}0", "", "....", "é" * 12, f"{token}\x00"):
            with pytest.raises(Refused, match="link_wrong"):
                await opened_case(connection, vault, CITY, wrong, now)
        with pytest.raises(Refused, match="link_expired"):
            await opened_case(connection, vault, CITY, late, now)
    async with city_transaction(stage.house.pool, OTHER) as connection:
        with pytest.raises(Refused, match="link_wrong"):
            await opened_case(connection, stage.house.vaults(OTHER), OTHER, token, now)
    rows = stage.sql("select string_agg(s::text, '') from short_link s")
    assert token not in str(rows)


# Accounts ----------------------------------------------------------------------------------------


async def officer(stage: Stage) -> str:
    made = await add_member(
        stage.house, CITY, login="wang", display_name="王", password=PASSWORD, role=Role.officer, organisation="330102"
    )
    return made.totp_secret


async def door(stage: Stage) -> Hand:
    hand = stage.stranger()
    html = (await hand.get(f"/{CITY}/officer/sign-in")).text
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    hand.csrf = found[1]
    return hand


async def sign_in(hand: Hand, **fields: Any):
    return await hand.post(f"/{CITY}/officer/sign-in", fields)


def bare(html: str) -> str:
    """A page without what differs at every look: nonce, keys, challenge, and what was typed."""
    return re.sub(r'(nonce|value|data-options|data-[a-z-]+)="[^"]*"', "", re.sub(r"[A-Za-z0-9_-]{40,}", "", html))


async def test_known_and_unknown_accounts_get_the_same_answer_and_a_lock_tells_nothing(stage: Stage):
    secret = await officer(stage)
    hand, before = await door(stage), stage.everything("member")
    code = pyotp.TOTP(secret).now()
    tries = [
        {"login": "nobody", "password": PASSWORD, "code": code},
        {"login": "wang", "password": "wrong", "code": code},
        {"login": "wang", "password": PASSWORD, "code": "000000"},
        {"login": "wang\x00", "password": PASSWORD, "code": code},
        {"login": "' or 1=1 --", "password": PASSWORD, "code": code},
        {"login": "wang", "password": "", "code": code},
        {"login": "wang", "password": "x" * 100_000, "code": code},
        {"login": "wang", "password": PASSWORD, "code": ""},
    ]
    pages: set[str] = set()
    for fields in tries:
        refused = await sign_in(hand, **fields)
        assert refused.status_code == 401
        pages.add(bare(refused.text))
    assert len(pages) == 1
    assert stage.sql("select locked_until is not null from member") == [(True,)], "five wrong tries lock"
    locked = await sign_in(hand, login="wang", password=PASSWORD, code=code)
    assert locked.status_code == 401
    assert bare(locked.text) in pages, "the right words on a locked account look like wrong ones"
    assert stage.everything("member") == before


async def test_a_code_is_good_once_and_many_wrong_tries_from_one_address_are_429(stage: Stage):
    secret = await officer(stage)
    hand, code = await door(stage), pyotp.TOTP(secret).now()
    assert (await sign_in(hand, login="wang", password=PASSWORD, code=code)).status_code == 303
    again = await door(stage)
    assert (await sign_in(again, login="wang", password=PASSWORD, code=code)).status_code == 401
    stage.sql("update rate set hits = 30 where bucket like 'sign-ins:%%'")
    limited = await sign_in(again, login="nobody", password="x", code="1")
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) > 0


async def test_an_officers_door_does_not_open_for_a_merchants_account(stage: Stage):
    made = await add_member(
        stage.house, CITY, login="shop", display_name="店", password=PASSWORD, role=Role.merchant,
        organisation=stage.merchants["a"],
    )  # fmt: skip
    code = pyotp.TOTP(made.totp_secret).now()
    answer = await sign_in(await door(stage), login="shop", password=PASSWORD, code=code)
    assert answer.status_code == 401
    assert stage.sql("select count(*) from session") == [(0,)]


async def test_passkey_answers_that_are_none(stage: Stage):
    hand, before = await door(stage), stage.everything()
    for credential in ("", "{}", "[]", "null", "[" * 60_000, '{"a":' * 60 + "1" + "}" * 60, '{"rawId":"\x00"}',
                       '{"response":{"clientDataJSON":"e30"}}', '{"response":{"clientDataJSON":1}}', '{"response":"x"}',
                       '{"response":{"clientDataJSON":"W10"}}', '{"response":{"clientDataJSON":"é"}}'):  # fmt: skip
        answer = await hand.post(f"/{CITY}/officer/sign-in/passkey", {"credential": credential}, JSON)
        assert answer.status_code in {400, 401}, credential[:40]
    assert stage.everything() == before


async def test_one_time_codes_are_the_same_for_every_number_and_end_after_five_tries(stage: Stage):
    vault = stage.house.vaults(CITY)

    async def rows(phone: str, told: str) -> dict[str, int]:
        before = {name: count for name, (count, _) in stage.everything().items()}
        await one_time.ask(
            stage.house, CITY, purpose="p", subject=contact_handle(vault, phone), phone=told, language="zh", address="a"
        )
        after = {name: count for name, (count, _) in stage.everything().items()}
        return {name: after[name] - before[name] for name in after if after[name] != before[name]}

    known, unknown = await rows(PHONES["x"], PHONES["x"]), await rows("+8613700000000", "")
    assert known == unknown
    subject = contact_handle(vault, PHONES["x"])
    for _ in range(5):
        with pytest.raises(Exception, match="code_wrong"):
            await one_time.check(stage.house.pool, vault, CITY, purpose="p", subject=subject, code="x")
    assert stage.sql("select max(tries) from one_time_code") == [(5,)]
