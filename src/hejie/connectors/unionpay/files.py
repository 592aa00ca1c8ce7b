"""The settlement file of one clearing day (txnType 76): asked for, unpacked within bounds, read."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date

from hejie.base.errors import Missing, Refused, Unknown
from hejie.connectors.unionpay.gateway import Gateway
from hejie.connectors.unionpay.trade import key_of, stamp
from hejie.connectors.wallet import StatementRow
from hejie.payments.clearing import ClearingRecord, Movement
from hejie.payments.zm import Layout, read_line

NOT_THERE = "98"
MOST_BYTES = 256 * 1024 * 1024
"""Of one member, unpacked: 400,000 lines and more."""
_MEMBER = re.compile(r"INN[0-9]{8}(ZM|ZME)_[0-9A-Za-z]{15}", re.ASCII)
_LAYOUTS = {"ZM": Layout.zm, "ZME": Layout.zme}


async def statement(gateway: Gateway, day: date, merchant: str) -> list[StatementRow]:
    """The payments and refunds of one clearing day, which ends at 23:00.

    Errors: `Missing("statement_not_ready")`; `Unknown("statement_unreadable")` where a single line is wrong: half a
    file would hide a refund.
    """
    params = {
        "txnType": "76",
        "txnSubType": "01",
        "bizType": "000000",
        "merId": merchant,
        "settleDate": day.strftime("%m%d"),
        "txnTime": stamp(gateway.clock.now()),
        "fileType": "00",
    }
    told = await gateway.file(params)
    code = told.get("respCode")
    if code == NOT_THERE:
        raise Missing("statement_not_ready")
    if code != "00":
        raise Unknown("wallet_unavailable", said=code)
    return await asyncio.to_thread(_rows, told.get("fileContent", ""), day)


def _rows(packed: str, day: date) -> list[StatementRow]:
    try:
        records = [read_line(line, layout, day) for layout, line in lines_of(packed)]
    except Refused as error:
        raise Unknown("statement_unreadable", why=error.code) from None
    return [row for record in records if (row := _row(record))]


def lines_of(packed: str) -> Iterator[tuple[Layout, bytes]]:
    """The lines of a file's content: base64 of a deflated zip whose members are ZM and ZME files.

    Errors: `Refused("clearing_packed")` for anything else, none of them among it, or more than `MOST_BYTES`.
    """
    try:
        opener = zlib.decompressobj()
        archive = opener.decompress(base64.b64decode(packed, validate=True), MOST_BYTES)
        if not opener.eof:
            raise Refused("clearing_packed")
        with zipfile.ZipFile(io.BytesIO(archive)) as box:
            named = [(found, member) for member in box.infolist() if (found := _MEMBER.fullmatch(member.filename))]
            if not named:
                raise Refused("clearing_packed")
            for found, member in named:
                yield from _lines(box, member, _LAYOUTS[found[1]])
    except (binascii.Error, ValueError, zlib.error, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise Refused("clearing_packed") from None


def _lines(box: zipfile.ZipFile, member: zipfile.ZipInfo, layout: Layout) -> Iterator[tuple[Layout, bytes]]:
    if member.file_size > MOST_BYTES:
        raise Refused("clearing_packed")
    for line in box.read(member).splitlines():
        yield layout, line


def _row(record: ClearingRecord) -> StatementRow | None:
    """One row; None for an adjustment, which tells of no payment or refund by itself."""
    back = record.movement in {Movement.refund, Movement.void}
    if record.movement is Movement.adjustment:
        return None
    return StatementRow(
        trade_no=record.of_query_id if back else record.query_id,
        order_no=record.order_no,
        kind="refund" if back else "payment",
        amount_fen=record.amount_fen,
        refund_key=key_of(record.order_no) if back else "",
        finished_at=record.at,
        terminal=record.terminal,
    )
