"""The daily bill file: asked for, fetched within bounds, and read column by name."""

from __future__ import annotations

import asyncio
import io
import re
import struct
import zipfile
import zlib
from datetime import date

import httpx

from hejie.base.errors import Missing, Refused, Unknown
from hejie.base.money import fen
from hejie.connectors.alipay.codes import word
from hejie.connectors.alipay.gateway import Gateway
from hejie.connectors.alipay.moments import instant
from hejie.connectors.transport import fetch
from hejie.connectors.wallet import StatementRow

_MOST_ZIP = 64 * 1024 * 1024
_MOST_TEXT = 256 * 1024 * 1024
_MOST_MEMBERS = 16
_KINDS = {"交易": "payment", "退款": "refund"}
_GOODS = "商品名称"
_COLUMNS = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    _GOODS,
    "完成时间",
    "门店名称",
    "终端号",
    "订单金额",
    "退款批次号",
)
_COUNTS = {kind: re.compile(rf"^#.*{name}合计：([0-9]{{1,9}})笔", re.MULTILINE) for name, kind in _KINDS.items()}

_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, LookupError, RuntimeError, EOFError, OSError)
"""What `zipfile` raises for a damaged archive, and for one whose packing it does not know."""


async def statement(gateway: Gateway, day: date, authority: str) -> list[StatementRow]:
    """The rows of `alipay.data.dataservice.bill.downloadurl.query` (`trade`) for one Shanghai day.

    `Missing("statement_not_ready")` before the file exists (next day, about 09:00); a day without
    business is an empty list; a file cut off or out of shape is `Unknown("statement_unreadable")`.
    """
    biz = {"bill_type": "trade", "bill_date": day.isoformat()}
    try:
        answer = await gateway.call("alipay.data.dataservice.bill.downloadurl.query", biz, authority)
    except Refused as error:
        told = word(str(error.facts["said"])).upper()
        if told == "NO_BILL_DATA":
            return []
        if told == "BILL_NOT_EXIST":
            raise Missing("statement_not_ready") from None
        raise
    try:
        request = gateway.client.build_request("GET", answer.need("bill_download_url"))
    except (httpx.InvalidURL, ValueError):
        raise Unknown("reply_unreadable", field="bill_download_url") from None
    data = await fetch(gateway.client, request, _MOST_ZIP)
    return await asyncio.to_thread(read_zip, data)


def read_zip(data: bytes) -> list[StatementRow]:
    """The rows of the detail member of a bill archive (names and text GBK); `Unknown("statement_unreadable")`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > _MOST_TEXT:
                raise Unknown("statement_unreadable", why="too_large")
            for member in members:
                with archive.open(member) as file:
                    text = file.read(_MOST_TEXT).decode("gb18030", errors="replace")
                if _COLUMNS[0] in text:
                    return read_text(text)
    except _BROKEN:
        raise Unknown("statement_unreadable", why="archive") from None
    raise Unknown("statement_unreadable", why="no_detail")


def read_text(text: str) -> list[StatementRow]:
    """The rows of a detail file: `#` lines, a header, rows, `#` lines whose counts must agree."""
    lines = [line.rstrip("\r") for line in text.rstrip().split("\n")]
    body = [line for line in lines if line.strip() and not line.startswith("#")]
    if not body or not lines[-1].startswith("#"):
        raise Unknown("statement_unreadable", why="cut_off")
    header = [cell.strip() for cell in body[0].split(",")]
    try:
        places = {name: next(at for at, cell in enumerate(header) if cell.startswith(name)) for name in _COLUMNS}
        rows = [_row(_cells(line, len(header), places[_GOODS]), places) for line in body[1:]]
    except (StopIteration, KeyError, ValueError, Refused):
        raise Unknown("statement_unreadable", why="shape") from None
    for kind, counts in _COUNTS.items():
        told = counts.search(text)
        if told and int(told[1]) != sum(row.kind == kind for row in rows):
            raise Unknown("statement_unreadable", why="counts")
    return rows


def _cells(line: str, width: int, goods: int) -> list[str]:
    """Cells of a line; nothing is quoted, so that commas in the name of goods are put back into it."""
    cells = line.split(",")
    extra = len(cells) - width
    if extra < 0:
        raise ValueError(line)
    return [*cells[:goods], ",".join(cells[goods : goods + extra + 1]), *cells[goods + extra + 1 :]]


def _row(cells: list[str], places: dict[str, int]) -> StatementRow:
    cell = {name: cells[at].strip() for name, at in places.items()}
    return StatementRow(
        trade_no=cell["支付宝交易号"],
        order_no=cell["商户订单号"],
        kind=_KINDS[cell["业务类型"]],
        amount_fen=fen(cell["订单金额"].lstrip("-")),
        refund_key=cell["退款批次号"],
        finished_at=instant(cell["完成时间"]),
        shop=cell["门店名称"],
        terminal=cell["终端号"],
    )
