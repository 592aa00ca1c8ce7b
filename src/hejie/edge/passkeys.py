"""Passkeys (WebAuthn level 3) with user verification: possession and the person's gesture are both factors."""

from __future__ import annotations

import hmac
import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from psycopg import errors
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hejie.base.actor import Role
from hejie.base.clock import SystemClock
from hejie.base.errors import Missing, Refused
from hejie.base.strict_json import strict_json
from hejie.edge import nonces
from hejie.edge.house import House
from hejie.edge.members import Member, read_member
from hejie.store.pool import Connection

MOST_BYTES = 64 * 1024
_REAL = SystemClock()
_LIFE = timedelta(minutes=5)
_WHEN = struct.Struct(">I")
_CHANCE, _TAG = 16, 16
_DEPTH = 8


async def registration_options(connection: Connection, house: House, city: str, member: Member) -> str:
    """JSON for `navigator.credentials.create`: a discoverable key that verifies its user."""
    cursor = await connection.execute(
        "select credential from passkey where city = %s and member = %s", [city, member.id]
    )
    known = [PublicKeyCredentialDescriptor(id=row[0]) for row in await cursor.fetchall()]
    options = generate_registration_options(
        rp_id=_host(house),
        rp_name="Hejie",
        user_name=member.login,
        user_display_name=member.display_name,
        user_id=member.id.encode(),
        challenge=_challenge(house, city),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=known,
    )
    return options_to_json(options)


async def register(connection: Connection, house: House, city: str, member: Member, name: str, answer: str) -> None:
    """Keep the key that the browser made.

    Errors: `Refused` with `passkey_wrong`, `passkey_unreadable`, `passkey_taken`.
    """
    challenge = await _spent(connection, house, city, answer)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(house),
            expected_origin=_origin(house),
            require_user_verification=True,
        )
    except WebAuthnException:
        raise Refused("passkey_wrong") from None
    try:
        await connection.execute(
            "insert into passkey (city, credential, member, public_key, sign_count, name)"
            " values (%s, %s, %s, %s, %s, %s)",
            [city, made.credential_id, member.id, made.credential_public_key, made.sign_count, name],
        )
    except errors.UniqueViolation:
        raise Refused("passkey_taken") from None


def sign_in_options(house: House, city: str) -> str:
    """JSON for `navigator.credentials.get`; it names no account, so it tells nobody who has one."""
    options = generate_authentication_options(
        rp_id=_host(house),
        challenge=_challenge(house, city),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


async def sign_in(connection: Connection, house: House, city: str, answer: str, role: Role) -> Member:
    """The account whose key answered; `Refused` with `passkey_wrong` or `passkey_unreadable`."""
    challenge = await _spent(connection, house, city, answer)
    credential = _bytes_at(answer, "rawId")
    cursor = await connection.execute(
        "select member, public_key, sign_count from passkey where city = %s and credential = %s for update",
        [city, credential],
    )
    row: Any = await cursor.fetchone()
    if row is None:
        raise Refused("passkey_wrong")
    try:
        seen = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(house),
            expected_origin=_origin(house),
            credential_public_key=row[1],
            credential_current_sign_count=row[2],
            require_user_verification=True,
        )
        member = await read_member(connection, city, row[0])
    except (WebAuthnException, Missing):
        raise Refused("passkey_wrong") from None
    if member.role is not role:
        raise Refused("passkey_wrong")
    await connection.execute(
        "update passkey set sign_count = %s where city = %s and credential = %s",
        [seen.new_sign_count, city, credential],
    )
    return member


def _challenge(house: House, city: str) -> bytes:
    """Chance, expiry and a tag: known again as ours without being stored."""
    body = house.chance(_CHANCE) + _WHEN.pack(int((_REAL.now() + _LIFE).timestamp()))
    return body + _tag(house, city, body)


def _tag(house: House, city: str, body: bytes) -> bytes:
    return house.vaults(city).link_tag(f"passkey\0{body.hex()}")


async def _spent(connection: Connection, house: House, city: str, answer: str) -> bytes:
    """The challenge an answer is for, if it is ours, fresh, and was never answered before."""
    challenge = _bytes_at(_bytes_at(answer, "response", "clientDataJSON").decode(errors="replace"), "challenge")
    body, tag = challenge[:-_TAG], challenge[-_TAG:]
    if len(body) != _CHANCE + _WHEN.size or not hmac.compare_digest(tag, _tag(house, city, body)):
        raise Refused("passkey_wrong")
    ends_at = datetime.fromtimestamp(_WHEN.unpack(body[_CHANCE:])[0], UTC)
    if not await nonces.spend(connection, city, "passkey", body.hex(), ends_at) or ends_at <= _REAL.now():
        raise Refused("passkey_wrong")
    return challenge


def _bytes_at(text: str, *names: str) -> bytes:
    """The base64url bytes at a place of a JSON text from the browser; `Refused("passkey_unreadable")`."""
    try:
        found: Any = strict_json(text.encode(), MOST_BYTES, _DEPTH)
        for name in names:
            found = found[name]
        return base64url_to_bytes(found)
    except (Refused, KeyError, TypeError, AttributeError, ValueError):
        raise Refused("passkey_unreadable") from None


def _host(house: House) -> str:
    return urlsplit(house.settings.public_url).hostname or ""


def _origin(house: House) -> str:
    parts = urlsplit(house.settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"
