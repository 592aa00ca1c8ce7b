"""Nothing on a page that its reader may not see, nothing personal in a log, nothing readable at rest."""

from __future__ import annotations

import json
import re

import pytest
from tests.hostile.stage import ACCOUNTS, AUTHORITY, CITY, JSON, PAYERS, PHONES, Stage, entry_link

from hejie.app import log_to_lines
from hejie.base.errors import Refused
from hejie.desk.merchants import MERCHANTS
from hejie.disputes import commands as c
from hejie.edge import one_time
from hejie.intake.payments import contact_handle
from hejie.merchants import commands as m
from hejie.web.asgi import PORTALS
from hejie.worker import Worker

SAID = "独一无二的话语"


def numbers(*names: str) -> set[str]:
    """Phone numbers as they could stand on a page."""
    return {form for name in names for form in (PHONES[name], PHONES[name].removeprefix("+86"))}


HIDDEN = {
    "x": numbers("a", "b", "y") | {ACCOUNTS["a"], ACCOUNTS["b"], *PAYERS.values()},
    "a": numbers("x", "y", "b") | {*PAYERS.values(), ACCOUNTS["b"]},
    "officer-1": numbers("x", "y", "a", "b") | {*PAYERS.values()},
}
"""Reader → what may stand on none of their pages."""


async def pages(stage: Stage, who: str, dispute: str) -> dict[str, str]:
    """Every page of a reader's portal, as far as it opens."""
    hand, role = await stage.hand(who), stage.actor(who).role
    found = {}
    for route in PORTALS:
        if route.method != "GET" or role not in route.roles or route.path.endswith("/live") or route.path == "/entry":
            continue
        identifier = stage.merchants["a"] if "/merchants/" in route.path else dispute
        path = re.sub(r"\{[a-z]+:str\}", "x", route.path.replace("{id:str}", identifier))
        answer = await hand.get(f"/{CITY}{path}")
        if answer.status_code == 200:
            found[path] = answer.text
    found["api"] = (await hand.get(f"/api/{CITY}/disputes/{dispute}", authorization=f"Bearer {hand.token}")).text
    return found


async def test_each_reader_sees_their_own_side_only(stage: Stage):
    dispute = await stage.file(SAID)
    others = await stage.file("别人的话语", payer="y", merchant="b")
    for who in ("x", "a"):
        said = stage.text(f"{who}说")
        await stage.do(dispute, c.Say(words=said.id), who, said)
    keys = [raw.hex() for (raw,) in stage.sql("select wrapped from data_key")]
    secrets = {AUTHORITY, *keys, *(raw.hex() for (raw,) in stage.sql("select handle from person"))}
    (consumer,) = stage.sql("select consumer from dispute where id = %s", dispute)[0]
    for who, hidden in HIDDEN.items():
        seen = await pages(stage, who, dispute)
        assert len(seen) > 3, who
        for path, text in seen.items():
            for word in hidden | secrets:
                assert word not in text, f"{who} sees {word} on {path}"
            if who != "officer-1":
                assert others not in text, f"{who} sees another's dispute on {path}"
                assert "别人的话语" not in text
            if who == "a":
                assert consumer not in text, f"the consumer's identifier on {path}"
        assert any(SAID in text for text in seen.values()), who


async def test_a_case_link_shows_its_case_and_no_list(stage: Stage):
    dispute, other = await stage.file(SAID), await stage.file("另一件")
    linked = await stage.hand("a", scope=dispute)
    page = await linked.get(f"/{CITY}/merchant/disputes/{dispute}")
    assert page.status_code == 200
    assert SAID in page.text
    for path in ("/merchant", "/merchant/part", "/merchant/settings", "/merchant/settings/authority"):
        text = (await linked.http.get(f"/{CITY}{path}", follow_redirects=False)).text
        assert other not in text
        assert "另一件" not in text
    assert (await linked.post(f"/{CITY}/merchant/settings/limit", {"limit": "9999"}, JSON)).status_code in {401, 403}


