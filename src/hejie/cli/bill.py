"""`hejie bill read FILE`: what a consumer's exported bill says, as a table or as JSON."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.money import yuan
from hejie.payments.bills import MOST_BYTES, Bill, BillRow, read_bill

NAME = "bill"
HELP = "read a bill exported from Alipay or WeChat Pay"

_SENTENCES = {
    "bill_empty": (
        "这个文件里没有任何交易记录，请重新导出账单。",
        "There is no payment in this file; please export the bill again.",
    ),
    "bill_too_large": (
        "文件太大（上限 10 MB、20000 笔），请选短一些的时间段重新导出。",
        "The file is too large (10 MB and 20,000 rows at most); please export a shorter period.",
    ),
    "bill_zipped": (
        "这是压缩包，请先用钱包给您的密码解压，再提交里面的账单文件。",
        "This is an archive; please unpack it with the password from your wallet and bring the file inside.",
    ),
    "bill_unknown_format": (
        "这不是支付宝或微信支付导出的账单（CSV 或 XLSX）。",
        "This is not a bill exported from Alipay or WeChat Pay (CSV or XLSX).",
    ),
    "bill_cut_off": (
        "账单文件不完整，后面的内容缺失，请重新下载后再试。",
        "The bill is cut off, its end is missing; please download it again.",
    ),
    "bill_damaged": (
        "账单文件已损坏，无法读取，请重新下载后再试。",
        "The bill file is damaged and cannot be read; please download it again.",
    ),
    "bill_row_unreadable": (
        "账单第 {row} 笔的时间或金额无法辨认，请重新导出，不要修改文件。",
        "Time or amount of payment {row} cannot be read; please export the bill again and do not edit it.",
    ),
    "file_unreadable": (
        "打不开这个文件，请检查路径和权限。",
        "The file cannot be opened; please check its path and permissions.",
    ),
}


def arguments(parser: ArgumentParser) -> None:
    """`bill read FILE [--json]`."""
    read = parser.add_subparsers(dest="act", required=True).add_parser("read", help="print the payments in a file")
    read.add_argument("file", type=Path, help="the exported bill (CSV or XLSX)")
    read.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: Namespace) -> int:
    """Print the bill; exit 2 with one sentence in Chinese and one in English where it cannot be read."""
    try:
        bill = read_bill(_content(args.file))
    except Refused as refusal:
        for sentence in _SENTENCES[refusal.code]:
            print(sentence.format(**refusal.facts), file=sys.stderr)
        return 2
    print(_as_json(bill) if args.json else _as_table(bill))
    return 0


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        raise Refused("file_unreadable") from None


def _payment(row: BillRow) -> dict[str, object]:
    return {
        "time": row.time.astimezone(SHANGHAI).isoformat(),
        "kind": row.kind,
        "counterparty": row.counterparty,
        "item": row.item,
        "direction": row.direction,
        "amount_fen": row.amount_fen,
        "method": row.method,
        "status": row.status,
        "trade_no": row.trade_no,
        "order_no": row.order_no,
        "disputable": row.disputable,
        "why": row.why,
    }


def _as_json(bill: Bill) -> str:
    payments = [_payment(row) for row in bill.payments]
    return json.dumps({"wallet": bill.wallet, "payments": payments}, ensure_ascii=False, indent=1)


def _as_table(bill: Bill) -> str:
    lines = [f"{bill.wallet}  {bill.layout}  {len(bill.payments)}"]
    signs = {"out": "-", "in": "+", "neutral": " "}
    for row in bill.payments:
        when = row.time.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        amount = signs[row.direction] + yuan(row.amount_fen)
        words = "  ".join(filter(None, (row.kind, row.counterparty, row.item, row.status)))
        lines.append(f"{when}  {amount:>13}  {row.disputable:<3}  {row.why:<23}  {words}")
    return "\n".join(lines)
