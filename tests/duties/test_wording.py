"""Every message the agenda can ask for has words in both languages, filled and short."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from itertools import product
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec
import pytest
from msgspec.structs import replace
from tests.mediations.mediation_cases import AGREE, BEGIN, standing_in
from tests.mediations.mediation_cases import OFFICER as MEDIATOR

from hejie.agenda import for_advance, for_dispute, for_mediation
from hejie.base.actor import Role
from hejie.cities.dues import SOURCES, Due, Rule, due
from hejie.cities.homes import Summary
from hejie.cities.reading import read_city, shipped
from hejie.cities.wallet_dues import wallet_dues, wallet_reminders
from hejie.disputes import events as e
from hejie.disputes.denying import Denial, DenialReason, Former, Party
from hejie.disputes.fold import begin
from hejie.disputes.handoff import LawDue, law_due
from hejie.disputes.model import Claim, Dispute, Offer, OfferStatus, Origin, Paid, Remedy, Road
from hejie.disputes.states import State
from hejie.duties.wording import (
    MOST_SHOP,
    About,
    compose,
    compose_code,
    compose_measure,
    compose_paycode,
    short_name,
    wording,
)
from hejie.mediations.commands import CommissionTo, EndAppraisal
from hejie.mediations.model import State as MediationState
from hejie.merchants.agreements import Under
from hejie.payments import advance as v

SETTINGS = read_city(shipped("330100"))
NOW = datetime(2026, 11, 23, 4, 5, tzinfo=UTC)
SIDES = (Role.consumer, Role.merchant)
LANGUAGES = ("zh", "en")
LINK = "https://hejie.example/330100/m/0123456789ab"
NUMBER = "K7M2Q9XA"
PARTY = Party(merchant="330100-M2", shop="330100-S2", district="330102")
DENIAL = Denial(by="330100-M", reason=DenialReason.not_our_shop, at=NOW, to=PARTY)
FORMER = Former(merchant="330100-M0", shop="", version=3)
UNDER = Under(
    agreement="A1", answers="330100-M", other="330100-M2", pays="330100-M", other_sees=True, counts_for=("330100-M",)
)
OURS = {"agreed_api", "proposed"}
"""Variants that the wording chooses by itself."""
ASKED_FOR = {("fresh_link", Role.merchant)}
"""Told only where somebody asks for it."""
MOST = {"zh": 82, "en": 180}
MOST_OF_ALL = {"zh": 102, "en": 200}
TWO_PARTS = 134
"""Characters of Chinese in two parts of a text message."""
"""With the longest name and sums of six digits."""


def filed() -> e.Filed:
    paid = Paid(trade_no="t1", paid_fen=4_800, paid_at=NOW, proven=True)
    return e.Filed(
        at=NOW, city="330100", id="330100-D", consumer="330100-P", merchant="330100-M", shop="330100-S",
        district="330106", origin=Origin.here, wallet="alipay", problem="quality", undue=False,
        claim=Claim(remedy=Remedy.refund_full, amount_fen=4_800), road=Road.api, payments=(paid,), words="",
        pictures=(), escalates_by_itself=True, due=due(Rule.merchant_answer, NOW, SETTINGS),
    )  # fmt: skip


def mirrored() -> e.Mirrored:
    dues = wallet_dues("wechatpay", NOW, SETTINGS, answered=False)
    return e.Mirrored(
        at=NOW, wallet_event="E", status="MERCHANT_PROCESSING", state=State.awaiting_merchant, due=None,
        escalated_at=None, closed_at=None, outcome=None, wallet_dues=dues,
        wallet_reminders=wallet_reminders(dues, SETTINGS),
    )  # fmt: skip


def offer(by: Role, **more: Any) -> Offer:
    given = {"id": f"o-{by}", "remedy": Remedy.refund_part, "amount_fen": 2_000, "road": Road.own_tool}
    expires = due(Rule.offer_expires, NOW, SETTINGS)
    return Offer(**{"by": by, "made_at": NOW, "due": expires, **given, **more})


def values(kind: Any) -> list[Any]:
    """Some values of a field's type, and every value where there are few."""
    if kind in {Role, State} or (isinstance(kind, type) and issubclass(kind, Enum)):
        return list(kind)
    if kind is Offer:
        return [offer(by) for by in (*SIDES, Role.officer)]
    if kind is Party:
        return [PARTY]
    if kind is Due:
        return [due(Rule.consumer_confirm, NOW, SETTINGS)]
    if kind is Summary:
        return [Summary(home="510100", state="settled", closed_at=NOW)]
    if kind is LawDue:
        return [law_due("A1", NOW, "330100")]
    if get_origin(kind) is UnionType:
        return [value for each in get_args(kind) if each is not type(None) for value in values(each)]
    simple: dict[Any, list[Any]] = {
        str: ["o-merchant", "o-consumer", ""],
        int: [1],
        bool: [True, False],
        datetime: [NOW],
    }
    if kind in simple:
        return simple[kind]
    return [(NOW,)] if kind == tuple[datetime, ...] else [()]


