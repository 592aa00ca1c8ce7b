"""Reconciliation, government and complaint methods, by their names and fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.alipay.alipay_wall import NOW, Wall

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.alipay import Alipay
from hejie.connectors.wallet import Account, Authorisation, EnrolmentStatus

CODE = "91330106MA2CFLDC0X"
CASE = {
    "complain_event_id": "E1", "status": "MERCHANT_PROCESSING", "complain_reason": "质量",
    "leaf_category_name": "退款", "content": "坏了\0", "images": ["https://img.test/1"],
    "phone_no": "13800000000", "merchant_pid": "2088", "trade_no": "2026", "trade_amount": "12.50",
    "trade_product_name": "面", "trade_succeed_time": "2026-03-01 08:00:00", "gmt_create": "2026-03-01 09:00:00",
    "gmt_modified": "2026-03-01 09:00:00 ", "gmt_handle_deadline": "2026-03-05 09:00:00",
    "reply_detail_infos": [
        {"replier_role": "AUDITOR", "content": "已转", "gmt_create": "2026-03-01 10:00:00"},
        {"replier_role": "GOVERNMENT", "content": "知", "gmt_create": "2026-03-01 11:00:00"},
    ],
}  # fmt: skip


def method(wall: Wall) -> str:
    return wall.requests[-1].url.params["method"]


async def test_a_case_is_the_regulators_view_with_both_deadlines(alipay: Alipay, wall: Wall) -> None:
    wall.says(**CASE)
    case = await alipay.case("E1")
    assert method(wall) == "alipay.merchant.complain.government.query"
    assert (case.amount_fen, case.content, case.images) == (1250, "坏了", ("https://img.test/1",))
    assert (case.answer_due, case.confirm_due) == (datetime(2026, 3, 5, 1, tzinfo=UTC), None)
    assert [reply.role for reply in case.replies] == ["platform", "government"]


async def test_lists_may_be_wrapped_once(alipay: Alipay, wall: Wall) -> None:
    wall.says(**(CASE | {"images": {"string": ["a", "b"]}, "reply_detail_infos": None}))
    case = await alipay.case("E1")
    assert (case.images, case.replies) == (("a", "b"), ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": "a"},
        {"images": [1, {}]},
        {"gmt_create": ""},
        {"complain_event_id": "E2"},
        {"reply_detail_infos": [""]},
    ],
)
async def test_a_misshapen_case_is_unknown(alipay: Alipay, wall: Wall, wrong: dict[str, object]) -> None:
    wall.says(**(CASE | wrong))
    with pytest.raises(Unknown):
        await alipay.case("E1")


async def test_no_such_case_is_missing(alipay: Alipay, wall: Wall) -> None:
    wall.says("40004", sub_code="COMPLAIN_EVENT_NOT_EXIST")
    with pytest.raises(Missing, match="case_missing"):
        await alipay.case("E1")


async def test_cases_are_listed_by_span_and_page(alipay: Alipay, wall: Wall) -> None:
    wall.says(trade_complain_infos=[{"complain_event_id": "E1"}, {"complain_event_id": "E2"}], total_num=22)
    page = await alipay.cases(NOW - timedelta(days=1), NOW, 2)
    assert (page.event_ids, page.total) == (("E1", "E2"), 22)
    assert wall.asked() == {
        "begin_time": "2026-03-01 12:05:06", "end_time": "2026-03-02 12:05:06", "page_num": 2, "page_size": 20,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        ("", "alipay.merchant.complain.government.submit"),
        ("token", "alipay.merchant.tradecomplain.feedback.submit"),
    ],
)
async def test_feedback_goes_out_for_whom_it_is(alipay: Alipay, wall: Wall, authority: str, name: str) -> None:
    wall.says()
    await alipay.feedback("E1", "02", "已退款", ("i1", "i2"), "王", authority)
    assert method(wall) == name
    assert wall.asked() == {
        "complain_event_id": "E1", "feedback_code": "02", "feedback_content": "已退款", "feedback_images": "i1,i2",
        "operator": "王",
    }  # fmt: skip


async def test_words_too_long_are_refused_before_anything_is_sent(alipay: Alipay, wall: Wall) -> None:
    with pytest.raises(Refused, match="feedback_too_long"):
        await alipay.feedback("E1", "02", "字" * 201, (), "王")
    with pytest.raises(Refused, match="operator_too_long"):
        await alipay.feedback("E1", "02", "字", (), "王" * 7)
    with pytest.raises(Refused, match="feedback_too_long"):
        await alipay.reply("E1", "字" * 201, ())
    with pytest.raises(Refused, match="picture_too_large"):
        await alipay.upload(b"x" * (5 * 1024 * 1024 + 1), "png")
    with pytest.raises(Refused, match="picture_kind_unknown"):
        await alipay.upload(b"x", "gif")
    assert wall.requests == []


@pytest.mark.parametrize(
    ("sub_code", "code"),
    [
        ("STATUS_CHANGED", "case_moved_on"),
        ("WAITING_REFUND", "case_waits_for_refund"),
        ("REFUND_ALREADY_SUCCEED", "case_already_refunded"),
        ("SUBMIT_CONTENT_VIOLATION", "content_violation"),
        ("REFUND_FEEDBACK_FAILED", "wallet_refused"),
    ],
)
async def test_a_refused_feedback_says_why(alipay: Alipay, wall: Wall, sub_code: str, code: str) -> None:
    wall.says("40004", sub_code=sub_code)
    with pytest.raises(Refused) as caught:
        await alipay.feedback("E1", "02", "已退款", (), "王")
    assert caught.value.code == code


async def test_talk_evidence_and_closing_go_by_their_own_names(alipay: Alipay, wall: Wall) -> None:
    for _ in range(3):
        wall.says()
    await alipay.reply("E1", "您好", (), "token")
    assert (method(wall), wall.requests[-1].url.params["app_auth_token"]) == (
        "alipay.merchant.tradecomplain.reply.submit", "token",
    )  # fmt: skip
    await alipay.supplement("E1", "小票", ("i1",), "token")
    assert wall.asked() == {"complain_event_id": "E1", "supplement_content": "小票", "supplement_images": "i1"}
    await alipay.finish("E1", "已和解", "西湖区市监局")
    assert wall.asked() == {"complain_event_id": "E1", "finish_memo": "已和解", "government_agency": "西湖区市监局"}
    assert method(wall) == "alipay.merchant.complain.government.finish"


async def test_enrolment_by_credit_code_and_by_sample_payment(alipay: Alipay, wall: Wall) -> None:
    account = {"merchant_credit_no": CODE, "merchant_id": "2088", "merchant_type": "DIRECT"}
    wall.says(merchant_credit_no=CODE, merchant_infos=[account])
    assert await alipay.enrol(CODE) == [Account(account="2088", kind="direct", credit_code=CODE)]
    wall.says(merchant_id="M9", merchant_type="indirect", merchant_name="面馆", notice="缺少电话")
    assert await alipay.enrol_by_trade(CODE, "2026") == Account(
        account="M9", kind="indirect", credit_code=CODE, name="面馆", notice="缺少电话"
    )
    wall.says(status="OPENED")
    assert await alipay.enrolment("M9", "indirect", "2026") == EnrolmentStatus("OPENED")
    wall.says()
    await alipay.close_enrolment("M9", "indirect")
    assert wall.asked() == {"merchant_id": "M9", "merchant_type": "indirect"}


@pytest.mark.parametrize("listed", [False, True])
async def test_authority_is_exchanged_and_renewed(alipay: Alipay, wall: Wall, *, listed: bool) -> None:
    token = {
        "app_auth_token": "T", "app_refresh_token": "R", "user_id": "2088", "expires_in": 31536000,
        "re_expires_in": "32140800",
    }  # fmt: skip
    for _ in range(2):
        wall.says(**({"tokens": [token]} if listed else token))
    wanted = Authorisation(
        token="T", refresh_token="R", account="2088", expires_at=NOW + timedelta(seconds=31536000),
        refresh_expires_at=NOW + timedelta(seconds=32140800),
    )  # fmt: skip
    assert await alipay.authorise("code") == wanted
    assert wall.asked() == {"grant_type": "authorization_code", "code": "code"}
    assert await alipay.renew("R0") == wanted
    assert wall.asked() == {"grant_type": "refresh_token", "refresh_token": "R0"}
