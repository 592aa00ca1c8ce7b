"""What is published of UnionPay's signing, and tables of what is not believed or not readable."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hejie.base.errors import Refused
from hejie.connectors.rsa import certificate_key
from hejie.connectors.unionpay.codes import Verdict, verdict
from hejie.connectors.unionpay.keys import Chain, believed, read_certificate
from hejie.connectors.unionpay.reply import read_reply
from hejie.connectors.unionpay.signing import keyed_signature, keyed_verifies, rsa_verifies
from hejie.connectors.unionpay.trade import key_of, order_id, paid_stamp

VECTORS = json.loads((Path(__file__).parents[2] / "contract" / "unionpay" / "vectors.json").read_text("utf-8"))
REPLY = VECTORS["reply"]
CERTIFICATE = REPLY["signPubKeyCert"]
CHAIN = Chain(read_certificate(VECTORS["root"]), read_certificate(VECTORS["middle"]), sha1=True)
THEN = datetime(2022, 9, 11, tzinfo=UTC)


@pytest.mark.parametrize("method", ["11", "12"])
def test_a_keyed_signature_is_the_published_one(method: str):
    params = VECTORS["keyed"]["params"] | {"signMethod": method}
    assert keyed_signature(method, b"", params) == VECTORS["keyed"][method]
    assert keyed_verifies(method, b"", params | {"signature": VECTORS["keyed"][method]})
    assert not keyed_verifies(method, b"x", params | {"signature": VECTORS["keyed"][method]})


def test_a_published_answer_is_believed():
    assert rsa_verifies(certificate_key(believed(CERTIFICATE, CHAIN, THEN)), REPLY)


@pytest.mark.parametrize("name", [name for name in REPLY if name != "signature"])
def test_an_answer_with_another_value_is_not(name: str):
    key = certificate_key(believed(CERTIFICATE, CHAIN, THEN))
    assert not rsa_verifies(key, REPLY | {name: REPLY[name] + "1"})
    assert not rsa_verifies(key, {other: value for other, value in REPLY.items() if other != name})


@pytest.mark.parametrize(
    ("chain", "at", "code"),
    [
        (CHAIN, datetime(2020, 1, 1, tzinfo=UTC), "certificate_expired"),
        (CHAIN, datetime(2026, 11, 27, tzinfo=UTC), "certificate_expired"),
        (CHAIN._replace(sha1=False), THEN, "certificate_untrusted"),
        (CHAIN._replace(middle=CHAIN.root), THEN, "certificate_untrusted"),
        (CHAIN._replace(root=CHAIN.middle), THEN, "certificate_untrusted"),
        (Chain(read_certificate(CERTIFICATE), read_certificate(CERTIFICATE), sha1=True), THEN, "certificate_untrusted"),
    ],
)
def test_a_certificate_is_believed_only_under_its_chain_and_in_its_time(chain: Chain, at: datetime, code: str):
    with pytest.raises(Refused, match=code):
        believed(CERTIFICATE, chain, at)


@pytest.mark.parametrize("pem", ["", "-----BEGIN CERTIFICATE-----", VECTORS["middle"]])
def test_another_certificate_is_not_believed(pem: str):
    with pytest.raises(Refused, match="certificate_un"):
        believed(pem, CHAIN, THEN)


def test_an_answer_is_read_as_published():
    told = read_reply(VECTORS["reply_text"])
    assert told["respMsg"] == "查无此交易[2600000]"
    assert (told["respCode"], told["orderId"], len(told)) == ("34", "20160417104527", 13)


def test_braces_and_equals_belong_to_their_value():
    told = read_reply("a={x=1&y=2}&b=[p&q]&c=MIIE==&d=")
    assert told == {"a": "{x=1&y=2}", "b": "[p&q]", "c": "MIIE==", "d": ""}


@pytest.mark.parametrize("text", ["", "a", "=1", "a=1&a=2", "a={&b=2", "a=1&&b=2", "&a=1", "<html></html>"])
def test_what_is_no_answer_is_refused(text: str):
    with pytest.raises(Refused, match="reply_unreadable"):
        read_reply(text)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        *[("00", Verdict.done), ("A6", Verdict.done), ("34", Verdict.absent), ("36", Verdict.no)],
        *[("03", Verdict.open), ("04", Verdict.open), ("05", Verdict.open), ("12", Verdict.open), ("", Verdict.open)],
        *[("99", Verdict.open), ("31", Verdict.mendable)],
    ],
)
def test_a_code_means_no_more_than_is_known(code: str, meaning: Verdict):
    assert verdict(code) is meaning


def test_a_payments_time_is_in_its_number():
    assert paid_stamp(REPLY["queryId"]) == REPLY["txnTime"]


def test_a_refunds_key_travels_without_dashes_and_comes_back():
    key = "330100-01M8CQ4J2K-0Z9Y8X7W6V5T-12"
    assert len(order_id(key)) <= 32
    assert key_of(order_id(key)) == key
    assert key_of("U20261127120000123456") == "U20261127120000123456"
