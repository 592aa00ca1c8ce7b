"""What a complaint's states mean, as a table; whatever a signed answer holds is a case or unknown, never a fault."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.connectors.wechatpay.wechatpay_lab import Lab

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.wallet import WalletCase
from hejie.connectors.wechatpay import Wechatpay
from hejie.connectors.wechatpay.told_complaint import Complaint, Line, begun, role, standing
from hejie_sandbox.wechatpay import wire

BORN = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def line(kind: str, hours: float) -> Line:
    return Line(log_id=f"{kind}{hours}", operate_time=BORN + hours * HOUR, operate_type=kind)


def told(state: str, **more: Any) -> Complaint:
    return Complaint(complaint_id="1", complaint_time=BORN, complaint_state=state, **more)


MADE = line("USER_CREATE_COMPLAINT", 0)
AGAIN = line("USER_CONTINUE_COMPLAINT", 30)
DONE, LATE = line("MERCHANT_CONFIRM_COMPLETE", 5), line("MERCHANT_CONFIRM_COMPLETE", 31)
WELL = line("USER_COMFIRM_COMPLAINT", 5)


@pytest.mark.parametrize(
    ("complaint", "lines", "status"),
    [
        (told("PENDING"), [], "MERCHANT_PROCESSING"),
        (told("PENDING"), [MADE], "MERCHANT_PROCESSING"),
        (told("PENDING"), [AGAIN, MADE], "MERCHANT_PROCESSING"),
        (told("PROCESSING"), [MADE], "MERCHANT_FEEDBACKED"),
        (told("PROCESSED"), [line("USER_REVOKE_COMPLAINT", 5), MADE], "CANCELLED"),
        (told("PROCESSED"), [WELL, MADE], "FINISHED"),
        (told("PROCESSED"), [DONE, MADE], "CLOSED"),
        (told("PROCESSED"), [DONE, line("COMPLAINT_PARTIAL_REFUNDED_SYSTEM_MESSAGE", 4), MADE], "FINISHED"),
        (told("PROCESSED"), [line("MERCHANT_REFUSE_RERUND", 4), MADE], "CLOSED"),
        (told("PROCESSED", complaint_full_refunded=True), [DONE, MADE], "FINISHED"),
        (told("PROCESSED"), [], "CLOSED"),
        (told("PROCESSED"), [LATE, AGAIN, WELL], "CLOSED"),
        (told("SOMETHING_NEW"), [MADE], "SOMETHING_NEW"),
    ],
)  # fmt: skip
def test_states(complaint: Complaint, lines: list[Line], status: str):
    stands = standing(complaint, lines)
    assert stands.status == status
    assert stands.modified_at >= BORN
    assert (stands.finished_at is not None) == (complaint.complaint_state == "PROCESSED")


def test_the_merchants_time_begins_with_each_complaint():
    assert begun(told("PENDING"), []) == begun(told("PENDING"), [MADE]) == BORN
    assert begun(told("PENDING"), [line("USER_RESPONSE", 40), AGAIN, MADE]) == BORN + 30 * HOUR


@pytest.mark.parametrize(
    ("kind", "who"),
    [
        ("USER_RESPONSE", "user"),
        ("USER_CREATE_COMPLAINT_SYSTEM_MESSAGE", "platform"),
        ("MERCHANT_RESPONSE", "merchant"),
        ("PLATFORM_RESPONSE", "platform"),
        ("NEW", "platform"),
    ],
)
def test_who_spoke(kind: str, who: str):
    assert role(line(kind, 1)) == who


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_TIMES = st.sampled_from(
    ["2026-11-30T10:00:00+08:00", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "2026-11-30T10:00:00", "x"]
)
_STATES = st.sampled_from(["PENDING", "PROCESSING", "PROCESSED", "NEW", "a\x00b"])
_ORDER = st.fixed_dictionaries({"transaction_id": st.text(max_size=9), "amount": st.integers() | st.floats()})
_DETAIL = st.fixed_dictionaries(
    {"complaint_id": st.just("1"), "complaint_time": _TIMES, "complaint_state": _STATES},
    optional={
        "complaint_detail": st.text(max_size=20) | _ANYTHING,
        "payer_phone": st.text(max_size=20) | _ANYTHING,
        "apply_refund_amount": st.integers() | _ANYTHING,
        "complaint_order_info": st.lists(_ORDER, max_size=2) | _ANYTHING,
        "complaint_media_list": _ANYTHING,
        "complaint_full_refunded": _ANYTHING,
    },
)
_KINDS = st.text(max_size=9) | st.just("USER_CREATE_COMPLAINT")
_LINE = st.fixed_dictionaries(
    {"log_id": st.text(max_size=5), "operate_time": _TIMES, "operate_type": _KINDS},
    optional={"operate_details": st.text(max_size=9), "image_list": _ANYTHING},
)


def case_of(lab: Lab, detail: object, lines: object) -> WalletCase | None:
    """The case that signed answers make; None where they leave it unknown."""

    def answer(request: httpx.Request) -> httpx.Response:
        told = {"data": lines} if request.url.path.endswith("negotiation-historys") else detail
        body = json.dumps(told).encode()
        headers = wire.signature(lab.box, body, certified=False)
        return httpx.Response(200, headers=headers, content=body)

    async def ask() -> WalletCase | None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            try:
                return await Wechatpay(lab.keys(), lab, client).case("1")
            except (Unknown, Missing, Refused):
                return None

    return asyncio.run(ask())


@pytest.mark.parametrize("sealed", ["", "no base64", "AAAA", "A" * 344])
def test_a_phone_that_our_key_does_not_open_is_left_out_and_nothing_else(lab: Lab, sealed: str):
    detail = {"complaint_id": "1", "complaint_time": BORN.isoformat(), "complaint_state": "PENDING"}
    case = case_of(lab, detail | {"payer_phone": sealed, "complaint_detail": "面是凉的"}, [])
    assert case is not None
    assert (case.phone, case.content, case.trade_no) == ("", "面是凉的", "")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(detail=_DETAIL | _ANYTHING, lines=st.lists(_LINE, max_size=3) | _ANYTHING)
def test_whatever_a_signed_answer_holds(lab: Lab, detail: object, lines: object):
    case = case_of(lab, detail, lines)
    assert case is None or (case.amount_fen >= 0 and case.asked_fen >= 0 and case.modified_at.tzinfo is not None)
