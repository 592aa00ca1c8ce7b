"""A city's statistics in words: the same lines for page, file and command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from hejie.base.money import yuan
from hejie.cities.settings import CitySettings
from hejie.edge.words import mark, say
from hejie.merchants.trades import TRADES
from hejie.queries.statistics import CUTS, Line, Period, Spans, Statistics, growth
from hejie.web import story_labels
from hejie.web.districts import district_choices

COMMAND = "hejie statistics"
FIGURES: Mapping[str, str] = {
    "received": mark("Received"),
    "answered": mark("Answered by the merchant for the first time"),
    "overdue": mark("The merchant's time ran out"),
    "escalated": mark("Escalated to an officer"),
    "ended": mark("Ended"),
    "confirmed": mark("Ended: confirmed by the consumer"),
    "performed": mark("Ended: agreed, and the money was seen"),
    "unconfirmed": mark("Ended: performance seen, the consumer said nothing"),
    "silent": mark("Ended: silent, nothing was seen"),
    "withdrawn": mark("Ended: withdrawn"),
    "mediated": mark("Ended: agreed before an officer"),
    "unsettled": mark("Ended: unsolved, no agreement before an officer"),
    "said_solved": mark("Asked afterwards: solved"),
    "said_unsolved": mark("Asked afterwards: not solved"),
    "not_asked": mark("Asked afterwards: no answer"),
    "complained": mark("Complaints received by the authority"),
    "accepted": mark("Complaints accepted"),
    "refused": mark("Complaints refused"),
    "check_due": mark("Time to accept or refuse ran out"),
    "check_met": mark("… of these decided in time (7 working days)"),
    "agreed": mark("Mediations that ended with an agreement"),
    "broken": mark("… of these not kept"),
    "terminated": mark("Mediations terminated without one"),
    "close_due": mark("Time to mediate ran out"),
    "close_met": mark("… of these closed in time (60 days)"),
    "seen_fen": mark("Money recovered, seen at the wallet (yuan)"),
    "told_fen": mark("Money recovered, by the consumer's word (yuan)"),
}
"""Every figure of a heading, in the order in which it is told."""
ENDINGS = ("confirmed", "performed", "unconfirmed", "silent", "withdrawn", "mediated", "unsettled")
"""Together they are all that ended."""
CUT_NAMES: Mapping[str, str] = {
    "problem": mark("By problem"),
    "trade": mark("By trade"),
    "channel": mark("By channel"),
    "district": mark("By district"),
}
SPANS = (
    mark("Time to the first answer, median (hours)"),
    mark("Time to the first answer, 9 of 10 within (hours)"),
    mark("Time to the end, median (hours)"),
    mark("Time to the end, 9 of 10 within (hours)"),
)
RATES = (
    mark("First check in time (%)"),
    mark("Mediation successful (%)"),
    mark("Closed in time (%)"),
)
HANDED_OVER = mark("Taken over by another city (among those received; they end there)")
CAME_IN = mark("Taken over from another city (among those received)")
OVERDUE_MERCHANTS = mark("Merchants that let a dispute run over")
HEAD = (
    mark("Table"),
    mark("Code"),
    mark("Heading"),
    mark("Figure"),
    mark("This time"),
    mark("Time before"),
    mark("Growth %"),
    mark("Same time a year before"),
    mark("Growth %"),
)
_CHANNELS = {"here": mark("Filed here"), "assisted": mark("Filed by a helper")}


class Told(Struct, frozen=True, kw_only=True):
    """One figure beside those it is compared with; yuan are text, counts are numbers."""

    figure: str
    label: str
    now: int | str
    before: int | str
    growth: float | None
    year_before: int | str
    year_growth: float | None


def told(language: str, line: Line) -> list[Told]:
    """Every figure of one heading."""
    return [_told(language, line, figure, label) for figure, label in FIGURES.items()]


def _told(language: str, line: Line, figure: str, label: str) -> Told:
    now, before, year_before = (int(getattr(each, figure)) for each in (line.now, line.before, line.year_before))
    shown = yuan if figure.endswith("_fen") else int
    return Told(
        figure=figure,
        label=say(language, label),
        now=shown(now),
        before=shown(before),
        growth=growth(now, before),
        year_before=shown(year_before),
        year_growth=growth(now, year_before),
    )


def named(language: str, city: str, settings: CitySettings, cut: str, code: str) -> str:
    """A heading's name; what is not known says so."""
    if not code:
        return say(language, mark("Not known"))
    if cut == "problem":
        return story_labels.problem(language, settings, code)
    if cut == "trade":
        return str(getattr(TRADES[code], language)) if code in TRADES else code
    if cut == "district":
        return dict(district_choices(language, city, settings)).get(code, code)
    return say(language, _CHANNELS[code]) if code in _CHANNELS else story_labels.wallet(language, code)


def lengths(language: str, found: Statistics) -> list[tuple[str, int | str]]:
    """The lengths of time, and the merchants that were late; empty where nothing was counted."""
    values = [each for spans in (found.to_answer, found.to_end) for each in _both(spans)]
    hours: list[tuple[str, int | str]] = [
        (say(language, label), "" if value is None else value) for label, value in zip(SPANS, values, strict=True)
    ]
    now = found.whole.now
    shares = (now.check_percent, now.success_percent, now.close_percent)
    rates: list[tuple[str, int | str]] = [
        (say(language, label), "" if share is None else share) for label, share in zip(RATES, shares, strict=True)
    ]
    crossed = [(say(language, HANDED_OVER), found.handed_over), (say(language, CAME_IN), found.came_in)]
    return [*hours, *rates, (say(language, OVERDUE_MERCHANTS), found.overdue_merchants), *crossed]


def _both(spans: Spans) -> tuple[int | None, int | None]:
    return spans.median, spans.ninth


def rows(
    language: str, settings: CitySettings, found: Statistics, cuts: tuple[str, ...] = CUTS, *, whole: bool = True
) -> Iterator[Sequence[object]]:
    """The whole as one long table under `HEAD`: first the city, then each heading of each cut."""
    if whole:
        city = say(language, mark("The whole city"))
        yield from (["all", "", city, *_cells(each)] for each in told(language, found.whole))
        yield from (["all", "", city, label, value, "", "", "", ""] for label, value in lengths(language, found))
    for cut in cuts:
        for line in found.cuts[cut]:
            name = named(language, found.city, settings, cut, line.code)
            yield from ([cut, line.code, name, *_cells(each)] for each in told(language, line))


def _cells(each: Told) -> list[object]:
    first, second = ("" if value is None else value for value in (each.growth, each.year_growth))
    return [each.label, each.now, each.before, first, each.year_before, second]


def command(city: str, period: Period, cut: str = "") -> str:
    """The exact words that count these figures again."""
    days = f"--from {period.first.isoformat()} --to {period.last.isoformat()}"
    return f"{COMMAND} --city {city} {days}{f' --cut {cut}' if cut else ''}"


def days(period: Period) -> str:
    """A time as its first and last day."""
    return f"{_iso(period.first)}–{_iso(period.last)}"


def _iso(day: date) -> str:
    return day.isoformat()
