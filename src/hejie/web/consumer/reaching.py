"""Before the form opens: the merchant can be reached here, in another city of this house, or only by 12315."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hejie.base.actor import SYSTEM
from hejie.base.errors import Refused, Stale
from hejie.desk.merchants import MERCHANTS
from hejie.edge.limits import Limit
from hejie.intake.attempts import Attempt, count_attempt
from hejie.merchants.commands import Invite
from hejie.merchants.model import State
from hejie.merchants.reach import Reach, reach
from hejie.queries.consumer import Bought
from hejie.queries.reach import Payee, takes_part
from hejie.store.pool import Moved, city_transaction
from hejie.web.consumer.box import Box
from hejie.web.shell import Visit

FROM_FILES = Limit("attempts-from-files", 10, 86400)


async def resolve(visit: Visit, bought: Bought, payee: Payee | None, invite_days: int) -> Reach:
    """How a payment is resolved; it is counted, and a merchant that has not joined is invited once in `invite_days`."""
    here = payee.merchant.state if payee else None
    found = reach(here)
    if found is not Reach.enrolled and bought.elsewhere:
        found = Reach.elsewhere
    elif found is not Reach.enrolled:
        city, _ = await elsewhere(visit, bought)
        found = reach(here, elsewhere=bool(city))
    if found is Reach.known and payee is not None:
        await _invite(visit, payee, invite_days)
    attempt = Attempt(
        wallet=bought.wallet,
        trade_no=bought.trade_no,
        outcome=found,
        district=payee.district if payee else "",
        trade=payee.trade if payee else "",
        merchant=payee.merchant.id if payee else "",
        name=payee.merchant.name if payee else bought.payee,
    )
    await _count(visit, attempt)
    return found


async def nobody(visit: Visit, box: Box) -> None:
    """A bill file's payment to somebody nobody here knows. A file is anybody's: few count from one address."""
    row = box.rows[0]
    with suppress(Refused):
        await visit.limit(FROM_FILES)
        name = box.place or row.counterparty
        await _count(visit, Attempt(wallet=box.wallet, trade_no=row.trade_no, outcome=Reach.unknown, name=name))


async def _count(visit: Visit, attempt: Attempt) -> None:
    vault, now = visit.house.vaults(visit.city), visit.house.clock.now()
    async with visit.connection() as connection:
        await count_attempt(connection, vault, visit.city, attempt, now)


async def elsewhere(visit: Visit, bought: Bought) -> tuple[str, str]:
    """Another city of this house in which the merchant takes part, as (code, name); both empty where there is none."""
    if not bought.account:
        return "", ""
    for code, (zh, en) in (await visit.house.cities()).items():
        if code == visit.city:
            continue
        with suppress(Moved):
            async with city_transaction(visit.house.pool, code) as connection:
                if await takes_part(connection, code, bought.wallet, bought.account):
                    return code, zh if visit.language == "zh" else en
    return "", ""


async def _invite(visit: Visit, payee: Payee, days: int) -> None:
    """Who cannot be told, or is being told this moment, does not keep the consumer waiting."""
    merchant, now = payee.merchant, visit.house.clock.now()
    lately = merchant.invited_at is not None and now < merchant.invited_at + timedelta(days=days)
    if lately or merchant.state is not State.invited:
        return
    command = Invite(quiet_days=days, shop=payee.shop.id if payee.shop else "")
    with suppress(Refused, Stale):
        await visit.desk.act(MERCHANTS, visit.city, merchant.id, command, SYSTEM)
