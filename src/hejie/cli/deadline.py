"""`hejie deadline RULE START`: when a limit of the law ends, by which article, and every day passed over."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, Namespace
from datetime import UTC, date, datetime

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Missing, Refused
from hejie.cities import divisions
from hejie.law.book import Book
from hejie.law.clock import Deadline, Pause, Reading, Span, deadline, span_of
from hejie.law.rules import Rule, Unit
from hejie.law.shipped import book, calendar
from hejie.web.law_lines import deadline_lines

NAME = "deadline"
HELP = "when a limit of the law ends, by which article, and each day passed over with its reason"
_UNITS = {
    "h": Unit.hours,
    "d": Unit.calendar_days,
    "wd": Unit.working_days,
    "m": Unit.months,
    "y": Unit.years,
}
_SPAN = re.compile(r"([1-9][0-9]{0,3})(h|d|wd|m|y)", re.ASCII)
_DAY = 10


def arguments(parser: ArgumentParser) -> None:
    """Declare the command's own words."""
    parser.add_argument("rule", help="the rule's id, such as A1 (see `hejie law list`)")
    parser.add_argument("start", help="when it began: 2026-04-30, 2026-04-30T16:20, with a zone or else in Shanghai")
    parser.add_argument(
        "--pause", action="append", default=[], metavar="FROM..TO", help="days that do not count, both included"
    )
    parser.add_argument("--city", default="", help="six-digit code of the city whose province's rules count too")
    parser.add_argument("--span", default="", help="for a promise: how long, such as 48h, 3d, 5wd")
    parser.add_argument("--extended", action="store_true", help="with the extension that the rule allows")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the words (default: zh)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")


def run(args: Namespace) -> int:
    """Count, and print what came of it."""
    rules, province = book(), province_of(args.city)
    start, exact = _start(args.start)
    day = start.astimezone(SHANGHAI).date()
    rule = rules.chosen(args.rule, day, province)
    promised = _span(args.span) if args.span else None
    if not exact and span_of(rule, promised, extended=args.extended).unit is Unit.hours:
        raise Refused("law_start_time_missing", rule=rule.id, said=day)
    pauses = tuple(_pause(each) for each in args.pause)
    found = deadline(rule, start, calendar(), pauses, promised=promised, extended=args.extended)
    if args.json:
        others = [_other(each, start, pauses) for each in rules.outranked(args.rule, day, province)]
        told = _told(found) | {"outranked": others, "province": _province(rules, args.city, province)}
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    lines = deadline_lines(args.lang, found)
    if province:
        pack = rules.packs.get(province)
        lines += [f"{pack.name.said(args.lang)}: {pack.unknown.said(args.lang)}"] if pack else []
    print("\n".join(lines))
    return 0


def province_of(city: str) -> str:
    """The province of a city's code, empty for none; `Missing("city_unknown")` if there is no such city."""
    if not city:
        return ""
    known = divisions.exists(city) and city.endswith("00")
    below = divisions.children(city) if known else ()
    if not known or any(each.endswith("00") for each in below):
        raise Missing("city_unknown", city=city[:12])
    return city[:2] + "0000"


def rule_told(rule: Rule) -> dict[str, object]:
    """One wording as JSON."""
    text = rule.text
    return {
        "rule": rule.id,
        "title": {"zh": text.title.zh, "en": text.title.en},
        "sentence": {"zh": text.sentence.zh, "en": text.sentence.en},
        "source": [{"zh": each.cited("zh"), "en": each.cited("en"), "at": each.at} for each in rule.sources],
        "rank": rule.rank,
        "province": rule.province,
        "valid_from": text.valid_from.isoformat(),
        "valid_to": text.valid_to.isoformat() if text.valid_to else None,
        "unit": text.unit,
        "amount": text.amount,
        "roll": text.roll,
        "actor": text.actor,
        "trigger": text.trigger.key,
        "effect": {"zh": text.effect.zh, "en": text.effect.en},
        "confirmed": text.confirmed,
    }


def _told(found: Deadline) -> dict[str, object]:
    return {
        **rule_told(found.rule),
        "span": {"amount": found.span.amount, "unit": found.span.unit},
        "start": found.start.astimezone(SHANGHAI).isoformat(),
        "start_day": found.start_day.isoformat(),
        "raw_day": found.raw_day.isoformat(),
        "due": found.due.at.astimezone(SHANGHAI).isoformat(),
        "due_day": found.due.day.isoformat(),
        "reading": found.due.roll,
        "readings": [_reading(each) for each in found.readings],
        "status": "provisional" if found.provisional else "final",
        "missing_years": list(found.missing_years),
        "pauses": [{"from": each.first.isoformat(), "to": each.last.isoformat()} for each in found.pauses],
        "skipped": [
            {
                "day": each.day.isoformat(),
                "reason": each.why,
                "name": {"zh": each.holiday.name.zh, "en": each.holiday.name.en} if each.holiday else None,
                "statutory": bool(each.holiday and each.holiday.statutory),
            }
            for each in found.skipped
        ],
        "worked_by_swap": [day.isoformat() for day in found.swapped],
    }


def _reading(reading: Reading) -> dict[str, str]:
    at = reading.at.astimezone(SHANGHAI).isoformat()
    return {"roll": reading.roll, "due_day": reading.day.isoformat(), "due": at}


def _other(rule: Rule, start: datetime, pauses: tuple[Pause, ...]) -> dict[str, object]:
    """A weaker wording of the same day, with the day to which it would lead."""
    due = deadline(rule, start, calendar(), pauses).due if rule.text.amount else None
    return rule_told(rule) | {"due_day": due.day.isoformat() if due else None}


def _province(rules: Book, city: str, province: str) -> dict[str, object] | None:
    """What is known of the province's own rules; None where no city was named."""
    if not city:
        return None
    pack = rules.packs.get(province)
    if pack is None:
        return {"code": province, "filled": False, "unknown": None}
    return {"code": province, "filled": pack.filled, "unknown": {"zh": pack.unknown.zh, "en": pack.unknown.en}}


def _start(text: str) -> tuple[datetime, bool]:
    """An instant, and whether its time of day was given; a day alone is its first instant in Shanghai."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=SHANGHAI)
        return found.astimezone(UTC), len(text) > _DAY
    except (ValueError, OverflowError):
        raise Refused("law_start_unreadable", said=text[:40]) from None


def _pause(text: str) -> Pause:
    first, _, last = text.partition("..")
    try:
        return Pause(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise Refused("law_pause_unreadable", said=text[:40]) from None


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if not match:
        raise Refused("law_span_unreadable", said=text[:20])
    return Span(int(match[1]), _UNITS[match[2]])
