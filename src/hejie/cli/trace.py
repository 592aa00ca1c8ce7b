"""`hejie trace REFERENCE`: the payment behind a number, who was paid, the merchant of today, and how to reach it."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
from datetime import datetime
from typing import Any

import msgspec

from hejie.app import build
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.money import yuan
from hejie.edge.tracing import traced
from hejie.intake.asked import Asker
from hejie.queries.trace import Answer, Reference
from hejie.settings import read_settings

NAME = "trace"
HELP = "find the payment behind a number, who was paid then, and how that merchant is reached today"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`trace [NUMBER] --city CITY --purpose WORDS`, or by trace number or terminal with its time."""
    parser.add_argument("number", nargs="?", default="", help="trade number, order number, queryId or RRN")
    parser.add_argument("--trace", default="", help="system trace number; needs --at and --acquirer")
    parser.add_argument("--acquirer", default="", help="the acquirer's number")
    parser.add_argument("--terminal", default="", help="terminal number; needs --at")
    parser.add_argument("--at", type=_instant, help="when it was paid, Shanghai time unless it names another zone")
    parser.add_argument("--city", required=True, help="six-digit code of the city")
    parser.add_argument("--purpose", required=True, help="what the answer is for; it is written down")
    parser.add_argument("--dispute", default="", help="the dispute it is for")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def run(args: argparse.Namespace) -> int:
    """Print the answers; exit 1 where there is none."""
    reference = Reference(
        number=args.number, trace=args.trace, acquirer=args.acquirer, terminal=args.terminal, at=args.at
    )
    if not reference.whole:
        raise Refused("reference_unreadable")
    found = asyncio.run(_ask(args, reference))
    if args.json:
        print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(_told(each) for each in found) or "nothing is known of it here")
    return 0 if found else 1


async def _ask(args: argparse.Namespace, reference: Reference) -> list[Answer]:
    asker = Asker(role="operator", person=getpass.getuser(), purpose=args.purpose, dispute=args.dispute)
    asker.must_say_why()
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        return await traced(app.house, args.city, reference, asker)


def _told(each: Answer) -> str:
    paid, who = each.paid_at.astimezone(SHANGHAI), each.merchant
    sure = f" {each.basis} {each.confidence / 100:g} %" if each.basis else ""
    lines: list[tuple[str, Any]] = [
        ("payment", f"{each.wallet or 'card'} {each.trade_no}"),
        ("order", each.order_no),
        ("paid", f"{yuan(each.paid_fen)} on {paid:%Y-%m-%d %H:%M:%S}, {yuan(each.refunded_fen)} back"),
        ("identities", ", ".join(each.identities)),
        ("merchant", f"{who.name} ({who.id}, {who.state})" if who else "unknown"),
        ("reached by", ", ".join(who.reach) or "nothing" if who else ""),
        ("pays today", ", ".join(who.accounts) if who else ""),
        ("because", f"{each.belief.value}{sure}"),
        ("note", each.note),
        ("dispute", each.dispute),
        ("records", ", ".join(each.records)),
    ]
    return "\n".join(f"{name + ':':<12} {value}" for name, value in lines if value)
