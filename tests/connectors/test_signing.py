"""The signing profile: what is accepted, and a table of everything that is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from http_message_signatures import HTTPMessageSigner

from hejie.base.errors import Refused
from hejie.connectors import signing
from hejie.connectors.signing import Answered, Asked, Key

NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
URL = "https://house.example/api/330100/acquirers/48021000/v1/announcements"
NONCE = "nonce-0123456789abcdef"


def texts(bits: int = 2048) -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


PRIVATE, PUBLIC = texts()
OTHER, _ = texts()
SM2_PRIVATE = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
SM2_PUBLIC = (
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)


def own(algorithm: str = "rsa-pss-sha512", text: str = PRIVATE) -> Key:
    return signing.private_key("bank-1", algorithm, text)


def known(algorithm: str = "rsa-pss-sha512", text: str = PUBLIC) -> dict[str, Key]:
    return {"bank-1": signing.public_key("bank-1", algorithm, text)}


def asked(body: bytes | None = b"{}", **changes: object) -> Asked:
    headers = {"content-type": "application/json", "idempotency-key": "key-0123456789abcdef"} if body else {}
    message = Asked("POST" if body else "GET", URL, headers)
    given = {"key": own(), "now": NOW, "nonce": NONCE} | changes
    signing.sign_request(given["key"], message, body, given["now"], given["nonce"])
    return message


@pytest.mark.parametrize(
    ("algorithm", "private", "public"),
    [
        ("rsa-pss-sha512", PRIVATE, PUBLIC),
        ("rsa-v1_5-sha256", PRIVATE, PUBLIC),
        ("sm2-sm3", SM2_PRIVATE, SM2_PUBLIC),
    ],
)
def test_what_was_signed_is_believed_both_ways(algorithm, private, public):
    key, keys = own(algorithm, private), known(algorithm, public)
    for body in (b'{"lines":[]}', None):
        request = asked(body, key=key)
        assert signing.verify_request(keys, request, body, NOW + timedelta(minutes=4)) == NONCE
        answer = Answered(200, request, {"content-type": "application/json"})
        signing.sign_answer(key, answer, b"{}", NOW)
        signing.verify_answer(keys, answer, b"{}", NOW)
        with pytest.raises(Refused, match="digest_wrong"):
            signing.verify_answer(keys, answer, b"{} ", NOW)
        with pytest.raises(Refused, match="signature_wrong"):
            signing.verify_answer(keys, replace(answer, status_code=201), b"{}", NOW)


def test_an_answer_to_another_request_is_none():
    one, other = asked(None), asked(None, nonce="another-0123456789")
    answer = Answered(200, one, {"content-type": "application/json"})
    signing.sign_answer(own(), answer, b"{}", NOW)
    with pytest.raises(Refused, match="signature_wrong"):
        signing.verify_answer(known(), replace(answer, request=other), b"{}", NOW)


def _headers(**more: str | None):
    def change(message: Asked) -> Asked:
        kept = {name.replace("_", "-"): value for name, value in more.items()}
        headers = {name: value for name, value in (message.headers | kept).items() if value is not None}
        return replace(message, headers=headers)

    return change


def _input(old: str, new: str):
    def change(message: Asked) -> Asked:
        told = message.headers["signature-input"]
        assert old in told
        return _headers(signature_input=told.replace(old, new))(message)

    return change


HOSTILE = [
    ("no signature", _headers(signature=None), "signature_missing"),
    ("no input", _headers(signature_input=None), "signature_missing"),
    ("another method", lambda m: replace(m, method="PUT"), "signature_wrong"),
    ("another address", lambda m: replace(m, url=URL.replace("330100", "330200")), "signature_wrong"),
    ("a query", lambda m: replace(m, url=f"{URL}?x=1"), "signature_wrong"),
    ("another host", lambda m: replace(m, url=URL.replace("house", "evil")), "signature_wrong"),
    ("another key's name", _input("bank-1", "bank-2"), "signature_wrong"),
    ("two names", _input(';keyid="bank-1"', ';keyid="bank-1";keyid="bank-1"'), "signature_wrong"),
    ("another algorithm", _input("rsa-pss-sha512", "rsa-v1_5-sha256"), "signature_wrong"),
    ("no algorithm at all", _input(';alg="rsa-pss-sha512"', ""), "signature_wrong"),
    ("another tag", _input("hejie-acquirer", "other"), "signature_wrong"),
    ("another label", _input("hejie=", "other="), "signature_wrong"),
    ("less covered", _input(' "idempotency-key"', ""), "signature_wrong"),
    ("another nonce", _input(NONCE, "nonce-0123456789abcdeg"), "signature_wrong"),
    ("no time", _input(f";created={int(NOW.timestamp())}", ""), "signature_wrong"),
    ("another idempotency key", _headers(idempotency_key="key-0123456789abcdeg"), "signature_wrong"),
    ("no idempotency key", _headers(idempotency_key=None), "signature_wrong"),
    ("another type", _headers(content_type="text/plain"), "signature_wrong"),
    ("another digest", _headers(content_digest="sha-256=:AAAA:"), "signature_wrong"),
    ("garbage", _headers(signature="hejie=:AAAA:"), "signature_wrong"),
    ("no bytes", _headers(signature='hejie="x"'), "signature_wrong"),
    ("broken field", _headers(signature="((("), "signature_wrong"),
    ("long field", _headers(signature_input='hejie=("a" ' * 2000 + ';keyid="bank-1"'), "signature_wrong"),
]


@pytest.mark.parametrize(("change", "code"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_what_was_touched_is_refused(change, code):
    with pytest.raises(Refused, match=code):
        signing.verify_request(known(), change(asked()), b"{}", NOW)


@pytest.mark.parametrize("minutes", [-6, 6, 23 * 60])
def test_what_is_old_or_early_is_refused(minutes):
    with pytest.raises(Refused, match="request_stale"):
        signing.verify_request(known(), asked(), b"{}", NOW + timedelta(minutes=minutes))


def test_another_body_is_refused():
    for body in (b"{ }", b""):
        with pytest.raises(Refused, match="digest_wrong"):
            signing.verify_request(known(), asked(), body, NOW)


def test_a_post_taken_for_a_get_is_refused():
    with pytest.raises(Refused, match="signature_wrong"):
        signing.verify_request(known(), asked(), None, NOW)


def test_another_key_under_the_same_name_is_refused():
    with pytest.raises(Refused, match="signature_wrong"):
        signing.verify_request(known(), asked(key=own(text=OTHER)), b"{}", NOW)


def test_a_key_signs_by_its_own_algorithm_only():
    with pytest.raises(Refused, match="signature_wrong"):
        signing.verify_request(known(), asked(key=own("rsa-v1_5-sha256")), b"{}", NOW)


@pytest.mark.parametrize("nonce", ["short", "x" * 65, "with space 0123456789"])
def test_a_nonce_has_a_form(nonce):
    with pytest.raises(Refused, match="nonce_wrong"):
        signing.verify_request(known(), asked(nonce=nonce), b"{}", NOW)


def test_a_message_without_nonce_is_refused():
    message = Asked("GET", URL, {})
    signer: HTTPMessageSigner = signing._signer(own())
    signer.sign(
        message, key_id="bank-1", created=NOW, label="hejie", tag="hejie-acquirer",
        covered_component_ids=signing.GET_COVERS,
    )  # fmt: skip
    with pytest.raises(Refused, match="nonce_wrong"):
        signing.verify_request(known(), Asked("GET", URL, signing.single(message.headers.items())), None, NOW)


def test_a_header_that_counts_stands_once():
    assert signing.single([("A", "1"), ("a", "2")]) == {"a": "2"}
    for name in ("Signature", "signature-input", "Content-Digest", "idempotency-key", "Content-Type"):
        with pytest.raises(Refused, match="signature_wrong"):
            signing.single([(name, "1"), (name.lower(), "1")])


@pytest.mark.parametrize(
    ("algorithm", "text", "code"),
    [
        ("hmac-sha256", "secret", "sign_method_unknown"),
        ("rsa-pss-sha512", "nonsense", "key_unreadable"),
        ("rsa-pss-sha512", texts(1024)[1], "key_short"),
        ("sm2-sm3", "04" + "00" * 64, "key_unreadable"),
        ("sm2-sm3", SM2_PUBLIC[:-2], "key_unreadable"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(algorithm, text, code):
    with pytest.raises(Refused, match=code):
        signing.public_key("k", algorithm, text)
