"""Statistics a city prints: what came in, what became of it, how long it took and how much money came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Refused
from hejie.disputes.model import Outcome
from hejie.store.day_counts import (
    CUT,
    CUT_ONLY,
    FACTS,
    counted_among,
    facts_among,
    pieces,
    signed,
    tallied,
)
from hejie.store.pool import Connection

CUTS = ("problem", "trade", "channel", "district")
MOST_DAYS = 3 * 366
_EARLIEST = date(2000, 1, 1)
_FEBRUARY, _LEAP_DAY = 2, 29


class Period(Struct, frozen=True, kw_only=True):
    """Whole days of Shanghai, both included."""

    first: date
    last: date

    @property
    def whole_months(self) -> bool:
        """Whether it begins and ends with a month."""
        return self.first.day == 1 and _after(self.last).day == 1

    @property
    def before(self) -> Period:
        """As many months just before whole months, else as many days."""
        last = date.fromordinal(self.first.toordinal() - 1)
        if not self.whole_months:
            return Period(first=date.fromordinal(self.first.toordinal() * 2 - self.last.toordinal() - 1), last=last)
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        number = self.first.year * 12 + self.first.month - 1 - months
        return Period(first=date(number // 12, number % 12 + 1, 1), last=last)

    @property
    def year_before(self) -> Period:
        """The same days of the year before; a month stays whole in leap years."""
        last = year_before(self.last)
        if self.whole_months and _after(last).day != 1:
            last = _after(last)
        return Period(first=year_before(self.first), last=last)


def period(first: date, last: date) -> Period:
    """Days that can be counted; `Refused("period_wrong")` where they end before they begin, or are too many."""
    if not _EARLIEST <= first <= last or last.toordinal() - first.toordinal() >= MOST_DAYS:
        raise Refused("period_wrong", most=MOST_DAYS)
    return Period(first=first, last=last)


class Figures(Struct, frozen=True, kw_only=True):
    """Disputes by what happened to them in a time; each kind is counted apart, and each ending once."""

    received: int = 0
    answered: int = 0
    """Answered by the merchant for the first time."""
    overdue: int = 0
    """The merchant's time ran out."""
    escalated: int = 0
    confirmed: int = 0
    """The consumer said it is settled."""
    performed: int = 0
    """Agreed, and the money was seen at the wallet."""
    unconfirmed: int = 0
    """Performance was verified, the consumer said nothing."""
    silent: int = 0
    """The consumer's time ran out with nothing verified."""
    withdrawn: int = 0
    mediated: int = 0
    unsettled: int = 0
    """An officer closed it without an agreement: unsolved."""
    said_solved: int = 0
    """Of those ended: what the consumer answered when asked afterwards."""
    said_unsolved: int = 0
    complained: int = 0
    """Received by the competent authority after an escalation; from here on the law's own clocks run."""
    accepted: int = 0
    refused: int = 0
    check_due: int = 0
    """The time to accept or refuse (7 working days) ran out on these days, whether it was used or not."""
    check_met: int = 0
    agreed: int = 0
    """Mediations that ended with an agreement."""
    terminated: int = 0
    broken: int = 0
    """Of those agreed: what was agreed is known not to have been done."""
    close_due: int = 0
    """The time to mediate (60 days, appraisals apart) ran out on these days."""
    close_met: int = 0
    seen_fen: int = 0
    """Of those ended: money that came back by the wallet's own word."""
    told_fen: int = 0
    """The same by the consumer's word alone."""

    @property
    def ended(self) -> int:
        """All that ended, however."""
        return sum(getattr(self, each.value) for each in Outcome)

    @property
    def check_percent(self) -> int | None:
        """Of a hundred complaints so many were accepted or refused in time; none where no time ran out."""
        return _percent(self.check_met, self.check_due)

    @property
    def close_percent(self) -> int | None:
        """Of a hundred accepted ones so many were closed in time."""
        return _percent(self.close_met, self.close_due)

    @property
    def success_percent(self) -> int | None:
        """Of a hundred mediations that ended so many ended with an agreement that is not known to be broken."""
        return _percent(self.agreed - self.broken, self.agreed + self.terminated)

    @property
    def not_asked(self) -> int:
        """Ended, and the consumer has said neither."""
        return self.ended - self.said_solved - self.said_unsolved


MEASURES = Figures.__struct_fields__


class Line(Struct, frozen=True, kw_only=True):
    """One heading: now, in the time before and in the same time of the year before."""

    code: str = ""
    """Empty for the whole, or where it is not known."""
    now: Figures = Figures()
    before: Figures = Figures()
    year_before: Figures = Figures()


class Spans(Struct, frozen=True, kw_only=True):
    """How long it took, in hours rounded down (from four days on to whole days); none where there was none."""

    count: int
    median: int | None
    ninth: int | None
    """Nine of ten took no longer."""


class Statistics(Struct, frozen=True, kw_only=True):
    """Everything of one time."""

    city: str
    period: Period
    before: Period
    year_before: Period
    whole: Line
    cuts: Mapping[str, tuple[Line, ...]]
    """`CUTS` → its headings, the most received first."""
    to_answer: Spans
    to_end: Spans
    overdue_merchants: int
    """Merchants that let at least one dispute run over in this time."""
    handed_over: int = 0
    """Disputes that another city took over in this time; they stand among those received, and end there."""
    came_in: int = 0
    """Disputes that were taken over from another city; they stand among those received here too."""


def growth(now: int, before: int) -> float | None:
    """Per cent more than before, to one decimal; none where there was nothing to compare with."""
    return round((now - before) * 100 / before, 1) if before else None


