"""Pushes: verified in both orders, ours, fresh, and read no further than their hint."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.alipay.alipay_wall import APP_ID, NOW, Material, signature

from hejie.base.errors import Refused
from hejie.connectors.alipay import Alipay
from hejie.connectors.alipay.certificates import leaf
from hejie.connectors.alipay.moments import beijing, instant
from hejie.connectors.alipay.notify import callback
from hejie.connectors.rsa import certificate_key

CONTRACT = Path(__file__).parents[2] / "contract" / "alipay"
PUBLISHED = json.loads((CONTRACT / "vectors.json").read_text("utf-8"))["notify"]
WALLET = certificate_key(leaf((CONTRACT / "alipay_public.crt").read_text("utf-8")))


def push(material: Material, *, keep: bool = False, encoding: str = "utf-8", **form: str) -> bytes:
    form = {"app_id": APP_ID, "notify_id": "N1", "notify_time": beijing(NOW), "sign_type": "RSA2"} | form
    signed = {name: value for name, value in form.items() if value and (keep or name != "sign_type")}
    text = "&".join(f"{name}={signed[name]}" for name in sorted(signed))
    return urlencode(form | {"sign": signature(material.wallet, text.encode(encoding))}, encoding=encoding).encode()


def complaint(biz: str = '{"complain_event_id":"E1"}') -> dict[str, str]:
    return {"msg_method": "alipay.merchant.tradecomplain.changed", "biz_content": biz}


@pytest.mark.parametrize("keep", [False, True])
def test_both_orders_of_signing_are_known(alipay: Alipay, material: Material, *, keep: bool) -> None:
    told = alipay.callback({}, push(material, keep=keep, **complaint()))
    assert (told.kind, told.event_id, told.delivery_id, told.sent_at) == (
        "case_changed", "E1", "N1", NOW,
    )  # fmt: skip


def test_the_published_notification_is_read() -> None:
    now = instant(PUBLISHED["notify_time"])
    told = callback(urlencode(PUBLISHED).encode(), WALLET, PUBLISHED["app_id"], now)
    assert (told.kind, told.trade_no) == ("trade_changed", "2023122122001499160501589436")
    assert (told.delivery_id, told.sent_at) == ("2023122101222162644199160501632046", now)


def test_service_messages_tell_milliseconds_and_need_no_id(alipay: Alipay, material: Material) -> None:
    form = {"notify_time": "", "notify_id": "", "utc_timestamp": str(int(NOW.timestamp() * 1000)), "msg_method": "x"}
    raw = push(material, **form).replace(b"notify_time=&", b"")
    first, again = alipay.callback({}, raw), alipay.callback({}, raw)
    assert (first.kind, first.sent_at) == ("other", NOW)
    assert len(first.delivery_id) == 64
    assert first == again


def test_a_withdrawn_authority_names_its_merchant(alipay: Alipay, material: Material) -> None:
    biz = '{"app_id":"2021000000000001","user_id":"2088"}'
    told = alipay.callback({}, push(material, msg_method="alipay.open.auth.appauth.cancelled", biz_content=biz))
    assert (told.kind, told.account, told.event_id) == ("authority_withdrawn", "2088", "")


def test_a_push_in_gbk_is_read(alipay: Alipay, material: Material) -> None:
    raw = push(material, encoding="gbk", charset="GBK", subject="片儿川", **complaint())
    assert alipay.callback({}, raw).event_id == "E1"
    with pytest.raises(Refused):
        alipay.callback({}, push(material, encoding="gbk", subject="片儿川", **complaint()))


@pytest.mark.parametrize(
    ("late", "code"),
    [
        (timedelta(minutes=14), None),
        (timedelta(minutes=16), "callback_stale"),
        (timedelta(hours=24), "callback_stale"),
        (timedelta(minutes=-4), None),
        (timedelta(minutes=-6), "callback_stale"),
        (timedelta(days=-300), "callback_stale"),
    ],
)
def test_a_push_lives_for_a_quarter_of_an_hour(
    alipay: Alipay, material: Material, late: timedelta, code: str | None
) -> None:
    raw = push(material, notify_time=beijing(NOW - late), **complaint())
    if code is None:
        assert alipay.callback({}, raw).event_id == "E1"
        return
    with pytest.raises(Refused, match=code):
        alipay.callback({}, raw)


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("signature_wrong", lambda m: push(m, **complaint()).replace(b"E1", b"E2")),
        ("signature_wrong", lambda m: push(m, **complaint()) + b"&extra=1"),
        ("signature_wrong", lambda m: b"app_id=1"),
        ("signature_wrong", lambda m: push(m, sign_type="RSA", **complaint())),
        ("signature_wrong", lambda m: push(Material(m.own, m.stranger, m.own), **complaint())),
        ("callback_misdirected", lambda m: push(m, app_id="2021000000000002", **complaint())),
        ("callback_unreadable", lambda m: b""),
        ("callback_unreadable", lambda m: b'{"json":1}'),
        ("callback_unreadable", lambda m: push(m, **complaint()) + b"&app_id=1"),
        ("callback_unreadable", lambda m: push(m, **complaint()) + b"&a=%ff"),
        ("callback_unreadable", lambda m: push(m, **complaint()) + b"&a=" + b"x" * 300_000),
        ("callback_unreadable", lambda m: b"&".join(b"a%d=1" % at for at in range(300))),
        ("callback_unreadable", lambda m: push(m, **complaint('{"complain_event_id":["E1"]}'))),
        ("callback_unreadable", lambda m: push(m, **complaint('{"complain_event_id":"E1","complain_event_id":"E2"}'))),
        ("callback_unreadable", lambda m: push(m, **complaint("[" * 50_000))),
        ("callback_unreadable", lambda m: push(m, notify_time="soon", **complaint())),
        ("callback_unreadable", lambda m: push(m, notify_time="", utc_timestamp="9" * 40, **complaint())),
    ],
)
def test_what_is_not_a_good_push_is_refused_by_word(
    alipay: Alipay, material: Material, code: str, shape: Callable[[Material], bytes]
) -> None:
    with pytest.raises(Refused) as caught:
        alipay.callback({}, shape(material))
    assert caught.value.code == code


@given(st.data())
def test_no_damaged_push_is_believed(data: st.DataObject) -> None:
    raw = urlencode(PUBLISHED).encode()
    now = instant(PUBLISHED["notify_time"])
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + data.draw(st.integers(0, 2)) :]
    try:
        told = callback(damaged, WALLET, PUBLISHED["app_id"], now)
    except Refused:
        return
    assert told == callback(raw, WALLET, PUBLISHED["app_id"], now)
