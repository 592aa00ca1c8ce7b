"""What a process needs to run, read once from its environment; what a city decides lies in the database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct


class SettingsError(Exception):
    """A setting is missing or wrong; the sentence names it."""


class AlipayApplication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One city's application at Alipay: where it is and where its keys lie (paths)."""

    app_id: str
    gateway: str
    private_key: Path
    alipay_public_key: Path | None = None
    app_certificate: Path | None = None
    alipay_certificate: Path | None = None
    root_certificate: Path | None = None
    entry_key: Path
    """The wallet's public key for entry links."""
    authorise_url: str = "https://openauth.alipay.com/oauth2/appToAppAuth.htm"
    """The wallet's page on which a merchant authorises this application."""


class WechatpayApplication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One city's partner account (服务商) at WeChat Pay: where it is and where its keys lie (paths)."""

    app_id: str
    """The partner's merchant number (`sp_mchid`)."""
    serial: str
    """Serial number of the partner's certificate, hexadecimal."""
    private_key: Path
    api_key: Path
    """The APIv3 key, 32 bytes."""
    gateway: str = "https://api.mch.weixin.qq.com"
    public_key_id: str = ""
    public_key: Path | None = None
    platform_certificates: tuple[Path, ...] = ()
    entry_key: Path
    """The public key for entry links."""


class UnionpayMember(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One city's access to UnionPay's online gateway: where it is and where its keys lie (paths)."""

    app_id: str
    """What callbacks and entry links call this access: the acquirer's number, or the merchant's own."""
    access_type: Literal["0", "1", "2"] = "1"
    acquirer: str = ""
    sign_method: Literal["01", "11", "12"] = "01"
    certificate: Path | None = None
    private_key: Path | None = None
    secret: Path | None = None
    root_certificate: Path | None = None
    middle_certificate: Path | None = None
    gateway: str = "https://gateway.95516.com"
    files: str = "https://filedownload.95516.com"
    sha1_chain: bool = False
    """Whether UnionPay's certificates may be signed with SHA-1, as those of its test environment are."""
    voids: bool = False
    """Whether a payment that goes back whole on its clearing day is voided instead of refunded."""
    entry_key: Path
    """The public key for entry links."""


class AcquirerKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One public key of an acquirer, by the name its messages carry."""

    id: str
    algorithm: Literal["rsa-pss-sha512", "rsa-v1_5-sha256", "sm2-sm3"] = "rsa-pss-sha512"
    public_key: Path


class AcquirerHours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a bank is open, Shanghai time; days 1 (Monday) to 7."""

    opens: time = time(9)
    closes: time = time(17)
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    cut_off: time = time(23)
    """What comes from this time on counts for the next business day."""
    holidays: tuple[tuple[date, date], ...] = ()
    """Ranges of free days, each with its first and last one."""
    workdays: tuple[date, ...] = ()
    """Days worked in exchange for free ones."""


class Acquirer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One acquirer, aggregator or clearing house that speaks our own interface (docs/protocol/acquirer.md)."""

    id: str
    """Its number: letters and digits, at most 32."""
    name: str = ""
    """What people call it; its number where nothing is given."""
    numbers: tuple[str, ...] = ()
    """Further acquirer numbers it may speak for."""
    keys: tuple[AcquirerKey, ...]
    addresses: tuple[str, ...] = ()
    """Networks its calls may come from; none listed, none may."""
    gateway: str = ""
    """Where it is asked; empty where it only announces."""
    key_id: str = ""
    """What our own key is called there."""
    private_key: Path | None = None
    algorithm: Literal["rsa-pss-sha512", "rsa-v1_5-sha256", "sm2-sm3"] = "rsa-pss-sha512"
    """Of our own key."""
    hours: AcquirerHours = AcquirerHours()


class SmsAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account at the SMS provider."""

    url: str
    account: str
    secret: str


class EmailAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account at the mail server; there is no way to use it unencrypted."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls"] = "starttls"
    """STARTTLS is demanded, or TLS from the first byte (port 465)."""
    sender: str
    """The address that e-mails come from."""
    user: str = ""
    """Empty for a server that asks for no sign-in."""
    password_file: Path = Path()
    ca: Path | None = None
    """Certificates (PEM) to trust instead of the system's."""


class TranslationEngine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account at a translation engine of the operator's choice; without one, nothing is translated or sent out."""

    url: str
    account: str
    secret: str


