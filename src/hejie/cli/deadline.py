"""`hejie deadline RULE START`: when a limit of the law ends, by which article, and every day passed over."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from hejie.base.clock import SHANGHAI
from hejie.cities.divisions import province_of
from hejie.law.asked import Question, Weaker, answered, length_of, pause_of, start_of, weaker
from hejie.law.book import Book
from hejie.law.clock import Deadline, Reading
from hejie.law.rules import Rule
from hejie.law.shipped import book, calendar
from hejie.web.law_lines import deadline_lines, province_lines

NAME = "deadline"
HELP = "when a limit of the law ends, by which article, and each day passed over with its reason"


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
    rules, province = book(), province_of(args.city) if args.city else ""
    start, exact = start_of(args.start)
    question = Question(
        rule=args.rule,
        start=start,
        exact=exact,
        province=province,
        pauses=tuple(pause_of(each) for each in args.pause),
        span=length_of(args.span) if args.span else None,
        extended=args.extended,
    )
    found = answered(question, rules, calendar())
    if args.json:
        others = [_other(each) for each in weaker(question, rules, calendar())]
        told = _told(found) | {"outranked": others, "province": _province(rules, args.city, province)}
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    lines = [*deadline_lines(args.lang, found), *province_lines(args.lang, rules, province)]
    print("\n".join(lines))
    return 0


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


def _other(each: Weaker) -> dict[str, object]:
    """A weaker wording of the same day, with the day to which it would lead."""
    return rule_told(each.rule) | {"due_day": each.due.day.isoformat() if each.due else None}


def _province(rules: Book, city: str, province: str) -> dict[str, object] | None:
    """What is known of the province's own rules; None where no city was named."""
    if not city:
        return None
    pack = rules.packs.get(province)
    if pack is None:
        return {"code": province, "filled": False, "unknown": None}
    return {"code": province, "filled": pack.filled, "unknown": {"zh": pack.unknown.zh, "en": pack.unknown.en}}
