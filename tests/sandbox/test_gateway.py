"""The gateway's wire: signatures both ways, authority, refusals."""

from __future__ import annotations

import base64
import json
import time

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa

QUERY, REFUND = "alipay.trade.query", "alipay.trade.refund"


def test_a_trade_is_told_to_its_merchant(caller):
    trade = caller.pay("50.05", store_name="解放路店", store_id="S1")
    answer = caller.call(QUERY, {"trade_no": trade}, caller.token())
    assert answer["code"] == "10000"
    assert answer["total_amount"] == "50.05"
    assert answer["trade_status"] == "TRADE_SUCCESS"
    assert answer["store_name"] == "解放路店"


def test_gbk_is_signed_and_answered_in_gbk(caller):
    token = caller.token()
    trade = caller.pay(store_name="解放路店")
    answer = caller.call(QUERY, {"trade_no": trade}, token)
    params = caller.params(QUERY, {"trade_no": trade}, token, charset="GBK")
    raw = caller.send(params).content
    assert "解放路店".encode("gbk") in raw
    assert json.loads(raw.decode("gbk"))["alipay_trade_query_response"] == answer


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"sign": "AAAA"}, "isv.invalid-signature"),
        ({"sign": "no base64 !"}, "isv.invalid-signature"),
        ({"sign": ""}, "isv.missing-signature"),
        ({"timestamp": ""}, "isv.missing-timestamp"),
        ({"app_id": "2021999999999999"}, "isv.invalid-app-id"),
        ({"method": "alipay.trade.nothing"}, "isv.invalid-method"),
        ({"biz_content": '{"trade_no":"changed"}'}, "isv.invalid-signature"),
    ],
)
def test_a_changed_request_is_refused_and_moves_nothing(caller, change, sub_code):
    trade, token = caller.pay(), caller.token()
    before = caller.ledger()
    order = {"trade_no": trade, "refund_amount": "1.00", "out_request_no": "K"}
    answer = caller.send(caller.params(REFUND, order, token) | change).json()
    inner = next(value for name, value in answer.items() if name.endswith("_response"))
    assert inner["sub_code"] == sub_code
    assert caller.ledger() == before


@pytest.mark.parametrize(
    ("over", "sub_code"),
    [
        ({"timestamp": "2026-13-01 00:00:00"}, "isv.invalid-timestamp"),
        ({"charset": "latin-1"}, "isv.invalid-charset"),
        ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
        ({"biz_content": "[1]"}, "isv.invalid-parameter"),
    ],
)
def test_a_badly_formed_request_is_refused(caller, over, sub_code):
    answer = caller.call(QUERY, {"trade_no": "1"}, **over)
    assert (answer["code"], answer["sub_code"]) == ("40002", sub_code)


def test_another_key_does_not_sign_for_the_application(caller):
    caller.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert caller.call(QUERY, {"trade_no": "1"})["sub_code"] == "isv.invalid-signature"


def test_a_reply_signed_with_a_wrong_key_is_counted(caller):
    trade, token = caller.pay(), caller.token()
    caller.knob("bad_signature", remaining=1, method=QUERY)
    with pytest.raises(InvalidSignature):
        caller.call(QUERY, {"trade_no": trade}, token)
    assert caller.call(QUERY, {"trade_no": trade}, token)["code"] == "10000"
    assert caller.injected("bad_signature") == 1


def test_only_the_merchants_authority_opens_its_trades(caller):
    other = {"merchant_id": "2088000000000002", "cert_no": "91330106MA2CFLDC0X", "name": "别家"}
    caller.admin("POST", "load", {"merchants": [other]})
    trade, stranger = caller.pay(), caller.token("2088000000000002")
    assert caller.call(QUERY, {"trade_no": trade})["sub_code"] == "isv.insufficient-isv-permissions"
    assert caller.call(QUERY, {"trade_no": trade}, "made-up")["sub_code"] == "aop.invalid-app-auth-token"
    assert caller.call(QUERY, {"trade_no": trade}, stranger)["sub_code"] == "ACQ.TRADE_NOT_EXIST"


