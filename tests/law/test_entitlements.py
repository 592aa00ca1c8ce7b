"""What a consumer may be owed: the worked cases from the function and the command line, and what must always hold."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert
from msgspec.structs import replace
from tests.support.law_cases import BUNDLE, DAY, WORKED, facts, more, prepaid

from hejie.base.errors import Refused
from hejie.cli import main
from hejie.law.entitlement_answers import Answer, months_after
from hejie.law.entitlement_facts import Excepted, Facts, Goods, Multiple, must_fit, read_facts
from hejie.law.entitlements import entitlements


def answers(said: dict[str, Any]) -> dict[str, Answer]:
    return {each.rule: each for each in entitlements(convert(said, Facts)).answers}


@pytest.mark.parametrize(("said", "rule", "amount", "total"), WORKED.values(), ids=WORKED)
def test_the_worked_cases_come_out(said, rule, amount, total, tmp_path, capsys):
    found = answers(said)[rule]
    assert (found.amount_fen, found.total_fen) == (amount, total)
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    assert main(["entitlement", str(file), "--json"]) == 0
    told = {each["rule"]: each for each in json.loads(capsys.readouterr().out)["answers"]}[rule]
    assert (told["amount_fen"], told["total_fen"]) == (amount, total)
    assert told["label"] == {"zh": "仅供参考", "en": "reference"}
    assert told["article"]["zh"]
    assert told["steps"]


@pytest.mark.parametrize(("language", "word"), [("zh", "仅供参考"), ("en", "reference")])
def test_words_name_the_article_and_what_must_be_shown(language, word, tmp_path, capsys):
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(facts(price_fen=20_000, defect={})), encoding="utf-8")
    assert main(["entitlement", str(file), "--lang", language]) == 0
    out = capsys.readouterr().out
    assert out.startswith(word)
    assert ("第二十四条" if language == "zh" else "article 24(1)") in out
    assert ("尚须认定" if language == "zh" else "To be established") in out


@pytest.mark.parametrize("ground", Multiple)
def test_not_a_word_of_multiples_until_an_officer_has_opened_the_question(ground):
    said = facts(price_fen=10_000, refund=True, defect={}, asked_on=DAY, **more(ground.value, loss_fen=5_000))
    opened = {rule for rule, each in answers(said).items() if each.kind.value == "multiple"}
    assert len(opened) == 1
    said["opened_by_officer"] = False
    found = entitlements(convert(said, Facts))
    assert not any(each.kind.value == "multiple" for each in found.answers)
    text = repr(found)
    for word in ("倍", "times", "五十五条", "article 55", "148", "punitive", "惩罚"):
        assert word not in text


def test_what_is_opened_asserts_nothing():
    for ground in Multiple:
        found = entitlements(convert(facts(price_fen=10_000, **more(ground.value)), Facts)).answers[-1]
        assert "此后才成立" not in found.steps[1].zh
        assert "均经认定后才成立" in found.steps[1].zh
        assert len(found.establish) >= 2


def test_a_knowing_buyer_of_an_unknown_quantity_gets_a_range_and_the_question():
    found = answers(facts(price_fen=100_000, **more("food", knowing_buyer=True, bought=10)))["D3"]
    assert (found.least_fen, found.most_fen, found.amount_fen) == (0, 1_000_000, None)
    assert any("合理生活消费需要的数量" in each.zh for each in found.establish)
    unknown = answers(facts(price_fen=100_000, **more("food")))["D3"]
    assert any("是否明知而购买" in each.zh for each in unknown.establish)


def test_whose_cause_it_was_must_be_shown_first():
    found = answers(prepaid())["P2"]
    assert (found.least_fen, found.most_fen) == (50_000, 56_000)
    assert any("哪一方" in each.zh for each in found.establish)
    bare = answers(facts(prepaid={"paid_fen": 80_000}))["P2"]
    assert (bare.least_fen, bare.most_fen) == (0, 80_000)


def test_interest_only_with_the_rate_and_the_days_given():
    days = {"cause": "merchant", "interest_from": "2025-11-20", "interest_to": "2026-11-20"}
    assert answers(prepaid(**days))["P2-interest"].amount_fen is None
    assert answers(prepaid(**days, deposit_one_year=95))["P2-interest"].amount_fen is None
    assert answers(prepaid(cause="merchant", lpr_one_year=300))["P2-interest"].amount_fen is None
    assert answers(prepaid(**days, lpr_one_year=300))["P2-interest"].amount_fen == 1_680
    own = answers(prepaid(**{**days, "cause": "consumer"}, deposit_one_year=95, lpr_one_year=300))["P2-interest"]
    assert own.amount_fen == 475


@pytest.mark.parametrize(
    ("said", "rule", "until"),
    [
        (facts(received_on="2026-09-25", event_on="2026-09-20", returns={}), "R1", "2026-10-02"),
        (facts(received_on="2025-08-31", event_on="2025-08-30", defect={"durable": True}), "R5", "2026-02-28"),
        (facts(returns={"returned_on": "2026-11-25"}), "R2", "2026-12-02"),
        (facts(asked_on="2026-11-21"), "R4", "2026-12-06"),
        (facts(asked_on="2026-11-21"), "ZJ-answer", "2026-11-26"),
        (facts(prepaid={"paid_fen": 1, "paid_on": DAY}), "P1", "2026-11-27"),
        (facts(prepaid={"paid_fen": 1, "closing_on": "2027-01-31"}), "P3", "2027-01-01"),
        (facts(prepaid={"paid_fen": 1, "asked_on": DAY}), "ZJ-prepaid", "2026-11-25"),
        (facts(promise={"zh": "三十天退货", "en": "thirty days", "days": 30}), "R8", "2026-12-20"),
    ],
)
def test_plain_spans_end_on_a_calendar_day(said, rule, until):
    if rule == "P3":
        assert any("2027-01-01" in step.zh for step in answers(said)[rule].steps)
    else:
        assert answers(said)[rule].until == date.fromisoformat(until)


@pytest.mark.parametrize(
    ("back", "amount"),
    [
        ({"remote": False}, 0),
        ({"intact": False}, 0),
        ({"exception": "other_unconfirmed"}, 20_000),
        ({}, 20_000),
    ],
)
def test_a_return_without_a_reason_has_its_conditions(back, amount):
    assert answers(facts(price_fen=20_000, returns=back))["R1"].amount_fen == amount


@pytest.mark.parametrize("exception", [each for each in Excepted if each.value not in {"none", "other_unconfirmed"}])
def test_exceptions_give_no_return(exception):
    found = answers(facts(price_fen=20_000, returns={"exception": exception.value}))
    assert set(found) == {"R1x"}
    assert found["R1x"].amount_fen == 0


@pytest.mark.parametrize("goods", Goods)
def test_each_kind_of_goods_has_its_own_rule_of_being_intact(goods):
    assert len(answers(facts(returns={"goods": goods.value}))["R1i"].steps) == 2


def test_asked_too_late_is_said():
    late = facts(price_fen=1, received_on=DAY, asked_on="2026-11-28", returns={}, defect={"rescission": False})
    assert answers(late)["R1"].amount_fen == 0
    assert "R3" not in answers(late)
    assert "R3-repair" in answers(late)
    assert answers(prepaid(paid_on=DAY, asked_on="2026-11-28"))["P1"].amount_fen == 0
    assert answers(prepaid(experienced_before=True))["P1"].amount_fen == 0


def test_a_platform_that_names_the_seller_is_told_apart():
    known = answers(facts(platform={"names_seller": True, "knew": False}))["D5"]
    silent = answers(facts(platform={"names_seller": False}))["D5"]
    assert "由销售者承担" in known.steps[1].zh
    assert "可以向平台要求" in silent.steps[1].zh
    assert silent.amount_fen is None


@pytest.mark.parametrize(
    ("day", "missing"), [("2025-04-30", {"P1", "P2"}), ("2017-04-30", {"ZJ-answer", "R6"}), ("2013-01-01", {"R3"})]
)
def test_the_rules_of_the_day_of_the_purchase_decide(day, missing):
    said = {**prepaid(), "event_on": day, "asked_on": DAY, "refund": True, "defect": {}}
    assert not missing & set(answers(said))
    assert missing <= set(answers({**said, "event_on": DAY}))


def test_only_zhejiang_gives_what_zhejiang_gives_and_the_others_say_what_is_not_known():
    said = facts(courier={"fee_fen": 1_000}, asked_on=DAY)
    for city in ("510100", "350200", "450100", "140100", "620100", "110100"):
        found = entitlements(convert({**said, "city": city}, Facts))
        assert [each.rule for each in found.answers] == ["R4"]
        assert found.unknown is not None
    assert entitlements(convert(said, Facts)).unknown is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"{", "facts_unreadable"),
        (b"\xff", "facts_unreadable"),
        (b"{" * 5_000, "facts_unreadable"),
        (b" " * 200_000, "facts_unreadable"),
        (b"[]", "facts_invalid"),
        (facts(price_fen=-1), "facts_invalid"),
        (facts(price_fen=1.5), "facts_invalid"),
        (facts(prise_fen=1), "facts_invalid"),
        (facts(defect={"colour": "red"}), "facts_invalid"),
        (facts(event_on="2026-02-30"), "facts_invalid"),
        (facts(city="33"), "facts_invalid"),
        (facts(price_fen=10**16), "facts_invalid"),
        (facts(price_fen=1, refunded_fen=2), "facts_disagree"),
        (facts(price_fen=1, proven_paid_fen=2), "facts_disagree"),
        (facts(received_on="2026-11-19"), "facts_disagree"),
        (facts(asked_on="2026-11-19"), "facts_disagree"),
        (facts(returns={"returned_on": "2026-11-19"}), "facts_disagree"),
        (facts(defect={"found_on": "2026-11-19"}), "facts_disagree"),
        (facts(promotion={**BUNDLE, "returned": [2]}), "facts_disagree"),
        (facts(promotion={**BUNDLE, "returned": [1, 1]}), "facts_disagree"),
        (facts(promotion={**BUNDLE, "less_fen": 50_001}), "facts_disagree"),
        (prepaid(used=11), "facts_disagree"),
        (prepaid(spent_fen=1), "facts_disagree"),
        (prepaid(list_unit_fen=1), "facts_disagree"),
        (facts(prepaid={"paid_fen": 1, "spent_fen": 2}), "facts_disagree"),
        (prepaid(interest_from=DAY, interest_to="2026-11-19"), "facts_disagree"),
    ],
)
def test_facts_that_cannot_be_are_refused_in_words(said, code, tmp_path, capsys):
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    with pytest.raises(Refused) as refused:
        read_facts(content)
    assert refused.value.code == code
    file = tmp_path / "facts.json"
    file.write_bytes(content)
    assert main(["entitlement", str(file), "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 2


def test_a_missing_file_and_facts_that_give_nothing(tmp_path, capsys):
    assert main(["entitlement", str(tmp_path / "none.json")]) == 2
    (tmp_path / "facts.json").write_text(json.dumps(facts()), encoding="utf-8")
    assert main(["entitlement", str(tmp_path / "facts.json")]) == 1
    capsys.readouterr()


money = st.integers(0, 10_000_000)
maybe = st.none() | st.booleans()


@st.composite
def cases(draw: st.DrawFn) -> Facts:
    """Facts that can be true."""
    price = draw(st.integers(1, 10_000_000))
    units = draw(st.integers(0, 60))
    paid = draw(money)
    listed = draw(st.none() | st.integers(-(-paid // units), 10_000_000)) if units else None
    said = facts(
        price_fen=price,
        proven_paid_fen=draw(st.none() | st.integers(0, price)),
        freight_fen=draw(st.integers(0, 10_000)),
        refund=True,
        returns={"remote": draw(maybe), "intact": draw(maybe)},
        defect={"durable": draw(maybe), "guaranteed": draw(maybe), "repaired": draw(st.integers(0, 3))},
        prepaid={
            "paid_fen": paid,
            "units": units,
            "used": draw(st.integers(0, units)),
            "list_unit_fen": listed,
            "cause": draw(st.sampled_from([None, "merchant", "neutral", "consumer"])),
            "lpr_one_year": draw(st.none() | st.integers(0, 1_000)),
            "deposit_one_year": draw(st.none() | st.integers(0, 1_000)),
            "interest_from": DAY,
            "interest_to": (date.fromisoformat(DAY) + timedelta(days=draw(st.integers(0, 1_000)))).isoformat(),
        },
        courier={"fee_fen": draw(money)},
        **more(
            draw(st.sampled_from(list(Multiple))).value,
            loss_fen=draw(st.none() | money),
            label_flaw_only=draw(maybe),
            knowing_buyer=draw(maybe),
            bought=draw(st.integers(1, 30)),
            household=draw(st.none() | st.integers(0, 40)),
        ),
    )
    return convert(said, Facts)


@given(cases())
def test_no_amount_is_negative_or_more_than_the_rule_allows(one):
    must_fit(one)
    base, prepaid_facts, extra = one.base_fen, one.prepaid, one.more
    assert prepaid_facts is not None
    assert extra is not None
    loss = extra.loss_fen or 0
    most = {
        "R1": base, "R3": base, "R6": base, "ZJ-three": base, "FREIGHT-OWN": one.freight_fen,
        "FREIGHT-FAULT": one.freight_fen, "P1": prepaid_facts.paid_fen, "P2": prepaid_facts.paid_fen,
        "P2-interest": prepaid_facts.paid_fen * 1_000 * 1_000 // (10_000 * 365), "ZJ-courier": 80_000,
        "D1": max(3 * base, 50_000), "D2": 2 * loss, "D3": max(10 * base, 3 * loss, 100_000),
        "D4": max(10 * base, 3 * loss, 100_000),
    }  # fmt: skip
    for each in entitlements(one).answers:
        if each.most_fen is None or each.least_fen is None:
            assert each.least_fen is each.most_fen is None
            continue
        assert 0 <= each.least_fen <= each.most_fen <= most[each.rule], each.rule
        assert each.total_fen is None or each.total_fen >= each.most_fen
        assert isinstance(each.most_fen, int)


@given(cases(), st.integers(1, 1_000_000))
def test_a_higher_price_never_gives_less(one, by):
    before = {each.rule: each for each in entitlements(one).answers}
    proven = None if one.proven_paid_fen is None else one.proven_paid_fen + by
    dearer = replace(one, price_fen=one.price_fen + by, proven_paid_fen=proven)
    for each in entitlements(dearer).answers:
        was = before[each.rule]
        assert (each.least_fen or 0) >= (was.least_fen or 0)
        assert (each.most_fen or 0) >= (was.most_fen or 0)


@given(st.integers(0, 10_000_000), st.integers(1, 60), st.data())
def test_a_part_of_a_fen_is_dropped(paid, units, data):
    used = data.draw(st.integers(0, units))
    said = facts(prepaid={"paid_fen": paid, "units": units, "used": used, "cause": "merchant"})
    found = answers(said)["P2"].amount_fen
    assert found is not None
    exact = paid * (units - used)
    assert found * units <= exact < (found + 1) * units


@given(st.dates(), st.integers(1, 24))
def test_months_end_on_the_same_day_or_the_last(day, months):
    found = months_after(day, months)
    if found is not None:
        assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
        assert found.day == day.day or (found + timedelta(days=1)).day == 1
