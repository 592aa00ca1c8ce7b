"""One-time codes: six digits, ten minutes, five tries, the same for known and unknown numbers."""

from __future__ import annotations

import hmac
from datetime import timedelta

from hejie.agenda import Task
from hejie.base.clock import SystemClock
from hejie.base.errors import Refused
from hejie.base.identifiers import Chance
from hejie.base.seals import Vault
from hejie.desk.act import subject_of
from hejie.edge import limits
from hejie.edge.house import House
from hejie.edge.limits import Limit
from hejie.edge.phones import is_email
from hejie.edge.sessions import passing
from hejie.store.contents import open_data_key
from hejie.store.pool import Connection, Pool, city_transaction
from hejie.store.writing import write_content, write_tasks

MINUTES = 10
MOST_TRIES = 5
EACH = Limit("codes", 3, 600)
"""Codes for one number."""
ADDRESS = Limit("codes-address", 20, 3600)
"""Codes asked for from one network address."""

_REAL = SystemClock()
_ISSUE = """
insert into one_time_code (city, purpose, subject, digest, tries, ends_at) values (%s, %s, %s, %s, 0, %s)
on conflict (city, purpose, subject) do update set digest = excluded.digest, tries = 0, ends_at = excluded.ends_at
"""
_TRY = """
update one_time_code set tries = tries + 1
where city = %s and purpose = %s and subject = %s and tries < %s and ends_at > %s returning digest
"""
_SPEND = "delete from one_time_code where city = %s and purpose = %s and subject = %s and digest = %s returning 1"


async def ask(
    house: House, city: str, *, purpose: str, subject: bytes, phone: str, language: str, address: str
) -> None:
    """Have a code sent to `phone` (E.164, or an e-mail address); with an empty one all is done but the sending.

    `subject` is what the code is for, usually `vault.handle("phone", number)`. Errors: `Refused("rate_limited")`.
    """
    async with passing(house.pool, city) as connection:
        await limits.take(connection, city, ADDRESS, address)
        await limits.take(connection, city, EACH, subject)
    vault, identifier, now = house.vaults(city), house.desk.mint(city), house.clock.now()
    case = subject_of("code", identifier)
    async with city_transaction(house.pool, city) as connection:
        code = await issue(connection, vault, house.chance, city, purpose, subject)
        key = await open_data_key(connection, vault, city, case)
        names = ("phone", "code") if phone else ("nobody", "nothing")
        sealed = [
            (name, "text", vault.seal(key, f"content/{case}/{name}", plain.encode()))
            for name, plain in zip(names, (phone, code), strict=True)
        ]
        await write_content(connection, city, case, now, sealed)
        way = f"email:{city}" if is_email(phone) else f"sms:{city}"
        payload: dict[str, object] = {"language": language, "minutes": MINUTES}
        task = Task(kind="notify_code", noun="code", subject=identifier, destination=way, payload=payload)
        await write_tasks(connection, city, now, [task])


async def issue(connection: Connection, vault: Vault, chance: Chance, city: str, purpose: str, subject: bytes) -> str:
    """A fresh code for a purpose and subject, in place of any before; only its keyed digest is kept."""
    code = f"{int.from_bytes(chance(8), 'big') % 1_000_000:06d}"
    ends_at = _REAL.now() + timedelta(minutes=MINUTES)
    await connection.execute(_ISSUE, [city, purpose, subject, _digest(vault, purpose, subject, code), ends_at])
    return code


async def check(pool: Pool, vault: Vault, city: str, *, purpose: str, subject: bytes, code: str) -> None:
    """Use a code up; `Refused("code_wrong")` for a wrong, old, unknown or too often tried one.

    The try is counted in a transaction of its own, so that no roll-back gives it back.
    """
    given = _digest(vault, purpose, subject, code.strip())
    async with city_transaction(pool, city) as connection:
        where = [city, purpose, subject]
        row = await (await connection.execute(_TRY, [*where, MOST_TRIES, _REAL.now()])).fetchone()
        fits = hmac.compare_digest(given, row[0] if row is not None else bytes(len(given)))
        spent = await connection.execute(_SPEND, [*where, given if fits else b""])
        good = row is not None and await spent.fetchone() is not None
    if not good:
        raise Refused("code_wrong")


def _digest(vault: Vault, purpose: str, subject: bytes, code: str) -> bytes:
    return vault.handle(f"code:{purpose}", f"{subject.hex()}:{code}")
