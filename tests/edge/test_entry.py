"""Entry links: the worked example of the protocol's page, and every way in which a link can be wrong."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hejie.base.errors import Refused
from hejie.edge.entry import EntryDoor, read_entry, spend
from hejie.store.pool import city_transaction

CITY = "330100"
PAGE = (Path(__file__).parents[2] / "docs" / "protocol" / "entry.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    kind, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(kind, form).decode()


DOORS = {(CITY, "alipay"): EntryDoor(app="2021000000000001", keys=(pem(KEY),))}


def link(key: rsa.RSAPrivateKey = KEY, **changes: str) -> list[tuple[str, str]]:
    told = {
        "wallet": "alipay",
        "app": "2021000000000001",
        "trade_no": "2026112322001400000000000001",
        "payer": "2088900000000001",
        "amount": "12.50",
        "expires": str(int(NOW.timestamp()) + 240),
        "nonce": "q0x3Jt1cVb7uYpW8kZ5mRg2a",
    } | changes
    told = {name: value for name, value in told.items() if value != "-"}
    text = "&".join(f"{name}={told[name]}" for name in sorted(told))
    sign = base64.urlsafe_b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return [*told.items(), ("sign", sign.rstrip("="))]


def refusal(pairs: list[tuple[str, str]], city: str = CITY, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as caught:
        read_entry(pairs, city, DOORS, now)
    return caught.value.code


def test_the_worked_example_of_the_protocol_is_accepted():
    key = re.search(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", PAGE, re.DOTALL)
    address = re.search(r"^https://hejie\.example/\S+$", PAGE, re.MULTILINE)
    assert key
    assert address
    doors = {(CITY, "alipay"): EntryDoor(app="2021000000000001", keys=("", key[0])[1:])}
    entry = read_entry(
        parse_qsl(urlsplit(address[0]).query), CITY, doors, datetime.fromtimestamp(1795449840 - 200, UTC)
    )
    assert (entry.trade_no, entry.payer, entry.amount_fen) == ("2026112322001400000000000001", "2088900000000001", 1250)


def test_a_link_may_name_the_payee_and_the_shop():
    more = {"account": "2088000000000001", "shop": "S1", "item": "两碗 noodles", "paid_at": "1795449000"}
    entry = read_entry(link(KEY, **more), CITY, DOORS, NOW)
    assert (entry.account, entry.shop, entry.item) == ("2088000000000001", "S1", "两碗 noodles")
    assert entry.paid_at == datetime.fromtimestamp(1795449000, UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"trade_no": "-"},
        {"trade_no": ""},
        {"payer": "a&amount=1"},
        {"amount": "12.5"},
        {"amount": "0.00"},
        {"amount": "-1.00"},
        {"amount": "１.00"},
        {"expires": "1e9"},
        {"nonce": "short"},
        {"item": "a=b"},
        {"item": "a\x00"},
        {"extra": "1"},
    ],
)
def test_a_value_out_of_form_is_incomplete(changes):
    assert refusal(link(**changes)) == "entry_incomplete"


def test_a_doubled_parameter_is_incomplete():
    assert refusal([*link(), ("amount", "12.50")]) == "entry_incomplete"


def test_a_changed_or_foreign_link_has_the_wrong_signature():
    good = link()
    changed = [(name, "99.00" if name == "amount" else value) for name, value in good]
    assert refusal(changed) == "entry_signature_wrong"
    assert refusal(link(rsa.generate_private_key(65537, 2048))) == "entry_signature_wrong"
    assert refusal(good, "310000") == "entry_signature_wrong"
    assert refusal(link(app="2021000000000002")) == "entry_signature_wrong"
    assert refusal(link(wallet="unknown")) == "entry_signature_wrong"
    assert refusal([*good[:-1], ("sign", "A" * 342)]) == "entry_signature_wrong"


def test_its_life_is_short_and_ends_at_the_instant():
    expires = NOW + timedelta(seconds=240)
    assert refusal(link(), now=expires) == "entry_expired"
    assert read_entry(link(), CITY, DOORS, expires - timedelta(seconds=1)).expires == expires
    assert read_entry(link(), CITY, DOORS, expires - timedelta(seconds=300)).expires == expires
    assert refusal(link(), now=expires - timedelta(seconds=301)) == "entry_too_long_lived"


async def test_of_two_uses_at_once_one_is_refused(house):
    entry = read_entry(link(), CITY, DOORS, NOW)

    async def use() -> str:
        try:
            async with city_transaction(house.pool, CITY) as connection:
                await spend(connection, CITY, entry)
                await asyncio.sleep(0.05)
        except Refused as refused:
            return refused.code
        return "used"

    assert sorted(await asyncio.gather(use(), use())) == ["entry_replayed", "used"]


async def test_a_session_that_fails_gives_the_link_back(house):
    entry = read_entry(link(), CITY, DOORS, NOW)
    with contextlib.suppress(ZeroDivisionError):
        async with city_transaction(house.pool, CITY) as connection:
            await spend(connection, CITY, entry)
            raise ZeroDivisionError
    async with city_transaction(house.pool, CITY) as connection:
        await spend(connection, CITY, entry)
