"""The authority to refund by API: asked for on the wallet's own page, brought back as a code."""

from __future__ import annotations

import hmac
from datetime import timedelta
from urllib.parse import urlencode

from hejie.agenda import Task
from hejie.base.actor import Role
from hejie.base.clock import SystemClock
from hejie.base.errors import Missing, Refused
from hejie.edge import nonces
from hejie.edge.forms import plain
from hejie.store.writing import write_tasks
from hejie.web.merchant.seat import SETTINGS, managing_seat
from hejie.web.named_wallets import named_wallets
from hejie.web.shell import Answer, Visit, act, page

WALLET = "alipay"
RETURN = f"/merchant/authority/{WALLET}"
_CODE = 64
_REAL = SystemClock()
_SPENT = timedelta(days=2)


def authorise_address(visit: Visit) -> str:
    """The wallet's page with our way back and this session's state; empty where the wallet is not connected."""
    wallet_page = visit.house.authorise.get((visit.city, WALLET), "")
    if not wallet_page:
        return ""
    back = f"{visit.house.settings.public_url.rstrip('/')}{visit.url(RETURN)}"
    return f"{wallet_page}&{urlencode({'redirect_uri': back, 'state': _state(visit)})}"


def _state(visit: Visit) -> str:
    """A word that only this session knows: a code brought by anyone else is not taken."""
    return hmac.new(visit.viewer.secret, f"authority:{visit.viewer.organisation}".encode(), "sha256").hexdigest()


@page(RETURN, role=Role.merchant)
async def brought_back(visit: Visit) -> Answer:
    """The wallet sends the merchant back with a code, once; the worker exchanges it for the authority."""
    seat = await managing_seat(visit)
    code = plain(visit.query("app_auth_code"), _CODE)
    if not code or not hmac.compare_digest(visit.query("state").encode(), _state(visit).encode()):
        raise Refused("authority_state_wrong")
    await _ask(visit, seat.merchant.id, WALLET, code, code)
    return visit.go(f"{SETTINGS}?done=authority#authority")


@act("/merchant/authority/given", role=Role.merchant)
async def given(visit: Visit) -> Answer:
    """The merchant says that it has given leave at a wallet that sends nobody back with a code; its number is the code.

    Whether it is true the wallet shows at the first refund: without leave it refuses, and nothing moves.
    """
    seat = await managing_seat(visit)
    wallet, number = visit.form.word("wallet"), visit.form.word("account")
    if wallet not in named_wallets(visit) or seat.merchant.account(wallet, number) is None:
        raise Missing("account_unknown")
    if seat.merchant.authority(wallet, number, visit.house.clock.now()) is None:
        await _ask(visit, seat.merchant.id, wallet, number, (await visit.once()).key)
    return visit.go(f"{SETTINGS}?done=said#authority")


async def _ask(visit: Visit, merchant: str, wallet: str, code: str, once: str) -> None:
    """Have the worker get the authority for a code; the same `once` brings one task."""
    task = Task(
        kind="grant_authority",
        noun="merchant",
        subject=merchant,
        destination=f"wallet:{wallet}",
        payload={"wallet": wallet, "code": code},
    )
    async with visit.connection() as connection:
        if await nonces.spend(connection, visit.city, f"authority:{wallet}", once, _REAL.now() + _SPENT):
            await write_tasks(connection, visit.city, visit.house.clock.now(), [task])


ROUTES = (brought_back, given)
