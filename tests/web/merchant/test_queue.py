"""A head office at work: its queue, whose a dispute is, a second person above the limit, many answers at once."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from tests.web.merchant.chain_town import QUEUE, listed, many, outcomes, picks, sent
from tests.web.merchant.merchant_town import ZH, authorise, keys, opened, row, send, sign_in
from tests.web.officer.officer_town import CITY

from hejie.base.clock import SHANGHAI
from hejie.disputes import commands as c
from hejie.disputes.states import State
from hejie.merchants import commands as m
from hejie.merchants.answering import AnsweringRule, Answers, Cover
from hejie.merchants.model import Rank, Staff
from hejie.merchants.office import Reply, RoleLimit
from hejie.web.csv_out import safe

OFFICE = f"{QUEUE}/office"


def case(dispute: str) -> str:
    return f"{QUEUE}/disputes/{dispute}"


# The queue --------------------------------------------------------------------------------------


async def test_the_queue_is_narrowed_by_each_thing_and_several(phone, town, chain):
    one = await town.dispute()
    two = await town.dispute(problem="price")
    await sign_in(phone, town, chain.id("li.na"))
    await send(phone, case(two), "assign", to=chain.id("wang.wei"))
    for query, found in (
        ("", [one, two]),
        ("problem=price", [two]),
        ("shop=解放路", [one, two]),
        (f"shop={town.shop}", [one, two]),
        ("shop=武林", []),
        ("shop=nowhere%25", []),
        ("who=nobody", [one]),
        (f"who={CITY}.{chain.id('wang.wei')}", [two]),
        (f"who=310000.{chain.id('wang.wei')}", []),
        ("who=me", []),
        ("state=awaiting_merchant&problem=quality", [one]),
        ("state=overdue", []),
        ("due=past", []),
        ("due=72h", []),
        ("state=asked", []),
        (f"city={CITY}", [one, two]),
        ("city=310000", []),
        ("state=nonsense", [one, two]),
    ):
        answer = await phone.get(f"{QUEUE}?{query}")
        assert listed(answer.text) == found, query
    for bad in ("after=x", "after=2026-11-26T00:00:00~x"):
        assert (await phone.get(f"{QUEUE}?{bad}")).status_code == 422
    await sign_in(phone, town, chain.id("wang.wei"))
    assert listed((await phone.get(f"{QUEUE}?who=me")).text) == [two]


async def test_who_stands_in_has_what_is_given_to_who_is_away(phone, town, chain):
    dispute = await town.dispute()
    await sign_in(phone, town, chain.id("boss"))
    await send(phone, case(dispute), "assign", to=chain.id("li.na"))
    today = town.house.clock.now().astimezone(SHANGHAI).date()
    away = Cover(person=chain.id("li.na"), by=chain.id("wang.wei"), first=today, last=today)
    await chain.tell(m.SetCovers(covers=(away,)))
    await sign_in(phone, town, chain.id("wang.wei"))
    html = (await phone.get(f"{QUEUE}?who=me")).text
    assert listed(html) == [dispute]
    assert "李娜" in html[html.index("standing-in") :][:200]
    past = Cover(person=away.person, by=away.by, first=today - timedelta(days=9), last=today - timedelta(days=1))
    await chain.tell(m.SetCovers(covers=(past,)))
    assert listed((await phone.get(f"{QUEUE}?who=me")).text) == []
    await sign_in(phone, town, chain.id("li.na"))
    assert listed((await phone.get(f"{QUEUE}?who=me")).text) == [dispute]


async def test_the_consumer_sees_nothing_of_who_has_it(phone, town, chain):
    dispute = await town.dispute()
    before, log = await row(town, dispute), await chain.log_of(dispute)
    await sign_in(phone, town, chain.id("boss"))
    assert (await send(phone, case(dispute), "assign", to="office")).status_code == 303
    assert (await chain.handling(dispute)).answers is Answers.office
    assert await row(town, dispute) == before
    assert await chain.log_of(dispute) == log


async def test_the_own_target_stands_beside_the_citys_time_and_replaces_nothing(phone, town, chain):
    dispute = await town.dispute()
    due = (await row(town, dispute)).due
    await chain.tell(m.SetTarget(hours=24))
    await sign_in(phone, town, chain.id("boss"))
    for page in (QUEUE, case(dispute)):
        assert "Our own target" in (await phone.get(page)).text
    assert (await row(town, dispute)).due == due
    await town.do(dispute, c.Answer(words=town.text("好").id), "merchant")
    assert "Our own target" not in (await phone.get(case(dispute))).text
    await chain.tell(m.SetTarget(hours=200))
    assert "Our own target" not in (await phone.get(QUEUE)).text


# Who answers ------------------------------------------------------------------------------------


async def test_a_shop_may_see_but_not_answer_what_is_the_head_offices(phone, town, chain):
    await chain.tell(m.SetAnswering(rules=(AnsweringRule(id="1", answers=Answers.office, least_fen=1000),)))
    dispute = await town.dispute()
    page = case(dispute)
    await sign_in(phone, town, chain.id("shop.one"))
    html = (await phone.get(page)).text
    assert "Head office answers this dispute" in html
    assert 'data-act="accept"' not in html
    before = await row(town, dispute)
    for act, told in (
        ("accept", {"offer": "claim", "road": "own_tool"}),
        ("offer", {"remedy": "apology", "road": "by_hand"}),
        ("answer", {"reason": "不行"}),
        ("say", {"words": "您好"}),
        ("assign", {"to": "shop"}),
    ):
        answer = await phone.post(
            f"{page}/{act}", data=keys(html) | {"version": str(before.version), "once": "0" * 20} | told
        )
        assert answer.status_code == 403, act
    assert await row(town, dispute) == before
    preview = await many(phone, "say", [dispute], words="您好")
    assert "Head office answers" in preview.text
    assert picks(preview.text) == []
    phone.cookies.clear()
    linked = await opened(phone, town, dispute)
    assert 'data-act="accept"' not in (await phone.get(linked)).text
    assert (await send(phone, linked, "accept", offer="claim", road="own_tool")).status_code == 403
    assert await row(town, dispute) == before
    phone.cookies.clear()
    await sign_in(phone, town, chain.id("li.na"))
    assert (await send(phone, page, "answer", reason="是香菜")).status_code == 303


# The second person ------------------------------------------------------------------------------


async def test_an_answer_above_ones_limit_waits_and_the_very_same_is_given(phone, town, chain):
    dispute = await town.dispute()
    page = case(dispute)
    await sign_in(phone, town, chain.id("wang.wei"))
    offer = {"remedy": "refund_part", "amount": "8.00", "road": "own_tool", "offer_words": "给您退八元"}
    answer = await send(phone, page, "offer", **offer)
    assert answer.headers["location"] == f"{page}?done=asked"
    before = await row(town, dispute)
    assert len(before.offers) == 1
    html = (await phone.get(page)).text
    assert "A colleague with a higher limit must agree" in html
    assert 'data-act="approve"' not in html
    wish = (await chain.handling(dispute)).approval.wish.id
    own = await phone.post(f"{page}/approve", data=keys(html) | {"wish": wish})
    assert own.status_code == 403
    assert await row(town, dispute) == before
    await sign_in(phone, town, chain.id("li.na"))
    assert listed((await phone.get(f"{QUEUE}?state=asked")).text) == [dispute]
    html = (await phone.get(page)).text
    assert "给您退八元" in html
    assert "王伟 wants to give: Partial refund ¥8.00" in html
    approve = keys(html) | {"wish": wish}
    assert (await phone.post(f"{page}/approve", data=approve)).headers["location"] == f"{page}?done=approved"
    made = (await row(town, dispute)).offers[-1]
    assert (made.amount_fen, made.id) == (800, wish)
    assert "给您退八元" in (await phone.get(page)).text
    version = (await row(town, dispute)).version
    assert (await phone.post(f"{page}/approve", data=approve)).status_code == 303
    assert (await row(town, dispute)).version == version, "never twice"
    assert listed((await phone.get(f"{QUEUE}?state=asked")).text) == []


async def test_what_waits_ends_when_the_dispute_moves_on(phone, town, chain):
    dispute = await town.dispute()
    page = case(dispute)
    await sign_in(phone, town, chain.id("wang.wei"))
    await send(phone, page, "accept", offer="claim", road="own_tool")
    await sign_in(phone, town, chain.id("li.na"))
    approve = keys((await phone.get(page)).text) | {"wish": (await chain.handling(dispute)).approval.wish.id}
    said = town.text("还在等")
    await town.do(dispute, c.Say(words=said.id), "consumer", said)
    before = await row(town, dispute)
    assert (await phone.post(f"{page}/approve", data=approve)).status_code == 409
    assert await row(town, dispute) == before
    assert 'data-act="approve"' not in (await phone.get(page)).text
    assert listed((await phone.get(f"{QUEUE}?state=asked")).text) == []
    await sign_in(phone, town, chain.id("wang.wei"))
    assert "Your answer was not given" in (await phone.get(page)).text
    assert (await send(phone, page, "accept", offer="claim", road="own_tool")).headers["location"].endswith("asked")


async def test_what_is_given_back_is_read_by_who_asked(phone, town, chain):
    dispute = await town.dispute()
    page = case(dispute)
    await sign_in(phone, town, chain.id("wang.wei"))
    await send(phone, page, "accept", offer="claim", road="own_tool")
    wish = (await chain.handling(dispute)).approval.wish.id
    await sign_in(phone, town, chain.id("boss"))
    assert (await send(phone, page, "return", wish=wish, note=" ")).status_code == 422
    assert (await send(phone, page, "return", wish=wish, note="先问监控")).status_code == 303
    assert (await send(phone, page, "approve", wish=wish)).status_code == 409
    await sign_in(phone, town, chain.id("wang.wei"))
    html = (await phone.get(page)).text
    assert "Given back by 陈总" in html
    assert "先问监控" in html
    assert (await row(town, dispute)).state is State.awaiting_merchant


# Many at once -----------------------------------------------------------------------------------


async def test_a_bulk_answer_that_half_fails_is_told_row_by_row_and_can_be_sent_again(phone, town, chain):
    await authorise(town)
    first, second, third = [await town.dispute(f"第{number}次") for number in range(3)]
    await sign_in(phone, town, chain.id("boss"))
    preview = await many(phone, "accept", [first, second, third])
    assert preview.status_code == 200
    assert "Together it costs ¥36.00" in preview.text
    assert all([(await row(town, each)).state is State.awaiting_merchant for each in (first, second, third)])
    said = town.text("又想起一件事")
    await town.do(second, c.Say(words=said.id), "consumer", said)
    form = sent(preview)
    done = await phone.post(f"{QUEUE}/many/do", data=form)
    assert outcomes(done.text) == ["done", "failed", "done"]
    assert "has changed since you opened it" in done.text
    states = [(await row(town, each)).state for each in (first, second, third)]
    assert states == [State.settling, State.awaiting_merchant, State.settling]
    versions = [(await row(town, each)).version for each in (first, second, third)]
    again = await phone.post(f"{QUEUE}/many/do", data=form)
    assert outcomes(again.text) == ["done", "failed", "done"]
    assert [(await row(town, each)).version for each in (first, second, third)] == versions, "nothing twice"
    preview = await phone.post(f"{QUEUE}/many", data=keys(done.text) | {"act": "accept", "pick": f"{CITY}.{second}"})
    assert outcomes((await phone.post(f"{QUEUE}/many/do", data=sent(preview))).text) == ["done"]
    assert len((await row(town, second)).refunds) == 1


async def test_several_are_above_the_limit_and_wait(phone, town, chain):
    await chain.tell(m.SetRoleLimits(limits=(RoleLimit(rank="clerk", limit_fen=1200),)))
    small, large = await town.dispute(), await town.dispute(paid_fen=9000)
    await sign_in(phone, town, chain.id("wang.wei"))
    preview = await many(phone, "part", [small, large], percent="20", words="一点心意")
    assert "waits for a second person" in preview.text
    form = sent(preview)
    assert outcomes((await phone.post(f"{QUEUE}/many/do", data=form)).text) == ["done", "asked"]
    assert outcomes((await phone.post(f"{QUEUE}/many/do", data=form)).text) == ["done", "asked"]
    assert [each.amount_fen for each in (await row(town, small)).offers] == [1200, 1000]
    assert len((await row(town, large)).offers) == 1
    assert (await chain.handling(large)).approval.wish.cost_fen == 1800


async def test_a_prepared_reply_is_filled_for_each_and_never_half(phone, town, chain):
    good = Reply(id="r", name="道歉", zh="您在{shop}买的{item}，我们正在查。", en="We look into {item}.")
    bad = Reply(id="x", name="x", zh="请于{due}前查看", en="By {due}")
    await chain.tell(m.SetReplies(replies=(good, bad)))
    one, two = await town.dispute(), await town.escalated()
    await sign_in(phone, town, chain.id("boss"))
    preview = await many(phone, "say", [one, two], reply="r")
    assert preview.text.count("您在奎元馆解放路店买的片儿川，我们正在查。") == 2
    assert outcomes((await phone.post(f"{QUEUE}/many/do", data=sent(preview))).text) == ["done", "done"]
    preview = await many(phone, "say", [one, two], reply="x")
    assert picks(preview.text) == [f"{CITY}.{one}.{(await row(town, one)).version}"]
    assert "names {due}" in preview.text
    assert "我们正在查" in (await phone.get(case(one))).text
    filled = (await phone.get(f"{case(one)}?reply=r")).text
    assert filled.count("您在奎元馆解放路店买的片儿川，我们正在查。") >= 3
    before = await row(town, one)
    assert (await send(phone, case(one), "say", words="您好，{shop}")).status_code == 422
    assert await row(town, one) == before


async def test_many_are_given_over_and_bad_choices_are_refused(phone, town, chain):
    one, two = await town.dispute(), await town.dispute()
    await sign_in(phone, town, chain.id("boss"))
    preview = await many(phone, "assign", [one, two], to=chain.id("wang.wei"))
    assert outcomes((await phone.post(f"{QUEUE}/many/do", data=sent(preview))).text) == ["done", "done"]
    assert (await chain.handling(two)).assignee == chain.id("wang.wei")
    assert (await many(phone, "accept", [])).status_code == 422
    assert (await many(phone, "accept", [one] * 51)).status_code == 422
    assert (await many(phone, "explode", [one])).status_code == 400
    assert (await many(phone, "part", [one], percent="101")).status_code == 422
    assert (await many(phone, "say", [one], words=" ")).status_code == 422
    stranger = await many(phone, "accept", ["330100-NONE", "x.y.z", "'"])
    assert picks(stranger.text) == []
    away = Staff(person=chain.id("li.na"), rank=Rank.manager, shops=(chain.other_shop,))
    await chain.tell(m.AddStaff(staff=away))
    await sign_in(phone, town, chain.id("li.na"))
    assert picks((await many(phone, "say", [one], words="好")).text) == []


# Taking it away ---------------------------------------------------------------------------------


async def test_the_export_is_the_narrowed_queue(phone, town, chain):
    one, _ = await town.dispute(problem="price"), await town.dispute()
    await sign_in(phone, town, chain.id("boss"))
    answer = await phone.get(f"{QUEUE}/export.csv?problem=price", headers=ZH)
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][:3] == ["城市", "纠纷编号", "门店"]
    assert [line[1] for line in lines[1:]] == [one]
    assert lines[1][6] == "12.00"
    phone.cookies.clear()
    await opened(phone, town, one)
    assert (await phone.get(f"{QUEUE}/export.csv")).status_code in {303, 401, 403}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "＝1", "\r=1"])
def test_no_cell_runs_in_a_spreadsheet(cell):
    assert safe(cell).startswith("'")


def test_other_cells_stay_as_they_are():
    assert [safe(cell) for cell in ("", "面馆", "12.00", "a=b")] == ["", "面馆", "12.00", "a=b"]
