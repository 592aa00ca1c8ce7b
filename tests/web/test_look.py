"""What templates make of money, instants, due times and words of people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from jinja2 import UndefinedError

from hejie.cities.dues import SOURCES, Due, Rule, told_due
from hejie.cities.reading import read_city, shipped
from hejie.cities.wallet_dues import wallet_dues
from hejie.edge import words
from hejie.web.code_words import sentence
from hejie.web.templates import Wrong, environment

FILED = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
DUE = Due(
    rule=Rule.merchant_answer,
    at=FILED + timedelta(hours=96),
    start=FILED,
    hours=96,
    set_by="330100",
    settings_version=1,
    settings_from=date(2026, 1, 1),
    provisional=True,
)


def shown(language: str, template: str, **values: object) -> str:
    text = '{% import "ui.html" as ui with context %}' + template
    start = {"now": FILED, "errors": (), "csrf": "", "once": "", "typed": lambda name, default="": default}
    return environment(language).from_string(text).render(**start | values)


def test_money_and_instants_are_those_of_the_reader_in_shanghai():
    template = "{{ 1250 | yuan }} {{ at | instant }} {{ at | instant_with_year }}"
    stamp = '<time datetime="2026-11-22T10:15:00+08:00">'
    assert shown("zh", template, at=FILED) == (
        f"¥12.50 {stamp}11月22日 10:15</time> {stamp}2026年11月22日 10:15</time>"
    )
    assert shown("en", template, at=FILED) == f"¥12.50 {stamp}22 Nov 10:15</time> {stamp}22 Nov 2026 10:15</time>"


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (datetime(2027, 1, 26, 16, tzinfo=UTC), "2027年1月26日 24:00", "26 Jan 2027 24:00"),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "2026年12月31日 24:00", "31 Dec 2026 24:00"),
        (datetime(2027, 1, 26, 16, 1, tzinfo=UTC), "2027年1月27日 00:01", "27 Jan 2027 00:01"),
    ],
)
def test_a_time_that_ends_with_a_day_names_that_day(at, zh, en):
    assert (words.last_instant("zh", at), words.last_instant("en", at)) == (zh, en)
    assert f">{en}</time>" in shown("en", "{{ at | last_instant }}", at=at)


def test_a_due_time_explains_itself():
    template = "{{ ui.due(due, city) }}"
    zh, en = shown("zh", template, due=DUE, city="杭州"), shown("en", template, due=DUE, city="Hangzhou")
    assert "96 小时，自提交纠纷时（" in zh
    assert "依据杭州 2026-01-01 起施行的设置" in zh
    assert "还剩 4 天" in zh
    assert "暂定" in zh
    assert "96 hours, counted from the instant the dispute was filed (" in en
    assert "by the settings of Hangzhou in force since 2026-01-01" in en
    assert zh.lstrip().startswith("<details")
    assert "<summary>" in zh
    soon = shown("zh", template, due=DUE, city="杭州", now=DUE.at - timedelta(hours=3, minutes=5))
    past = shown("zh", template, due=DUE, city="杭州", now=DUE.at + timedelta(hours=2))
    assert "due_soon" in soon
    assert "还剩 3 小时 5 分钟" in soon
    assert "due_past" in past
    assert "已过 2 小时" in past


def test_a_due_time_of_a_wallet_names_the_wallet():
    due = told_due(Rule.merchant_answer, FILED, FILED + timedelta(hours=48), "alipay")
    assert "由 支付宝 设定" in shown("zh", "{{ ui.due(due, city) }}", due=due, city="支付宝")


def test_every_rule_of_due_times_has_words():
    for rule in SOURCES:
        due = told_due(rule, FILED, DUE.at, "alipay")
        assert shown("zh", "{{ ui.due_reason(due, 'x') }}", due=due)


def test_a_wallets_own_time_tells_whose_rule_it_is_and_since_when():
    settings = read_city(shipped("330100"))
    first, done = wallet_dues("wechatpay", FILED, settings, answered=False)
    for due, hours in ((first, "24 小时"), (done, "72 小时")):
        words = shown("zh", "{{ ui.due_reason(due, '微信支付') }}", due=due)
        assert hours in words
        assert "微信支付自己的规则" in words
        assert "2026-01-01" in words
        assert ("商户余额" in words) == (due is done)


def test_words_of_people_stay_words():
    sentence = "If you tell us about it, please name the number {number}."
    template = '{{ text | lines }}{{ _("Sign in") }}{{ _(sentence, number=text) }}'
    html = shown("en", template, sentence=sentence, text="<script>\n{number}")
    assert "<script>" not in html
    assert "&lt;script&gt;<br>{number}" in html
    assert "number &lt;script&gt;" in html


def test_a_field_says_what_is_wrong_to_those_who_listen():
    html = shown(
        "zh", '{{ ui.field("name", "N", hint="H", autocomplete="off", maxlength=9) }}', errors=[Wrong("name", "<no>")]
    )
    assert 'aria-describedby="name-hint name-fault"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="name-fault"' in html
    assert "&lt;no&gt;" in html
    assert 'autocomplete="off"' in html
    assert 'maxlength="9"' in html
    assert "aria-" not in shown("zh", '{{ ui.field("name", "N") }}')


def test_a_missing_value_is_an_error_and_not_an_empty_place():
    with pytest.raises(UndefinedError):
        shown("zh", "{{ nothing }}")


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(seconds=5), "1 分钟", "1 minute"),
        (timedelta(hours=1), "1 小时", "1 hour"),
        (timedelta(days=3, hours=4, minutes=9), "3 天 4 小时", "3 days 4 hours"),
        (timedelta(days=1, minutes=9), "1 天 9 分钟", "1 day 9 minutes"),
    ],
)
def test_a_span_is_told_in_its_two_largest_parts(length, zh, en):
    assert (words.span("zh", length), words.span("en", length)) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (1, "1 秒后", "in 1 second."),
        (60, "60 秒后", "in 60 seconds."),
        (61, "2 分钟后", "in 2 minutes."),
        (3564, "1 小时后", "in 1 hour."),
    ],
)
def test_how_long_to_wait_is_told_in_lengths_that_people_use(seconds, zh, en):
    assert zh in sentence("zh", "rate_limited", {"seconds": seconds})
    assert en in sentence("en", "rate_limited", {"seconds": seconds})
