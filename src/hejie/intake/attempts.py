"""Attempts to settle are counted: each payment once, by outcome, district and trade; nobody can be told from it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.seals import Vault
from hejie.merchants.reach import FOUND, Reach
from hejie.merchants.trades import division
from hejie.store.pool import Connection

MOST_NAME = 64
_COUNT = """
with fresh as (
  insert into attempt_seen (city, payment, day) values (%(city)s, %(payment)s, %(day)s)
  on conflict do nothing returning 1),
counted as (
  insert into attempt (city, day, district, trade, outcome, count)
  select %(city)s, %(day)s, %(district)s, %(trade)s, %(outcome)s, 1 from fresh
  on conflict (city, day, district, trade, outcome) do update set count = attempt.count + 1)
insert into wanted (city, month, merchant, name, count)
select %(city)s, date_trunc('month', %(day)s::date)::date, %(merchant)s, %(name)s, 1 from fresh where %(name)s <> ''
on conflict (city, month, merchant, name) do update set count = wanted.count + 1
"""


class Attempt(Struct, frozen=True, kw_only=True):
    """One payment that was to be settled, and how it was resolved."""

    wallet: str
    trade_no: str
    outcome: Reach
    district: str = ""
    """Empty where it is not known; likewise below."""
    trade: str = ""
    """The shop's category."""
    merchant: str = ""
    """The identifier of a merchant that is known and has not joined."""
    name: str = ""
    """How it is called: a masked name is nobody's and not kept."""


async def count_attempt(connection: Connection, vault: Vault, city: str, attempt: Attempt, now: datetime) -> None:
    """Count it unless this payment was counted before; what was found the first time stays."""
    lost = attempt.outcome not in FOUND and "*" not in attempt.name
    values = {
        "city": city,
        "payment": vault.handle("attempt", f"{attempt.wallet}\0{attempt.trade_no}"),
        "day": now.astimezone(SHANGHAI).date(),
        "district": attempt.district,
        "trade": division(attempt.trade),
        "outcome": attempt.outcome.value,
        "merchant": attempt.merchant if lost else "",
        "name": attempt.name[:MOST_NAME] if lost else "",
    }
    await connection.execute(_COUNT, values)
