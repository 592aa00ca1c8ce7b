"""`hejie acquirer`: `load` and `answers` take what came as a file, `export` writes one, `ask` asks an acquirer."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import msgspec

from hejie.app import App, build
from hejie.base.errors import Missing, Refused
from hejie.connectors.acquirer import Acquirers
from hejie.connectors.acquirer.trade import TraceAsked
from hejie.duties.acquirer_exports import ENCODINGS, KINDS, Export, write_export
from hejie.duties.announced_files import Acknowledgement, take_file
from hejie.duties.answer_files import take_answers
from hejie.duties.partner_files import Speaker
from hejie.intake.asked import Asker, note_asked
from hejie.payments.bank_hours import business_day
from hejie.settings import read_settings
from hejie.store.pool import city_transaction

NAME = "acquirer"
HELP = "take an acquirer's files and write some for it, or ask it about one disputed payment"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`acquirer load | answers | export | ask`."""
    acts = parser.add_subparsers(dest="act", required=True)
    load = acts.add_parser("load", help="take announcements line by line; the same file twice changes nothing")
    answers = acts.add_parser("answers", help="take answers for merchants line by line, each once")
    for each in (load, answers):
        each.add_argument("file", type=Path)
    export = acts.add_parser("export", help="write the disputes on its payments, or the refunds asked through it")
    export.add_argument("--kind", choices=KINDS, required=True)
    export.add_argument("--into", type=Path, required=True, help="the folder; the file's name says kind and time")
    export.add_argument("--encoding", choices=ENCODINGS, default=ENCODINGS[0])
    ask = acts.add_parser("ask", help="ask what a number, or a terminal and a time, leads to; it is written down")
    ask.add_argument("--number", default="", help="the acquirer's number of the payment, or the merchant's")
    ask.add_argument("--terminal", default="")
    ask.add_argument(
        "--at", type=datetime.fromisoformat, help="when it was paid, with the zone: 2026-11-30T18:00+08:00"
    )
    ask.add_argument("--purpose", required=True, help="what the answer is for; the acquirer and the city keep it")
    ask.add_argument("--dispute", required=True, help="the dispute's identifier")
    for each in (load, answers, export, ask):
        each.add_argument("--city", required=True, help="six-digit code of the city")
        each.add_argument("--acquirer", required=True, help="the acquirer's number, as the connections name it")
        each.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do it."""
    acts = {"load": _load, "answers": _answers, "export": _export, "ask": _ask}
    asyncio.run(acts[args.act](args))
    return 0


async def _load(args: argparse.Namespace) -> None:
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        taken = await take_file(app.desk, args.city, args.file, speaker_of(app, args.city, args.acquirer))
    print(json.dumps(msgspec.to_builtins(taken)) if args.json else _sentence(taken))


async def _answers(args: argparse.Namespace) -> None:
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        taken = await take_answers(app.desk, args.city, args.file, speaker_of(app, args.city, args.acquirer))
    told = f"{taken.lines} lines: {taken.answered} answered, {taken.rejected} rejected; business day"
    print(json.dumps(msgspec.to_builtins(taken)) if args.json else f"{told} {taken.business_day}")


async def _export(args: argparse.Namespace) -> None:
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        acquirer = speaker_of(app, args.city, args.acquirer).acquirer
        export = Export(city=args.city, acquirer=acquirer, kind=args.kind, into=args.into, encoding=args.encoding)
        written = await write_export(app.pool, app.clock, export)
    told = {"path": str(written.path), "lines": written.lines}
    print(json.dumps(told) if args.json else f"{written.lines} lines: {written.path}")


def speaker_of(app: App, city: str, acquirer: str) -> Speaker:
    """Who an acquirer may speak for; `Missing("acquirer_unknown")`."""
    door = app.house.acquirers.get((city, acquirer))
    if door is None:
        raise Missing("acquirer_unknown")
    return Speaker(acquirer=door.id, numbers=door.numbers, business_day=partial(business_day, door.hours))


def _sentence(taken: Acknowledgement) -> str:
    counts = f"{taken.bound} bound, {taken.waiting} waiting, {taken.rejected} rejected"
    return f"{taken.lines} lines: {counts}; business day {taken.business_day}"


async def _ask(args: argparse.Namespace) -> None:
    """Ask one acquirer; who asked, what for, and how much was found is written down here too."""
    if not args.number and not (args.terminal and args.at and args.at.tzinfo):
        raise Refused("reference_unreadable")
    asker = Asker(role="operator", person=getpass.getuser(), purpose=args.purpose, dispute=args.dispute)
    asker.must_say_why()
    asked = TraceAsked(
        purpose=args.purpose, dispute=args.dispute, number=args.number, terminal=args.terminal, at=args.at
    )
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        wallet = app.tools.wallet(args.city, Acquirers.name)
        if not isinstance(wallet, Acquirers):
            raise Missing("acquirer_unknown")
        found = await wallet.trace(args.acquirer, asked, uuid4().hex)
        async with city_transaction(app.pool, args.city) as connection:
            vault, reference = app.tools.vaults(args.city), f"{args.acquirer}\0{args.number}\0{args.terminal}"
            await note_asked(connection, vault, args.city, asker, reference, len(found), app.clock.now())
    for each in found:
        line = f"{each.paid_at.isoformat()}  {each.amount_fen:>10}  {each.merchant}  {each.terminal}  {each.payment}"
        print(json.dumps(msgspec.to_builtins(each)) if args.json else line)
