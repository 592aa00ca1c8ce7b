"""The settlement file of one clearing day as UnionPay writes it: GBK, fixed width in bytes, zipped, deflated."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hejie_sandbox.clock import BEIJING
from hejie_sandbox.unionpay.wire import RefusalError

if TYPE_CHECKING:
    from hejie_sandbox.unionpay.wire import Call

READY_HOUR = 9
WIDTHS = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15),
    *(32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98),
)
_CODES = {"01": "S22", "04": "S30", "31": "S31"}


def download(call: Call) -> dict[str, str]:
    """Answer txnType 76: the day's file, or 98 before it is there."""
    merchant, box = call.merchant(), call.box
    wanted = call.need("settleDate")
    now = datetime.fromtimestamp(box.clock.now(), BEIJING)
    day = next((each for each in (now - timedelta(days=back) for back in range(366)) if f"{each:%m%d}" == wanted), None)
    ready = day and (day + timedelta(days=1)).replace(hour=READY_HOUR, minute=0, second=0)
    if day is None or ready is None or now < ready:
        raise RefusalError("98", "文件不存在[5040098]")
    sql = "SELECT * FROM up_transactions WHERE mer_id = ? AND settle_date = ? AND settles_at <= ? ORDER BY at, query_id"
    rows = box.ledger.rows(sql, merchant["mer_id"], f"{day:%Y%m%d}", box.now())
    paid = {row["of_query_id"]: _paid(call, row["of_query_id"]) for row in rows if row["of_query_id"]}
    lines = [line(dict(row), dict(merchant), call.member["member"], paid.get(row["of_query_id"])) for row in rows]
    name = f"INN{day:%y%m%d}88ZM_{merchant['mer_id']}"
    return {
        "respCode": "00",
        "respMsg": "成功[0000000]",
        "settleDate": wanted,
        "fileName": f"{merchant['mer_id']}_{day:%Y%m%d}.zip",
        "fileContent": packed({name: b"".join(each + b"\r\n" for each in lines)}),
    }


def _paid(call: Call, query_id: str) -> dict[str, Any]:
    found = call.box.ledger.row("SELECT * FROM up_transactions WHERE query_id = ?", query_id)
    if found is None:
        raise RefusalError("99", "通用错误")
    return dict(found)


def line(row: dict[str, Any], merchant: dict[str, Any], acquirer: str, paid: dict[str, Any] | None) -> bytes:
    """Return one record of 607 bytes."""
    sub = ("", "", "", "")
    cells = (
        *(_CODES[row["txn_type"]], acquirer, acquirer, row["trace_no"], row["txn_time"][4:], row["card"]),
        *(f"{row['amount']:012d}", merchant["mcc"], "08", row["query_id"], "", row["order_id"][:32], "01"),
        *((paid["trace_no"], paid["txn_time"][4:]) if paid else ("000000", "0000000000")),
        *(f"D{0:012d}", f"{'D' if paid else 'C'}{row['amount']:012d}", "", "", row["txn_type"], "00", "000201", "01"),
        *("", "", "0", paid["query_id"] if paid else "0" * 21, merchant["mer_id"], "", *sub[:2], sub[2], sub[3]),
        *(merchant["terminal"], "", "", "", "", "", "", "", ""),
    )
    return b" ".join(_padded(cell, width) for cell, width in zip(cells, WIDTHS, strict=True))


def _padded(text: str, width: int) -> bytes:
    raw = text.encode("gbk")
    if len(raw) > width:
        raise ValueError(text)
    return raw.ljust(width)


def packed(members: dict[str, bytes]) -> str:
    """Return files as they travel: base64 of a deflated zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in members.items():
            box.writestr(name, content)
    return base64.b64encode(zlib.compress(out.getvalue())).decode()
