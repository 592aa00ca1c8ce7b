"""The city's connections: what house and sandbox tell one another before anything happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support.sandbox import SandboxServer
from tests.support.who import (
    ACCOUNT,
    APP_ID,
    BANK,
    BANK_MERCHANT,
    CITY,
    CODE,
    NAME,
    PARTNER,
    UNIONPAY_ACCOUNT,
    UNIONPAY_MEMBER,
    USER,
    WECHAT_ACCOUNT,
)


def mail_account(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """The house's side of the sandbox's mail server."""
    (folder / "mail-password").write_text(told.pop("password"))
    (folder / "mail.pem").write_text(told.pop("certificate"))
    files = {"password_file": str(folder / "mail-password"), "ca": str(folder / "mail.pem")}
    return {**told, **files, "sender": "notice@hejie.example"}


def _bank(folder: Path, wallet: SandboxServer, public: str, house: str) -> dict[str, Any]:
    """Register the city at a bank, and write the house's side of it."""
    told = wallet.post(
        "acquirer",
        banks=[
            {
                "id": BANK,
                "key_id": "city-1",
                "public_key": public,
                "house": f"{house}/api/{CITY}/acquirers/{BANK}",
                "pushes": not house.endswith(":8000"),
            }
        ],
        merchants=[{"bank": BANK, "number": BANK_MERCHANT, "name": NAME}],
    )
    (folder / "bank.pem").write_text(told["public_key"])
    return {
        "id": BANK,
        "keys": [{"id": told["key_id"], "public_key": str(folder / "bank.pem")}],
        "addresses": ["127.0.0.0/8"],
        "gateway": f"{wallet.url}/acquirer/{BANK}",
        "key_id": "city-1",
        "private_key": str(folder / "app.pem"),
        "hours": {"days": [1, 2, 3, 4, 5, 6, 7], "cut_off": "23:59:59", "opens": "09:00:00", "closes": "17:00:00"},
    }


def _national(folder: Path, wallet: SandboxServer, public: str) -> dict[str, Any]:
    """Register the city at 12315, and write the house's side of it."""
    told = wallet.post("national", id=CITY, key_id="city-1", public_key=public)
    (folder / "national.pem").write_text(told["public_key"])
    return {
        "gateway": f"{wallet.url}/national/{CITY}",
        "keys": [{"id": told["key_id"], "public_key": str(folder / "national.pem")}],
        "key_id": "city-1",
        "private_key": str(folder / "app.pem"),
    }


def connect(folder: Path, wallet: SandboxServer, key: rsa.RSAPrivateKey, house: str) -> Path:
    """Register the city's application in the sandbox, and write the house's side of it."""
    folder.mkdir(parents=True, exist_ok=True)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    wallet.post(
        "load",
        apps=[{"app_id": APP_ID, "public_key": public, "city": CITY}],
        users=[{"user_id": USER, "name": "林晓"}],
        merchants=[{"merchant_id": ACCOUNT, "cert_no": CODE, "name": NAME}],
    )
    told = wallet.get("public")
    (folder / "app.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "alipay.pem").write_text(told["gateway_public_key"])
    (folder / "entry.pem").write_text(told["entry_public_key"])
    account = wallet.get("sms/account")
    partner = {"mchid": PARTNER, "serial": "5157F09EFDC096DE", "api_key": "k" * 32, "public_key": public}
    shop = {"sub_mchid": WECHAT_ACCOUNT, "name": NAME}
    wechat = wallet.post("wechatpay", partners=[partner], merchants=[shop])
    (folder / "wechatpay.pem").write_text(wechat["public_key"])
    (folder / "wechatpay.key").write_text("k" * 32)
    wallet.post(
        "unionpay",
        members=[{"member": UNIONPAY_MEMBER, "secret": "s" * 32}],
        merchants=[{"mer_id": UNIONPAY_ACCOUNT, "member": UNIONPAY_MEMBER, "name": NAME}],
    )
    (folder / "unionpay.key").write_text("s" * 32)
    mail = mail_account(folder, wallet.get("email/account"))
    connections = {
        CITY: {
            "alipay": {
                "app_id": APP_ID,
                "gateway": f"{wallet.url}/gateway.do",
                "private_key": str(folder / "app.pem"),
                "alipay_public_key": str(folder / "alipay.pem"),
                "entry_key": str(folder / "entry.pem"),
            },
            "wechatpay": {
                "app_id": PARTNER,
                "serial": "5157F09EFDC096DE",
                "gateway": wallet.url,
                "private_key": str(folder / "app.pem"),
                "api_key": str(folder / "wechatpay.key"),
                "public_key_id": wechat["public_key_id"],
                "public_key": str(folder / "wechatpay.pem"),
                "entry_key": str(folder / "entry.pem"),
            },
            "unionpay": {
                "app_id": UNIONPAY_MEMBER,
                "acquirer": UNIONPAY_MEMBER,
                "sign_method": "11",
                "secret": str(folder / "unionpay.key"),
                "gateway": wallet.url,
                "files": f"{wallet.url}/files",
                "entry_key": str(folder / "entry.pem"),
            },
            "acquirers": [_bank(folder, wallet, public, house)],
            "sms": {"url": wallet.url, **account},
            "email": mail,
            "national12315": _national(folder, wallet, public),
            "translation": {"url": wallet.url, **wallet.get("translation/account")},
        }
    }
    file = folder / "connections.json"
    file.write_bytes(msgspec.json.encode(connections))
    return file


def move(folder: Path, before: Path, wallet: SandboxServer, url: str) -> None:
    """Let copied connections name the folder they lie in now, and the sandbox that stands now."""
    file = folder / "connections.json"
    told = msgspec.json.decode(file.read_text().replace(str(before), str(folder)).replace(url, wallet.url))
    told[CITY]["email"] = mail_account(folder, wallet.get("email/account"))
    file.write_bytes(msgspec.json.encode(told))