_IN_TIME = """
and exists (select 1 from unnest(%(firsts)s::date[], %(lasts)s::date[]) p (first, last)
  where t.day between p.first and p.last)
"""
"""Looked at before anything is summed: most days are in none of the times."""
_SUMMED = f"""
select p.which, c.cut, c.code, t.measure, t.span, sum(t.n)::bigint
from ({{tally}}) t
join unnest(%(which)s::int[], %(firsts)s::date[], %(lasts)s::date[]) p (which, first, last)
  on t.day between p.first and p.last
{CUT} where {CUT_ONLY}
group by 1, 2, 3, 4, 5
"""
_COUNTERS = """
select p.which, c.cut, c.code, c.measure, c.span, sum(c.n)::bigint
from unnest(%(pieces_of)s::int[], %(grains)s::text[], %(days)s::date[]) p (which, grain, day)
join day_count c on c.city = %(city)s and c.grain = p.grain and c.first = p.day
group by 1, 2, 3, 4, 5
"""
_CHANGED = signed((facts_among("count_waiting"), 1), (counted_among("count_waiting"), -1))
KEPT = f"{_COUNTERS} union all {_SUMMED.format(tally=tallied(_CHANGED, _IN_TIME))}"
"""The counters and, in the same breath, what has changed since they were written."""
AFRESH = _SUMMED.format(tally=tallied(signed((FACTS, 1)), _IN_TIME))
"""The same figures from every dispute of the city."""

_CROSSED = """
select count(*) filter (where sender = %(city)s), count(*) filter (where receiver = %(city)s) from handover
where city = %(city)s and state = 'taken'
  and ((body->>'answered_at')::timestamptz at time zone 'Asia/Shanghai')::date between %(first)s and %(last)s
"""
_OVERDUE = "select count(distinct merchant) from ({facts}) f where overdue_on between %(first)s and %(last)s"
OVERDUE_KEPT = f"""
select count(distinct merchant) from (
  select c.merchant from dispute_counted c
  where c.city = %(city)s and c.overdue_on between %(first)s and %(last)s
    and not exists (select 1 from count_waiting w where w.city = c.city and w.id = c.id)
  union all
  select f.merchant from ({facts_among("count_waiting")}) f where f.overdue_on between %(first)s and %(last)s
) m
"""


async def statistics(connection: Connection, city: str, wanted: Period, *, afresh: bool = False) -> Statistics:
    """The figures of a time: from the counters, or `afresh` from every dispute; both give the same."""
    times = (wanted, wanted.before, wanted.year_before)
    split = [(which, *piece) for which, each in enumerate(times) for piece in pieces(each.first, each.last)]
    values: dict[str, Any] = {
        "city": city,
        "which": [0, 1, 2],
        "firsts": [each.first for each in times],
        "lasts": [each.last for each in times],
        "pieces_of": [each[0] for each in split],
        "grains": [each[1] for each in split],
        "days": [each[2] for each in split],
        "first": wanted.first,
        "last": wanted.last,
    }
    rows: list[Any] = await (await connection.execute(AFRESH if afresh else KEPT, values)).fetchall()
    overdue = _OVERDUE.format(facts=FACTS) if afresh else OVERDUE_KEPT
    found: Any = await (await connection.execute(overdue, values)).fetchone()
    crossed: Any = await (await connection.execute(_CROSSED, values)).fetchone()
    return replace(_gathered(city, times, rows, found[0]), handed_over=crossed[0], came_in=crossed[1])


def _gathered(city: str, times: tuple[Period, Period, Period], rows: Iterable[Any], overdue: int) -> Statistics:
    sums: Counter[tuple[int, str, str, str]] = Counter()
    spans: dict[str, Counter[int]] = {"answer_span": Counter(), "end_span": Counter()}
    for which, cut, code, measure, span, n in rows:
        if measure not in spans:
            sums[which, cut, code, measure] += n
        elif which == 0:
            spans[measure][span] += n
    codes = {(cut, code) for (_, cut, code, _), n in sums.items() if n}
    return Statistics(
        city=city,
        period=times[0],
        before=times[1],
        year_before=times[2],
        whole=_line(sums, "all", ""),
        cuts={cut: _ranked(_line(sums, cut, code) for here, code in codes if here == cut) for cut in CUTS},
        to_answer=_spans(spans["answer_span"]),
        to_end=_spans(spans["end_span"]),
        overdue_merchants=overdue,
    )


def _ranked(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.now.received, -line.now.ended, line.code)))


def _line(sums: Counter[tuple[int, str, str, str]], cut: str, code: str) -> Line:
    now, before, year_before = (
        Figures(**{measure: sums[which, cut, code, measure] for measure in MEASURES}) for which in range(3)
    )
    return Line(code=code, now=now, before=before, year_before=year_before)


def _spans(counted: Counter[int]) -> Spans:
    count = counted.total()
    return Spans(count=count, median=_quantile(counted, count, 50), ninth=_quantile(counted, count, 90))


def _quantile(counted: Counter[int], count: int, percent: int) -> int | None:
    """The least length of time that so many of a hundred did not pass."""
    reached = 0
    for span in sorted(counted):
        reached += counted[span]
        if counted[span] and reached * 100 >= count * percent:
            return span
    return None


def _percent(part: int, whole: int) -> int | None:
    return part * 100 // whole if whole else None


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def year_before(day: date) -> date:
    """The same day a year before; the 28th for the 29th of February."""
    kept = 28 if (day.month, day.day) == (_FEBRUARY, _LEAP_DAY) else day.day
    return day.replace(year=day.year - 1, day=kept)
