"""City and wallet are made known to each other: keys exchanged, addresses told, the connections file written."""

from __future__ import annotations

import secrets
from datetime import time
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hejie.settings import (
    Acquirer,
    AcquirerHours,
    AcquirerKey,
    AlipayApplication,
    CityConnections,
    EmailAccount,
    Exchange,
    National12315,
    SmsAccount,
    TranslationEngine,
    TransparencyLog,
    UnionpayMember,
    WechatpayApplication,
)
from hejie_lab.memory import Memory
from hejie_lab.wallet import SandboxDoor


def introduce(
    sandbox: SandboxDoor,
    folder: Path,
    memory: Memory,
    public_url: str,
    *,
    guest: bool = False,
    exchange: Exchange | None = None,
    log: TransparencyLog | None = None,
) -> Path:
    """Register the city's application in the sandbox and write what the platform needs to reach it; that file.

    Called at every start: addresses may have changed, keys stay. A guest in another city's sandbox has its application
    and its SMS account there; the other wallets and the bank know the sandbox's own city only.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = folder / "application.pem"
    if not private.exists():
        _write_key(private)
    sandbox.load(
        apps=[
            {
                "app_id": memory.app_id,
                "name": "一键和解",
                "public_key": _public(private),
                "notify_url": f"{public_url}/api/{memory.city}/callbacks/alipay/{memory.app_id}",
                "platform_url": public_url,
                "city": memory.city,
            }
        ]
    )
    for name, pem in sandbox.get("public").items():
        (folder / f"{name}.pem").write_text(pem, encoding="ascii")
    account = _sms_account(sandbox, folder, memory.city) if guest else sandbox.get("sms/account")
    sandbox.post(
        "sms/addresses",
        {
            "account": account["account"],
            "url": f"{public_url}/api/{memory.city}/callbacks/sms/{account['account']}",
        },
    )
    connections = CityConnections(
        alipay=AlipayApplication(
            app_id=memory.app_id,
            gateway=f"{sandbox.url}/gateway.do",
            authorise_url=f"{sandbox.url}/oauth2/appToAppAuth.htm",
            private_key=private,
            alipay_public_key=folder / "gateway_public_key.pem",
            entry_key=folder / "entry_public_key.pem",
        ),
        wechatpay=None if guest else _wechatpay(sandbox, folder, private),
        unionpay=None if guest else _unionpay(sandbox, folder),
        acquirers=()
        if guest
        else (_bank(sandbox, folder, private, f"{public_url}/api/{memory.city}/acquirers/{BANK}"),),
        sms=SmsAccount(url=sandbox.url, account=account["account"], secret=account["secret"]),
        email=_mail(sandbox, folder),
        national12315=_national(sandbox, folder, private, memory.city),
        translation=TranslationEngine(url=sandbox.url, **sandbox.get("translation/account")),
        exchange=exchange,
        log=log,
    )
    file = folder / "connections.json"
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode({memory.city: connections}, enc_hook=str))
    return file


WECHAT_PARTNER, WECHAT_SERIAL = "1900000109", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
UNIONPAY_MEMBER = "48021000"
BANK = "48030001"
"""An acquirer that speaks our own interface."""


def _wechatpay(sandbox: SandboxDoor, folder: Path, private: Path) -> WechatpayApplication:
    api_key = _secret(folder / "wechatpay-api-key")
    partner = {"mchid": WECHAT_PARTNER, "serial": WECHAT_SERIAL, "api_key": api_key.read_text("ascii")}
    told = sandbox.post("wechatpay", {"partners": [{**partner, "public_key": _public(private)}]})
    public = folder / "wechatpay_public_key.pem"
    public.write_text(told["public_key"], encoding="ascii")
    return WechatpayApplication(
        app_id=WECHAT_PARTNER,
        serial=WECHAT_SERIAL,
        private_key=private,
        api_key=api_key,
        gateway=sandbox.url,
        public_key_id=told["public_key_id"],
        public_key=public,
        entry_key=folder / "entry_public_key.pem",
    )


def _unionpay(sandbox: SandboxDoor, folder: Path) -> UnionpayMember:
    secret = _secret(folder / "unionpay-secret")
    sandbox.post("unionpay", {"members": [{"member": UNIONPAY_MEMBER, "secret": secret.read_text("ascii")}]})
    return UnionpayMember(
        app_id=UNIONPAY_MEMBER,
        acquirer=UNIONPAY_MEMBER,
        sign_method="11",
        secret=secret,
        gateway=sandbox.url,
        files=f"{sandbox.url}/files",
        entry_key=folder / "entry_public_key.pem",
    )


def _bank(sandbox: SandboxDoor, folder: Path, private: Path, house: str) -> Acquirer:
    own = {"id": BANK, "key_id": "city-1", "public_key": _public(private), "house": house}
    told = sandbox.post("acquirer", {"banks": [own]})
    public = folder / "bank.pem"
    public.write_text(told["public_key"], encoding="ascii")
    return Acquirer(
        id=BANK,
        keys=(AcquirerKey(id=told["key_id"], public_key=public),),
        addresses=("127.0.0.0/8",),
        gateway=f"{sandbox.url}/acquirer/{BANK}",
        key_id="city-1",
        private_key=private,
        hours=AcquirerHours(days=(1, 2, 3, 4, 5, 6, 7), cut_off=time(23, 59, 59)),
    )


def _sms_account(sandbox: SandboxDoor, folder: Path, city: str) -> dict[str, str]:
    account = {"account": f"hejie{city}", "secret": _secret(folder / "sms-secret").read_text("ascii")}
    sandbox.post("sms/accounts", {**account, "templates": ["*"]})
    return account


def _national(sandbox: SandboxDoor, folder: Path, private: Path, city: str) -> National12315:
    told = sandbox.post("national", {"id": city, "key_id": "city-1", "public_key": _public(private)})
    public = folder / "national.pem"
    public.write_text(told["public_key"], encoding="ascii")
    return National12315(
        gateway=f"{sandbox.url}/national/{city}",
        keys=(AcquirerKey(id=told["key_id"], public_key=public),),
        key_id="city-1",
        private_key=private,
    )


def _secret(file: Path) -> Path:
    """A file with a secret of 32 letters, made once."""
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(16), encoding="ascii")
        fresh.replace(file)
    return file


def _mail(sandbox: SandboxDoor, folder: Path) -> EmailAccount:
    told = sandbox.get("email/account")
    password, certificate = folder / "mail-password", folder / "mail.pem"
    password.touch(mode=0o600)
    password.write_text(told["password"], encoding="utf-8")
    certificate.write_text(told["certificate"], encoding="ascii")
    return EmailAccount(
        host=told["host"],
        port=told["port"],
        sender="notice@hejie.example",
        user=told["user"],
        password_file=password,
        ca=certificate,
    )


def _write_key(file: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    fresh.replace(file)


def _public(file: Path) -> str:
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
