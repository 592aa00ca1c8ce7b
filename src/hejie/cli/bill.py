"""`hejie bill read FILE`: what a consumer's exported bill says, as a table or as JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.money import yuan
from hejie.payments.bills import MOST_BYTES, Bill, BillRow, read_bill

NAME = "bill"
HELP = "read a bill exported from Alipay or WeChat Pay"


def arguments(parser: ArgumentParser) -> None:
    """`bill read FILE [--json]`."""
    read = parser.add_subparsers(dest="act", required=True).add_parser("read", help="print the payments in a file")
    read.add_argument("file", type=Path, help="the exported bill (CSV or XLSX)")
    read.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: Namespace) -> int:
    """Print the bill."""
    bill = read_bill(_content(args.file))
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
