"""`deadlines`: ends of the law's limits per second, and open duties counted again after a calendar has changed."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from hejie.base.clock import SHANGHAI
from hejie.law.calendar import Calendar, Holiday, Year
from hejie.law.clock import Pause, deadline, end_of, span_of, spans_of
from hejie.law.recount import Open, recount
from hejie.law.shipped import book, calendar
from hejie.law.words import Words
from hejie_lab.bench.measure import Report, Run, load_now, report, run_of

HELP = "ends of the law's limits per second, and open duties counted again after a calendar change"
ENDS, EXPLAINED, AGAIN = "ends alone", "explained", "counted again"
RULES = ("A1", "M1", "M4", "V1", "R1", "R2")
_FIRST, _DAYS = date(2026, 4, 15), 250
_PAUSED = 0.1
_NAME = Words(zh="元旦", en="New Year's Day")
NOTICE = Year(
    year=2027,
    notice=Words(zh="测试用通知", en="A notice made up for this measurement"),
    issued=date(2026, 11, 1),
    workdays=(date(2027, 1, 9),),
    holiday=(Holiday(name=_NAME, first=date(2027, 1, 1), last=date(2027, 1, 3), statutory=(date(2027, 1, 1),)),),
)
"""What changes: a made-up notice for a year that had none."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark's own words."""
    parser.add_argument("--count", type=int, default=1_000_000, help="open duties (default: 1000000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all in turn (default: 3)")


def run(args: argparse.Namespace, tell: Callable[[str], None]) -> Report:
    """Measure by the command's words."""
    return measure(count=args.count, rounds=args.rounds, tell=tell)


def measure(*, count: int, rounds: int, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Random open duties in memory; a tenth of those that may stand still do. No database takes part."""
    duties = _duties(count, random.Random(count))
    runs: list[Run] = []
    moved = 0
    for number in range(1, rounds + 1):
        runs += [_ends(duties, number), _explained(duties[: max(1, count // 20)], number)]
        again, moved = _again(duties, number)
        runs.append(again)
        tell(", ".join(f"{run.what}: {run.per_second:,.0f}/s" for run in runs[-3:]))
    findings = {
        "moved": moved,
        "seconds for all": [run.seconds for run in runs if run.what == AGAIN],
        "included": "the new calendar itself, the wording by its day, the end with pauses and both readings, "
        "the comparison; not the reading and writing of rows",
    }
    return report("deadlines", "", {"duties": count, "rounds": rounds}, runs, findings)


def _duties(count: int, chance: random.Random) -> list[Open]:
    rules, days = book(), calendar()
    made = []
    for key in range(count):
        name, begun = chance.choice(RULES), _FIRST + timedelta(days=chance.randrange(_DAYS))
        rule = rules.chosen(name, begun)
        pauses: tuple[Pause, ...] = ()
        if rule.text.stopped_by and chance.random() < _PAUSED:
            first = begun + timedelta(days=chance.randrange(1, 30))
            pauses = (Pause(first, first + timedelta(days=chance.randrange(30))),)
        end = end_of(rule, span_of(rule), days.day(begun), days, spans_of(rule, pauses, days))
        made.append(Open(key=key, rule=name, begun=begun, due=days.date(end), pauses=pauses))
    return made


def _ends(duties: Sequence[Open], number: int) -> Run:
    """The last day of each, as a date."""
    rules, days, before = book(), calendar(), load_now()
    began = time.perf_counter()
    for duty in duties:
        rule = rules.chosen(duty.rule, duty.begun)
        spans = spans_of(rule, duty.pauses, days) if duty.pauses else ()
        days.date(end_of(rule, span_of(rule), days.day(duty.begun), days, spans))
    return _run(ENDS, len(duties), number, time.perf_counter() - began, before)


def _explained(duties: Sequence[Open], number: int) -> Run:
    """The whole answer, every day passed over included."""
    rules, days, before = book(), calendar(), load_now()
    starts = [datetime.combine(duty.begun, datetime.min.time(), SHANGHAI) for duty in duties]
    began = time.perf_counter()
    for duty, start in zip(duties, starts, strict=True):
        deadline(rules.chosen(duty.rule, duty.begun), start, days, duty.pauses)
    return _run(EXPLAINED, len(duties), number, time.perf_counter() - began, before)


def _again(duties: Sequence[Open], number: int) -> tuple[Run, int]:
    before = load_now()
    began = time.perf_counter()
    changed = Calendar([*calendar().years.values(), NOTICE])
    moved = sum(1 for _ in recount(duties, book(), changed))
    return _run(AGAIN, len(duties), number, time.perf_counter() - began, before), moved


def _run(what: str, count: int, number: int, seconds: float, load: float) -> Run:
    """Each one's time is the mean of its run: they are too short to be timed one by one."""
    return run_of(what, count, number, seconds, [seconds * 1000 / count] * count, load=load)
