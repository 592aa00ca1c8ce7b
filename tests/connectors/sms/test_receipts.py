"""Receipts through the sandbox: signed, pushed to a real address, told when asked."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
from tests.connectors.sms.sms_lab import SmsLab

from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.connectors.sms.protocol import Arrival, Message
from hejie.connectors.sms.provider import LATE_SECONDS, HttpSms


@pytest.fixture
async def lab(tmp_path):
    running = SmsLab(tmp_path)
    connector = HttpSms(running.account, SystemClock())
    yield running, connector
    await connector.close()
    running.stop()


def message(key: str) -> Message:
    return Message(key=key, to="+8613800001111", signature="s", template="t", params={}, text="x")


@pytest.mark.parametrize(
    ("knob", "arrival", "code"),
    [
        ("", Arrival.delivered, ""),
        ("sms_undelivered", Arrival.failed, "not_delivered"),
        ("sms_number_gone", Arrival.failed, "number_gone"),
        ("sms_no_receipt", Arrival.waiting, ""),
        ("sms_late_receipt", Arrival.waiting, ""),
    ],
)
async def test_what_became_of_a_message_is_told_when_asked(lab, knob, arrival, code):
    running, connector = lab
    if knob:
        running.once(knob)
    await connector.send(message("k1"))
    told = await connector.ask("k1")
    assert (told.key, told.arrival, told.code) == ("k1", arrival, code)
    with pytest.raises(Refused, match="sms_key_unknown"):
        await connector.ask("k2")


def pushed(secret: str, at: int, **over: object) -> tuple[dict[str, str], bytes]:
    body = {"receipt_id": "r", "account": "hangzhou", "key": "k", "status": "delivered", "code": "", "timestamp": at}
    raw = json.dumps({**body, **over}).encode()
    signature = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"x-sms-signature": signature}, raw


async def test_a_receipt_is_taken_only_as_it_was_signed_and_only_fresh(lab):
    _, connector = lab
    now = int(time.time())
    headers, raw = pushed("a-secret", now)
    assert connector.receipt(headers, raw).arrival is Arrival.delivered
    for given, told in (
        (pushed("forged", now), "signature_wrong"),
        ((headers, raw.replace(b"delivered", b"failed")), "signature_wrong"),
        (({}, raw), "signature_wrong"),
        (pushed("a-secret", now - LATE_SECONDS - 5), "callback_stale"),
        (pushed("a-secret", now, status="eaten"), "callback_unreadable"),
        ((headers, b"\xff"), "callback_unreadable"),
    ):
        with pytest.raises(Refused, match=told):
            connector.receipt(*given)
