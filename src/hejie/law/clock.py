"""When a rule's limit ends: working days, calendar days, hours, months and years, with pauses and both readings."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.law.calendar import Calendar, Named, Why
from hejie.law.rules import Roll, Rule, Unit

Spans = Sequence[tuple[int, int]]
"""First and last days that do not count, apart from each other and ascending, as the calendar's numbers."""

_MONTHS = {Unit.months: 1, Unit.years: 12}


class Pause(NamedTuple):
    """Shanghai days that do not count, both included; an appraisal's, for example."""

    first: date
    last: date


class Span(NamedTuple):
    """How long: so many of a unit."""

    amount: int
    unit: Unit


class Skipped(NamedTuple):
    """A day that was passed over."""

    day: date
    why: Why
    holiday: Named | None
    """Which one, where that is why."""


class Reading(NamedTuple):
    """One way to read where the period ends."""

    roll: Roll
    day: date
    """The last Shanghai day; the limit ends at its 24:00, in hours at `at`."""
    at: datetime
    """UTC: the first instant that is too late."""


class Deadline(NamedTuple):
    """The end of a limit with all that explains it."""

    rule: Rule
    span: Span
    start: datetime
    start_day: date
    """Day 0, which never counts."""
    raw_day: date
    """The last day before anything moved it."""
    due: Reading
    """The reading to act by: for a duty the earlier one, for a right the later one."""
    readings: tuple[Reading, ...]
    """All that differ, the due one included."""
    pauses: tuple[Pause, ...]
    skipped: tuple[Skipped, ...]
    swapped: tuple[date, ...]
    """Saturdays and Sundays that counted because they were worked."""
    missing_years: tuple[int, ...]
    """Years that matter here and whose notice is not there; none if the answer is final."""

    @property
    def provisional(self) -> bool:
        """Whether a notice that is not there yet may still change the answer."""
        return bool(self.missing_years)


def deadline(
    rule: Rule,
    start: datetime,
    days: Calendar,
    pauses: Iterable[Pause] = (),
    *,
    promised: Span | None = None,
    extended: bool = False,
) -> Deadline:
    """The end of a rule's limit that began at `start` (aware).

    Errors: `Refused`: `law_no_limit`, `law_span_missing`, `law_span_not_here`, `law_extension_none`,
    `law_pause_not_here`, `law_pause_reversed`, `law_day_out_of_range`.
    """
    pauses = tuple(sorted(pauses))
    span = span_of(rule, promised, extended=extended)
    first_day = start.astimezone(SHANGHAI).date()
    begun = days.day(first_day)
    if span.unit is Unit.hours:
        return _in_hours(rule, span, start, first_day, days)
    spans = spans_of(rule, pauses, days)
    raw = _back(days, span, begun) if rule.text.before else last_day(days, span, begun, spans)
    ends = {roll: rolled(days, roll, raw, spans) for roll in readings_of(rule)}
    chosen = choose(rule, ends)
    differing = tuple(
        Reading(roll, days.date(end), _midnight_after(days, end)) for roll, end in _distinct(ends, chosen)
    )
    last = max(ends.values())
    counted_from = begun + 1 if span.unit is Unit.working_days else raw
    return Deadline(
        rule=rule,
        span=span,
        start=start.astimezone(UTC),
        start_day=first_day,
        raw_day=days.date(raw),
        due=differing[0],
        readings=differing,
        pauses=pauses,
        skipped=_skipped(days, span, begun, raw, ends[chosen], spans),
        swapped=tuple(days.date(day) for day in sorted(days.swapped) if counted_from <= day <= ends[chosen]),
        missing_years=days.missing(counted_from, last) if _asks_calendar(span, ends) else (),
    )


def working_days_on(start: datetime, amount: int, days: Calendar) -> datetime:
    """The first instant after so many working days, day 0 not counted; UTC. For spans that cities agreed on.

    Errors: `Refused("law_day_out_of_range")`.
    """
    begun = days.day(start.astimezone(SHANGHAI).date())
    return _midnight_after(days, last_day(days, Span(amount, Unit.working_days), begun))


def span_of(rule: Rule, promised: Span | None = None, *, extended: bool = False) -> Span:
    """How long a rule's limit is, for a rule without one of its own as promised."""
    text = rule.text
    if text.as_promised:
        if promised is None:
            raise Refused("law_span_missing", rule=rule.id)
        return promised
    if promised is not None:
        raise Refused("law_span_not_here", rule=rule.id)
    if text.amount is None:
        raise Refused("law_no_limit", rule=rule.id)
    if extended and text.extension is None:
        raise Refused("law_extension_none", rule=rule.id)
    return Span(text.amount + (text.extension or 0 if extended else 0), text.unit)


def spans_of(rule: Rule, pauses: Iterable[Pause], days: Calendar) -> Spans:
    """Pauses as the calendar's numbers, merged and ascending."""
    spans: list[tuple[int, int]] = []
    for pause in pauses:
        if not rule.text.stopped_by:
            raise Refused("law_pause_not_here", rule=rule.id)
        if pause.last < pause.first:
            raise Refused("law_pause_reversed", first=pause.first, last=pause.last)
        spans.append((days.day(pause.first), days.day(pause.last)))
    return merged(spans)


def merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same days in spans that are apart and ascending."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def last_day(days: Calendar, span: Span, begun: int, spans: Spans = ()) -> int:
    """The last counted day, before any rest moves it: nothing is walked, running numbers tell it.

    Day 0 never counts (Civil Code art. 201; Order 121 art. 45). A month or year ends on the corresponding day, else
    with the month (art. 202); days that pause are then added.
    """
    if span.unit is Unit.working_days:
        number = days.count[begun] + span.amount
        day = days.nth_work(number)
        for first, last in spans:
            first = max(first, begun + 1)  # noqa: PLW2901
            if first > day:
                break
            if first <= last:
                number += days.count[last] - days.count[first - 1]
                day = days.nth_work(number)
        return day
    day = _within(days, begun + span.amount if span.unit is Unit.calendar_days else _months_on(days, span, begun))
    for first, last in spans:
        first = max(first, begun + 1)  # noqa: PLW2901
        if first > day:
            break
        if first <= last:
            day = _within(days, day + last - first + 1)
    return day


def rolled(days: Calendar, roll: Roll, day: int, spans: Spans = ()) -> int:
    """Where a period that ends on a day really ends: past rest as `roll` reads it, and past pauses."""
    while True:
        moved = _past_rest(days, roll, day)
        for first, last in spans:
            if first <= moved <= last:
                moved = last + 1
        if moved == day:
            return day
        day = _within(days, moved)


def end_of(rule: Rule, span: Span, begun: int, days: Calendar, spans: Spans = ()) -> int:
    """The day by which to act, as `deadline` finds it, and nothing else: for counting very many."""
    if rule.text.before:
        return _back(days, span, begun)
    raw = last_day(days, span, begun, spans)
    ends = [rolled(days, roll, raw, spans) for roll in readings_of(rule)]
    return max(ends) if rule.is_right else min(ends)


def readings_of(rule: Rule) -> tuple[Roll, ...]:
    """The ways to read a rule's end: Order 121's own words may be read with the Civil Code's beside them."""
    return (Roll.R121, Roll.R203) if rule.text.roll is Roll.R121 else (_roll(rule),)


def choose(rule: Rule, ends: dict[Roll, int]) -> Roll:
    """The reading to act by: whoever has a duty keeps to the earlier, whoever has a right has until the later."""
    pick = max if rule.is_right else min
    return pick(ends, key=ends.__getitem__)


def _back(days: Calendar, span: Span, begun: int) -> int:
    return _within(days, begun - span.amount)


def _roll(rule: Rule) -> Roll:
    return Roll.R203 if rule.text.as_promised else rule.text.roll


def _past_rest(days: Calendar, roll: Roll, day: int) -> int:
    if roll is Roll.R121:
        return days.after_holiday(day)
    return days.after_rest(day) if roll is Roll.R203 else day


def _within(days: Calendar, day: int) -> int:
    return days.day(days.date(day)) if not 0 <= day < days.size else day


def _months_on(days: Calendar, span: Span, begun: int) -> int:
    start = days.date(begun)
    month = start.year * 12 + start.month - 1 + span.amount * _MONTHS[span.unit]
    year, month = divmod(month, 12)
    if year > days.date(days.size - 1).year:
        return days.size
    return days.day(date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1])))


def _distinct(ends: dict[Roll, int], chosen: Roll) -> list[tuple[Roll, int]]:
    """The chosen reading first, then those that end elsewhere."""
    others = [(roll, end) for roll, end in ends.items() if end != ends[chosen]]
    return [(chosen, ends[chosen]), *others]


def _asks_calendar(span: Span, ends: dict[Roll, int]) -> bool:
    return span.unit is Unit.working_days or set(ends) != {Roll.none}


def _midnight_after(days: Calendar, day: int) -> datetime:
    return datetime.combine(days.date(day) + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def _in_hours(rule: Rule, span: Span, start: datetime, first_day: date, days: Calendar) -> Deadline:
    """Hours run from the instant, and no holiday stops them (Civil Code art. 201(2))."""
    at = start.astimezone(UTC) + timedelta(hours=span.amount)
    last = at.astimezone(SHANGHAI).date()
    days.day(last)
    reading = Reading(Roll.none, last, at)
    return Deadline(rule, span, start.astimezone(UTC), first_day, last, reading, (reading,), (), (), (), ())


def _skipped(days: Calendar, span: Span, begun: int, raw: int, end: int, spans: Spans) -> tuple[Skipped, ...]:
    """Days after day 0 that did not count, and days past which the end moved, each with its reason."""
    paused = {day for first, last in spans for day in range(max(first, begun + 1), min(last, end) + 1)}
    if span.unit is Unit.working_days:
        passed = [day for day in range(begun + 1, end + 1) if days.rest[day] or day in paused]
    else:
        passed = sorted(paused | set(range(raw, end)))
    return tuple(Skipped(days.date(day), *_reason(days, day, paused)) for day in passed)


def _reason(days: Calendar, day: int, paused: set[int]) -> tuple[Why, Named | None]:
    if day in paused:
        return Why.pause, None
    return days.why(day) or Why.holiday, days.named.get(day)
