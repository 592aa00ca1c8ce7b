"""`hejie statistics`: what a city received, what became of it and how long it took, counted from every dispute."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, Namespace
from datetime import date

import msgspec

from hejie.app import App, build
from hejie.base.errors import Refused
from hejie.cities.settings import CitySettings
from hejie.edge.words import LANGUAGES, say
from hejie.intake.day_counts import count_all, forget_counts
from hejie.queries.statistics import CUTS, Statistics, period, statistics
from hejie.settings import read_settings
from hejie.store.pool import city_transaction
from hejie.store.settings import settings_at
from hejie.web import statistic_lines
from hejie.web.csv_out import as_csv

NAME = "statistics"
HELP = "a city's figures of a time, counted from every dispute; the same as the officers' page shows"


def arguments(parser: ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("--city", required=True, help="six-digit code of the city")
    parser.add_argument("--from", dest="first", required=True, metavar="DAY", help="first day in Shanghai: 2026-11-01")
    parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="last day, included")
    parser.add_argument("--cut", choices=CUTS, default="", help="only the table by this")
    parser.add_argument("--counters", action="store_true", help="read the kept counters, as the page does")
    parser.add_argument("--rebuild", action="store_true", help="first count all kept counters anew")
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of the words (default: zh)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print JSON")
    how.add_argument("--csv", action="store_true", help="print a table for spreadsheets")


def run(args: Namespace) -> int:
    """Count, and print what came of it."""
    settings, found = asyncio.run(_asked(args))
    if args.json:
        print(json.dumps(_json(found, args.cut), ensure_ascii=False, indent=1))
        return 0
    cuts = (args.cut,) if args.cut else CUTS
    lines = statistic_lines.rows(args.lang, settings, found, cuts, whole=not args.cut)
    if args.csv:
        head = [say(args.lang, each) for each in statistic_lines.HEAD]
        sys.stdout.flush()
        sys.stdout.buffer.write(as_csv([head, *lines]))
        sys.stdout.buffer.flush()
        return 0
    times = (found.period, found.before, found.year_before)
    print(" | ".join(statistic_lines.days(each) for each in times))
    before: object = None
    for table, code, name, label, *figures in lines:
        if (table, code) != before:
            print(f"\n{name}" + (f" ({table} {code})" if table != "all" else ""))
        before = (table, code)
        now, earlier, rate, year, year_rate = figures
        print(f"  {label}: {now} | {earlier} {_percent(rate)} | {year} {_percent(year_rate)}".rstrip(" |"))
    return 0


async def _asked(args: Namespace) -> tuple[CitySettings, Statistics]:
    wanted = period(_day(args.first), _day(args.last))
    async with build(read_settings()) as app:
        await app.house.city(args.city)
        if args.rebuild:
            await _rebuilt(app, args.city)
        async with city_transaction(app.pool, args.city) as connection:
            settings = await settings_at(connection, args.city, app.clock.now())
            return settings, await statistics(connection, args.city, wanted, afresh=not args.counters)


async def _rebuilt(app: App, city: str) -> None:
    async with city_transaction(app.pool, city) as connection:
        await forget_counts(connection, city)
    await count_all(app.pool, city)


def _json(found: Statistics, cut: str) -> dict[str, object]:
    told = msgspec.to_builtins(found)
    told["cuts"] = {name: each for name, each in told["cuts"].items() if cut in {"", name}}
    told["whole"]["growth"] = {each.figure: each.growth for each in statistic_lines.told("en", found.whole)}
    told["whole"]["year_growth"] = {each.figure: each.year_growth for each in statistic_lines.told("en", found.whole)}
    return dict(told)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("period_unreadable", said=text[:20]) from None


def _percent(rate: object) -> str:
    return "" if rate in {"", None} else f"({rate:+} %)"
