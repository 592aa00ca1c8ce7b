"""Refunds on a real database: never more than was paid, and every row is what its log gives."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest
from msgspec.structs import replace
from tests.support.folding import fold_all

from hejie.alerts import safety as s
from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import HejieError, Missing, Refused
from hejie.cities.custody import GiveBack, TakeUp
from hejie.cities.item_custody import custody_of
from hejie.desk.act import Done
from hejie.desk.agreements import AGREEMENTS
from hejie.desk.alerts import SAFETY
from hejie.desk.bindings import BINDINGS
from hejie.desk.disputes import DISPUTES
from hejie.desk.handlings import HANDLINGS
from hejie.desk.item_custodies import ITEM_CUSTODIES
from hejie.desk.merchants import MERCHANTS
from hejie.desk.paycodes import PAYCODES
from hejie.desk.refunds import REFUNDS
from hejie.disputes import commands as c
from hejie.disputes.model import Claim, Outcome, Remedy, Road
from hejie.merchants import agreements as a
from hejie.merchants import bindings as b
from hejie.merchants import handling as h
from hejie.merchants.answering import Answers
from hejie.merchants.commands import AddShop, AddStaff, RegisterMerchant
from hejie.merchants.model import Rank, Shop, Staff
from hejie.payments import paycode as p
from hejie.payments import refund as r
from hejie.payments.emvco_writer import written
from hejie.store.nouns import NOUNS

CITY = "330100"


async def order(town, key: str, fen: int, trade: str = "T1") -> Done[r.Refund]:
    command = r.Order(dispute="D1", wallet="alipay", trade_no=trade, amount_fen=fen)
    return await town.desk.act(REFUNDS, CITY, key, command, SYSTEM)


async def step(town, key: str, command: r.Command) -> Done[r.Refund]:
    return await town.desk.act(REFUNDS, CITY, key, command, SYSTEM)


async def test_eight_orders_at_once_never_exceed_the_payment(town):
    town.pay("T3", 10_000, before=1_000)
    acts = [order(town, f"R{n}", 2_000, "T3") for n in range(8)]
    results = await asyncio.gather(*acts, return_exceptions=True)
    refused = [result for result in results if isinstance(result, BaseException)]
    assert {result.code for result in refused if isinstance(result, HejieError)} == {"amount_above_paid"}
    assert len(refused) == 4
    assert town.rows("select sum(amount_fen), count(*) from refund") == [(8_000, 4)]
    assert town.rows("select count(*) from log where noun = 'refund'") == [(4,)]
    assert (await order(town, "R-last", 1_000, "T3")).version == 1


async def test_one_key_ordered_by_many_at_once_is_one_refund(town):
    results = await asyncio.gather(*(order(town, "R1", 2_000) for _ in range(6)), return_exceptions=True)
    assert {result.code for result in results if isinstance(result, HejieError)} <= {"stale"}
    assert any(isinstance(result, Done) for result in results)
    assert town.rows("select sum(amount_fen), count(*) from refund") == [(2_000, 1)]


async def test_a_failed_refund_gives_its_amount_back(town):
    await order(town, "R1", 9_000)
    with pytest.raises(Refused, match="amount_above_paid"):
        await order(town, "R2", 2_000)
    await step(town, "R1", r.Send())
    await step(town, "R1", r.Doubt(reason="timeout"))
    with pytest.raises(Refused, match="amount_above_paid"):
        await order(town, "R2", 2_000)
    await step(town, "R1", r.Fail(code="no"))
    await order(town, "R2", 10_000)


async def test_a_refund_by_another_hand_is_noted_and_counts(town):
    note = r.Note(dispute="D1", wallet="alipay", trade_no="T1", amount_fen=9_500, seen_by="statement")
    await step(town, "own-1", note)
    with pytest.raises(Refused, match="amount_above_paid"):
        await order(town, "R1", 501)
    await order(town, "R1", 500)


async def test_what_nobody_knows_is_refused(town):
    before = town.counts()
    with pytest.raises(Refused, match="payment_unknown"):
        await order(town, "R1", 1, "T9")
    with pytest.raises(Missing, match="refund_unknown"):
        await step(town, "R1", r.Send())
    assert town.counts() == before


async def test_a_second_dispute_claims_only_what_the_first_left(town):
    await order(town, "R1", 4_000)
    file = c.File(id="D2", trades=("T1",), problem="quality", claim=Claim(remedy=Remedy.refund_full))
    done = await town.desk.act(DISPUTES, CITY, "D2", file, town.consumer)
    assert done.row is not None
    assert done.row.claim.amount_fen == 6_000


async def handled(town) -> None:
    """Whose it is, and an answer that waited and came back; of a dispute that is still open."""
    town.pay("T4")
    claim = Claim(remedy=Remedy.refund_full)
    file = c.File(id="D4", trades=("T4",), problem="price", claim=claim)
    await town.desk.act(DISPUTES, CITY, "D4", file, town.consumer)
    people = (
        Staff(person="boss", rank=Rank.owner),
        Staff(person="clerk", rank=Rank.clerk),
    )
    for staff in people:
        await town.desk.act(MERCHANTS, CITY, "M1", AddStaff(staff=staff), SYSTEM)
    boss, clerk = (Actor(Role.merchant, staff.person, "M1") for staff in people)
    wish = h.Wish(id="W", kind="accept", offer="claim", cost_fen=1, seen=1)
    for command, actor in (
        (h.Route(answers=Answers.office, rule="R"), SYSTEM),
        (h.Assign(answers=Answers.office, person="clerk"), boss),
        (h.AskApproval(wish=wish), clerk),
        (h.Return(wish="W"), boss),
        (h.AskApproval(wish=replace(wish, id="V")), clerk),
        (h.Approve(wish="V"), boss),
    ):
        await town.desk.act(HANDLINGS, CITY, h.handling_of("D4"), command, actor)
    assert town.rows("select assignee from dispute where id = 'D4'") == [("clerk",)]


async def moved_item(town):
    """A work item that an officer takes, gives back, and another takes after it was opened anew."""
    town.run("insert into work_item values (%s, 'W1', 'call_asked', 'call', 'x', '{}', %s)", [CITY, town.clock.now()])
    one, other = Actor(Role.officer, "O1", "330102"), Actor(Role.officer, "O2", "330102")
    for command in (TakeUp(), GiveBack(words="C1"), TakeUp()):
        await town.desk.act(ITEM_CUSTODIES, CITY, custody_of("W1"), command, one)
    with pytest.raises(Refused, match="taken_by_other"):
        await town.desk.act(ITEM_CUSTODIES, CITY, custody_of("W1"), TakeUp(), other)
    town.run("update work_item set opened_at = opened_at + interval '1 hour', officer = '' where id = 'W1'")
    await town.desk.act(ITEM_CUSTODIES, CITY, custody_of("W1"), TakeUp(), other)
    assert town.rows("select officer from work_item where id = 'W1'") == [("O2",)]


async def agreed(town):
    """A brand and its franchisee, and the end of it."""
    officer = Actor(Role.officer, "O1", "330102")
    register = RegisterMerchant(city=CITY, id="M2", credit_code="91330106MA2CFLDC09", name="某品牌管理有限公司")
    await town.desk.act(MERCHANTS, CITY, "M2", register, officer)
    terms = a.Terms(answers=a.Part.principal, pays=a.Part.member, both_see=False, counts=a.Counts.both)
    make = a.MakeAgreement(
        id="A1", kind=a.Bond.franchise, principal="M2", member="M1", shop="", terms=terms,
        begins=town.clock.now().date(), ends=None, principal_words="C1", member_words="C2",
    )  # fmt: skip
    for command in (make, a.EndAgreement(last=make.begins + timedelta(days=9))):
        await town.desk.act(AGREEMENTS, CITY, "A1", command, officer)


async def bound(town):
    """A terminal that was a merchant's, moved on, and never was."""
    officer = Actor(Role.officer, "O1", "330102")
    begins = town.clock.now()
    bind = b.Bind(
        id="B2", identity=b.Identity(b.Scheme.terminal, "T1", "48021000"), merchant="M2", begins=begins,
        evidence=b.Evidence(basis=b.Basis.announced),
    )  # fmt: skip
    for command in (bind, b.End(at=begins + timedelta(days=3), note="moved"), b.Undo(note="a slip")):
        await town.desk.act(BINDINGS, CITY, "B2", command, officer)


