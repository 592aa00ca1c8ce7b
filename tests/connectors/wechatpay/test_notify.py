"""Callbacks of WeChat Pay: sealed and signed by the emulator, opened by us; damaged ones are refused with a reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.connectors.wechatpay.wechatpay_lab import API_KEY, PARTNER, Lab

from hejie.base.errors import Refused
from hejie.connectors.wechatpay import Wechatpay
from hejie_sandbox.wechatpay import wire

REFUND = {"sp_mchid": PARTNER, "sub_mchid": "1900000209", "transaction_id": "4200001", "refund_status": "SUCCESS"}
REASONS = {"signature_wrong", "callback_stale", "callback_unreadable", "callback_misdirected"}


@pytest.mark.parametrize("certified", [False, True])
async def test_a_refund_is_hinted_at(lab: Lab, wallet: Wechatpay, certified):
    lab.partner(certified=certified)
    headers, body = wire.push(lab.box, PARTNER, "REFUND.SUCCESS", REFUND)
    if certified:
        with pytest.raises(Refused, match="signature_wrong"):
            wallet.callback(headers, body)
        return
    told = wallet.callback(headers, body)
    assert (told.application, told.kind, told.trade_no) == (PARTNER, "trade_changed", "4200001")
    assert told.delivery_id == json.loads(body)["id"]
    assert wallet.callback({name.upper(): value for name, value in headers.items()}, body) == told


async def test_a_kind_that_we_do_not_know_is_taken_and_does_nothing(lab: Lab, wallet: Wechatpay):
    headers, body = wire.push(lab.box, PARTNER, "SOMETHING.NEW", {"x": 1})
    told = wallet.callback(headers, body)
    assert (told.kind, told.trade_no) == ("other", "")


async def test_what_is_old_forged_or_another_partners_is_refused(lab: Lab, wallet: Wechatpay):
    for code, about, how in (
        ("callback_stale", REFUND, {"at": lab.box.now() - 301}),
        ("callback_stale", REFUND, {"at": lab.box.now() + 400}),
        ("signature_wrong", REFUND, {"forged": True}),
        ("callback_misdirected", REFUND | {"sp_mchid": "1900000666"}, {}),
        ("callback_unreadable", {"sp_mchid": PARTNER}, {}),
    ):
        headers, body = wire.push(lab.box, PARTNER, "REFUND.SUCCESS", about, **how)
        with pytest.raises(Refused) as refused:
            wallet.callback(headers, body)
        assert refused.value.code == code
    with pytest.raises(Refused, match="callback_unreadable"):
        wallet.callback(headers, b" " * 70_000)


async def test_a_key_of_another_partner_opens_nothing(lab: Lab, wallet: Wechatpay):
    lab.partner(api_key=API_KEY[::-1])
    headers, body = wire.push(lab.box, PARTNER, "REFUND.SUCCESS", REFUND)
    with pytest.raises(Refused, match="callback_unreadable"):
        wallet.callback(headers, body)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
async def test_no_damage_is_believed_or_breaks_it(lab: Lab, wallet: Wechatpay, data):
    headers, body = wire.push(lab.box, PARTNER, "REFUND.SUCCESS", REFUND)
    place, byte = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 255))
    damaged = body[:place] + bytes([byte]) + body[place + 1 :]
    if damaged == body:
        return
    with pytest.raises(Refused) as refused:
        wallet.callback(headers, damaged)
    assert refused.value.code in REASONS


@given(body=st.binary(max_size=400), serial=st.text(max_size=40), stamp=st.text(max_size=20))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_nothing_at_all_breaks_it(wallet: Wechatpay, body, serial, stamp):
    names = ("Wechatpay-Serial", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature")
    with pytest.raises(Refused) as refused:
        wallet.callback(dict(zip(names, (serial, stamp, "n", "c2ln"), strict=True)), body)
    assert refused.value.code in REASONS
