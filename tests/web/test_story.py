"""A dispute's story: words for every state and event in both languages, and acts that the rules really allow."""

from __future__ import annotations

import pytest
from msgspec import structs
from tests.disputes.dispute_cases import CLAIM, CONSUMER, MERCHANT, OFFICER, SETTINGS, Case, standing_in

from hejie.base.actor import Actor, Role
from hejie.disputes import commands as c
from hejie.disputes.events import Rated, Said
from hejie.disputes.model import Outcome, Remedy, Road
from hejie.disputes.states import State
from hejie.queries.record import Line, Record
from hejie.web import story
from hejie.web import story_labels as labels

SIDES = (CONSUMER, MERCHANT, OFFICER)


def record(case: Case) -> Record:
    return Record(
        dispute=case.row,
        merchant_name="奎元馆",
        shop_name="",
        shop_address="",
        lines=tuple(
            Line(version=number, at=event.at, by=Role.system, event=event)
            for number, event in enumerate(case.events, 1)
        ),
        notices=(),
        offer_words={},
    )


def told(case: Case, reader: Actor, language: str = "zh") -> story.Story:
    return story.tell(record(case), reader, SETTINGS, language, case.now)


def acts(case: Case, reader: Actor) -> frozenset[str]:
    return story.acts_for(case.row, reader, SETTINGS, case.now)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("reader", SIDES)
def test_every_state_is_told_to_every_reader_in_both_languages(state: State, reader: Actor):
    case = standing_in(state)
    zh, en = told(case, reader, "zh"), told(case, reader, "en")
    for mine in (zh, en):
        assert mine.state
        assert mine.next
        assert all(line.sentence for line in mine.lines if line.kind != "Said")
    assert zh.state != en.state
    assert zh.next != en.next


def test_every_word_of_the_rules_has_a_label():
    for language in ("zh", "en"):
        for remedy in Remedy:
            assert labels.remedy(language, remedy)
        for road in Road:
            assert labels.road(language, road, "alipay") != labels.road_name(language, road)
        for outcome in Outcome:
            assert labels.outcome(language, outcome)
    assert labels.refund_code("zh", "ACQ.SELLER_BALANCE_NOT_ENOUGH") == "商户余额不足"
    assert labels.refund_code("zh", "NEVER_HEARD_OF") == "支付平台拒绝了退款"


def test_what_can_be_done_follows_the_rules():
    assert acts(standing_in(State.awaiting_merchant), CONSUMER) == {"say", "offer", "limit", "withdraw"}
    assert acts(standing_in(State.awaiting_merchant), MERCHANT) == {
        "say",
        "answer",
        "offer",
        "limit",
        "accept",
        "decline",
        "pressure",
        "deny_sale",
    }
    assert acts(standing_in(State.awaiting_consumer), CONSUMER) == {
        "say", "offer", "limit", "accept", "decline", "withdraw", "escalate", "confirm",
    }  # fmt: skip
    assert "escalate" in acts(standing_in(State.overdue), CONSUMER)
    assert "deny" in acts(standing_in(State.settling), CONSUMER)
    assert acts(standing_in(State.settled), CONSUMER) == {"rate"}
    assert acts(standing_in(State.lapsed), CONSUMER) >= {"reopen", "rate"}
    assert acts(standing_in(State.withdrawn), CONSUMER) == frozenset()
    assert acts(standing_in(State.mediated), OFFICER) == frozenset()


@pytest.mark.parametrize("state", State)
def test_strangers_and_colleagues_can_do_nothing(state: State):
    case = standing_in(state)
    assert not acts(case, Actor(Role.consumer, "P2"))
    assert not acts(case, Actor(Role.merchant, "S9", "M9"))
    assert "close" not in acts(case, Actor(Role.officer, "O2", "330102"))


def test_a_reader_is_you_and_a_rating_is_not_the_merchants():
    case = standing_in(State.settled)
    case.do(CONSUMER, c.Rate(solved=False, mood=1))
    assert isinstance(case.events[-1], Rated)
    assert told(case, CONSUMER).lines[0].sentence.startswith("您提交了纠纷")
    assert told(case, MERCHANT).lines[0].sentence.startswith("消费者提交了纠纷")
    assert told(case, CONSUMER).lines[-1].kind == "Rated"
    assert told(case, MERCHANT).lines[-1].kind == "Settled"


