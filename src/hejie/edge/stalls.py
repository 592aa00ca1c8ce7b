"""Printed codes at shops, kept as keyed handles; and fresh links, sent to the registered number and nowhere else."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from hejie.agenda import Task
from hejie.base.errors import Missing
from hejie.base.identifiers import Chance
from hejie.base.seals import Vault
from hejie.edge.links import CODE_LETTERS, LETTERS, letters
from hejie.store.pool import Connection
from hejie.store.writing import write_tasks

_CODE = re.compile(f"[{LETTERS}]{{{CODE_LETTERS}}}")
_END = "update stall_code set ended_at = %s where city = %s and merchant = %s and shop = %s and ended_at is null"
_MAKE = "insert into stall_code (city, code, merchant, shop, made_at, made_by) values (%s, %s, %s, %s, %s, %s)"
_FIND = "select merchant, shop from stall_code where city = %s and code = %s and ended_at is null"
_HUNG = "select shop, made_at from stall_code where city = %s and merchant = %s and ended_at is null"


class Stall(Struct, frozen=True):
    """Where a printed code hangs."""

    merchant: str
    shop: str


async def hang(
    connection: Connection, vault: Vault, chance: Chance, city: str, stall: Stall, now: datetime, by: str
) -> str:
    """A fresh code for a shop, in place of the one before; it is told this once and never again."""
    code = letters(chance, CODE_LETTERS)
    await take_down(connection, city, stall, now)
    await connection.execute(_MAKE, [city, vault.handle("stall", code), stall.merchant, stall.shop, now, by])
    return code


async def take_down(connection: Connection, city: str, stall: Stall, now: datetime) -> None:
    """The shop's code opens nothing any more."""
    await connection.execute(_END, [now, city, stall.merchant, stall.shop])


async def stall_of(connection: Connection, vault: Vault, city: str, code: str) -> Stall:
    """Where a code hangs; `Missing("stall_unknown")` for one that is not ours or was replaced."""
    plain = code.lower()
    if _CODE.fullmatch(plain) is None:
        raise unknown()
    row = await (await connection.execute(_FIND, [city, vault.handle("stall", plain)])).fetchone()
    if row is None:
        raise unknown()
    return Stall(*row)


def unknown() -> Missing:
    """What is said of a code that opens nothing."""
    return Missing("stall_unknown")


async def hung(connection: Connection, city: str, merchant: str) -> dict[str, datetime]:
    """The shops of a merchant that have a code, and since when."""
    return dict(await (await connection.execute(_HUNG, [city, merchant])).fetchall())


def address_of(public_url: str, city: str, code: str) -> str:
    """What a code's picture says, and what is printed beneath it."""
    return f"{public_url.rstrip('/')}/{city}/stall/{code.lower()}"


async def ask_for_links(connection: Connection, city: str, now: datetime, stall: Stall, dispute: str = "") -> None:
    """Have links sent to the registered number: to one dispute, or to the newest that are open at a shop."""
    payload: dict[str, object] = {"shop": stall.shop, "dispute": dispute}
    task = Task(kind="fresh_links", noun="merchant", subject=stall.merchant, payload=payload)
    await write_tasks(connection, city, now, [task])
