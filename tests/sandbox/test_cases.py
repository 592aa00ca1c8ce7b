"""Disputes born in the wallet: opening, states, both deadlines, talk, and who may see them."""

from __future__ import annotations

import pytest

CITY, MERCHANT = "alipay.merchant.complain", "alipay.merchant.tradecomplain"
DAY = 86400


@pytest.fixture
def opened(caller):
    answer = caller.call(f"{CITY}.reconciliation.create", {"merchant_cert_no": caller.CREDIT_CODE})
    assert answer["merchant_infos"][0]["merchant_id"] == caller.MERCHANT
    return caller


def complain(caller, trade: str = "") -> str:
    body = {"user_id": caller.USER, "trade_no": trade or caller.pay(), "reason": "重复扣款", "demand": "退款"}
    return caller.admin("POST", "cases", body | {"content": "付了两次"})["complain_event_id"]


def see(caller, event: str) -> dict:
    return caller.call(f"{CITY}.government.query", {"complain_event_id": event})


def answer(caller, event: str, **over: str) -> dict:
    content = {"complain_event_id": event, "feedback_code": "02", "feedback_content": "已退", "operator": "老王"}
    return caller.call(f"{MERCHANT}.feedback.submit", content | over)


def step(caller, event: str, name: str, *, expect: int = 2, **words: str) -> dict:
    return caller.admin("POST", f"cases/{event}/{name}", words, expect=expect)


def test_opening_by_sample_payment_is_queried_and_closed(caller):
    trade, code = caller.pay(), caller.CREDIT_CODE
    wrong = {"merchant_cert_no": "91330106MA2CFLDC1X", "trade_no": trade}
    assert caller.call(f"{CITY}.reconciliation.submit", wrong)["sub_code"] == "MERCHANT_CERT_NO_NOT_MATCH"
    account = {"merchant_id": caller.MERCHANT, "merchant_type": "DIRECT"}
    assert caller.call(f"{CITY}.reconciliation.query", account)["status"] == "CLOSED"
    found = caller.call(f"{CITY}.reconciliation.submit", {"merchant_cert_no": code, "trade_no": trade})
    assert (found["merchant_id"], found["merchant_type"]) == (caller.MERCHANT, "DIRECT")
    assert caller.call(f"{CITY}.reconciliation.query", account)["status"] == "OPENED"
    caller.call(f"{CITY}.reconciliation.close", account)
    assert caller.call(f"{CITY}.reconciliation.query", account)["status"] == "CLOSED"


def test_from_filing_to_confirmation(opened):
    event = complain(opened)
    case = see(opened, event)
    assert (case["status"], case["complain_reason"], case["trade_amount"]) == (
        "MERCHANT_PROCESSING",
        "重复扣款",
        "50.00",
    )
    assert "gmt_handle_deadline" in case
    assert "gmt_confirm_deadline" not in case
    assert answer(opened, event)["code"] == "10000"
    case = see(opened, event)
    assert case["status"] == "MERCHANT_FEEDBACKED"
    assert "gmt_handle_deadline" not in case
    assert "gmt_confirm_deadline" in case
    assert case["reply_detail_infos"][0]["content"] == "已退"
    assert step(opened, event, "confirm")["status"] == "FINISHED"
    assert "gmt_finished" in see(opened, event)
    assert answer(opened, event)["sub_code"] == "STATUS_CHANGED"


def test_silence_is_overtime_after_96_hours_and_a_late_answer_still_counts(opened):
    event = complain(opened)
    opened.advance(96 * 3600 - 60)
    assert see(opened, event)["status"] == "MERCHANT_PROCESSING"
    step(opened, event, "escalate", expect=4)
    opened.advance(120)
    assert see(opened, event)["status"] == "MERCHANT_FEEDBACK_OVERTIME"
    answer(opened, event)
    assert see(opened, event)["status"] == "MERCHANT_FEEDBACKED"


def test_an_unconfirmed_answer_is_closed_by_the_clock(opened):
    event = complain(opened)
    answer(opened, event)
    opened.advance(7 * DAY + 60)
    assert see(opened, event)["status"] == "CLOSED"


