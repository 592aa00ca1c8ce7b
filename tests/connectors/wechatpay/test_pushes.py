"""What the emulator pushes by itself: sealed and signed at each try, again until it is thanked, with faults."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.connectors.wechatpay.listener import Listener
from tests.connectors.wechatpay.wechatpay_lab import MERCHANT, NOTIFICATIONS, PARTNER, Lab

from hejie.base.errors import Refused
from hejie.connectors.wechatpay import Wechatpay
from hejie_sandbox.wechatpay.pushes import RETRIES


@pytest.fixture
def listener(lab: Lab) -> Iterator[Listener]:
    found = Listener()
    assert lab.call("POST", NOTIFICATIONS, {"url": found.url}).status_code == 200
    yield found
    found.stop()
    assert lab.call("DELETE", NOTIFICATIONS).status_code == 204


async def test_each_step_of_a_payer_and_of_a_merchant_is_pushed(lab: Lab, wallet: Wechatpay, listener: Listener):
    number = lab.complain()
    listener.wait(1)
    await wallet.reply(number, "好的", ())
    listener.wait(2)
    lab.payer(number, "say", "谢谢")
    listener.wait(3)
    lab.payer(number, "confirm")
    told = [json.loads(body) for _, body in listener.wait(4)]
    assert [each["event_type"] for each in told] == ["COMPLAINT.CREATE", *["COMPLAINT.STATE_CHANGE"] * 3]
    seen = [wallet.callback(headers, body) for headers, body in listener.taken]
    assert {each.event_id for each in seen} == {number}
    assert len({each.delivery_id for each in seen}) == 4


async def test_it_comes_again_with_a_fresh_signature_until_it_is_thanked(
    lab: Lab, wallet: Wechatpay, listener: Listener
):
    listener.answers = [500, 503, 204]
    lab.complain()
    for count in (1, 2):
        lab.booked(count)
        lab.post("clock", advance_seconds=RETRIES[count] + 1)
    taken = listener.wait(3)
    assert len({json.loads(body)["id"] for _, body in taken}) == 1
    assert len({headers["Wechatpay-Timestamp"] for headers, _ in taken}) == 3
    assert wallet.callback(*taken[-1]).kind == "case_changed"
    with pytest.raises(Refused, match="signature_wrong"):
        wallet.callback(taken[0][0], taken[-1][1])


@pytest.mark.parametrize(
    ("knob", "code"), [("forged_callback", "signature_wrong"), ("stale_timestamp", "callback_stale")]
)
async def test_a_bad_push_is_refused_and_the_next_try_is_good(
    lab: Lab, wallet: Wechatpay, listener: Listener, knob, code
):
    listener.answers = [401, 200]
    lab.knob(knob, "wechatpay.COMPLAINT")
    lab.complain()
    headers, body = listener.wait(1)[0]
    with pytest.raises(Refused, match=code):
        wallet.callback(headers, body)
    lab.booked(1)
    lab.post("clock", advance_seconds=RETRIES[0] + 1)
    assert wallet.callback(*listener.wait(2)[1]).kind == "case_changed"


async def test_doubled_late_turned_round_and_lost(lab: Lab, wallet: Wechatpay, listener: Listener):
    lab.knob("duplicate_callback", "wechatpay.COMPLAINT")
    lab.complain()
    assert len({wallet.callback(*each).delivery_id for each in listener.wait(2)}) == 1
    lab.knob("late_callback", "wechatpay.COMPLAINT", value=60)
    late, prompt = lab.complain(), lab.complain()
    assert wallet.callback(*listener.wait(3)[2]).event_id == prompt
    lab.post("clock", advance_seconds=61)
    assert wallet.callback(*listener.wait(4)[3]).event_id == late
    lab.knob("reordered_callback", "wechatpay.COMPLAINT", value=600)
    second, first = lab.complain(), lab.complain()
    assert [wallet.callback(*each).event_id for each in listener.wait(6)[4:]] == [first, second]
    lab.knob("lost_callback", "wechatpay.COMPLAINT")
    lab.complain()
    assert wallet.callback(*[listener.wait(6), lab.complain(), listener.wait(7)][2][6]).kind == "case_changed"


async def test_a_refund_that_arrives_is_pushed_to_the_address_it_named(lab: Lab, wallet: Wechatpay, listener: Listener):
    trade = lab.pay()
    amount = {"refund": 1200, "total": 5000, "currency": "CNY"}
    order = {"sub_mchid": MERCHANT, "transaction_id": trade, "out_refund_no": "PUSHED-1", "amount": amount}
    refunds = "/v3/refund/domestic/refunds"
    wrong = lab.call("POST", refunds, order | {"notify_url": f"{listener.url}?x=1"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "PARAM_ERROR")
    assert lab.call("POST", refunds, order | {"notify_url": listener.url}).status_code == 200
    assert listener.taken == []
    lab.post("clock", advance_seconds=3)
    told = wallet.callback(*listener.wait(1)[0])
    assert (told.kind, told.trade_no) == ("trade_changed", trade)


def test_one_address_for_each_partner_made_asked_changed_and_taken_away(lab: Lab):
    assert lab.call("GET", NOTIFICATIONS).status_code == 404
    assert lab.call("PUT", NOTIFICATIONS, {"url": "https://a.example/x"}).status_code == 404
    assert lab.call("POST", NOTIFICATIONS, {"url": "http://a.example/x"}).json()["code"] == "PARAM_ERROR"
    assert lab.call("POST", NOTIFICATIONS, {"url": "https://a.example/x"}).json()["mchid"] == PARTNER
    assert lab.call("POST", NOTIFICATIONS, {"url": "https://b.example/x"}).json()["code"] == "INVALID_REQUEST"
    assert lab.call("PUT", NOTIFICATIONS, {"url": "https://b.example/x"}).status_code == 200
    assert lab.call("GET", NOTIFICATIONS).json()["url"] == "https://b.example/x"
    assert lab.call("DELETE", NOTIFICATIONS).status_code == 204
    assert lab.call("GET", NOTIFICATIONS).json()["code"] == "RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize(
    ("after", "content", "code"),
    [
        ("/response", {"response_content": "x"}, "PARAM_ERROR"),
        ("/response", {"complainted_mchid": MERCHANT, "response_content": "x" * 501}, "PARAM_ERROR"),
        (
            "/response",
            {"complainted_mchid": MERCHANT, "response_content": "x", "response_images": ["no"]},
            "PARAM_ERROR",
        ),
        ("/response", {"complainted_mchid": MERCHANT, "response_content": "x", "jump_url": "http://x"}, "PARAM_ERROR"),
        ("/complete", {"complainted_mchid": MERCHANT}, "INVALID_REQUEST"),
        ("/update-refund-progress", {"action": "MAYBE"}, "PARAM_ERROR"),
        ("/update-refund-progress", {"action": "APPROVE"}, "PARAM_ERROR"),
        ("/update-refund-progress", {"action": "REJECT"}, "PARAM_ERROR"),
        ("/nothing", {}, "RESOURCE_NOT_EXISTS"),
    ],
)
def test_what_the_interface_forbids_is_refused_and_changes_nothing(lab: Lab, after, content, code):
    number = lab.complain()
    answer = lab.call("POST", f"/v3/merchant-service/complaints-v2/{number}{after}", content)
    assert answer.json()["code"] == code
    assert len(lab.history(number)) == 1
