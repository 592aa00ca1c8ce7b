"""Accounts: password and current code, each code once, the lock, and nothing told about who exists."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from argon2.exceptions import VerifyMismatchError

from hejie.base.actor import Role
from hejie.base.errors import Refused
from hejie.edge import limits, members
from hejie.store.pool import city_transaction

CITY = "330100"
NOW = datetime(2026, 11, 23, 12, 0, 10, tzinfo=UTC)
PASSWORD = "correct horse battery"
HASHER, NOBODY = members._HASHER, members._NOBODY
"""As they are in the product; a house of the tests hashes quickly."""


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture(autouse=True)
def still(monkeypatch):
    """Time stands, so that no code runs out meanwhile."""
    for module in (members, limits):
        monkeypatch.setattr(module, "_REAL", Still())


@pytest.fixture
async def account(house):
    return await members.add_member(
        house, CITY, login="Wang.W", display_name="王", password=PASSWORD, role=Role.officer, organisation="330106"
    )


def code_of(account, steps: int = 0) -> str:
    return str(pyotp.TOTP(account.totp_secret).at(int(NOW.timestamp()) + 30 * steps))


async def enter(house, *, login="wang.w", password=PASSWORD, code="", role=Role.officer, address="10.0.0.1"):
    return await members.sign_in(house, CITY, login=login, password=password, code=code, role=role, address=address)


async def refused(house, **given: Any) -> str:
    with pytest.raises(Refused) as caught:
        await enter(house, **given)
    return caught.value.code


async def test_password_and_code_open_the_account_and_each_code_once(house, account):
    code = code_of(account)
    member = await enter(house, login="WANG.W", code=f"{code[:3]} {code[3:]}")
    assert (member.id, member.organisation, member.viewer(CITY).actor.role) == (account.id, "330106", Role.officer)
    assert await refused(house, code=code) == "sign_in_wrong", "a code is used up"
    assert await refused(house, code=code_of(account, -1)) == "sign_in_wrong", "and so are older ones"


async def test_every_wrong_thing_gets_the_same_answer(house, account):
    for wrong in (
        {"password": "wrong"},
        {"code": "000000"},
        {"code": ""},
        {"code": "１２３４５６"},
        {"login": "nobody"},
        {"login": "no\x7fbody"},
        {"role": Role.merchant},
    ):
        assert await refused(house, **{"code": code_of(account)} | wrong) == "sign_in_wrong"


async def test_five_wrong_tries_lock_even_at_once_and_the_lock_ends(house, account):
    answers = await asyncio.gather(*(refused(house, password=f"guess {n}") for n in range(5)))
    assert set(answers) == {"sign_in_wrong"}
    assert await refused(house, code=code_of(account)) == "sign_in_wrong", "locked"
    async with city_transaction(house.pool, CITY) as connection:
        await connection.execute("update member set locked_until = locked_until - interval '15 minutes'")
    assert (await enter(house, code=code_of(account))).id == account.id


async def test_a_good_sign_in_forgets_wrong_tries(house, account):
    for _ in range(4):
        await refused(house, password="wrong")
    await enter(house, code=code_of(account, -1))
    for _ in range(4):
        await refused(house, password="wrong")
    await enter(house, code=code_of(account))


async def test_many_wrong_tries_from_one_address_are_slowed(house, account):
    for n in range(members.WRONG_TRIES.most):
        await refused(house, login=f"someone{n}")
    assert await refused(house, code=code_of(account)) == "rate_limited"
    assert (await enter(house, code=code_of(account), address="10.0.0.2")).id == account.id


UNUSABLE = [
    ({"login": "a"}, "login_unusable"),
    ({"login": "a b c"}, "login_unusable"),
    ({"password": "short"}, "password_too_short"),
    ({}, "login_taken"),
]


@pytest.mark.parametrize(("change", "code"), UNUSABLE)
async def test_an_unusable_account_is_not_made(house, account, change, code):
    good = {"login": "wang.w", "display_name": "", "password": PASSWORD}
    given = {**good, "role": Role.officer, "organisation": "330106", **change}
    with pytest.raises(Refused) as caught:
        await members.add_member(house, CITY, **given)
    assert caught.value.code == code
    async with city_transaction(house.pool, CITY) as connection:
        assert await (await connection.execute("select count(*) from member")).fetchone() == (1,)


def test_an_unknown_login_costs_what_a_known_one_does():
    assert not HASHER.check_needs_rehash(NOBODY)
    with pytest.raises(VerifyMismatchError):
        HASHER.verify(NOBODY, "nobody")
    assert (HASHER.memory_cost, HASHER.time_cost) >= (19 * 1024, 2)  # OWASP's least for Argon2id


async def test_the_secret_lies_sealed(house, account):
    async with city_transaction(house.pool, CITY) as connection:
        row = await (await connection.execute("select totp, password from member")).fetchone()
    assert row
    assert account.totp_secret.encode() not in row[0]
    assert row[1].startswith("$argon2id$")
