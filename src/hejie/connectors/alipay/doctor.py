"""Tells what is wrong with an application's keys and settings, before and by one harmless question."""

from __future__ import annotations

import email.utils
import re
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID
from msgspec import Struct

from hejie.base.clock import Clock
from hejie.base.errors import HejieError, Refused
from hejie.connectors.alipay import Alipay
from hejie.connectors.alipay.certificates import certificates, leaf, root_serial
from hejie.connectors.alipay.keys import AlipayKeys
from hejie.connectors.rsa import certificate_key, der, private_key, public_key

_APP_ID = re.compile(r"[0-9]{16}", re.ASCII)
_BITS = 2048
_SOON = timedelta(days=30)
_SKEW = timedelta(minutes=5)
_ASKED = timedelta(hours=1)


class Weight(StrEnum):
    """How bad a finding is."""

    wrong = "wrong"
    warning = "warning"


class Finding(Struct, frozen=True):
    """One thing found, as a code that portals and the command line put into words."""

    code: str
    weight: Weight = Weight.wrong
    facts: dict[str, str] = {}


def examine(keys: AlipayKeys, now: datetime) -> list[Finding]:
    """Everything that can be told from the settings alone, at the instant `now`; empty if all is well."""
    found = _settings(keys)
    own, told = _own_key(keys)
    found += told
    if keys.certified:
        return found + _certificates(keys, own, now)
    return found + _alipay_key(keys, own)


def _settings(keys: AlipayKeys) -> list[Finding]:
    found = []
    if not _APP_ID.fullmatch(keys.app_id):
        found.append(Finding("app_id_shape"))
    url = urlsplit(keys.gateway_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        found.append(Finding("gateway_address_shape"))
    elif url.scheme == "http":
        found.append(Finding("gateway_not_encrypted", Weight.warning, {"host": url.hostname}))
    given = [bool(text) for text in (keys.app_certificate, keys.alipay_certificate, keys.root_certificates)]
    if any(given) and not all(given):
        found.append(Finding("certificate_mode_incomplete"))
    if all(given) and keys.alipay_public_key:
        found.append(Finding("two_modes_given", Weight.warning))
    return found


def _own_key(keys: AlipayKeys) -> tuple[RSAPublicKey | None, list[Finding]]:
    """The public half of the private key, and what is wrong with the private key."""
    text = keys.private_key
    if not text.strip():
        return None, [Finding("private_key_missing")]
    if "ENCRYPTED" in text:
        return None, [Finding("private_key_encrypted")]
    try:
        own = private_key(text).public_key()
    except Refused as error:
        code = "private_key_not_rsa" if error.code == "key_not_rsa" else "private_key_unreadable"
        return None, [Finding("private_key_is_public" if _public(text) else code)]
    found = []
    if own.key_size < _BITS:
        found.append(Finding("private_key_short", facts={"bits": str(own.key_size)}))
    # PKCS#1 starts with its version and the modulus; PKCS#8 holds an algorithm identifier instead.
    form = "PKCS#8" if b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" in der(text)[:32] else "PKCS#1"
    if "BEGIN" in text and ("BEGIN RSA" in text) != (form == "PKCS#1"):
        found.append(Finding("private_key_mislabelled", Weight.warning, {"form": form}))
    return own, found


def _public(text: str) -> RSAPublicKey | None:
    try:
        return public_key(text)
    except Refused:
        return None


def _alipay_key(keys: AlipayKeys, own: RSAPublicKey | None) -> list[Finding]:
    text = keys.alipay_public_key
    if not text.strip():
        return [Finding("alipay_key_missing")]
    if "BEGIN CERTIFICATE" in text:
        return [Finding("alipay_key_is_certificate")]
    key = _public(text)
    if key is None:
        try:
            private_key(text)
        except Refused:
            return [Finding("alipay_key_unreadable")]
        return [Finding("alipay_key_is_private")]
    if key == own:
        return [Finding("alipay_key_is_own")]
    return []


def _certificates(keys: AlipayKeys, own: RSAPublicKey | None, now: datetime) -> list[Finding]:
    found: list[Finding] = []
    for name, pem in (("app", keys.app_certificate), ("alipay", keys.alipay_certificate)):
        try:
            certificate = leaf(pem)
            key = certificate_key(certificate)
        except Refused:
            found.append(Finding(f"{name}_certificate_unreadable"))
            continue
        found += _dates(name, certificate, now)
        if name == "app" and own is not None and key != own:
            found.append(Finding("app_certificate_of_other_key"))
        if name == "app" and not _names(certificate, keys.app_id):
            found.append(Finding("app_certificate_of_other_app"))
        if name == "alipay" and key == own:
            found.append(Finding("alipay_certificate_is_own"))
    return found + _chain(keys)


def _dates(name: str, certificate: x509.Certificate, now: datetime) -> list[Finding]:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begin:
        return [Finding(f"{name}_certificate_not_yet_valid", facts={"from": begin.isoformat()})]
    if now > end:
        return [Finding(f"{name}_certificate_expired", facts={"until": end.isoformat()})]
    if now > end - _SOON:
        return [Finding(f"{name}_certificate_ends_soon", Weight.warning, {"until": end.isoformat()})]
    return []


def _names(certificate: x509.Certificate, app_id: str) -> bool:
    """Alipay names an application's certificate `<account>-<app id>`."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return any(str(name.value).endswith(app_id) for name in names)


def _chain(keys: AlipayKeys) -> list[Finding]:
    """Whether Alipay's certificate leads up to one of the given roots."""
    try:
        root_serial(keys.root_certificates)
    except Refused:
        return [Finding("root_certificates_unusable")]
    roots, chain = certificates(keys.root_certificates), certificates(keys.alipay_certificate)
    for child, parent in pairwise(chain):
        if not _issued(child, parent):
            return [Finding("alipay_certificate_untrusted", Weight.warning)]
    if chain and not any(_issued(chain[-1], root) for root in roots):
        return [Finding("alipay_certificate_untrusted", Weight.warning)]
    return []


def _issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


async def probe(keys: AlipayKeys, clock: Clock, client: httpx.AsyncClient) -> list[Finding]:
    """Ask the gateway for the cases of the last hour: its answer tells both signatures, clock and permission.

    Shapes as `examine`, which should be clean first; nothing is changed at the wallet.
    """
    found = await _skew(keys, clock, client)
    now = clock.now()
    try:
        await Alipay(keys, clock, client).cases(now - _ASKED, now, 1)
    except HejieError as error:
        said = {name: str(value) for name, value in error.facts.items() if value}
        return [*found, Finding(error.code, facts=said)]
    return found


async def _skew(keys: AlipayKeys, clock: Clock, client: httpx.AsyncClient) -> list[Finding]:
    """How far our clock is from the Date of the gateway's machine; silence is told by the question that follows."""
    try:
        told = (await client.head(keys.gateway_url)).headers.get("date", "")
        apart = email.utils.parsedate_to_datetime(told) - clock.now()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError):
        return []
    if abs(apart) <= _SKEW:
        return []
    return [Finding("clock_apart", facts={"seconds": str(round(apart.total_seconds()))})]
