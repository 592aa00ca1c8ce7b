"""One call: what goes out, and that whatever is no verified answer is unknown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from tests.connectors.alipay.alipay_wall import APP_ID, Material, Still, Wall, certificate, public_pem

from hejie.base.errors import Refused, Unknown
from hejie.connectors import transport as transports
from hejie.connectors.alipay import Alipay, AlipayKeys, gateway
from hejie.connectors.alipay.signing import content
from hejie.connectors.rsa import public_key, verifies
from hejie.connectors.transport import http_client

PAID = {"trade_no": "1", "trade_status": "TRADE_SUCCESS", "total_amount": "12.50"}


async def test_a_request_carries_beijing_time_and_a_signature_over_all(
    alipay: Alipay, wall: Wall, material: Material
) -> None:
    wall.says(**PAID)
    await alipay.trade("1", "token-of-a-merchant")
    request = wall.requests[0]
    params = dict(request.url.params)
    assert (params["app_id"], params["timestamp"]) == (APP_ID, "2026-03-02 12:05:06")
    assert (params["app_auth_token"], params["sign_type"]) == ("token-of-a-merchant", "RSA2")
    assert "biz_content" not in params
    signed = content({**params, "biz_content": '{"trade_no":"1"}'})
    assert verifies(public_key(public_pem(material.own)), signed.encode(), params["sign"])
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


async def test_certificate_mode_names_both_certificates(
    make: Callable[[AlipayKeys], Alipay], wall: Wall, material: Material
) -> None:
    root = certificate(material.wallet, "root", (material.wallet, "root"))
    keys = AlipayKeys(
        app_id=APP_ID,
        private_key=material.keys.private_key,
        gateway_url=material.keys.gateway_url,
        app_certificate=certificate(material.own, f"2088-{APP_ID}", (material.wallet, "root")),
        alipay_certificate=certificate(material.wallet, "alipay", (material.wallet, "root")),
        root_certificates=root,
    )
    wall.says(**PAID)
    assert (await make(keys).trade("1")).paid_fen == 1250
    params = wall.requests[0].url.params
    assert len(params["app_cert_sn"]) == len(params["alipay_root_cert_sn"]) == 32


async def test_a_picture_goes_as_multipart_and_is_not_signed(alipay: Alipay, wall: Wall, material: Material) -> None:
    wall.says(image_id="IMG1")
    assert await alipay.upload(b"\xff\xd8picture", "jpg") == "IMG1"
    request = wall.requests[0]
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert b'name="image_content"; filename="picture.jpg"' in request.content
    params = dict(request.url.params)
    assert verifies(
        public_key(public_pem(material.own)), content({**params, "image_type": "jpg"}).encode(), params["sign"]
    )


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("wallet_unreachable", httpx.ConnectError("refused")),
        ("wallet_unreachable", httpx.ConnectTimeout("slow")),
        ("wallet_silent", httpx.ReadTimeout("slow")),
        ("wallet_silent", httpx.RemoteProtocolError("hung up")),
        ("wallet_silent", httpx.PoolTimeout("full")),
        ("wallet_unavailable", httpx.Response(502, text="bad gateway")),
        ("wallet_unavailable", httpx.Response(302, headers={"location": "https://elsewhere.test/"})),
        ("wallet_unavailable", {"code": "20000", "sub_code": "isp.unknow-error"}),
        ("wallet_unavailable", {"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR"}),
        ("wallet_unavailable", {"code": "40005", "sub_code": "isv.app-call-limited"}),
        ("wallet_unavailable", {"msg": "no code at all"}),
        ("reply_unreadable", httpx.Response(200, text="<html>")),
        ("reply_unreadable", httpx.Response(200, headers={"content-encoding": "br"}, content=b"x")),
        ("reply_too_large", httpx.Response(200, content=b" " * (gateway.MOST_REPLY + 1))),
    ],
)
async def test_what_is_no_verified_answer_is_unknown(alipay: Alipay, wall: Wall, code: str, answer: object) -> None:
    wall.answers.append(answer)
    with pytest.raises(Unknown) as caught:
        await alipay.trade("1")
    assert caught.value.code == code
    assert len(wall.requests) == 1


async def test_a_drip_of_bytes_ends_with_the_whole_time(monkeypatch: pytest.MonkeyPatch, material: Material) -> None:
    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.001)
                yield b" "

    monkeypatch.setattr(transports, "_WHOLE_SECONDS", 0.05)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))
    with pytest.raises(Unknown) as caught:
        await Alipay(material.keys, Still(), http_client(transport=transport)).trade("1")
    assert caught.value.code == "wallet_silent"


@pytest.mark.parametrize(
    ("code", "wallet_code", "sub_code"),
    [
        ("authority_invalid", "20001", "aop.invalid-app-auth-token"),
        ("authority_invalid", "20001", "aop.something-new"),
        ("own_signature_refused", "40002", "isv.invalid-signature"),
        ("app_id_refused", "40002", "isv.invalid-app-id"),
        ("certificate_refused", "40002", "isv.invalid-app-cert-sn"),
        ("clock_refused", "40002", "isv.invalid-timestamp"),
        ("wallet_parameter_refused", "40001", "isv.missing-method"),
        ("wallet_permission_missing", "40006", "isv.insufficient-isv-permissions"),
        ("wallet_refused", "40004", "ACQ.SOMETHING_NEW"),
    ],
)
async def test_a_signed_no_is_refused_by_our_word(
    alipay: Alipay, wall: Wall, code: str, wallet_code: str, sub_code: str
) -> None:
    wall.says(wallet_code, sub_code=sub_code)
    with pytest.raises(Refused) as caught:
        await alipay.trade("1")
    assert (caught.value.code, caught.value.facts) == (code, {"said": sub_code})


async def test_a_sub_code_that_is_no_code_is_not_repeated(alipay: Alipay, wall: Wall) -> None:
    wall.says("40004", sub_code="13800000000 <script>")
    with pytest.raises(Refused) as caught:
        await alipay.trade("1")
    assert caught.value.facts == {"said": ""}


async def test_neither_log_nor_error_nor_representation_holds_a_secret(
    alipay: Alipay, wall: Wall, material: Material, caplog: pytest.LogCaptureFixture
) -> None:
    wall.answers.append(httpx.Response(500))
    with caplog.at_level(logging.DEBUG), pytest.raises(Unknown) as caught:
        await alipay.trade("1", "token-of-a-merchant")
    assert "token-of-a-merchant" not in caplog.text + str(caught.value)
    assert "PRIVATE" not in repr(material.keys)


@pytest.mark.parametrize("field", ["private_key", "alipay_public_key"])
def test_unusable_keys_are_refused_when_built(
    make: Callable[[AlipayKeys], Alipay], material: Material, field: str
) -> None:
    given = {name: getattr(material.keys, name) for name in AlipayKeys.__struct_fields__}
    with pytest.raises(Refused, match="key_unreadable"):
        make(AlipayKeys(**(given | {field: "not a key"})))
