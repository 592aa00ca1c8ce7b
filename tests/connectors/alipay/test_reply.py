"""Answers are believed byte for byte or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.alipay.alipay_wall import Material, Wall, signature

from hejie.base.errors import Unknown
from hejie.connectors.alipay.reply import read, strict_object

METHOD = "alipay.trade.query"
NAME = "alipay_trade_query_response"


def wrap(material: Material, raw: str, *, name: str = NAME, rest: str = "") -> bytes:
    return f'{{"{name}":{raw},"sign":"{signature(material.wallet, raw.encode())}"{rest}}}'.encode()


@pytest.mark.parametrize(
    "raw",
    [
        '{"code":"10000","trade_no":"1"}',
        '{ "trade_no" : "1" ,\n "code":10000}',
        '{"code":"10000","trade_no":"1","memo":"\\"sign\\":\\"x\\"}","sign":"inner"}',
        '{"code":"10000","trade_no":"1","memo":"error_response\\":{}","url":"http:\\/\\/a\\/b","name":"支付宝"}',
    ],
)
def test_the_raw_object_is_what_is_signed(material: Material, raw: str) -> None:
    node = read(wrap(material, raw), METHOD, material.wallet.public_key())
    assert (node["code"], node["trade_no"]) == ("10000", "1")


def test_the_members_may_come_in_any_order_and_an_error_has_its_own_name(material: Material) -> None:
    raw = '{"code":"20000"}'
    signed = signature(material.wallet, raw.encode())
    body = f' {{"sign":"{signed}", "error_response" : {raw} }} \n'.encode()
    assert read(body, METHOD, material.wallet.public_key()) == {"code": "20000"}


BAD = '{"code":"10000","trade_no":"2"}'


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("reply_unreadable", lambda m: b""),
        ("reply_unreadable", lambda m: b"<html>502</html>"),
        ("reply_unreadable", lambda m: b"[1]"),
        ("reply_unreadable", lambda m: b"null"),
        ("reply_unreadable", lambda m: b"\xef\xbb\xbf" + wrap(m, "{}")),
        ("reply_unreadable", lambda m: wrap(m, "{}") + b"x"),
        ("reply_unreadable", lambda m: wrap(m, "{}", rest=",")),
        ("reply_unreadable", lambda m: wrap(m, "{}", rest=f',"{NAME}":{BAD}')),
        ("reply_unreadable", lambda m: wrap(m, "{}", rest=',"s\\u0069gn":"x"')),
        ("reply_unreadable", lambda m: wrap(m, "{}", rest=f',"error_response":{BAD}')),
        ("reply_unreadable", lambda m: wrap(m, "{}", rest=",1:2")),
        ("reply_unreadable", lambda m: wrap(m, "{}", name="alipay_trade_refund_response")),
        ("reply_unreadable", lambda m: wrap(m, '"cipher"')),
        ("reply_unreadable", lambda m: wrap(m, '{"a":1,"a":2}')),
        ("reply_unreadable", lambda m: wrap(m, '{"a":{"b":1,"b":1}}')),
        ("reply_unreadable", lambda m: wrap(m, '{"a":NaN}')),
        ("reply_unreadable", lambda m: wrap(m, '{"a":-Infinity}')),
        ("reply_unreadable", lambda m: wrap(m, '{"a":"\\ud800"}')),
        ("reply_unreadable", lambda m: wrap(m, '{"a":' + "[" * 100_000 + "]" * 100_000 + "}")),
        ("reply_unreadable", lambda m: wrap(m, '{"a":"支"}').replace("支".encode(), b"\xe6\x94")),
        ("reply_unsigned", lambda m: f'{{"{NAME}":{BAD}}}'.encode()),
        ("reply_unsigned", lambda m: f'{{"{NAME}":{BAD},"sign":""}}'.encode()),
        ("reply_unsigned", lambda m: f'{{"{NAME}":{BAD},"sign":null}}'.encode()),
        ("reply_signature_wrong", lambda m: f'{{"{NAME}":{BAD},"sign":"AAAA"}}'.encode()),
        ("reply_signature_wrong", lambda m: f'{{"{NAME}":{BAD},"sign":"支"}}'.encode()),
        ("reply_signature_wrong", lambda m: f'{{"{NAME}":{BAD},"sign":"{signature(m.own, BAD.encode())}"}}'.encode()),
        ("reply_signature_wrong", lambda m: wrap(m, BAD).replace(b'"2"', b'"3"')),
    ],
)
def test_hostile_bodies_are_unknown(material: Material, code: str, shape: Callable[[Material], bytes]) -> None:
    with pytest.raises(Unknown) as caught:
        read(shape(material), METHOD, material.wallet.public_key())
    assert caught.value.code == code


def test_a_rotated_certificate_is_named(material: Material) -> None:
    body = wrap(material, "{}", rest=',"alipay_cert_sn":"new0"')
    with pytest.raises(Unknown) as caught:
        read(body, METHOD, material.wallet.public_key(), "old0")
    assert (caught.value.code, caught.value.facts) == ("certificate_rotated", {"serial": "new0"})
    assert read(body, METHOD, material.wallet.public_key(), "new0") == {}


@given(data=st.data())
def test_no_damaged_byte_is_ever_believed(data: st.DataObject) -> None:
    material, body, node = _HELD
    at = data.draw(st.integers(0, len(body) - 1))
    cut = data.draw(st.integers(0, 3))
    damaged = body[:at] + data.draw(st.binary(max_size=4)) + body[at + cut :]
    try:
        found = read(damaged, METHOD, material.wallet.public_key())
    except Unknown:
        return
    assert found == node


@given(st.binary(max_size=200))
def test_no_garbage_breaks_the_reader(garbage: bytes) -> None:
    with pytest.raises(Unknown):
        read(b'{"' + garbage, METHOD, _HELD[0].wallet.public_key())


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text(), st.lists), max_size=4))
def test_any_proper_object_is_read_as_it_is(told: dict) -> None:
    assert strict_object(json.dumps(told)) == told


def _held() -> tuple[Material, bytes, dict]:
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    material = Material(key, key, key)
    node = {"code": "10000", "trade_no": "2026", "store_name": '面馆"sign":"', "total_amount": "12.50"}
    return material, Wall(key).signed(METHOD, node), node


_HELD = _held()
