"""From an escalated dispute to its mediation and back: opened, received, ended, and the wallet told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from tests.support.town import CITY, USER, Town, town

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.cities.city import ApplySettings
from hejie.cities.settings import CitySettings, FollowUps
from hejie.desk.act import Content
from hejie.desk.cities import CITIES
from hejie.desk.follow_ups import FOLLOW_UPS
from hejie.desk.mediations import MEDIATIONS
from hejie.disputes import commands as d
from hejie.disputes.model import Outcome
from hejie.disputes.states import State as Stands
from hejie.duties.mediations import authorities
from hejie.edge.members import add_member
from hejie.mediations import commands as c
from hejie.mediations.follow_ups import Note, follow_up_of
from hejie.mediations.model import Checked, Face, Mediation, Refusal, State, Telling, Term, Way, mediation_of
from hejie.queries.follow_ups import calls_in
from hejie.store.nouns import NOUNS
from hejie.store.pool import city_transaction

HERE, AWAY = Actor(Role.officer, "o-1", "330106"), Actor(Role.officer, "o-2", "330110")
WAYS = (Way.council, Way.court)


@pytest.fixture
async def here(tmp_path: Path, app_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, app_url) as place:
        yield place


async def read(here: Town, dispute: str) -> Mediation | None:
    rows = await here.rows("select body::text from mediation where id = %s", mediation_of(dispute))
    return msgspec.json.decode(rows[0][0], type=Mediation) if rows else None


async def do(here: Town, dispute: str, actor: Actor, *commands: c.Command, words: str = "") -> Mediation:
    contents = [Content(id=words, kind="text", plain="经查，双方各执一词。".encode())] if words else []
    row = None
    for command in commands:
        done = await here.app.desk.act(MEDIATIONS, CITY, mediation_of(dispute), command, actor, contents=contents)
        row = done.row
    assert row is not None
    return row


async def born(here: Town) -> tuple[str, str]:
    """A case that the wallet holds too and that was sent to the authority there."""
    payment = {"user_id": USER, "merchant_id": "2088000000000001", "amount": "50.00", "subject": "片儿川"}
    trade = str(here.wallet.post("load", payments=[payment])["trade_nos"][0])
    words = {"user_id": USER, "reason": "商品质量问题", "demand": "退款", "content": "面是凉的"}
    event = here.wallet.post("cases", trade_no=trade, **words)["complain_event_id"]
    await here.task("follow_case", event, {"wallet": "alipay", "event": event}, "case")
    await here.work()
    dispute = str((await here.rows("select id from dispute where wallet_event = %s", event))[0][0])
    return event, dispute


async def escalated(here: Town) -> str:
    """One that was filed here, answered and sent to the authority."""
    dispute = await here.file(await here.pay())
    await here.act(dispute, d.Answer(words="x"), here.as_merchant)
    await here.act(dispute, d.Escalate(), here.as_consumer)
    await here.work()
    return dispute


async def accepted(here: Town) -> str:
    dispute = await escalated(here)
    identity = c.GiveIdentity(identity="i", checked=Checked.document)
    await do(here, dispute, here.as_consumer, identity)
    await do(here, dispute, HERE, c.Receive(), c.Accept(), c.Consent(by=Role.consumer), c.Consent(by=Role.merchant))
    await here.work()
    return dispute


async def fold(here: Town, dispute: str) -> None:
    """The row is the fold of its log."""
    _, events, evolve = NOUNS["mediation"]
    row = None
    lines = await here.rows(
        "select body::text from log where noun = 'mediation' and id = %s order by version", mediation_of(dispute)
    )
    for (body,) in lines:
        row = evolve(row, msgspec.json.decode(body, type=events))
    assert row == await read(here, dispute)


@pytest.mark.parametrize(
    ("district", "code", "found"),
    [
        ("510104", "91510105MA6ABCDE1E", [("510104", "place"), ("510105", "domicile")]),
        ("330102", "91330102MA2CFLDC09", [("330102", "place domicile")]),
        ("330102", "", [("330102", "place")]),
        ("", "91330106MA2CFLDC09", [("330106", "domicile")]),
        ("", "91330000MA2CFLDC09", []),
        ("", "", []),
    ],
)
def test_authorities_are_found_by_the_merchants_places_alone(district, code, found):
    assert list(authorities(district, code, datetime(2026, 6, 1, tzinfo=UTC))) == found


async def test_an_escalation_opens_one_mediation_and_the_consumers_home_plays_no_part(here: Town):
    dispute = await here.file(await here.pay())
    assert await read(here, dispute) is None
    await here.act(dispute, d.Answer(words="x"), here.as_merchant)
    row = await here.act(dispute, d.Escalate(), here.as_consumer)
    await here.task("open_mediation", dispute, {})
    await here.work()
    opened = await read(here, dispute)
    assert opened is not None
    assert (opened.version, opened.state, opened.consumer, opened.received_at) == (
        1, State.escalated, row.consumer, None,
    )  # fmt: skip
    assert {"claim", "respondent"} <= set(opened.materials)
    assert not {"name", "address", "document"} & set(opened.materials)
    with pytest.raises(Refused, match="mediation_elsewhere"):
        await do(here, dispute, AWAY, c.Receive())
    assert await read(here, dispute) == opened


async def test_agreed_performed_and_closed_with_memo_and_agency(here: Town):
    dispute = await accepted(here)
    assert (await here.read(dispute)).officer == HERE.id
    by = (here.app.clock.now().astimezone(SHANGHAI) + timedelta(days=3)).date()
    term = Term(who=Role.merchant, what="t", amount_fen=2_000, by=by)
    row = await do(here, dispute, HERE, c.Agree(face=Face.document, facts="f", terms=(term,)))
    assert (row.ended, row.due_rule) == ("agreed", "terms")
    await here.work()
    assert (await here.read(dispute)).state is Stands.mediating
    here.advance(days=4)
    await here.work()
    assert [kind for (kind,) in await here.rows("select kind from work_item")] == ["performance_overdue"]
    await do(here, dispute, HERE, c.NotePerformance(performed=True, words="w"), words="w")
    await here.work()
    closed, told = await here.read(dispute), await read(here, dispute)
    assert (closed.state, closed.outcome, closed.officer) == (Stands.mediated, Outcome.mediated, HERE.id)
    assert closed.agency == "杭州市西湖区市场监督管理局"
    assert told is not None
    assert told.told_at is None
    untold = "select subject from work_item where kind = 'mediation_untold' and done_at is null"
    [(sent,)] = await here.rows("""select d.id from delivery d join notice n on n.id = d.notice
      where n.template = 'mediated' and n.audience = 'merchant'""")
    await here.task("take_receipt", sent, {"arrival": "delivered", "code": ""}, "delivery")
    for hours, found in ((23, []), (2, [(mediation_of(dispute),)])):
        here.advance(hours=hours)
        await here.work()
        assert await here.rows(untold) == found
    told = await read(here, dispute)
    assert told is not None
    assert (told.told, told.told_at) == ((Role.merchant,), None)  # its message was delivered; the consumer has no phone
    told = await do(here, dispute, here.as_consumer, c.NoteTold(side=Role.consumer, how=Telling.opened))
    assert told.told_at is not None
    await here.work()
    assert await here.rows("select 1 from task where kind = 'check_told' and due_at < %s", here.app.clock.now()) == []
    await fold(here, dispute)


async def test_sixty_days_end_it_by_themselves(here: Town):
    dispute = await accepted(here)
    row = await read(here, dispute)
    assert row is not None
    assert row.due is not None
    here.advance(seconds=(row.due.at - here.app.clock.now()).total_seconds() - 60)
    await here.work()
    waiting = await read(here, dispute)
    assert waiting is not None
    assert waiting.state is State.accepted
    here.advance(seconds=120)
    await here.work()
    closed, ended = await here.read(dispute), await read(here, dispute)
    assert ended is not None
    assert (ended.ended, ended.due_rule) == ("T5", "M4")
    assert (closed.state, closed.outcome) == (Stands.mediated, Outcome.unsettled)
    await fold(here, dispute)


async def test_a_dispute_that_is_taken_back_takes_its_mediation_along(here: Town):
    dispute = await accepted(here)
    await here.act(dispute, d.Withdraw(), here.as_consumer)
    await here.work()
    row = await read(here, dispute)
    assert row is not None
    assert (row.state, row.ended) == (State.terminated, "T1")
    assert (await here.read(dispute)).outcome is Outcome.withdrawn
    await fold(here, dispute)


async def test_the_wallet_hears_how_far_it_is_and_sees_the_end(here: Town):
    event, dispute = await born(here)
    here.advance(hours=97)
    here.wallet.post(f"cases/{event}/escalate")
    await here.task("follow_case", event, {"wallet": "alipay", "event": event}, "case")
    await here.work()
    await do(here, dispute, HERE, c.Receive())
    await here.work()
    refuse = c.Refuse(ground=Refusal.N3, words="w", ways=WAYS)
    await do(here, dispute, HERE, refuse, words="w")
    await here.work()
    said = [row["content"] for row in here.wallet.get("ledger")["replies"] if row["event_id"] == event]
    assert [text for text in said if "七个工作日" in text]
    assert next(row["status"] for row in here.wallet.get("ledger")["cases"] if row["event_id"] == event) == (
        "PLATFORM_FINISH"
    )
    row = await read(here, dispute)
    assert row is not None
    assert (row.refused, row.told_at) == ("N3", None)
    here.advance(hours=1)
    await here.work()
    row = await read(here, dispute)
    assert row is not None
    assert Role.consumer in row.told  # the wallet took the end from us


async def test_a_share_is_called_afterwards_by_somebody_without_a_part(here: Town):
    async def share(percent: float) -> None:
        kept = (await here.rows("select body::text from city_setting order by version desc limit 1"))[0][0]
        row = msgspec.json.decode(kept, type=CitySettings)
        today = here.app.clock.now().astimezone(SHANGHAI).date()
        asked = FollowUps(percent=percent, after_days=7)
        row = replace(row, version=row.version + 1, valid_from=today, follow_ups=asked)
        await here.app.desk.act(CITIES, CITY, CITY, ApplySettings(settings=row), SYSTEM)

    people = {}
    for login in ("handler", "caller"):
        people[login] = await add_member(
            here.app.house, CITY, login=login, display_name=login, password="correct horse battery",
            role=Role.officer, organisation="330106",
        )  # fmt: skip
    handler, caller = (Actor(Role.officer, people[login].id, "330106") for login in ("handler", "caller"))
    for percent, expected in ((0, 0), (100, 1)):
        await share(percent)
        dispute = await escalated(here)
        words = f"w{percent}"
        refuse = c.Refuse(ground=Refusal.N3, words=words, ways=WAYS)
        await do(here, dispute, handler, c.Receive())
        await do(here, dispute, handler, refuse, words=words)
        await here.work()
        assert await here.rows("select count(*) from follow_up") == [(expected,)]
    here.advance(days=6)
    await here.work()
    assert await here.rows("select count(*) from work_item where kind = 'follow_up'") == [(0,)]
    here.advance(days=1, minutes=1)
    await here.work()
    item = "select officer, place from work_item where kind = 'follow_up' and done_at is null"
    assert await here.rows(item) == [(caller.id, (await here.read(dispute)).district)]
    note = Note(reached=True, satisfied=True, performed=None, words="f")
    said = Content(id="f", kind="text", plain="满意".encode())
    for who in (handler, HERE):
        with pytest.raises(Refused, match="not_your_case"):
            await here.app.desk.act(FOLLOW_UPS, CITY, follow_up_of(dispute), note, who, contents=[said])
    await here.app.desk.act(FOLLOW_UPS, CITY, follow_up_of(dispute), note, caller, contents=[said])
    assert await here.rows("select officer, satisfied from follow_up") == [(caller.id, True)]
    today = here.app.clock.now().astimezone(SHANGHAI).date()
    async with city_transaction(here.app.pool, CITY) as connection:
        counts = await calls_in(connection, CITY, today, today)
    assert (counts.drawn, counts.reached, counts.satisfied, counts.not_satisfied, counts.performed) == (0, 1, 1, 0, 0)
