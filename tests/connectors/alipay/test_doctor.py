"""The doctor names what is wrong, one table row for each mistake people make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from tests.connectors.alipay.alipay_wall import APP_ID, NOW, Material, Still, Wall, certificate, private_pem, public_pem

from hejie.connectors.alipay import AlipayKeys
from hejie.connectors.alipay.doctor import Weight, examine, probe
from hejie.connectors.transport import http_client

Change = Callable[[Material], dict[str, str]]


def changed(keys: AlipayKeys, **fields: str) -> AlipayKeys:
    return AlipayKeys(**({name: getattr(keys, name) for name in AlipayKeys.__struct_fields__} | fields))


def bare(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if "-----" not in line)


def encrypted(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode()


def elliptic() -> str:
    return private_pem(ec.generate_private_key(ec.SECP256R1()))


def root(m: Material) -> tuple[rsa.RSAPrivateKey, str]:
    return m.stranger, "root"


def certified(m: Material) -> dict[str, str]:
    return {
        "alipay_public_key": "",
        "app_certificate": certificate(m.own, f"2088-{APP_ID}", root(m)),
        "alipay_certificate": certificate(m.wallet, "alipay", root(m)),
        "root_certificates": certificate(m.stranger, "root", root(m)),
    }


@pytest.mark.parametrize(
    "good",
    [
        lambda m: {},
        lambda m: {"private_key": private_pem(m.own, PrivateFormat.TraditionalOpenSSL)},
        lambda m: {"private_key": bare(private_pem(m.own)), "alipay_public_key": bare(public_pem(m.wallet))},
        lambda m: {"private_key": bare(private_pem(m.own, PrivateFormat.TraditionalOpenSSL))},
        certified,
    ],
)
def test_good_settings_in_every_form_are_silent(material: Material, good: Change) -> None:
    assert examine(changed(material.keys, **good(material)), NOW) == []


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("app_id_shape", lambda m: {"app_id": "2088000000000001x"}),
        ("app_id_shape", lambda m: {"app_id": "２０２１000000000001"}),
        ("gateway_address_shape", lambda m: {"gateway_url": "openapi.alipay.com/gateway.do"}),
        ("gateway_not_encrypted", lambda m: {"gateway_url": "http://127.0.0.1:1/gateway.do"}),
        ("private_key_missing", lambda m: {"private_key": " "}),
        ("private_key_encrypted", lambda m: {"private_key": encrypted(m.own)}),
        ("private_key_unreadable", lambda m: {"private_key": private_pem(m.own)[:400]}),
        ("private_key_is_public", lambda m: {"private_key": public_pem(m.own)}),
        ("private_key_not_rsa", lambda m: {"private_key": elliptic()}),
        ("private_key_short", lambda m: {"private_key": private_pem(rsa.generate_private_key(65537, 1024))}),
        (
            "private_key_mislabelled",
            lambda m: {"private_key": private_pem(m.own).replace("PRIVATE KEY", "RSA PRIVATE KEY")},
        ),
        ("alipay_key_missing", lambda m: {"alipay_public_key": ""}),
        ("alipay_key_is_own", lambda m: {"alipay_public_key": public_pem(m.own)}),
        ("alipay_key_is_private", lambda m: {"alipay_public_key": private_pem(m.own)}),
        ("alipay_key_is_certificate", lambda m: {"alipay_public_key": certificate(m.wallet, "a", root(m))}),
        ("alipay_key_unreadable", lambda m: {"alipay_public_key": "MIIB"}),
        ("two_modes_given", lambda m: certified(m) | {"alipay_public_key": public_pem(m.wallet)}),
        (
            "app_certificate_of_other_key",
            lambda m: certified(m) | {"app_certificate": certificate(m.wallet, f"2088-{APP_ID}", root(m))},
        ),
        (
            "app_certificate_of_other_app",
            lambda m: certified(m) | {"app_certificate": certificate(m.own, "2088-2021000000000009", root(m))},
        ),
        (
            "app_certificate_expired",
            lambda m: certified(m) | {"app_certificate": certificate(m.own, f"2-{APP_ID}", root(m), (-9, -1))},
        ),
        (
            "alipay_certificate_ends_soon",
            lambda m: certified(m) | {"alipay_certificate": certificate(m.wallet, "a", root(m), (-9, 9))},
        ),
        (
            "alipay_certificate_not_yet_valid",
            lambda m: certified(m) | {"alipay_certificate": certificate(m.wallet, "a", root(m), (1, 400))},
        ),
        (
            "alipay_certificate_untrusted",
            lambda m: certified(m) | {"alipay_certificate": certificate(m.wallet, "a", (m.own, "root"))},
        ),
        (
            "alipay_certificate_is_own",
            lambda m: certified(m) | {"alipay_certificate": certificate(m.own, "a", root(m))},
        ),
    ],
)
def test_each_mistake_is_named_alone(material: Material, code: str, bad: Change) -> None:
    found = examine(changed(material.keys, **bad(material)), NOW)
    assert [one.code for one in found] == [code]


def test_half_a_certificate_mode_is_told_with_its_consequences(material: Material) -> None:
    fields = certified(material) | {"root_certificates": "", "alipay_certificate": ""}
    found = {one.code for one in examine(changed(material.keys, **fields), NOW)}
    assert found == {"certificate_mode_incomplete", "alipay_certificate_unreadable", "root_certificates_unusable"}


def test_an_untrusted_chain_only_warns_since_sandboxes_have_their_own_roots(material: Material) -> None:
    fields = certified(material) | {"root_certificates": certificate(material.own, "root", (material.own, "root"))}
    assert [(one.code, one.weight) for one in examine(changed(material.keys, **fields), NOW)] == [
        ("alipay_certificate_untrusted", Weight.warning)
    ]


def served(wall: Wall, seconds: int = 0) -> httpx.AsyncClient:
    date = (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(200, headers={"date": date})
        return wall.handle(request)

    return http_client(transport=httpx.MockTransport(handle))


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (None, {"code": "10000", "total_num": 0}),
        ("own_signature_refused", {"code": "40002", "sub_code": "isv.invalid-signature"}),
        ("app_id_refused", {"code": "40002", "sub_code": "isv.invalid-app-id"}),
        ("wallet_permission_missing", {"code": "40006", "sub_code": "isv.insufficient-isv-permissions"}),
        ("wallet_unreachable", httpx.ConnectError("refused")),
        ("reply_unreadable", httpx.Response(200, text="<html>a portal's page</html>")),
    ],
)
async def test_one_question_tells_whether_the_wallet_knows_us(
    material: Material, wall: Wall, code: str | None, answer: object
) -> None:
    wall.answers.append(answer)
    found = await probe(material.keys, Still(), served(wall))
    assert [one.code for one in found] == ([code] if code else [])


async def test_the_wrong_wallet_key_shows_in_its_answer(material: Material, wall: Wall) -> None:
    wall.says(total_num=0)
    keys = changed(material.keys, alipay_public_key=public_pem(material.stranger))
    assert [one.code for one in await probe(keys, Still(), served(wall))] == ["reply_signature_wrong"]


async def test_a_clock_apart_is_told_in_seconds(material: Material, wall: Wall) -> None:
    wall.says(total_num=0)
    found = await probe(material.keys, Still(), served(wall, 600))
    assert [(one.code, one.facts) for one in found] == [("clock_apart", {"seconds": "600"})]