async def test_an_answer_by_link_beyond_the_limit_needs_the_code_whatever_is_sent(stage: Stage):
    dispute = await stage.file(paid_fen=500_000)
    linked = await stage.hand("a", scope=dispute)
    await stage.desk.act(MERCHANTS, CITY, stage.merchants["a"], m.SetLinkLimit(limit_fen=100), stage.actor("a"))
    path = f"/{CITY}/merchant/disputes/{dispute}"
    before = stage.everything("one_time_code", "task", "content", "data_key")
    for fields in (
        {"offer": "claim", "road": "api", "version": "1"},
        {"offer": "claim", "road": "api", "version": "1", "code": "000000"},
        {"offer": "claim", "road": "own_tool", "version": "1", "code": "' or 1=1"},
        {"offer": "claim", "road": "api", "version": "2", "code": "１２３４５６"},
    ):
        answer = await linked.post(f"{path}/accept", fields)
        assert answer.status_code in {403, 409, 422, 429}, fields
    offered = {"remedy": "compensation", "amount": "4999.00", "road": "by_hand", "version": "1"}
    assert (await linked.post(f"{path}/offer", offered)).status_code in {403, 422, 429}
    key = "a-key-of-one-request-0002"
    assert (await linked.post(f"{path}/say", {"words": "?", "once": key})).status_code == 303
    reused = await linked.post(f"{path}/accept", {"offer": "claim", "road": "api", "version": "2", "once": key})
    assert reused.status_code == 422, "a key that was used for talk opens no other door"
    (state,) = stage.sql("select state from dispute")[0]
    assert state == "awaiting_merchant"
    assert stage.sql("select count(*) from task where kind = 'refund'") == [(0,)]
    after = stage.everything("one_time_code", "task", "content", "data_key")
    written = {"dispute", "log", "log_waiting", "once"}
    assert {name for name in after if after[name] != before[name]} <= written, "the word alone"


async def test_nothing_personal_is_readable_at_rest(stage: Stage):
    dispute = await stage.file(SAID)
    await one_time.ask(
        stage.house, CITY, purpose="p", subject=contact_handle(stage.house.vaults(CITY), PHONES["y"]),
        phone=PHONES["y"], language="zh", address="203.0.113.9",
    )  # fmt: skip
    hand = await stage.hand("x")
    await hand.post(f"/{CITY}/disputes/{dispute}/say", {"words": SAID + "二"})
    await stage.stranger().get(entry_link(stage.now()))
    tables = [name for (name,) in stage.sql("select tablename from pg_tables where schemaname = 'public'")]
    for table in tables:
        for (row,) in stage.sql(f"select t::text from {table} t"):
            plain = row + "".join(_text(word) for word in re.findall(r"\\\\x([0-9a-f]+)", row))
            for secret in (SAID, AUTHORITY, hand.token, "203.0.113.9", *numbers(*PHONES)):
                assert secret not in plain, f"{secret} lies readable in {table}"
            if table != "callback":
                for payer in PAYERS.values():
                    assert payer not in plain, f"{payer} lies readable in {table}"


def _text(digits: str) -> str:
    return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode(errors="ignore")


async def test_logs_hold_no_word_number_token_or_code(stage: Stage, capsys: pytest.CaptureFixture[str]):
    log_to_lines("debug")
    dispute, hand = await stage.file(SAID), await stage.hand("x")
    stage.sql("alter table notice add check (channel <> 'x'), alter column template set not null")
    stage.sql("alter table content add constraint no_more check (made_at < '2020-01-01') not valid")
    broken = await hand.post(f"/{CITY}/disputes/{dispute}/say", {"words": SAID, "phone": PHONES["x"]})
    assert broken.status_code == 500
    assert SAID not in broken.text
    stage.sql("alter table content drop constraint no_more")
    await hand.get(f"/{CITY}/disputes/{hand.token}")
    await hand.get(f"/{CITY}/m/{hand.token}.{dispute}")
    await stage.stranger().get(entry_link(stage.now()) + "&x=1")
    await hand.post(f"/{CITY}/officer/sign-in", {"login": PHONES["x"], "password": SAID})

    async def breaks(work: object) -> None:
        raise ValueError(f"{SAID} {PHONES['x']} {hand.token}")

    async def refuses(work: object) -> None:
        raise Refused("notice_refused", phone=PHONES["x"])

    kinds = [kind for (kind,) in stage.sql("select distinct kind from task")]
    duties = {kind: (breaks if number % 2 else refuses) for number, kind in enumerate(kinds)}
    worker = Worker(stage.house.pool, stage.house.clock, duties, stage.house.settings)
    await worker.drain()
    said = capsys.readouterr()
    lines = [line for line in (said.out + said.err).splitlines() if line.strip()]
    assert any(json.loads(line)["event"] == "incident" for line in lines)
    assert any("duty" in json.loads(line)["event"] for line in lines)
    for secret in (SAID, hand.token, AUTHORITY, *numbers(*PHONES), *PAYERS.values(), "Failing row", "DETAIL"):
        assert secret not in "".join(lines), secret


async def test_private_pages_are_kept_by_nobody(stage: Stage):
    dispute = await stage.file(SAID)
    shown = stage.desk.mint(CITY)
    for who in ("x", "a", "officer-1"):
        hand, role = await stage.hand(who), stage.actor(who).role
        for route in PORTALS:
            if route.method == "GET" and role in route.roles and not route.path.endswith("/live"):
                path = re.sub(r"\{[a-z]+:str\}", shown, route.path.replace("{id:str}", dispute))
                answer = await hand.get(f"/{CITY}{path}")
                assert answer.headers["cache-control"] == "no-store", path