def every_event() -> list[e.AnyEvent]:
    found: list[e.AnyEvent] = [filed(), replace(filed(), under=UNDER), mirrored()]
    for kind in get_args(e.AnyEvent):
        if kind is e.Filed:
            continue
        fields = msgspec.structs.fields(kind)
        choices = [
            values(f.type) if f.name in {"by", "offer", "closed", "upheld", "moves"} else values(f.type)[:1]
            for f in fields
        ]
        found += [kind(**dict(zip([f.name for f in fields], picked, strict=True))) for picked in product(*choices)]
    return found


def reachable() -> set[tuple[str, Role]]:
    """(template, audience) of every notice that any event of a dispute brings."""
    dispute = replace(begin(filed()), offers=(offer(Role.consumer), offer(Role.merchant)), former=(FORMER,))
    tasks = [
        task
        for event in every_event()
        for task in for_dispute(begin(event) if isinstance(event, e.Filed) else dispute, event)
    ]
    begun = v.AdvanceGranted(at=NOW, city="330100", id="D", fund="F", merchant="M", amount_fen=1, finding="C")
    after = (v.PaidOut(at=NOW, reference="T"), v.AdvanceCancelled(at=NOW, reason="C"))
    tasks += [task for event in (begun, *after) for task in for_advance(v.evolve(None, begun), event)]
    payloads = [task.payload for task in tasks if task.kind == "notify"]
    return {(str(payload["template"]), Role(str(payload["audience"]))) for payload in payloads}


def reachable_beside() -> set[tuple[str, Role]]:
    """The same of a mediation, at its steps that anybody is told of."""
    case = standing_in(MediationState.accepted)
    case.do(MEDIATOR, BEGIN)
    case.do(MEDIATOR, EndAppraisal(), CommissionTo(body="x", both_agree=True, confirmable=True))
    case.do(MEDIATOR, AGREE)
    tasks = [task for event in case.log for task in for_mediation(case.row, event)]
    return {
        (str(task.payload["template"]), Role(str(task.payload["audience"]))) for task in tasks if task.kind == "notify"
    }


def test_words_stand_for_exactly_what_can_happen():
    texts = {(template, audience) for template, sides in wording().notices.items() for audience in sides}
    ours = {(template, audience) for template, audience in texts if template in OURS}
    assert {side for _, side in ours} == set(SIDES)
    beside = {(template, side) for template, side in texts if template.startswith("mediation_")}
    assert beside == reachable_beside()
    assert texts - ours - beside - ASKED_FOR == reachable()
    assert ("confirm_reminder", Role.consumer) in texts


def test_every_remedy_has_words():
    assert set(wording().remedies) == set(Remedy)


def situations(template: str, audience: Role) -> list[Dispute]:
    """Disputes in every state and with every clock, on which this message might be sent."""
    base = begin(filed())
    other = Role.merchant if audience is Role.consumer else Role.consumer
    by = Role.officer if template in {"proposed", "proposal_accepted"} else other
    agreed = offer(other, id="done", status=OfferStatus.accepted, road=Road.api if "api" in template else Road.by_hand)
    base = replace(base, agreed="done", denial=DENIAL, reopen_due=due(Rule.reopen, NOW, SETTINGS))
    if template in {"wallet_answer", "wallet_done"}:
        return [base, replace(base, wallet_dues=wallet_dues("wechatpay", NOW, SETTINGS, answered=False))]
    return [
        replace(base, state=state, due=clock, offers=(agreed, offer(by)))
        for state in State
        for clock in [None, *(due(rule, NOW, SETTINGS) for rule in SOURCES)]
    ]


def asked_as(template: str) -> str:
    return {"agreed_api": "agreed", "proposed": "offered"}.get(template, template)


def messages(template: str, audience: Role, language: str, change: Any = lambda d: d, shop: str = "奎元馆解放路店"):
    for dispute in situations(template, audience):
        about = About(
            dispute=change(dispute), audience=audience, template=asked_as(template), language=language, shop=shop,
            settings=SETTINGS,
        )  # fmt: skip
        message = compose(about, key="k", to="+8613800001111", link=LINK, number=NUMBER)
        if message is not None:
            yield message


ALL = [(t, a, lang) for t, sides in wording().notices.items() for a in sides for lang in LANGUAGES]


def words_of(message: Any) -> str:
    return message.text.removesuffix(f" {LINK}")


@pytest.mark.parametrize(("template", "audience", "language"), ALL)
def test_each_message_is_filled_signed_checkable_and_short(template, audience, language):
    found = list(messages(template, audience, language))
    assert found
    for message in found:
        assert message.template == f"{template}_{audience.value}_{language}"
        assert message.text.startswith("【杭州一键和解】")
        assert message.text.endswith(f" {LINK}")
        assert "12315" in message.text
        assert "奎元馆解放路店" in message.text
        assert not set("{}") & set(message.text)
        assert "" not in message.params.values()
        assert len(words_of(message)) <= MOST[language], words_of(message)
        if (language, audience) == ("zh", Role.merchant):
            assert len(message.text) <= TWO_PARTS, message.text
    if wording().notices[template][audience].clock:
        assert "{by}" in wording().notices[template][audience].within(language)
        told = {m.params["by"] for m in found}
        assert wording().soon.within(language) in told or template in {"proposed", "proposal_accepted", "lapsed"}
        assert any(char.isdigit() for text in told for char in text)


