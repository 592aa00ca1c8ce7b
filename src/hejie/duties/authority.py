"""A merchant's authority at a wallet: granted by its one-time code, renewed in time, ended, and used."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from hejie.base.actor import SYSTEM
from hejie.base.errors import Refused
from hejie.connectors.wallet import Authorisation
from hejie.desk.act import Content, subject_of
from hejie.desk.merchants import MERCHANTS
from hejie.duties.rows import read_merchant
from hejie.duties.tools import Tools
from hejie.intake.payments import merchant_of
from hejie.merchants import commands as m
from hejie.merchants.model import Merchant
from hejie.queries import merchant as queries
from hejie.queries.merchant import paid_on
from hejie.store.contents import read_content
from hejie.store.pool import Connection, city_transaction
from hejie.worker import Work


class Tokens(Struct, frozen=True):
    """What lies sealed behind an authority."""

    token: str
    refresh_token: str


async def authority_for(tools: Tools, city: str, wallet: str, trade_no: str) -> str:
    """The token to act on the account that was paid; `Refused("authority_missing")` if none is in force."""
    async with city_transaction(tools.pool, city) as connection:
        paid = await paid_on(connection, city, wallet, trade_no)
        return (await tokens_of(tools, connection, paid.merchant, wallet, paid.account)).token


async def authority_on(tools: Tools, city: str, wallet: str, account: str) -> str:
    """The token to act on an account; `Missing("merchant_unknown")`, `Refused("authority_missing")`."""
    async with city_transaction(tools.pool, city) as connection:
        merchant = await queries.read_merchant(connection, city, await merchant_of(connection, city, wallet, account))
        return (await tokens_of(tools, connection, merchant, wallet, account)).token


async def tokens_of(tools: Tools, connection: Connection, merchant: Merchant, wallet: str, account: str) -> Tokens:
    """The tokens of one account; `Refused("authority_missing")` if no authority is in force."""
    held = merchant.authority(wallet, account, tools.clock.now())
    if held is None:
        raise Refused("authority_missing")
    subject = subject_of("merchant", merchant.id)
    _, plain = await read_content(connection, tools.vaults(merchant.city), merchant.city, subject, held.content)
    return msgspec.json.decode(plain, type=Tokens)


async def grant_authority(work: Work, tools: Tools) -> None:
    """Exchange the code a merchant brought back from the wallet's page.

    The account named in the wallet's answer must be this merchant's. A code can be used once: where we were killed
    between the wallet's answer and our keeping it, the repeat is refused, and the merchant must authorise anew.
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
