"""The connector and the sandbox over a real socket: authority, payments, refunds, certificates."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from tests.connectors.alipay.alipay_lab import MERCHANT, USER, Lab
from tests.connectors.alipay.alipay_wall import APP_ID, Material, private_pem

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.alipay import Alipay, AlipayKeys
from hejie.connectors.alipay.doctor import examine, probe
from hejie.connectors.transport import http_client
from hejie.connectors.wallet import RefundOrder, RefundStatus

REFUND = "alipay.trade.refund"


def order(trade_no: str, fen: int = 1250) -> RefundOrder:
    return RefundOrder(
        key=f"330100-{trade_no[-6:]}-{fen}", trade_no=trade_no, amount_fen=fen, reason="和解 & 退款/差额"
    )


async def test_a_merchant_authorises_renews_and_a_code_serves_once(lab: Lab, wallet: Alipay) -> None:
    code = lab.post("authorise", app_id=APP_ID, merchant_id=MERCHANT)["app_auth_code"]
    first = await wallet.authorise(code)
    assert first.account == MERCHANT
    assert first.expires_at - lab.now() > timedelta(days=300)
    with pytest.raises(Refused, match="authority_code_invalid"):
        await wallet.authorise(code)
    again = await wallet.renew(first.refresh_token)
    assert again.token != first.token
    with pytest.raises(Refused, match="authority_invalid"):
        await wallet.trade(lab.pay(), "no-such-token")


async def test_a_payment_is_found_by_its_merchant_only(lab: Lab, wallet: Alipay, token: str) -> None:
    number = lab.pay("88.80")
    trade = await wallet.trade(number, token)
    assert (trade.paid_fen, trade.payer, trade.refundable) == (8880, USER, True)
    assert trade.paid_at is not None
    assert abs(trade.paid_at - lab.now()) < timedelta(minutes=1)
    with pytest.raises(Missing, match="trade_missing"):
        await wallet.trade("2026000000000000", token)
    with pytest.raises(Refused, match="wallet_permission_missing"):
        await wallet.trade(number)


async def test_a_refund_moves_money_once_however_often_it_is_sent(lab: Lab, wallet: Alipay, token: str) -> None:
    wanted = order(lab.pay())
    assert (await wallet.refund_status(wanted, token)).status is RefundStatus.absent
    first = await wallet.refund(wanted, token)
    assert (first.status, first.amount_fen, first.total_refunded_fen) == (RefundStatus.succeeded, 1250, 1250)
    assert (await wallet.refund(wanted, token)).status is RefundStatus.accepted
    told = await wallet.refund_status(wanted, token)
    assert (told.status, told.amount_fen) == (RefundStatus.succeeded, 1250)
    assert lab.refunds().count((wanted.key, 1250)) == 1


async def test_another_amount_under_the_same_key_stays_open(lab: Lab, wallet: Alipay, token: str) -> None:
    wanted = order(lab.pay())
    await wallet.refund(wanted, token)
    other = RefundOrder(key=wanted.key, trade_no=wanted.trade_no, amount_fen=1300)
    with pytest.raises(Unknown, match="refund_unsure"):
        await wallet.refund(other, token)
    assert (await wallet.refund_status(other, token)).amount_fen == 1250
    assert (wanted.key, 1300) not in lab.refunds()


@pytest.mark.parametrize(
    ("knob", "moved"),
    [
        ("drop_after_commit", True),
        ("system_error_after_commit", True),
        ("system_error", False),
        ("bad_signature", True),
    ],
)
async def test_after_any_doubt_the_key_tells(lab: Lab, wallet: Alipay, token: str, knob: str, *, moved: bool) -> None:
    wanted = order(lab.pay())
    lab.knob(knob, REFUND)
    with pytest.raises(Unknown):
        await wallet.refund(wanted, token)
    told = await wallet.refund_status(wanted, token)
    assert told.status is (RefundStatus.succeeded if moved else RefundStatus.absent)
    again = await wallet.refund(wanted, token)
    assert again.status is (RefundStatus.accepted if moved else RefundStatus.succeeded)
    assert lab.refunds().count((wanted.key, 1250)) == 1


@pytest.mark.parametrize(
    ("knob", "sub_code", "retryable"),
    [
        ("balance_short", "ACQ.SELLER_BALANCE_NOT_ENOUGH", True),
        ("window_expired", "ACQ.TRADE_HAS_FINISHED", False),
    ],
)
async def test_a_refusal_is_a_failure_with_the_wallets_code(
    lab: Lab, wallet: Alipay, token: str, knob: str, sub_code: str, *, retryable: bool
) -> None:
    wanted = order(lab.pay())
    lab.knob(knob, REFUND)
    answer = await wallet.refund(wanted, token)
    assert (answer.status, answer.code, answer.retryable) == (RefundStatus.failed, sub_code, retryable)
    after = await wallet.refund(wanted, token)
    assert after.status is (RefundStatus.succeeded if retryable else RefundStatus.failed)


async def test_more_than_was_paid_is_refused(lab: Lab, wallet: Alipay, token: str) -> None:
    number = lab.pay("10.00")
    await wallet.refund(order(number, 600), token)
    answer = await wallet.refund(order(number, 500), token)
    assert (answer.status, answer.code) == (RefundStatus.failed, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
    assert [amount for key, amount in lab.refunds() if key in {order(number, 600).key, order(number, 500).key}] == [600]


async def test_certificate_mode_speaks_to_the_same_wallet(lab: Lab, keys: AlipayKeys) -> None:
    issued = lab.post(f"apps/{APP_ID}/certificate")
    certified = AlipayKeys(
        app_id=APP_ID,
        private_key=keys.private_key,
        gateway_url=keys.gateway_url,
        app_certificate=issued["app_certificate"],
        alipay_certificate=issued["alipay_certificate"],
        root_certificates=issued["root_certificate"],
    )
    assert [one.code for one in examine(certified, lab.now())] == ["gateway_not_encrypted"]
    async with http_client() as client:
        code = lab.post("authorise", app_id=APP_ID, merchant_id=MERCHANT)["app_auth_code"]
        certain = Alipay(certified, lab, client)
        token = (await certain.authorise(code)).token
        assert (await certain.trade(lab.pay(), token)).paid_fen == 5000
        with pytest.raises(Refused, match="certificate_refused"):
            await Alipay(keys, lab, client).trade("1", token)


async def test_the_doctor_hears_a_foreign_key(lab: Lab, keys: AlipayKeys, material: Material) -> None:
    foreign = AlipayKeys(
        app_id=APP_ID,
        private_key=private_pem(material.stranger),
        gateway_url=keys.gateway_url,
        alipay_public_key=keys.alipay_public_key,
    )
    async with http_client() as client:
        assert [one.code for one in await probe(foreign, lab, client)] == ["own_signature_refused"]


async def test_nobody_at_home_is_unreachable(lab: Lab, keys: AlipayKeys) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        away = AlipayKeys(
            app_id=APP_ID,
            private_key=keys.private_key,
            alipay_public_key=keys.alipay_public_key,
            gateway_url=f"http://127.0.0.1:{held.getsockname()[1]}/gateway.do",
        )
        async with http_client() as client:
            with pytest.raises(Unknown, match="wallet_unreachable"):
                await Alipay(away, lab, client).trade("1")