def test_an_authorisation_is_exchanged_once_renewed_withdrawn_and_runs_out(caller):
    exchange = "alipay.open.auth.token.app"
    parties = {"app_id": caller.APP, "merchant_id": caller.MERCHANT}
    code = caller.admin("POST", "authorise", parties)["app_auth_code"]
    first = caller.call(exchange, {"grant_type": "authorization_code", "code": code})
    assert first["user_id"] == caller.MERCHANT
    again = caller.call(exchange, {"grant_type": "authorization_code", "code": code})
    assert again["sub_code"] == "isv.code-is-old"
    renewed = caller.call(exchange, {"grant_type": "refresh_token", "refresh_token": first["app_refresh_token"]})
    trade = caller.pay()
    stale = caller.call(QUERY, {"trade_no": trade}, first["app_auth_token"])
    assert (stale["code"], stale["sub_code"]) == ("20001", "aop.invalid-app-auth-token")
    token = renewed["app_auth_token"]
    assert caller.call(QUERY, {"trade_no": trade}, token)["code"] == "10000"
    caller.advance(renewed["expires_in"])
    assert caller.call(QUERY, {"trade_no": trade}, token)["sub_code"] == "aop.app-auth-token-time-out"
    fresh = caller.token()
    caller.admin("POST", "withdraw", parties)
    assert caller.call(QUERY, {"trade_no": trade}, fresh)["sub_code"] == "aop.invalid-app-auth-token"
    assert caller.call("alipay.open.auth.token.app.query", {"app_auth_token": fresh})["status"] == "invalid"


def test_certificate_mode_asks_for_both_numbers(caller):
    issued = caller.admin("POST", f"apps/{caller.APP}/certificate")
    trade = caller.pay()
    assert caller.call(QUERY, {"trade_no": trade})["sub_code"] == "isv.invalid-app-cert-sn"
    app_sn = _serial(issued["app_certificate"])
    caller.extra = {"app_cert_sn": app_sn, "alipay_root_cert_sn": "0" * 32}
    assert caller.call(QUERY, {"trade_no": trade})["sub_code"] == "isv.invalid-alipay-root-cert-sn"
    caller.extra["alipay_root_cert_sn"] = _serial(issued["root_certificate"])
    raw = caller.send(caller.params(QUERY, {"trade_no": trade}, caller.token()))
    assert raw.json()["alipay_cert_sn"] == _serial(issued["alipay_certificate"])
    wallet = x509.load_pem_x509_certificate(issued["alipay_certificate"].encode())
    wallet.verify_directly_issued_by(x509.load_pem_x509_certificate(issued["root_certificate"].encode()))
    caller.gateway_key = wallet.public_key()
    assert caller.read(raw, QUERY)["code"] == "10000"


def _serial(pem: str) -> str:
    import hashlib

    certificate = x509.load_pem_x509_certificate(pem.encode())
    issuer = f"CN={certificate.issuer.rdns[2].rfc4514_string()[3:]},O=Sandbox Wallet,C=CN"
    return hashlib.md5(f"{issuer}{certificate.serial_number}".encode()).hexdigest()


def test_a_picture_is_uploaded_and_its_type_must_be_true(caller):
    method = "alipay.merchant.image.upload"
    png = b"\x89PNG\r\n\x1a\n" + b"\x00\r\n--x\xff" * 50
    fields = {"app_id": caller.APP, "method": method, "charset": "utf-8", "sign_type": "RSA2", "version": "1.0"}
    fields |= {"timestamp": time.strftime("%Y-%m-%d %H:%M:%S"), "image_type": "png"}
    fields["sign"] = base64.b64encode(caller.sign(fields)).decode()
    answer = caller.read(caller.http.post("/gateway.do", data=fields, files={"image_content": ("a.png", png)}), method)
    assert caller.http.get(f"/images/{answer['image_id']}").content == png
    false = caller.http.post("/gateway.do", data=fields, files={"image_content": ("a.png", b"PK\x03\x04")})
    assert caller.read(false, method)["sub_code"] == "isv.invalid-file-extension"
