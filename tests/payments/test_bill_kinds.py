"""Which row may be disputed, as a table of the wallets' own words."""

from __future__ import annotations

import pytest
from tests.payments.bill_samples import alipay, alipay_row, wechat, wechat_row

from hejie.payments.bills import read_bill

WECHAT = [
    ({}, "yes", "purchase"),
    ({"status": "已退款(￥28.00)"}, "yes", "partly_refunded"),
    ({"status": "已退款￥128.00"}, "no", "already_refunded"),
    ({"status": "已全额退款"}, "no", "already_refunded"),
    ({"status": "已退款"}, "ask", "refund_unclear"),
    ({"status": "已退款(￥x)"}, "ask", "refund_unclear"),
    ({"status": "支付失败"}, "no", "not_paid"),
    ({"status": "一切都好"}, "ask", "status_unclear"),
    ({"direction": "收入", "status": "充值成功"}, "no", "income"),
    ({"kind": "龙井茶庄-退款", "direction": "收入", "status": "已全额退款"}, "no", "refund"),
    ({"kind": "扫二维码付款", "item": "收款方备注:二维码收款", "status": "已转账"}, "ask", "collection_code"),
    ({"kind": "扫二维码付款", "item": "/", "counterparty": "*三", "status": "已转账"}, "ask", "collection_code"),
    ({"kind": "扫二维码付款", "status": "对方已退还"}, "no", "already_refunded"),
    ({"kind": "扫二维码付款-退款", "direction": "收入"}, "no", "refund"),
    ({"kind": "二维码收款", "direction": "收入", "status": "已收钱"}, "no", "income"),
    ({"kind": "转账", "item": "转账备注:微信转账", "status": "朋友已收钱"}, "no", "transfer_between_people"),
    ({"kind": "转账", "item": "转账备注:扫码付菜钱", "status": "已转账"}, "ask", "collection_code"),
    ({"kind": "转账", "item": "二维码收款", "direction": "收入", "status": "已收钱"}, "no", "income"),
    ({"kind": "群收款"}, "no", "transfer_between_people"),
    ({"kind": "微信红包"}, "no", "red_packet"),
    ({"kind": "微信红包（单发）"}, "no", "red_packet"),
    ({"kind": "零钱提现", "direction": "/", "status": "提现已到账"}, "no", "withdrawal"),
    ({"kind": "零钱充值", "direction": "/", "status": "充值完成"}, "no", "top_up"),
    ({"kind": "信用卡还款", "direction": "/"}, "no", "card_repayment"),
    ({"kind": "转入零钱通-来自零钱", "direction": "/"}, "no", "wealth_product"),
    ({"kind": "购买理财通", "direction": "/", "item": '"鹏华增值宝(000569)"'}, "no", "wealth_product"),
    ({"kind": "亲属卡交易"}, "ask", "family_card"),
    ({"kind": "赞赏码", "status": "朋友已收钱"}, "ask", "kind_unclear"),
    ({"kind": "新的交易类型"}, "ask", "kind_unclear"),
    ({"direction": "中性交易"}, "ask", "direction_unclear"),
    ({"direction": "？"}, "ask", "direction_unclear"),
    ({"amount": "¥0.00"}, "no", "nothing_paid"),
    ({"trade_no": "/"}, "ask", "trade_number_missing"),
    ({"item": "收钱码"}, "yes", "purchase"),
]
ALIPAY = [
    ({}, "yes", "purchase"),
    ({"status": "等待确认收货"}, "yes", "purchase"),
    ({"status": "等待付款"}, "no", "not_paid"),
    ({"status": "交易关闭"}, "no", "trade_closed"),
    ({"status": "芝麻免押下单成功"}, "no", "not_paid"),
    ({"kind": "转账红包", "item": "转账"}, "no", "transfer_between_people"),
    ({"kind": "转账红包", "item": "普通红包"}, "no", "red_packet"),
    ({"kind": "转账红包", "item": "收钱码收款"}, "ask", "collection_code"),
    ({"kind": "转账红包", "item": "扫码付款"}, "ask", "collection_code"),
    ({"kind": "收钱码", "item": "收钱码收款"}, "ask", "collection_code"),
    ({"kind": "日用百货", "item": "收钱码收款", "counterparty": "*三"}, "ask", "collection_code"),
    ({"kind": "日用百货", "item": "收钱码收款", "direction": "不计收支"}, "ask", "collection_code"),
    ({"kind": "投资理财", "item": "余额宝-收益发放", "direction": "不计收支"}, "no", "wealth_product"),
    ({"kind": "其他", "item": "余额宝-自动转入", "direction": "不计收支"}, "no", "wealth_product"),
    ({"kind": "其他", "item": "花呗主动还款", "direction": "不计收支"}, "no", "card_repayment"),
    ({"kind": "信用借还", "item": "信用卡还款", "direction": "不计收支"}, "no", "card_repayment"),
    ({"kind": "充值提现", "item": "余额提现"}, "no", "withdrawal"),
    ({"kind": "充值提现", "item": "余额充值"}, "no", "top_up"),
    ({"kind": "充值缴费", "item": "手机充值"}, "yes", "purchase"),
    ({"kind": "文化休闲", "item": "基金投资理财入门（书）"}, "yes", "purchase"),
    ({"kind": "亲友代付", "item": "亲情卡"}, "ask", "family_card"),
    ({"kind": "保险"}, "ask", "kind_unclear"),
    ({"kind": ""}, "ask", "kind_unclear"),
    ({"kind": "收入", "direction": "收入"}, "no", "income"),
]


@pytest.mark.parametrize(("cells", "disputable", "why"), WECHAT)
def test_wechat_rows(cells: dict[str, str], disputable: str, why: str):
    (row,) = read_bill(wechat(wechat_row(**cells))).payments
    assert (row.disputable, row.why) == (disputable, why)


@pytest.mark.parametrize(("cells", "disputable", "why"), ALIPAY)
def test_alipay_rows(cells: dict[str, str], disputable: str, why: str):
    (row,) = read_bill(alipay(alipay_row(**cells))).payments
    assert (row.disputable, row.why) == (disputable, why)


def test_refund_rows_count_against_their_payment():
    back = {"kind": "退款", "direction": "不计收支", "status": "退款成功"}
    bill = read_bill(
        alipay(
            alipay_row(trade_no="100", amount="50.00"),
            alipay_row(trade_no="100_1", amount="20.00", **back),
            alipay_row(trade_no="100*2", amount="30.00", **back),
            alipay_row(trade_no="200", amount="50.00"),
            alipay_row(trade_no="200_1", amount="20.00", **back),
            alipay_row(trade_no="300", amount="50.00"),
        )
    )
    assert [(row.trade_no, row.refunded_fen, row.why) for row in bill.payments if row.kind != "退款"] == [
        ("100", 5000, "already_refunded"),
        ("200", 2000, "partly_refunded"),
        ("300", 0, "purchase"),
    ]
