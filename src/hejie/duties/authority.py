"""A merchant's authority at a wallet: granted by its one-time code, renewed in time, ended, and used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from hejie.base.actor import SYSTEM
from hejie.base.errors import Missing, Refused
from hejie.connectors.wallet import Authorisation
from hejie.desk.act import Content, subject_of
from hejie.desk.merchants import MERCHANTS
from hejie.duties.tools import Tools
from hejie.intake.payments import merchant_of
from hejie.merchants import commands as m
from hejie.merchants.model import Merchant
from hejie.store.contents import read_content
from hejie.store.pool import Connection, city_transaction
from hejie.worker import Work


class Tokens(Struct, frozen=True):
    """What lies sealed behind an authority."""

    token: str
    refresh_token: str


_PAID_ON = """
select m.body::text, p.account from payment p join merchant m on m.city = p.city and m.id = p.merchant
where p.city = %s and p.wallet = %s and p.trade_no = %s
"""


async def authority_for(tools: Tools, city: str, wallet: str, trade_no: str) -> str:
    """The token to act on the account that was paid; `Refused("authority_missing")` if none is in force."""
    async with city_transaction(tools.pool, city) as connection:
        row: Any = await (await connection.execute(_PAID_ON, [city, wallet, trade_no])).fetchone()
        if row is None:
            raise Refused("payment_unknown")
        merchant = msgspec.json.decode(row[0], type=Merchant)
        return (await tokens_of(tools, connection, merchant, wallet, row[1])).token


async def authority_on(tools: Tools, city: str, wallet: str, account: str) -> str:
    """The token to act on an account; `Missing("merchant_unknown")`, `Refused("authority_missing")`."""
    async with city_transaction(tools.pool, city) as connection:
        identifier = await merchant_of(connection, city, wallet, account)
    merchant = await read_merchant(tools, city, identifier)
    async with city_transaction(tools.pool, city) as connection:
        return (await tokens_of(tools, connection, merchant, wallet, account)).token


async def tokens_of(tools: Tools, connection: Connection, merchant: Merchant, wallet: str, account: str) -> Tokens:
    """The tokens of one account; `Refused("authority_missing")` if no authority is in force."""
    held = merchant.authority(wallet, account, tools.clock.now())
    if held is None:
        raise Refused("authority_missing")
    subject = subject_of("merchant", merchant.id)
    _, plain = await read_content(connection, tools.vaults(merchant.city), merchant.city, subject, held.content)
    return msgspec.json.decode(plain, type=Tokens)


async def read_merchant(tools: Tools, city: str, identifier: str) -> Merchant:
    """A merchant's row; `Missing("merchant_unknown")`."""
    async with city_transaction(tools.pool, city) as connection:
        cursor = await connection.execute(
            "select body::text from merchant where city = %s and id = %s", [city, identifier]
        )
        row = await cursor.fetchone()
    if row is None:
        raise Missing("merchant_unknown")
    return msgspec.json.decode(row[0], type=Merchant)


async def grant_authority(work: Work, tools: Tools) -> None:
    """Exchange the code a merchant brought back from the wallet's page.

    The account named in the wallet's answer must be this merchant's; a code can be
    used once, so a repeat that the wallet refuses ends the task.
    """
    wallet = work.payload["wallet"]
    given = await tools.wallet(work.city, wallet).authorise(work.payload["code"])
    await _keep(tools, work, wallet, given)


async def renew_authority(work: Work, tools: Tools) -> None:
    """A fresh authority a week before the old one ends."""
    wallet, account = work.payload["wallet"], work.payload["account"]
    merchant = await read_merchant(tools, work.city, work.subject)
    held = merchant.authority(wallet, account, tools.clock.now())
    if held is None or held.expires_at != datetime.fromisoformat(work.payload["ends"]):
        return
    async with city_transaction(tools.pool, work.city) as connection:
        tokens = await tokens_of(tools, connection, merchant, wallet, account)
    await _keep(tools, work, wallet, await tools.wallet(work.city, wallet).renew(tokens.refresh_token))


async def _keep(tools: Tools, work: Work, wallet: str, given: Authorisation) -> None:
    content = tools.desk.mint(work.city)
    tokens = msgspec.json.encode(Tokens(given.token, given.refresh_token))
    command = m.GrantAuthorisation(wallet=wallet, account=given.account, content=content, expires_at=given.expires_at)
    sealed = Content(id=content, kind="authority", plain=tokens)
    await tools.desk.act(MERCHANTS, work.city, work.subject, command, SYSTEM, contents=[sealed])


async def end_authority(work: Work, tools: Tools) -> None:
    """An authority that was not renewed has ended."""
    wallet, account = work.payload["wallet"], work.payload["account"]
    merchant = await read_merchant(tools, work.city, work.subject)
    held = merchant.authorisation(wallet, account)
    if held is None or held.ended_at is not None or tools.clock.now() < held.expires_at:
        return
    command = m.ExpireAuthorisation(wallet=wallet, account=account)
    await tools.desk.act(MERCHANTS, work.city, work.subject, command, SYSTEM)


async def withdraw_authority(work: Work, tools: Tools) -> None:
    """The wallet told that the merchant took its authority back."""
    wallet, account = work.payload["wallet"], work.payload["account"]
    merchant = await read_merchant(tools, work.city, work.subject)
    if merchant.authority(wallet, account, tools.clock.now()) is None:
        return
    command = m.WithdrawAuthorisation(wallet=wallet, account=account)
    await tools.desk.act(MERCHANTS, work.city, work.subject, command, SYSTEM)
