"""Signing, verifying and certificate serials against what others published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hejie.connectors.alipay.certificates import certificates, leaf, root_serial, serial
from hejie.connectors.alipay.reply import read
from hejie.connectors.alipay.signing import content
from hejie.connectors.rsa import certificate_key, private_key, sign, verifies

HERE = Path(__file__).parents[2] / "contract" / "alipay"
VECTORS = json.loads((HERE / "vectors.json").read_text("utf-8"))


def pem(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def test_a_request_is_signed_as_published() -> None:
    vector = VECTORS["request"]
    assert sign(private_key(VECTORS["private_key"]), content(vector["params"]).encode()) == vector["sign"]


def test_an_empty_parameter_is_not_signed() -> None:
    vector = VECTORS["request"]
    assert content({**vector["params"], "app_auth_token": ""}) == content(vector["params"])


def test_a_published_answer_verifies_on_its_raw_bytes() -> None:
    vector = VECTORS["response"]
    key = certificate_key(leaf(pem("alipay_public.crt")))
    name = vector["method"].replace(".", "_") + "_response"
    body = f'{{"{name}":{vector["node"]},"sign":"{vector["sign"]}"}}'
    assert read(body.encode(), vector["method"], key)["order_id"] == "20231220110070000002150000657610"
    assert not verifies(key, vector["node"].encode(), "A" + vector["sign"])


def test_a_published_notification_verifies_without_its_sign_type() -> None:
    key = certificate_key(leaf(pem("alipay_public.crt")))
    notify = VECTORS["notify"]
    assert verifies(key, content(notify, ("sign", "sign_type")).encode(), notify["sign"])
    assert not verifies(key, content(notify).encode(), notify["sign"])


@pytest.mark.parametrize("name", ["app_public.crt", "app_public_2021001161683774.crt"])
def test_the_serial_of_a_certificate_is_as_published(name: str) -> None:
    assert serial(pem(name)) == VECTORS["serials"][name]


def test_the_serial_of_the_root_file_skips_what_is_not_rsa() -> None:
    assert root_serial(pem("alipay_root.crt")) == VECTORS["serials"]["alipay_root.crt"]
    assert len(certificates(pem("alipay_root.crt"))) < pem("alipay_root.crt").count("BEGIN")
