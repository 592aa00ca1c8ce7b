"""Passkeys against an authenticator in software that makes and signs what a browser would send."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge import passkeys
from hejie.edge.members import Member
from hejie.store.pool import city_transaction

CITY, OTHER = "330100", "310000"
ORIGIN = "http://hejie.test"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One key on P-256; `verifies` says whether it asks its person for a gesture."""

    def __init__(self, *, verifies: bool = True) -> None:
        self.key, self.id, self.uses = ec.generate_private_key(ec.SECP256R1()), os.urandom(16), 0
        self.flags = PRESENT | (VERIFIED if verifies else 0)

    def _client(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()

    def _data(self, host: str, flags: int, more: bytes = b"") -> bytes:
        self.uses += 1
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big") + more

    def _told(self, client: bytes, **parts: bytes) -> str:
        response = {name: bytes_to_base64url(value) for name, value in {"clientDataJSON": client, **parts}.items()}
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

    def create(self, options: dict[str, Any], origin: str = ORIGIN) -> str:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], self.flags | ATTESTED, attested)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._told(self._client("webauthn.create", options, origin), attestationObject=attestation)

    def get(self, options: dict[str, Any], origin: str = ORIGIN) -> str:
        client, data = self._client("webauthn.get", options, origin), self._data(options["rpId"], self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._told(client, authenticatorData=data, signature=signature, userHandle=b"m1")


@pytest.fixture
async def member(house) -> Member:
    async with city_transaction(house.pool, CITY) as connection:
        await connection.execute(
            "insert into member (city, id, login, display_name, password, role, organisation)"
            " values (%s, 'm1', 'wang', '王', '', 'officer', '330106')",
            [CITY],
        )
    return Member(id="m1", login="wang", display_name="王", role=Role.officer, organisation="330106")


async def register(house, member: Member, device: Authenticator, origin: str = ORIGIN) -> None:
    async with city_transaction(house.pool, CITY) as connection:
        options = json.loads(await passkeys.registration_options(connection, house, CITY, member))
        assert options["authenticatorSelection"]["userVerification"] == "required"
        await passkeys.register(connection, house, CITY, member, "laptop", device.create(options, origin))


async def enter(house, answer: str, role: Role = Role.officer) -> Member:
    async with city_transaction(house.pool, CITY) as connection:
        return await passkeys.sign_in(connection, house, CITY, answer, role)


async def refused(house, answer: str, **given: Role) -> str:
    with pytest.raises(Refused) as caught:
        await enter(house, answer, **given)
    return caught.value.code


def options(house, city: str = CITY) -> dict[str, Any]:
    asked: dict[str, Any] = json.loads(passkeys.sign_in_options(house, city))
    return asked


async def test_a_registered_key_signs_its_member_in_and_an_answer_works_once(house, member):
    device = Authenticator()
    await register(house, member, device)
    answer = device.get(options(house))
    assert await enter(house, answer) == member
    assert await refused(house, answer) == "passkey_wrong"
    assert await enter(house, device.get(options(house))) == member
    assert "allowCredentials" not in options(house) or options(house)["allowCredentials"] == []


async def test_what_is_not_ours_or_not_verified_is_wrong(house, member):
    device, careless, stranger = Authenticator(), Authenticator(verifies=False), Authenticator()
    await register(house, member, device)
    asked = options(house)
    assert await refused(house, device.get(asked, "http://evil.example")) == "passkey_wrong"
    assert await refused(house, device.get(asked | {"rpId": "evil.example"})) == "passkey_wrong"
    assert await refused(house, device.get(options(house, OTHER))) == "passkey_wrong"
    made_up = asked | {"challenge": bytes_to_base64url(os.urandom(36))}
    assert await refused(house, device.get(made_up)) == "passkey_wrong"
    assert await refused(house, stranger.get(asked)) == "passkey_wrong"
    assert await refused(house, device.get(asked), role=Role.merchant) == "passkey_wrong"
    device.uses = 0
    assert await refused(house, device.get(asked)) == "passkey_wrong", "a copied key counts anew"
    with pytest.raises(Refused, match="passkey_wrong"):
        await register(house, member, careless)
    with pytest.raises(Refused, match="passkey_wrong"):
        await register(house, member, stranger, "http://evil.example")
    with pytest.raises(Refused, match="passkey_taken"):
        await register(house, member, device)
    device.uses = 50
    device.flags = PRESENT
    assert await refused(house, device.get(asked)) == "passkey_wrong", "nobody was asked for a gesture"


async def test_a_challenge_ends_after_five_minutes(house, member, monkeypatch):
    device = Authenticator()
    await register(house, member, device)
    asked = options(house)
    body = base64url_to_bytes(asked["challenge"])[:-16]
    old = body[:16] + (int.from_bytes(body[16:], "big") - 301).to_bytes(4, "big")
    tag = passkeys._tag(house, CITY, old)
    assert await refused(house, device.get(asked | {"challenge": bytes_to_base64url(old + tag)})) == "passkey_wrong"


GARBAGE = ("", "[]", "{}", '{"response": {"clientDataJSON": 1}}', '{"rawId": "é"}', "x" * 99999)


@pytest.mark.parametrize("answer", GARBAGE)
async def test_garbage_is_unreadable(house, member, answer):
    assert await refused(house, answer) == "passkey_unreadable"
