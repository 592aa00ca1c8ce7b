"""Accounts of officers and merchants' staff: password, time-based second factor, lock after wrong tries."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from msgspec import Struct
from psycopg import errors

from hejie.base.actor import Role
from hejie.base.clock import SystemClock
from hejie.base.errors import Missing, Refused
from hejie.base.seals import Vault
from hejie.edge import limits
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.edge.sessions import Viewer, passing
from hejie.store import codes
from hejie.store.contents import open_data_key
from hejie.store.pool import Connection, city_transaction

LEAST_PASSWORD = 12
MOST_PASSWORD = 200
MOST_FAILURES = 5
LOCKED = timedelta(minutes=15)
WRONG_TRIES = Limit("sign-ins", 30, 900)
"""Wrong tries from one network address."""

_REAL = SystemClock()
_HASHER = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$eO26rGyt5t94sQVWfD3gKg$mq3Hatf0DSp+3LdIEKpr5uZHRU0XgVvW4/cqQ6EwcLs"
"""The hash of what nobody knows, as costly as any: an unknown login takes as long as a known one."""
_NO_SECRET = "A" * 32
_STEP = 30
_LOGIN = re.compile(r"[A-Za-z0-9._@-]{3,64}")
_COLUMNS = "id, login, display_name, role, organisation, password, totp, failures, locked_until, last_totp, active"


class Member(Struct, frozen=True, kw_only=True):
    """One account."""

    id: str
    login: str
    display_name: str
    role: Role
    organisation: str
    """The merchant's identifier, or the division code of the officer's authority."""

    def viewer(self, city: str) -> Viewer:
        """The account as a session knows it."""
        facts = {"name": self.display_name}
        return Viewer(city=city, role=self.role, person=self.id, organisation=self.organisation, facts=facts)


class NewMember(Struct, frozen=True, kw_only=True):
    """A fresh account's secret, shown once."""

    id: str
    totp_secret: str
    """Base32."""
    uri: str
    """`otpauth://...`, for the QR that authenticator apps read."""


class _Row(Struct, frozen=True):
    id: str
    login: str
    display_name: str
    role: str
    organisation: str
    password: str
    totp: bytes | None
    failures: int
    locked_until: datetime | None
    last_totp: int
    active: bool

    def member(self) -> Member:
        return Member(
            id=self.id,
            login=self.login,
            display_name=self.display_name,
            role=Role(self.role),
            organisation=self.organisation,
        )


async def add_member(
    house: House, city: str, *, login: str, display_name: str, password: str, role: Role, organisation: str
) -> NewMember:
    """Make an account with a second factor.

    Errors, all `Refused`: `login_unusable`, `login_taken`, `password_too_short` (fewer than 12 characters).
    """
    login = login.lower()
    if _LOGIN.fullmatch(login) is None:
        raise Refused("login_unusable")
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Refused("password_too_short", least=LEAST_PASSWORD)
    identifier, secret = house.desk.mint(city), pyotp.random_base32()
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    vault = house.vaults(city)
    try:
        async with city_transaction(house.pool, city) as connection:
            key = await open_data_key(connection, vault, city, f"member:{identifier}")
            sealed = vault.seal(key, _place(identifier), secret.encode())
            await connection.execute(
                "insert into member (city, id, login, display_name, password, totp, role, organisation)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [city, identifier, login, display_name, hashed, sealed, role.value, organisation],
            )
    except errors.UniqueViolation as error:
        raise codes.meaning(error) from error
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Hejie")
    return NewMember(id=identifier, totp_secret=secret, uri=uri)


async def sign_in(
    house: House, city: str, *, login: str, password: str, code: str, role: Role | tuple[Role, ...], address: str
) -> Member:
    """The account behind login, password and current code (six digits).

    Whatever is wrong, known or unknown, locked or not: `Refused("sign_in_wrong")` after the same work. Five wrong
    tries lock an account for 15 minutes; many from one address are `Refused("rate_limited")`.
    """
    roles = role if isinstance(role, tuple) else (role,)
    login = login.lower() if _LOGIN.fullmatch(login.lower()) else ""
    async with passing(house.pool, city) as connection:
        await limits.look(connection, city, WRONG_TRIES, address)
    async with city_transaction(house.pool, city) as connection:
        seen = await _load(connection, city, "login", login, lock=False)
    known = await asyncio.to_thread(_password_fits, seen.password if seen else _NOBODY, password[:MOST_PASSWORD])
    async with city_transaction(house.pool, city) as connection:
        row = await _load(connection, city, "login", login, lock=True)
        step = _step_of(await _secret(connection, house.vaults(city), city, row), code)
        member = _judged(row, roles, known=known, step=step)
        await _note(connection, city, row, step if member else None)
    if member is None:
        async with passing(house.pool, city) as connection:
            await limits.take(connection, city, WRONG_TRIES, address)
        raise Refused("sign_in_wrong")
    return member


async def read_member(connection: Connection, city: str, identifier: str) -> Member:
    """One active account by its identifier; `Missing("member_unknown")`."""
    row = await _load(connection, city, "id", identifier, lock=False)
    if row is None or not row.active:
        raise Missing("member_unknown")
    return row.member()


def _judged(row: _Row | None, roles: tuple[Role, ...], *, known: bool, step: int) -> Member | None:
    if row is None or not row.active or row.role not in {each.value for each in roles} or not known:
        return None
    if row.locked_until is not None and row.locked_until > _REAL.now():
        return None
    return row.member() if step > row.last_totp else None


async def _note(connection: Connection, city: str, row: _Row | None, step: int | None) -> None:
    """Count a wrong try and lock, or forget them and remember the step; for nobody, the same statement."""
    now = _REAL.now()
    failures, until, last = (row.failures, row.locked_until, row.last_totp) if row else (0, None, 0)
    if step is not None:
        failures, until, last = 0, None, step
    elif until is None or until <= now:
        failures, until = (failures + 1, None) if failures + 1 < MOST_FAILURES else (0, now + LOCKED)
    await connection.execute(
        "update member set failures = %s, locked_until = %s, last_totp = %s where city = %s and id = %s",
        [failures, until, last, city, row.id if row else ""],
    )


async def _load(connection: Connection, city: str, column: str, value: str, *, lock: bool) -> _Row | None:
    cursor = await connection.execute(
        f"select {_COLUMNS} from member where city = %s and {column} = %s{' for update' if lock else ''}",
        [city, value],
    )
    row: Any = await cursor.fetchone()
    return None if row is None else _Row(*row)


async def _secret(connection: Connection, vault: Vault, city: str, row: _Row | None) -> str:
    cursor = await connection.execute(
        "select wrapped from data_key where city = %s and subject = %s", [city, f"member:{row.id if row else ''}"]
    )
    found: Any = await cursor.fetchone()
    if row is None or row.totp is None or found is None:
        return _NO_SECRET
    return vault.open(vault.unwrap(found[0]), _place(row.id), row.totp).decode()


def _step_of(secret: str, code: str) -> int:
    """The time step whose code this is, one step early or late allowed; 0 if none, as for those without a secret."""
    totp, now = pyotp.TOTP(secret), int(_REAL.now().timestamp()) // _STEP
    given = code.strip().replace(" ", "")
    fitting = [step for step in (now - 1, now, now + 1) if _same(totp.generate_otp(step), given)]
    return fitting[0] if fitting and secret != _NO_SECRET else 0


def _same(one: str, other: str) -> bool:
    return bool(pyotp.utils.strings_equal(one, other))


def _password_fits(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False


def _place(identifier: str) -> str:
    return f"member/{identifier}/totp"
