"""Short links into a case: random, expiring, kept only as keyed handles, dead with the contact they went to."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.identifiers import Chance
from hejie.base.seals import Vault
from hejie.store.pool import Connection

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""No letter that is read for another: people type these."""
LINK_LETTERS = 12
CODE_LETTERS = 8
_TOKEN = re.compile(f"[{LETTERS}]{{{LINK_LETTERS}}}")
_CODE = re.compile(f"[{LETTERS}]{{{CODE_LETTERS}}}")
_MAKE = "insert into short_link (city, token, dispute, contact, merchant, ends_at) values (%s, %s, %s, %s, %s, %s)"
_FIND = "select dispute, contact, merchant, ends_at from short_link where city = %s and token = %s"


class Opened(Struct, frozen=True):
    """What a link opens, and the merchant's contact it was sent to (empty where it went to none)."""

    dispute: str
    contact: str
    merchant: str = ""
    """Whose link it is; empty for the dispute's own merchant."""


def letters(chance: Chance, count: int) -> str:
    """So many random letters of five bits each."""
    return "".join(LETTERS[byte & 31] for byte in chance(count))


async def case_link(
    connection: Connection,
    vault: Vault,
    chance: Chance,
    public_url: str,
    city: str,
    dispute: str,
    expires: datetime,
    contact: str = "",
    merchant: str = "",
) -> str:
    """A fresh address that opens one dispute until `expires`, for its merchant or another that is concerned."""
    token = letters(chance, LINK_LETTERS)
    await connection.execute(_MAKE, [city, vault.handle("link", token), dispute, contact, merchant, expires])
    return f"{public_url.rstrip('/')}/{city}/m/{token}"


async def named_by(connection: Connection, vault: Vault, city: str, token: str) -> str:
    """The dispute that a token opens or once opened; empty for one that was never ours, or is long forgotten."""
    plain = token.lower()
    if _TOKEN.fullmatch(plain) is None:
        return ""
    row = await (await connection.execute(_FIND, [city, vault.handle("link", plain)])).fetchone()
    return str(row[0]) if row else ""


async def opened_case(connection: Connection, vault: Vault, city: str, token: str, now: datetime) -> Opened:
    """What a token opens.

    Errors: `Refused("link_wrong")` for a token that is not ours, `Refused("link_expired")`.
    """
    plain = token.lower()
    if _TOKEN.fullmatch(plain) is None:
        raise Refused("link_wrong")
    row = await (await connection.execute(_FIND, [city, vault.handle("link", plain)])).fetchone()
    if row is None:
        raise Refused("link_wrong")
    dispute, contact, merchant, ends_at = row
    if now >= ends_at:
        raise Refused("link_expired")
    return Opened(dispute, contact, merchant)


def check_handle(vault: Vault, typed: str) -> bytes | None:
    """How the code printed in a message is kept; None for what can be none."""
    plain = re.sub(r"[\s-]", "", typed).lower()
    return vault.handle("check", plain) if _CODE.fullmatch(plain) else None