async def coded(town):
    """A payment number, and a payment code with a promise, asked for by the owner and granted."""
    officer, owner = Actor(Role.officer, "O1", "330102"), Actor(Role.merchant, "S9", "M1")
    shop = Shop(id="H9", name="某餐饮店", district="330102", address="解放路 154 号")
    for command in (AddShop(shop=shop), AddStaff(staff=Staff(person="S9", rank=Rank.owner))):
        await town.desk.act(MERCHANTS, CITY, "M1", command, SYSTEM)
    bind = b.Bind(
        id="B1", identity=b.Identity(b.Scheme.unionpay, "898330154110001"), merchant="M1", begins=town.clock.now(),
        evidence=b.Evidence(basis=b.Basis.registered, note="seen"),
    )  # fmt: skip
    await town.desk.act(BINDINGS, CITY, "B1", bind, officer)
    parts = (("00", "01"), ("15", "x"), ("52", "5812"), ("53", "156"), ("58", "CN"), ("59", "SHOP"), ("60", "HZ"))
    ask = p.Apply(id="Y1", number="0123456789", merchant="M1", shop="H9", payload=written(parts), promises=("returns",))
    for actor, step_ in ((owner, ask), (officer, p.Grant())):
        await town.desk.act(PAYCODES, CITY, "Y1", step_, actor)