class National12315(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whoever takes hand-offs for the national 12315 platform by our own interface (docs/protocol/12315.md)."""

    gateway: str
    keys: tuple[AcquirerKey, ...]
    """Its public keys."""
    key_id: str
    """What our own key is called there."""
    private_key: Path
    algorithm: Literal["rsa-pss-sha512", "rsa-v1_5-sha256", "sm2-sm3"] = "rsa-pss-sha512"
    """Of our own key."""


class LogPeer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A log or witness outside the alliance, by the public keys it gave us (`name+id+key`); members need no line."""

    log: str = ""
    """The key of its log; empty if we do not cosign that."""
    witness: str = ""
    """The key by which it cosigns; empty if it does not cosign ours."""
    url: str = ""
    """Where its witness is asked, such as `https://hejie.example/api/510100/witness`."""
    plain: bool = False
    """Whether it offers nothing but tlog-witness: it is asked to cosign, never what it has seen."""


class TransparencyLog(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One city's log for everybody (docs/protocol/transparency.md)."""

    name: str
    """Its public address without `https://`, such as `hejie.example/330100/log`; never changed."""
    private_key: Path
    """An Ed25519 key (PEM), used for nothing else."""
    next_key: Path | None = None
    """The key that is to take its place: both sign until every member knows it."""
    peers: tuple[LogPeer, ...] = ()


class Exchange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A city's part in the exchange with other cities: where its keys lie (docs/protocol/exchange.md)."""

    signing_keys: tuple[Path, ...]
    """Ed25519 (PEM); the first that the directory lists signs, so that one can take another's place."""
    opening_keys: tuple[Path, ...]
    """X25519 (PEM); an older one stays while letters sealed to it may come."""
    keepers: tuple[str, ...]
    """Public keys (base64) of those who may sign the very first directory."""


class CityConnections(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One city's outside connections, from the connections file."""

    alipay: AlipayApplication | None = None
    wechatpay: WechatpayApplication | None = None
    unionpay: UnionpayMember | None = None
    acquirers: tuple[Acquirer, ...] = ()
    sms: SmsAccount | None = None
    email: EmailAccount | None = None
    translation: TranslationEngine | None = None
    national12315: National12315 | None = None
    log: TransparencyLog | None = None
    exchange: Exchange | None = None

    @property
    def wallets(self) -> dict[str, AlipayApplication | WechatpayApplication | UnionpayMember]:
        """The wallets this city is connected to, by name."""
        named = {"alipay": self.alipay, "wechatpay": self.wechatpay, "unionpay": self.unionpay}
        return {name: found for name, found in named.items() if found}


class Settings(Struct, frozen=True, kw_only=True):
    """The process's own settings; every name is the variable's, without `HEJIE_`."""

    database_url: str
    keys: Path
    """Folder of the cities' key files (CITY.json, mode 0600)."""
    connections: Path | None = None
    """JSON file: city code → its outside connections."""
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: str = "127.0.0.1"
    """Addresses (comma-separated) whose `X-Forwarded-For` and `-Proto` are believed: the limits count by visitor."""
    clock: Literal["system", "database"] = "system"
    """`database`: the system's time plus the offset that lies in the database."""
    log_level: str = "info"
    pool_size: int = 10
    resolve_seconds: tuple[int, ...] = (10, 60, 300, 600, 1800, 3600, 7200)
    """When an unknown refund is asked for again, counted from the answer before."""
    retry_seconds: tuple[int, ...] = (1, 5, 15, 60, 300, 900, 3600, 7200, 14400, 28800)
    """Back-off of other work; after the last it is parked and becomes a work item."""
    lease_seconds: int = 60


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `HEJIE_*` variables.

    Errors: `SettingsError` names what is missing or wrong.
    """
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    given: dict[str, object] = {}
    for name, text in environment.items():
        field = name.removeprefix("HEJIE_").lower()
        if name.startswith("HEJIE_") and field in known:
            given[field] = text.split(",") if field.endswith("_seconds") and "," in text else text
    for name in ("database_url", "keys"):
        if name not in given:
            raise SettingsError(f"HEJIE_{name.upper()} is not set")
    try:
        return msgspec.convert(given, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a HEJIE_ setting is wrong: {error}") from error


def read_connections(file: Path | None) -> dict[str, CityConnections]:
    """The outside connections of every city, empty without a file; `SettingsError` if it cannot be read."""
    if file is None:
        return {}
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, CityConnections], dec_hook=_decode)
    except (OSError, msgspec.DecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error
    return found


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