def test_escalation_is_closed_by_the_authority(opened):
    event = complain(opened)
    closing = {"complain_event_id": event, "finish_memo": "调解成功", "government_agency": "上城区市场监管局"}
    assert opened.call(f"{CITY}.government.finish", closing)["sub_code"] == "STATUS_CHANGED"
    answer(opened, event)
    step(opened, event, "escalate")
    case = see(opened, event)
    assert (case["status"], "gmt_intervene_platform" in case) == ("PLATFORM_PROCESSING", True)
    submit = {"complain_event_id": event, "feedback_code": "194", "feedback_content": "已联系双方", "operator": "小李"}
    opened.call(f"{CITY}.government.submit", submit)
    assert see(opened, event)["status"] == "PLATFORM_PROCESSING"
    assert opened.call(f"{CITY}.government.finish", closing)["code"] == "10000"
    assert see(opened, event)["status"] == "PLATFORM_FINISH"


def test_words_go_both_ways_until_the_end(opened):
    event = complain(opened)
    opened.call(f"{MERCHANT}.reply.submit", {"complain_event_id": event, "reply_content": "在查"})
    step(opened, event, "say", content="请快一点")
    roles = [(one["replier_role"], one["content"]) for one in see(opened, event)["reply_detail_infos"]]
    assert roles == [("MERCHANT", "在查"), ("USER", "请快一点")]
    step(opened, event, "cancel")
    late = opened.call(f"{MERCHANT}.supplement.submit", {"complain_event_id": event, "supplement_content": "凭证"})
    assert late["sub_code"] == "STATUS_CHANGED"


@pytest.mark.parametrize(
    "over",
    [
        {"feedback_code": "99"},
        {"feedback_content": "字" * 201},
        {"operator": "七个字的操作员"},
        {"feedback_images": "none"},
    ],
)
def test_a_wrong_answer_changes_nothing(opened, over):
    event = complain(opened)
    before = opened.ledger()
    assert answer(opened, event, **over)["sub_code"] == "PARAM_ILLEGAL"
    assert opened.ledger() == before


def test_only_the_merchant_and_the_city_that_opened_it_see_a_case(caller):
    event = complain(caller)
    assert see(caller, event)["sub_code"] == "AUTHORITY_ILLEGAL"
    assert see(caller, "0" * 28)["sub_code"] == "PARAM_ILLEGAL"
    by_merchant = caller.call(f"{MERCHANT}.query", {"complain_event_id": event}, caller.token())
    assert by_merchant["complain_event_id"] == event
    caller.call(f"{CITY}.reconciliation.create", {"merchant_cert_no": caller.CREDIT_CODE})
    assert see(caller, event)["status"] == "MERCHANT_PROCESSING"


def test_cases_are_listed_in_pages_by_status(opened):
    events = [complain(opened) for _ in range(3)]
    answer(opened, events[0])
    method = f"{MERCHANT}.batchquery"
    first = opened.call(method, {"page_num": 1, "page_size": 2})
    second = opened.call(method, {"page_num": 2, "page_size": 2})
    assert (first["total_num"], first["total_page_num"]) == (3, 2)
    listed = [one["complain_event_id"] for page in (first, second) for one in page["trade_complain_infos"]]
    assert sorted(listed) == sorted(events)
    assert opened.call(method, {"status": "MERCHANT_FEEDBACKED"})["total_num"] == 1
    assert opened.call(method, {"page_size": 21})["sub_code"] == "PARAM_ILLEGAL"
    wide = {"begin_time": "2020-01-01 00:00:00", "end_time": "2022-01-01 00:00:00"}
    assert opened.call(method, wide)["sub_code"] == "PARAM_ILLEGAL"


def test_a_payment_stands_in_one_open_case(opened):
    trade = opened.pay()
    complain(opened, trade)
    body = {"user_id": opened.USER, "trade_no": trade, "reason": "其他", "demand": "退款", "content": "再来"}
    opened.admin("POST", "cases", body, expect=4)
    assert len(opened.ledger()["cases"]) == 1