async def test_folding_every_noun_from_nothing_gives_every_row(town):
    officer = Actor(Role.officer, "O1", "330102")
    claim = Claim(remedy=Remedy.refund_full)

    async def act(identifier: str, actor: Actor, command: c.Command) -> None:
        await town.desk.act(DISPUTES, CITY, identifier, command, actor)

    await act("D1", town.consumer, c.File(id="D1", trades=("T1", "T2"), problem="quality", claim=claim))
    await act("D1", town.merchant, c.AcceptOffer(offer="claim", road=Road.api))
    for key, trade in (("D1-1", "T1"), ("D1-2", "T2")):
        await order(town, key, 10_000, trade)
        await step(town, key, r.Send())
        await step(town, key, r.Succeed(seen_by="answer"))
        await act("D1", SYSTEM, c.SeeRefund(key=key, trade_no=trade, amount_fen=10_000))
    await act("D1", town.consumer, c.Rate(solved=True, mood=5))
    town.pay("T3")
    await act("D3", town.consumer, c.File(id="D3", trades=("T3",), problem="price", claim=claim))
    await act("D3", town.merchant, c.Answer(words="C1"))
    await act("D3", town.consumer, c.Escalate())
    await act("D3", officer, c.Take())
    await act("D3", officer, c.MakeOffer(id="p1", remedy=Remedy.apology))
    await act("D3", officer, c.Close(memo="C2", agency="A", outcome=Outcome.unsettled))
    for told in (s.Report(problem="injury", district="330102", told="C3"), s.Add(told="C4")):
        await town.desk.act(SAFETY, CITY, "S1", told, town.consumer)
    for done in (s.Take(), s.Close(memo="C5")):
        await town.desk.act(SAFETY, CITY, "S1", done, officer)
    await handled(town)
    await agreed(town)
    await bound(town)
    await coded(town)
    await moved_item(town)
    with psycopg.connect(town.superuser_url) as connection:
        assert {noun: count for noun, count in fold_all(connection).items() if count} == {
            "agreement": 1, "binding": 2, "city": 1, "dispute": 3, "handling": 1, "item_custody": 1, "merchant": 2,
            "paycode": 1, "refund": 2, "safety_report": 1,
        }  # fmt: skip
    assert town.rows("select state, outcome from dispute order by id") == [
        ("settled", "performed"),
        ("mediated", "unsettled"),
        ("awaiting_merchant", None),
    ]
    assert {noun for (noun,) in town.rows("select distinct noun from log")} <= set(NOUNS)


@pytest.mark.parametrize(
    "damage",
    [
        "update dispute set body = body || '{\"refunded_fen\": 1}'",
        "update dispute set version = version + 1",
        "update log set body = body || '{\"undue\": true}' where noun = 'dispute'",
        "update log set version = 7 where noun = 'dispute'",
        "delete from log where noun = 'dispute'",
        "delete from dispute",
        "insert into log select city, 'ghost', id, version, at, actor_role, actor, event, body, salt, digest from log",
    ],
)
async def test_the_folding_finds_what_does_not_agree(town, damage):
    file = c.File(id="D1", trades=("T1",), problem="quality", claim=Claim(remedy=Remedy.refund_full))
    await town.desk.act(DISPUTES, CITY, "D1", file, town.consumer)
    town.run(damage)
    with psycopg.connect(town.superuser_url) as connection, pytest.raises(AssertionError):
        fold_all(connection)
