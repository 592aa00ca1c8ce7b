"""The demo's accounts: an officer of the bureau and one of the district, a hotline's clerk, a merchant's owner."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyotp
from msgspec import Struct

from hejie.app import App
from hejie.base.actor import SYSTEM, Role
from hejie.desk.merchants import MERCHANTS
from hejie.edge.members import add_member
from hejie.merchants.commands import AddStaff
from hejie.merchants.model import Merchant, Rank, Staff
from hejie.store.pool import city_transaction
from hejie_lab.town import CITY

FILE = "accounts.json"


class Account(Struct, frozen=True, kw_only=True):
    """What a person types to get in."""

    id: str
    role: Role
    login: str
    password: str
    totp_secret: str

    def code(self, at: datetime) -> str:
        """The six digits of this half minute of real time."""
        return pyotp.TOTP(self.totp_secret).at(at)


def kept_accounts(folder: Path) -> list[Account]:
    """The accounts made in a platform's folder before."""
    file = folder / FILE
    return msgspec.json.decode(file.read_bytes(), type=list[Account]) if file.exists() else []


LOGINS = ("officer", "district", "clerk", "merchant")


async def make_accounts(app: App, folder: Path, merchant: Merchant, logins: Sequence[str] = LOGINS) -> list[Account]:
    """The accounts of this platform; those of these logins are made that it does not have yet.

    One officer is of the district where the demo's merchant is: the authority that may mediate is that one, not the
    bureau.
    """
    accounts = kept_accounts(folder)
    wanted = (
        (Role.officer, "officer", merchant.city, "钱江"),
        (Role.officer, "district", merchant.shops[0].district, "许宁"),
        (Role.clerk, "clerk", "hotline", "小陈"),
        (Role.merchant, "merchant", merchant.id, "店主"),
    )
    there = {account.login.rstrip("0123456789") for account in accounts}
    missing = [each for each in wanted if each[1] in logins and each[1] not in there]
    if missing:
        accounts += [await make_account(app, *each, city=merchant.city) for each in missing]
        handle = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(accounts))
    owner = next(account for account in accounts if account.role is Role.merchant)
    staff = Staff(person=owner.id, rank=Rank.owner)
    await app.desk.act(MERCHANTS, merchant.city, merchant.id, AddStaff(staff=staff), SYSTEM)
    return accounts


async def make_account(app: App, role: Role, login: str, organisation: str, name: str, city: str = CITY) -> Account:
    """One account; where the login is taken (by a start that was killed half-way) it gets a number."""
    async with city_transaction(app.pool, city) as connection:
        cursor = await connection.execute(
            "select count(*) from member where city = %s and login ~ %s", [city, f"^{login}[0-9]*$"]
        )
        row: Any = await cursor.fetchone()
    login += str(row[0] + 1) if row[0] else ""
    password = f"hejie-{secrets.token_hex(4)}"
    made = await add_member(
        app.house, city, login=login, display_name=name, password=password, role=role, organisation=organisation
    )
    return Account(id=made.id, role=role, login=login, password=password, totp_secret=made.totp_secret)
