"""What is published of WeChat Pay's signing and sealing, and a table of what is not believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hejie.base.errors import Refused
from hejie.connectors.rsa import private_key, sign
from hejie.connectors.wechatpay.signing import Sealed, key_name, message, unsealed, verified

VECTORS = json.loads((Path(__file__).parents[2] / "contract" / "wechatpay" / "vectors.json").read_text("utf-8"))
NOW = datetime(2026, 11, 27, 4, 5, 6, tzinfo=UTC)
KEY = rsa.generate_private_key(65537, 2048)


def test_a_signature_is_the_published_one():
    told = VECTORS["signing"]
    assert sign(private_key(told["private_key"]), told["text"].encode()) == told["signature"]


def test_a_sealed_text_opens_as_published():
    told = VECTORS["sealing"]
    sealed = Sealed("AEAD_AES_256_GCM", told["ciphertext"], told["nonce"], told["associated_data"])
    assert unsealed(told["key"].encode(), sealed) == told["plain"].encode()


@pytest.mark.parametrize(
    "other",
    [
        {"algorithm": "AEAD_AES_128_GCM"},
        {"ciphertext": "invalid cipher"},
        {"ciphertext": "SGVsbG8gV29ybGQK"},
        {"ciphertext": ""},
        {"nonce": "wCq51qZv4Yfh"},
        {"nonce": "short"},
        {"associated_data": "other"},
    ],
)
def test_nothing_else_opens(other):
    told = {name: VECTORS["sealing"][name] for name in ("ciphertext", "nonce", "associated_data")}
    with pytest.raises(Refused, match="callback_unreadable"):
        unsealed(VECTORS["sealing"]["key"].encode(), Sealed(**({"algorithm": "AEAD_AES_256_GCM"} | told | other)))


def headers(body: bytes, at: datetime = NOW, **other: str) -> dict[str, str]:
    timestamp, nonce = str(int(at.timestamp())), "c5ac7061fccab6bf3e254dcf98995b8c"
    signed = {
        "wechatpay-timestamp": timestamp,
        "wechatpay-nonce": nonce,
        "wechatpay-serial": "PUB_KEY_ID_01",
        "wechatpay-signature": sign(KEY, message(timestamp, nonce, body.decode())),
    }
    return signed | other


@pytest.mark.parametrize("told", ["0FAB", "fab", "00000FAB"])
def test_a_serial_number_is_the_same_with_zeros_before_it_and_in_either_case(told):
    body = b"{}"
    assert verified({key_name("FAB"): KEY.public_key()}, headers(body, **{"wechatpay-serial": told}), body, NOW) == NOW


@pytest.mark.parametrize("skew", [timedelta(), timedelta(minutes=5), -timedelta(minutes=5)])
def test_a_fresh_one_is_believed(skew):
    body = '{"code":"片儿川"}'.encode()
    assert verified({"PUB_KEY_ID_01": KEY.public_key()}, headers(body, NOW + skew), body, NOW) == NOW + skew


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("callback_stale", headers(b"{}", NOW - timedelta(minutes=5, seconds=1))),
        ("callback_stale", headers(b"{}", NOW + timedelta(minutes=5, seconds=1))),
        ("callback_stale", headers(b"{}", datetime(2020, 1, 1, tzinfo=UTC))),
        ("signature_wrong", headers(b"{} ")),
        ("signature_wrong", headers(b"{}", **{"wechatpay-nonce": "other"})),
        ("signature_wrong", headers(b"{}", **{"wechatpay-timestamp": "1"})),
        ("signature_wrong", headers(b"{}", **{"wechatpay-signature": "no base64!"})),
        ("signature_key_unknown", headers(b"{}", **{"wechatpay-serial": "PUB_KEY_ID_02"})),
        ("signature_missing", headers(b"{}", **{"wechatpay-serial": ""})),
        ("signature_missing", {}),
    ],
)
def test_anything_else_is_not(code, told):
    with pytest.raises(Refused) as refused:
        verified({"PUB_KEY_ID_01": KEY.public_key()}, told, b"{}", NOW)
    assert refused.value.code == code
