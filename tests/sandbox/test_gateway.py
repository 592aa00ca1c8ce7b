"""The gateway's wire: signatures both ways, authority, refusals."""

from __future__ import annotations

QUERY, REFUND, REFUND_QUERY = "alipay.trade.query", "alipay.trade.refund", "alipay.trade.fastpay.refund.query"


def test_a_trade_is_told_to_its_merchant(caller):
    trade = caller.pay("50.05", store_name="解放路店", store_id="S1")
    answer = caller.call(QUERY, {"trade_no": trade}, caller.token())
    assert answer["code"] == "10000"
    assert answer["total_amount"] == "50.05"
    assert answer["trade_status"] == "TRADE_SUCCESS"
    assert answer["store_name"] == "解放路店"


def test_a_refund_moves_money_once(caller):
    trade, token = caller.pay("50.00"), caller.token()
    balance = caller.ledger()["merchants"][0]["balance"]
    order = {"trade_no": trade, "refund_amount": "12.50", "out_request_no": "K1"}
    first, second = caller.call(REFUND, order, token), caller.call(REFUND, order, token)
    assert (first["fund_change"], first["refund_fee"]) == ("Y", "12.50")
    assert (second["fund_change"], second["refund_fee"]) == ("N", "12.50")
    seen = caller.call(REFUND_QUERY, {"trade_no": trade, "out_request_no": "K1"}, token)
    assert (seen["refund_status"], seen["refund_amount"], seen["total_amount"]) == ("REFUND_SUCCESS", "12.50", "50.00")
    assert "refund_status" not in caller.call(REFUND_QUERY, {"trade_no": trade, "out_request_no": "K2"}, token)
    ledger = caller.ledger()
    assert ledger["merchants"][0]["balance"] == balance - 1250
    assert [(row["amount"], row["road"]) for row in ledger["refunds"]] == [(1250, "api")]