def test_offers_stand_as_cards_and_an_agreement_shows_its_road():
    case = Case().file()
    case.do(CONSUMER, c.Say(words="W2"))
    case.offer(3000)
    card = told(case, CONSUMER).offers[0]
    assert (card.terms, card.mine, card.acceptable, card.declinable) == ("部分退款 ¥30.00", False, True, True)
    mine = told(case, MERCHANT).offers[0]
    assert (mine.mine, mine.acceptable) == (True, False)
    assert CLAIM not in {each.offer.id for each in told(case, MERCHANT).offers}
    case.accept("o1", CONSUMER)
    agreed = told(case, CONSUMER)
    assert agreed.agreement
    assert "商户工具" in agreed.agreement.road
    assert agreed.due
    assert any(isinstance(event, Said) for event in case.events)


def nexts(case: Case) -> tuple[str, str]:
    """What consumer and merchant are told to do next."""
    return told(case, CONSUMER, "en").next, told(case, MERCHANT, "en").next


def test_after_it_was_done_or_denied_or_not_seen_each_side_is_told_its_own_next_step():
    case, unseen = (Case().file().accept(road=Road.own_tool) for _ in range(2))
    assert nexts(case)[1].startswith("Please do what was agreed")
    assert "consumer is asked" in told(case, OFFICER, "en").next
    unseen.run_out()
    assert all(each.startswith("What was agreed was not seen in its time.") for each in nexts(unseen))
    case.do(MERCHANT, c.ClaimPerformed(words="W7"))
    yours, theirs = nexts(case)
    assert yours.startswith("The merchant says that it is done.")
    assert theirs.startswith("You said that it is done.")
    assert told(case, CONSUMER, "en").lines[-1].sentence == "The merchant said that it is done."
    case.do(CONSUMER, c.Deny())
    yours, theirs = nexts(case)
    assert "authority can be asked in" in yours
    assert theirs.startswith("The consumer says that it has not come.")
    assert told(case, CONSUMER, "en").lines[-1].sentence == "You said that it has not come."
    case.offer(2000, name="o9")
    assert nexts(case)[0].startswith("Please read what is new")


def test_an_officers_proposal_asks_each_side_until_it_has_agreed():
    case = standing_in(State.mediating)
    case.offer(3000, name="p1", actor=OFFICER)
    assert all(each.startswith("An officer has made a proposal.") for each in nexts(case))
    case.accept("p1", CONSUMER)
    yours, theirs = nexts(case)
    assert yours.startswith("You agreed to the proposal")
    assert theirs.startswith("An officer has made a proposal.")
    case.accept("p1", MERCHANT)
    assert all(each.startswith("The refund has been sent") for each in nexts(case))
    case.do(CONSUMER, c.Confirm())
    assert all("the officer closes the case" in each for each in nexts(case))


def test_an_acquirer_that_answers_for_the_merchant_is_called_by_its_name():
    case = standing_in(State.settling)
    plain = record(case)
    lines = tuple(
        structs.replace(line, acquirer="48021000") if line.kind in {"Answered", "Agreed", "Offered"} else line
        for line in plain.lines
    )
    shown = structs.replace(plain, lines=lines)

    def who(reader: Actor, language: str, **more: str) -> set[tuple[str, bool]]:
        seen = story.tell(shown, reader, SETTINGS, language, case.now, banks=more)
        mine = [line for line, kept in zip(seen.lines, lines, strict=True) if kept.acquirer]
        assert mine
        assert all(line.sentence.startswith(line.who) for line in mine)
        return {(line.who, line.mine) for line in mine}

    bank = {"48021000": "杭州银行"}
    assert who(CONSUMER, "zh", **bank) == {("杭州银行（代商户）", False)}
    assert who(OFFICER, "en", **bank) == {("杭州银行 (for the merchant)", False)}
    assert who(MERCHANT, "en", **bank) == {("杭州银行 (in your name)", False)}
    assert who(CONSUMER, "zh") == {("48021000（代商户）", False)}