@pytest.mark.parametrize(("template", "audience", "language"), ALL)
def test_long_names_and_large_sums_make_a_message_little_longer(template, audience, language):
    def larger(dispute: Dispute) -> Dispute:
        paid = replace(dispute.payments[0], paid_fen=123_456_78)
        offers = tuple(replace(o, remedy=Remedy.refund_part, amount_fen=120_000_78) for o in dispute.offers)
        return replace(dispute, payments=(paid,), offers=offers)

    name = "杭州奎元馆面业有限公司解放路总店" if language == "zh" else "Kuiyuan Noodle House of Jiefang Road"
    for message in messages(template, audience, language, larger, name):
        assert len(words_of(message)) <= MOST_OF_ALL[language], words_of(message)


def about(dispute: Dispute, audience: Role, template: str, **more: Any) -> About:
    given = {"language": "zh", "shop": "奎元馆", "settings": SETTINGS, **more}
    return About(dispute=dispute, audience=audience, template=template, **given)


def test_due_times_are_shanghai_times():
    message = compose(about(begin(filed()), Role.merchant, "filed"), key="k", to="1", link=LINK, number=NUMBER)
    assert message is not None
    assert message.params == {
        "shop": "奎元馆",
        "paid": "48",
        "by": "于11月27日12:05前",
        "number": NUMBER,
        "door": "12315",
        "link": LINK,
    }
    english = compose(
        about(begin(filed()), Role.merchant, "filed", language="en"), key="k", to="1", link=LINK, number=NUMBER
    )
    assert english is not None
    assert english.params["by"] == "by 27 Nov 12:05"


@pytest.mark.parametrize("state", [State.settling, State.settled, State.withdrawn, State.mediating])
def test_a_call_to_answer_is_not_sent_once_it_is_answered(state):
    moved = replace(begin(filed()), state=state)
    assert compose(about(moved, Role.merchant, "filed"), key="k", to="1", link=LINK, number=NUMBER) is None


def test_an_offer_that_no_longer_stands_is_not_told():
    gone = replace(
        begin(filed()), state=State.awaiting_consumer, offers=(offer(Role.merchant, status=OfferStatus.declined),)
    )
    assert compose(about(gone, Role.consumer, "offered"), key="k", to="1", link=LINK, number=NUMBER) is None


def test_the_newest_standing_offer_is_told():
    older, newer = offer(Role.merchant, id="1"), offer(Role.officer, id="2", amount_fen=3_000)
    both = replace(begin(filed()), state=State.mediating, offers=(older, newer))
    message = compose(about(both, Role.consumer, "offered"), key="k", to="1", link=LINK, number=NUMBER)
    assert message is not None
    assert message.params["terms"] == "部分退款30元"
    assert message.template == "proposed_consumer_zh"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("奎元馆", "奎元馆"),
        ("【支付宝】官方 http://evil.cn/x", "支付宝 官方 http…"),
        ("a\nb\u202ec\t{link}", "a b c link"),
        ("一二三四五六七八九十甲乙", "一二三四五六七八九十甲乙"),
        ("一二三四五六七八九十甲乙丙", "一二三四五六七八九十甲…"),
        ("。。。", ""),
    ],
)
def test_a_name_can_pass_for_neither_signature_nor_link(name, shown):
    assert short_name(name, "zh") == shown
    assert len(shown) <= MOST_SHOP["zh"]


def test_an_unknown_merchant_is_called_so():
    message = compose(about(begin(filed()), Role.consumer, "said", shop=""), key="k", to="1", link=LINK, number=NUMBER)
    assert message is not None
    assert "该商户" in message.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_message_holds_the_code_and_no_link(language):
    message = compose_code("482913", 10, language, "杭州一键和解", key="k", to="1")
    assert message.text.startswith("【杭州一键和解】")
    assert "482913" in message.text
    assert "://" not in message.text
    assert len(message.text) <= MOST[language]


@pytest.mark.parametrize("what", ["granted", "refused"])
@pytest.mark.parametrize("link", ["https://hejie.example/330100/merchant/paycode", ""])
def test_what_was_decided_on_a_payment_code_fits_a_message_or_a_call(what: str, link: str):
    told = compose_paycode(what, "奎元馆解放路旗舰总店" * 3, SETTINGS, key="k", to="+8613800000001", link=link)
    assert (told.channel, told.params.get("link", "")) == ("text" if link else "voice", link)
    assert len(told.text) <= TWO_PARTS
    assert "{" not in told.text
    words = wording().paycode_granted if what == "granted" else wording().paycode_refused
    assert words.en.count("{") == words.zh.count("{")


def test_a_measure_is_told_with_its_last_day_to_appeal_in_a_message_that_fits():
    told = compose_measure("奎元馆解放路旗舰总店" * 3, NOW, SETTINGS, key="k", to="+8613800000001", link=LINK)
    assert told.template == "measure_zh"
    assert "11月23日前可申诉" in told.text
    assert len(told.text) <= TWO_PARTS
