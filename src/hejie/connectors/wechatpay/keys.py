"""The credentials of one WeChat Pay partner (服务商), and the keys that WeChat Pay answers with."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct

from hejie.base.errors import Refused
from hejie.connectors.rsa import certificate_key, public_key
from hejie.connectors.wechatpay.signing import key_name

_API_KEY_BYTES = 32


class WechatpayKeys(Struct, frozen=True, kw_only=True):
    """One partner's identity.

    WeChat Pay signs with a key that it names by `PUB_KEY_ID_...`, or with platform certificates named by their serial
    number; both may be given at once, and more than one certificate while one takes over from another.
    """

    mchid: str
    serial: str
    """Serial number of the partner's own certificate, hexadecimal."""
    private_key: str
    """PKCS#1 or PKCS#8, PEM or bare base64."""
    api_key: str
    """The APIv3 key: 32 bytes."""
    base_url: str = "https://api.mch.weixin.qq.com"
    public_key_id: str = ""
    public_key: str = ""
    platform_certificates: tuple[str, ...] = ()
    """PEM, each with one certificate."""
    callback_url: str = ""
    """Where WeChat Pay's callbacks reach us, without a query; empty for nowhere."""

    def __repr__(self) -> str:
        """Name the partner only; keys never reach a log."""
        return f"WechatpayKeys(mchid={self.mchid!r})"


def api_key(keys: WechatpayKeys) -> bytes:
    """The APIv3 key's bytes; `Refused("key_unreadable")` unless it has 32."""
    found = keys.api_key.encode()
    if len(found) != _API_KEY_BYTES:
        raise Refused("key_unreadable")
    return found


def verifying_keys(keys: WechatpayKeys) -> dict[str, RSAPublicKey]:
    """The name of a key (`key_name` of `Wechatpay-Serial`) → the key.

    Errors: `Refused("key_unreadable" | "key_not_rsa" | "certificate_unreadable")`; also `key_unreadable` where there is
    none at all, since nothing could be believed then.
    """
    found: dict[str, RSAPublicKey] = {}
    if keys.public_key_id:
        found[key_name(keys.public_key_id)] = public_key(keys.public_key)
    for pem in keys.platform_certificates:
        name, key = certified(pem)
        found[name] = key
    if not found:
        raise Refused("key_unreadable")
    return found


def certified(pem: str, now: datetime | None = None) -> tuple[str, RSAPublicKey]:
    """Name and key of a platform certificate, in force `now` if that is asked.

    Errors: `Refused("key_not_rsa" | "certificate_unreadable" | "certificate_expired")`.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise Refused("certificate_unreadable") from None
    if now is not None and not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Refused("certificate_expired")
    return key_name(f"{certificate.serial_number:X}"), certificate_key(certificate)
