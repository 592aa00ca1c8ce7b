"""What wallets and messengers push: verified, kept once; only a hint or a receipt, a task does what follows."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from hejie.agenda import Task
from hejie.base.errors import Missing, Refused
from hejie.connectors.wallet import Callback, Tended, Wallet
from hejie.edge.house import House
from hejie.intake.payments import merchant_of
from hejie.store.pool import Connection, city_transaction
from hejie.store.writing import write_tasks

MOST_BYTES = 64 * 1024
SMS = "sms"
"""The channel under which receipts of text messages come."""
_NAME = re.compile(r"[\x21-\x7e]{0,128}")
_KEEP = """
insert into callback (city, channel, application, delivery, raw, received_at) values (%s, %s, %s, %s, %s, %s)
on conflict do nothing returning delivery
"""


@post(
    "/api/{city:str}/callbacks/{channel:str}/{application:str}",
    status_code=200,
    name="callback",
    request_max_body_size=MOST_BYTES,
)
async def callback(
    request: Request[Any, Any, Any], city: FromPath[str], channel: FromPath[str], application: FromPath[str]
) -> Response[str]:
    """Take one push. The signature is checked with that application's key; the same delivery is kept once.

    Answers the bare text `success`, which Alipay expects and the others do not read. Errors: 404 for a wallet this city
    does not have, 401 `signature_wrong` or `callback_stale`, 403 `callback_misdirected`, 400.
    """
    house: House = request.app.state.house
    await house.city(city)
    if channel == SMS:
        return await _receipt(request, house, city, application)
    wallet = _wallet(house, city, channel)
    raw = await request.body()
    if isinstance(wallet, Tended):
        await wallet.recall(request.headers)
    told = wallet.callback(dict(request.headers), raw)
    if told.application != application:  # else one push could be told again under another address
        raise Refused("callback_misdirected")
    if not all(_NAME.fullmatch(name) for name in (told.delivery_id, told.event_id, told.account)):
        raise Refused("callback_unreadable")
    async with city_transaction(house.pool, city) as connection:
        now = house.clock.now()
        kept = await connection.execute(_KEEP, [city, channel, application, told.delivery_id, raw, now])
        if await kept.fetchone() is not None:
            await write_tasks(connection, city, now, await _tasks(connection, city, channel, told))
    return Response("success", media_type="text/plain")


async def _receipt(request: Request[Any, Any, Any], house: House, city: str, account: str) -> Response[str]:
    """A messenger's receipt: signed with the account's secret, kept once; a task says what follows."""
    try:
        messenger = house.messengers(city)
    except Refused:
        raise Missing("page_unknown") from None
    raw = await request.body()
    told = messenger.receipt(dict(request.headers), raw)
    if told.account != account:
        raise Refused("callback_misdirected")
    if not (told.id and _NAME.fullmatch(told.id) and _NAME.fullmatch(told.key) and _NAME.fullmatch(told.code)):
        raise Refused("callback_unreadable")
    async with city_transaction(house.pool, city) as connection:
        now = house.clock.now()
        kept = await connection.execute(_KEEP, [city, SMS, account, told.id, raw, now])
        if await kept.fetchone() is not None:
            payload: dict[str, object] = {"arrival": told.arrival.value, "code": told.code}
            task = Task(kind="take_receipt", noun="delivery", subject=told.key, payload=payload)
            await write_tasks(connection, city, now, [task])
    return Response("success", media_type="text/plain")


def _wallet(house: House, city: str, channel: str) -> Wallet:
    try:
        return house.wallets(city, channel)
    except Refused:
        raise Missing("page_unknown") from None


async def _tasks(connection: Connection, city: str, channel: str, told: Callback) -> list[Task]:
    destination = f"wallet:{channel}"
    if told.kind == "case_changed":
        payload: dict[str, object] = {"wallet": channel, "event": told.event_id}
        return [Task(kind="follow_case", noun="case", subject=told.event_id, destination=destination, payload=payload)]
    if told.kind == "trade_changed" and told.trade_no:
        payload = {"wallet": channel, "trade_no": told.trade_no}
        return [
            Task(kind="follow_trade", noun="trade", subject=told.trade_no, destination=destination, payload=payload)
        ]
    if told.kind == "authority_withdrawn":
        merchant = await merchant_of(connection, city, channel, told.account)
        payload = {"wallet": channel, "account": told.account}
        return [Task(kind="withdraw_authority", noun="merchant", subject=merchant, payload=payload)] if merchant else []
    return []
