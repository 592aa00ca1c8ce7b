"""Payments come in: by a wallet's entry link, a wallet's case, or a consumer's own bill file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.base.money import CNY
from hejie.base.seals import Vault
from hejie.store.pool import Connection
from hejie.store.shown import shown


class Paid(Struct, frozen=True, kw_only=True):
    """One payment as it comes in; `payer` is the keyed handle of who paid."""

    wallet: str
    trade_no: str
    order_no: str = ""
    payer: bytes
    account: str
    merchant: str = ""
    shop: str = ""
    payee: str = ""
    """Whom the bill names."""
    item: str = ""
    paid_fen: int
    refunded_before_fen: int = 0
    """What a consumer's bill file says went back before; the wallet's own word comes with the refunds we see."""
    paid_at: datetime
    proven: bool
    source: str
    """`entry`, `case`, `file`, or `assisted` for one that nothing but a receipt, photograph or witness shows."""


_PERSON = """
insert into person (city, id, handle, language, made_at) values (%s, %s, %s, %s, %s)
on conflict (city, handle) do update set language = person.language
returning id
"""
_MERCHANT = "select merchant from account where city = %s and wallet = %s and account = %s"
_PAYMENT = f"""
insert into payment (city, wallet, trade_no, order_no, payer, account, merchant, shop, payee, item, paid_fen,
  refunded_before_fen, currency, paid_at, proven, source, paycode)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
  {shown("%s", "%s", "%s", "%s::timestamptz")})
on conflict (city, wallet, trade_no) do update set
  payer = excluded.payer, account = excluded.account, merchant = excluded.merchant, shop = excluded.shop,
  payee = excluded.payee, item = excluded.item, paid_fen = excluded.paid_fen, paid_at = excluded.paid_at,
  proven = excluded.proven, source = excluded.source, paycode = excluded.paycode
where excluded.proven and (not payment.proven or payment.source = 'file')
"""
_PAYEE = f"""
update payment p set merchant = %s, shop = %s, paycode = {shown("p.city", "%s", "%s", "p.paid_at")}
where city = %s and wallet = %s and trade_no = %s and merchant = ''
"""
_PROVE = "update payment set proven = true, account = %s where city = %s and wallet = %s and trade_no = %s"


def payer_handle(vault: Vault, wallet: str, payer: str) -> bytes:
    """The keyed handle of a wallet's payer."""
    return vault.handle("payer", f"{wallet}\0{payer}")


def contact_handle(vault: Vault, contact: str) -> bytes:
    """The keyed handle of a person who came with a file and a confirmed number (E.164) or e-mail address."""
    return vault.handle("email" if "@" in contact else "phone", contact)


async def person_of(
    connection: Connection, city: str, handle: bytes, identifier: str, language: str, now: datetime
) -> str:
    """The person behind a handle; `identifier` is used if they are new."""
    row: Any = await (await connection.execute(_PERSON, [city, identifier, handle, language, now])).fetchone()
    return str(row[0])


async def merchant_of(connection: Connection, city: str, wallet: str, account: str) -> str:
    """The merchant behind a wallet's account, empty where nobody here knows it."""
    row = await (await connection.execute(_MERCHANT, [city, wallet, account])).fetchone()
    return str(row[0]) if row else ""


async def prove(connection: Connection, city: str, wallet: str, trade_no: str, account: str) -> None:
    """The wallet vouches for a payment that was known from a file, and names the account that was paid."""
    await connection.execute(_PROVE, [account, city, wallet, trade_no])


async def name_payee(connection: Connection, city: str, wallet: str, trade_no: str, merchant: str, shop: str) -> None:
    """A merchant has joined since the payment came in: from now on it is the payment's."""
    await connection.execute(_PAYEE, [merchant, shop, merchant, shop, city, wallet, trade_no])


async def take_payment(connection: Connection, city: str, paid: Paid) -> None:
    """Store a payment once; the wallet's word replaces a file's, never the reverse.

    It remembers the paycode that was in force at its shop when it was paid, and by that the promises shown there.
    """
    await connection.execute(
        _PAYMENT,
        [
            city,
            paid.wallet,
            paid.trade_no,
            paid.order_no,
            paid.payer,
            paid.account,
            paid.merchant,
            paid.shop,
            paid.payee,
            paid.item,
            paid.paid_fen,
            paid.refunded_before_fen,
            CNY,
            paid.paid_at,
            paid.proven,
            paid.source,
            city,
            paid.merchant,
            paid.shop,
            paid.paid_at,
        ],
    )
