"""Who answers, who stands in, and what a prepared reply may say: the chain's rules as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hejie.base.errors import HejieError, Refused
from hejie.merchants import commands as c
from hejie.merchants.answering import AnsweringRule, Answers, Cover, answering, present, standing_in_for
from hejie.merchants.decide import decide
from hejie.merchants.events import DigestSet
from hejie.merchants.fold import evolve
from hejie.merchants.model import Kind, Merchant, Rank, Shop, Staff, State
from hejie.merchants.office import Digest, Reply, RoleLimit, filled, must_be_filled
from hejie.merchants.office_rules import next_digest

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
BIG = AnsweringRule(id="1", answers=Answers.office, least_fen=20_000)
SAFETY = AnsweringRule(id="2", answers=Answers.office, problems=("safety",), person="li")
SHOP = AnsweringRule(id="3", answers=Answers.shop, problems=("quality",))
REST = AnsweringRule(id="4", answers=Answers.office)


@pytest.mark.parametrize(
    ("rules", "problem", "fen", "found"),
    [
        ((), "quality", 50_000, None),
        ((BIG,), "quality", 19_999, None),
        ((BIG,), "quality", 20_000, BIG),
        ((SAFETY,), "quality", 0, None),
        ((SAFETY,), "safety", 0, SAFETY),
        ((SHOP, REST), "quality", 99, SHOP),
        ((SHOP, REST), "price", 99, REST),
        ((REST, SHOP), "quality", 99, REST),
    ],
)
def test_the_first_rule_that_fits_says_who_answers(rules, problem, fen, found):
    assert answering(rules, problem=problem, claim_fen=fen) is found


MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
AWAY = (
    Cover(person="li", by="wang", first=MONDAY, last=FRIDAY),
    Cover(person="wang", by="zhao", first=FRIDAY, last=FRIDAY),
)
CIRCLE = (Cover(person="a", by="b", first=MONDAY, last=MONDAY), Cover(person="b", by="a", first=MONDAY, last=MONDAY))


@pytest.mark.parametrize(
    ("covers", "person", "day", "here"),
    [
        (AWAY, "li", date(2026, 11, 22), "li"),
        (AWAY, "li", MONDAY, "wang"),
        (AWAY, "li", FRIDAY, "zhao"),
        (AWAY, "li", date(2026, 11, 28), "li"),
        (AWAY, "wang", MONDAY, "wang"),
        (CIRCLE, "a", MONDAY, "a"),
        (CIRCLE, "b", MONDAY, "b"),
    ],
)
def test_what_is_given_to_somebody_away_goes_along_the_line(covers, person, day, here):
    assert present(covers, person, day) == here


def test_whoever_stands_in_has_it_and_who_is_away_has_nothing_of_it():
    assert standing_in_for(AWAY, "wang", MONDAY) == {"li"}
    assert standing_in_for(AWAY, "zhao", FRIDAY) == {"li", "wang"}
    assert standing_in_for(AWAY, "wang", FRIDAY) == frozenset()
    assert standing_in_for(AWAY, "li", MONDAY) == frozenset()


VALUES = {"shop": "面馆", "item": "", "paid": "¥12.00"}


def test_a_reply_is_filled_or_refused():
    assert filled("您在{shop}付了{ paid }。", VALUES) == "您在面馆付了¥12.00。"
    for text in ("{item}", "{due}", "｛item｝"):
        with pytest.raises(Refused) as caught:
            filled(text, VALUES)
        assert caught.value.code == "reply_unfilled"


@pytest.mark.parametrize("text", ["您好{shop}", "｛paid｝", "{ number }"])
def test_words_that_still_carry_a_field_are_not_sent(text):
    with pytest.raises(Refused):
        must_be_filled(text)


@pytest.mark.parametrize("text", ["您好", "{ours}", "1 < 2 {", "{}"])
def test_other_words_are(text):
    must_be_filled(text)


MERCHANT = Merchant(
    city="330100", id="M", version=1, credit_code="", name="面馆", kind=Kind.enterprise, state=State.enrolled,
    registered_at=NOW, changed_at=NOW, staff=(
        Staff(person="owner", rank=Rank.owner), Staff(person="li", rank=Rank.manager, refund_limit_fen=900),
        Staff(person="wang", rank=Rank.clerk, refund_limit_fen=50), Staff(person="s", rank=Rank.clerk, shops=("S",)),
    ), shops=(Shop(id="S", name="店", district="330102", address="路"),),
)  # fmt: skip


def reply(**told: str) -> Reply:
    return Reply(**{"id": "r", "name": "道歉", "zh": "抱歉", "en": "Sorry"} | told)


def cover(person: str, by: str, first: date = MONDAY, last: date = FRIDAY) -> Cover:
    return Cover(person=person, by=by, first=first, last=last)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.SetAnswering(rules=(BIG, BIG)), "office_repeated"),
        (c.SetAnswering(rules=(AnsweringRule(id="1", answers=Answers.office, least_fen=-1),)), "limit_negative"),
        (c.SetAnswering(rules=(AnsweringRule(id="1", answers=Answers.office, person="x"),)), "staff_unknown"),
        (c.SetRoleLimits(limits=(RoleLimit(rank="owner", limit_fen=1),)), "role_without_limit"),
        (c.SetRoleLimits(limits=(RoleLimit(rank="boss", limit_fen=1),)), "role_without_limit"),
        (c.SetTarget(hours=-1), "target_unusable"),
        (c.SetTarget(hours=721), "target_unusable"),
        (c.SetDigest(digest=Digest(templates=(), hour=9)), "digest_unusable"),
        (c.SetDigest(digest=Digest(templates=("said",), hour=24)), "digest_unusable"),
        (c.SetReplies(replies=(reply(name=" "),)), "name_missing"),
        (c.SetReplies(replies=(reply(en=" "),)), "reply_empty"),
        (c.SetReplies(replies=(reply(zh="好" * 1001),)), "reply_too_long"),
        (c.SetReplies(replies=(reply(zh="{name}"),)), "reply_field_unknown"),
        (c.SetReplies(replies=(reply(en="a { b"),)), "reply_braces"),
        (c.SetCovers(covers=(cover("li", "li"),)), "cover_unusable"),
        (c.SetCovers(covers=(cover("li", "wang", FRIDAY, MONDAY),)), "cover_unusable"),
        (c.SetCovers(covers=(cover("li", "nobody"),)), "staff_unknown"),
        (c.SetCovers(covers=(cover("li", "wang"), cover("li", "owner", FRIDAY, FRIDAY))), "cover_overlaps"),
    ],
)
def test_what_the_head_office_may_not_set(command, code):
    with pytest.raises(HejieError) as caught:
        decide(MERCHANT, command, NOW)
    assert caught.value.code == code


def after(*commands: c.Command) -> Merchant:
    merchant = MERCHANT
    for command in commands:
        for event in decide(merchant, command, NOW):
            merchant = evolve(merchant, event)
        assert decide(merchant, command, NOW) == [], "the same again changes nothing"
    return merchant


def test_what_it_sets_stands():
    merchant = after(
        c.SetAnswering(rules=(BIG, SAFETY)),
        c.SetTarget(hours=24),
        c.SetReplies(replies=(reply(zh="{shop}抱歉"),)),
        c.SetCovers(covers=(cover("li", "wang"), cover("wang", "owner", FRIDAY, FRIDAY))),
    )
    assert answering(merchant.office.answering, problem="safety", claim_fen=1) == SAFETY
    assert merchant.office.target_hours == 24


def test_a_roles_limit_holds_for_all_of_it_and_a_higher_one_of_ones_own_counts():
    merchant = after(c.SetRoleLimits(limits=(RoleLimit(rank="clerk", limit_fen=100),)))
    limits = {each.person: merchant.most_of(each) for each in merchant.staff}
    assert limits == {"owner": None, "li": 900, "wang": 100, "s": 100}
    assert [each.person for each in merchant.approvers("wang", 800, "S")] == ["owner", "li"]
    assert [each.person for each in merchant.approvers("owner", 901, "S")] == []


def test_the_daily_message_goes_at_its_hour_in_the_citys_time():
    nine, eleven = Digest(templates=("said",), hour=9), Digest(templates=("said",), hour=11)
    assert next_digest(nine, NOW) == datetime(2026, 11, 27, 1, tzinfo=UTC)
    assert next_digest(eleven, NOW) == datetime(2026, 11, 26, 3, tzinfo=UTC)
    (event,) = decide(MERCHANT, c.SetDigest(digest=eleven), NOW)
    assert isinstance(event, DigestSet)
    assert event.first_at == datetime(2026, 11, 26, 3, tzinfo=UTC)
