"""The daily trade bill (APIv3 tradebill, T+1 from 10 o'clock): asked for, fetched, compared with its digest, read."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from datetime import date, datetime
from urllib.parse import urlsplit

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused, Unknown
from hejie.base.money import fen
from hejie.connectors.transport import fetch
from hejie.connectors.wallet import StatementRow
from hejie.connectors.wechatpay.gateway import Gateway

_MOST = 64 * 1024 * 1024
_NOT_READY = frozenset({"NO_STATEMENT_EXIST", "STATEMENT_CREATING"})
_TIME, _TRADE, _ORDER, _STATE = "交易时间", "微信订单号", "商户订单号", "交易状态"
_PAID, _REFUND_KEY, _REFUNDED, _DEVICE = "订单金额", "商户退款单号", "申请退款金额", "设备号"
_COLUMNS = (_TIME, _TRADE, _ORDER, _STATE, _PAID, _REFUND_KEY, _REFUNDED, _DEVICE)
_SUMMARY = "总交易单数"


class Where(Struct, frozen=True):
    """Where a bill lies and what its bytes must be."""

    hash_type: str
    hash_value: str
    download_url: str


async def statement(gateway: Gateway, day: date, authority: str) -> list[StatementRow]:
    """The rows of one Shanghai day.

    Errors: `Missing("statement_not_ready")`; `Unknown("statement_unreadable")` for other bytes than were promised.
    """
    query = {"bill_date": day.isoformat(), "bill_type": "ALL", "sub_mchid": authority}
    try:
        where = await gateway.get("/v3/bill/tradebill", query, Where)
    except Refused as error:
        if error.facts.get("said") in _NOT_READY:
            raise Missing("statement_not_ready") from None
        raise
    parts = urlsplit(where.download_url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise Unknown("reply_unreadable", field="download_url")
    data = await fetch(gateway.client, gateway.request("GET", where.download_url, target, b""), _MOST)
    if where.hash_type != "SHA1" or hashlib.sha1(data, usedforsecurity=False).hexdigest() != where.hash_value.lower():
        raise Unknown("statement_unreadable", why="digest")
    return await asyncio.to_thread(read_bill, data)


def read_bill(data: bytes) -> list[StatementRow]:
    """The rows of a bill: a header, rows whose cells begin with a backtick, a summary whose count must agree.

    Errors: `Unknown("statement_unreadable")`.
    """
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise Unknown("statement_unreadable", why="text") from None
    lines = [line for line in lines if line]
    heads = [at for at, line in enumerate(lines) if line[0].startswith(_SUMMARY)]
    if not lines or len(heads) != 1 or heads[0] != len(lines) - 2 or len(lines[-1]) != len(lines[-2]):
        raise Unknown("statement_unreadable", why="cut_off")
    body, count = lines[1 : heads[0]], _bare(lines[-1][0])
    if not count.isascii() or not count.isdigit() or int(count) != len(body):
        raise Unknown("statement_unreadable", why="counts")
    try:
        places = {name: lines[0].index(name) for name in _COLUMNS}
        return [row for line in body if (row := _row(line, places))]
    except (IndexError, KeyError, ValueError, Refused):
        raise Unknown("statement_unreadable", why="shape") from None


def _row(line: list[str], places: dict[str, int]) -> StatementRow | None:
    """One row; None for one that moved no money (a revoked order)."""
    cell = {name: _bare(line[at]) for name, at in places.items()}
    state = cell[_STATE]
    if state not in {"SUCCESS", "REFUND"}:
        if state == "REVOKED":
            return None
        raise ValueError(state)
    refunded = state == "REFUND"
    finished = datetime.strptime(cell[_TIME], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    return StatementRow(
        trade_no=cell[_TRADE],
        order_no=cell[_ORDER],
        kind="refund" if refunded else "payment",
        amount_fen=fen(cell[_REFUNDED if refunded else _PAID]),
        refund_key=cell[_REFUND_KEY] if refunded else "",
        finished_at=finished,
        terminal=cell[_DEVICE],
    )


def _bare(cell: str) -> str:
    return cell.strip().removeprefix("`").strip()
