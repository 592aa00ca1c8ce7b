"""`hejie clearing load FILE --agreement ID`: clearing records of an acquirer or clearing house come in."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from hejie.app import App, build
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.intake.clearing import Delivery, Loaded, load_clearing, place, subject
from hejie.intake.manifest import read_manifest
from hejie.payments.clearing_files import Form, Totals
from hejie.queries import clearing
from hejie.settings import read_settings
from hejie.store.contents import read_data_key
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.web.clearing_sentences import CLEARING

NAME = "clearing"
HELP = "load clearing records under a recorded agreement, list the files, show what could not be read"

_UNIONPAY_NAME = re.compile(r"INN([0-9]{6})[0-9]{2}(ZME|ZM)_", re.ASCII)
_SUFFIXES = {".csv": Form.csv, ".8583": Form.iso8583, ".iso8583": Form.iso8583, ".zm": Form.zm, ".zme": Form.zme}


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `FILE.manifest.json` tells of a file."""

    records: int
    payments_fen: int
    refunds_fen: int
    sha256: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """`clearing load | list | broken`."""
    acts = parser.add_subparsers(dest="act", required=True)
    load = acts.add_parser("load", help="load one file, whole or not at all; the same file twice changes nothing")
    load.add_argument("file", type=Path)
    load.add_argument("--city", required=True, help="six-digit code of the city")
    load.add_argument("--agreement", required=True, help="the agreement in the city's settings that allows it")
    load.add_argument("--form", choices=[each.value for each in Form], help="default: by the file's name")
    load.add_argument("--day", type=date.fromisoformat, help="the clearing day (default: by the name, else today)")
    load.add_argument("--no-totals", action="store_true", help="load although nothing tells what the file should hold")
    listed = acts.add_parser("list", help="list the loaded files")
    broken = acts.add_parser("broken", help="show the records of a file that could not be read")
    broken.add_argument("number", type=int, help="the file's number, as `list` shows it")
    broken.add_argument("--bytes", action="store_true", help="show their bytes, which may hold card numbers")
    for each in (listed, broken):
        each.add_argument("--city", required=True, help="six-digit code of the city")
    for each in (load, listed, broken):
        each.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do it."""
    acts = {"load": _load, "list": _list, "broken": _broken}
    asyncio.run(acts[args.act](args))
    return 0


async def _load(args: argparse.Namespace) -> None:
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        now = app.clock.now()
        day = args.day or day_of(args.file.name) or now.astimezone(SHANGHAI).date()
        async with city_transaction(app.pool, args.city) as connection:
            settings = await settings_at(connection, args.city, now)
        form = Form(args.form) if args.form else form_of(args.file.name)
        manifest = read_manifest(args.file, Manifest)
        if manifest is None and form is not Form.csv and not args.no_totals:
            raise Refused("clearing_totals_missing")
        delivery = Delivery(
            path=args.file,
            form=form,
            day=day,
            agreement=settings.clearing_agreement(args.agreement, day),
            told=Totals(manifest.records, manifest.payments_fen, manifest.refunds_fen) if manifest else None,
            digest=manifest.sha256 if manifest else "",
        )
        loaded = await load_clearing(app.pool, app.tools.vaults(args.city), args.city, delivery, now, app.desk.chance)
    print(_as_json(loaded) if args.json else _sentence(loaded))


def _sentence(loaded: Loaded) -> str:
    days = f"{loaded.first_day} to {loaded.last_day}" if loaded.first_day else "no day"
    told = f"file {loaded.number}: {loaded.records} records, {loaded.broken} broken, {days}"
    return f"{told}; it was loaded before, nothing has changed" if loaded.again else told


async def _list(args: argparse.Namespace) -> None:
    async with build(read_settings()) as app, city_transaction(app.pool, args.city) as connection:
        page = await clearing.files(connection, args.city)
        while page:
            for each in page:
                counts = f"{each.records:>9} {each.broken:>6}"
                line = f"{each.number:>6}  {each.agreement:<16} {each.form:<8} {counts}  {each.name}"
                print(_as_json(each) if args.json else line)
            page = await clearing.files(connection, args.city, page[-1].number)


async def _broken(args: argparse.Namespace) -> None:
    async with build(read_settings()) as app:
        after = 0
        while rows := await _page(app, args.city, args.number, after):
            for line, why, raw in rows:
                sentence = CLEARING.get(why, why)
                told = {"line": line, "why": why, **({"bytes": raw.hex()} if args.bytes else {})}
                shown = f"{line:>9}  {sentence}" + (f"  {raw.decode('gb18030', 'replace')}" if args.bytes else "")
                print(json.dumps(told) if args.json else shown)
            after = rows[-1][0]


async def _page(app: App, city: str, number: int, after: int) -> list[tuple[int, str, bytes]]:
    vault = app.tools.vaults(city)
    async with city_transaction(app.pool, city) as connection:
        rows = await clearing.broken(connection, city, number, after)
        if not rows:
            return []
        key = await read_data_key(connection, vault, city, subject(number))
    return [(line, why, vault.open(key, place(number), sealed)) for line, why, sealed in rows]


def form_of(name: str) -> Form:
    """A file's form by its name; `Missing("clearing_form_unknown")`."""
    named = _UNIONPAY_NAME.search(name)
    found = Form(named[2].lower()) if named else _SUFFIXES.get(Path(name).suffix.lower())
    if found is None:
        raise Missing("clearing_form_unknown")
    return found


def day_of(name: str) -> date | None:
    """The clearing day in UnionPay's file names (`INNyymmdd88ZM_…`); None where there is none."""
    named = _UNIONPAY_NAME.search(name)
    if named is None:
        return None
    try:
        return date.fromisoformat(f"20{named[1]}")
    except ValueError:
        return None


def _as_json(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
