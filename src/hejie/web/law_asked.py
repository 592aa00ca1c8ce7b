"""The form that asks when a limit ends, read from the address of its answer, each fault told at its field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlencode

from hejie.base.clock import SHANGHAI
from hejie.base.errors import HejieError, Refused
from hejie.edge.forms import Checks, Form, a_day
from hejie.edge.words import mark
from hejie.law.asked import UNITS, Question, length_of, start_of
from hejie.law.clock import Pause, Span
from hejie.law.shipped import calendar

MOST_PAUSES = 20
ZONES = (("+08:00", mark("Shanghai time")), ("+00:00", mark("Universal time (UTC)")))
LENGTHS = (
    ("h", mark("hours")),
    ("d", mark("days")),
    ("wd", mark("working days")),
    ("m", mark("months")),
    ("y", mark("years")),
)
_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_FIELDS = {
    "law_start_time_missing": "time",
    "law_span_missing": "length",
    "law_span_not_here": "length",
    "law_extension_none": "extended",
    "law_pause_not_here": "from-1",
}
"""Code → the field to mend; the others are about the start."""


def rows(form: Form) -> int:
    """How many pauses the form shows: those filled in, at least one, and one more where it was asked for."""
    filled = [n for n in range(1, MOST_PAUSES + 1) if form.has(f"from-{n}") or form.has(f"to-{n}")]
    shown = int(text) if _NUMBER.fullmatch(text := form.text("pauses")) else 1
    return min(MOST_PAUSES, max(1, *filled, shown + form.has("more")))


def question(form: Form, name: str, province: str, checks: Checks) -> Question | None:
    """What the form asks of a rule; None with `checks` telling why."""
    start, exact = _start(form, checks)
    pauses = tuple(pause for n in range(1, MOST_PAUSES + 1) if (pause := _pause(form, n, checks)))
    span = checks("length", _span, form, default=None)
    if checks or start is None:
        return None
    extended = form.has("extended")
    return Question(rule=name, start=start, exact=exact, province=province, pauses=pauses, span=span, extended=extended)


def address(rule: str, start: datetime, pauses: Sequence[Pause]) -> str:
    """The page of a rule with the answer for a start (aware) and its pauses; without it where they are too many."""
    if len(pauses) > MOST_PAUSES:
        return f"/law/{rule}"
    local = start.astimezone(SHANGHAI)
    asked = {"start": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    for number, pause in enumerate(pauses, start=1):
        asked |= {f"from-{number}": f"{pause.first}", f"to-{number}": f"{pause.last}"}
    return f"/law/{rule}?{urlencode(asked)}"


def field_of(error: HejieError) -> str:
    """Where a refusal of the law's clock is to be mended."""
    return _FIELDS.get(error.code, "start")


def _start(form: Form, checks: Checks) -> tuple[datetime | None, bool]:
    day = checks("start", a_day, form.text("start"), default=None)
    at = checks("time", form.word, "time", default="")
    zone = checks("zone", _zone, form, default="")
    if day is None or checks:
        return None, False
    if not at and zone != ZONES[0][0]:
        checks.add("time", Refused("law_zone_without_time"))
    try:
        return start_of(f"{day}T{at}{zone}" if at else f"{day}")
    except Refused as refusal:
        checks.add("time" if at else "start", refusal)
        return None, False


def _zone(form: Form) -> str:
    chosen = form.text("zone") or ZONES[0][0]
    if chosen not in dict(ZONES):
        raise Refused("choice_missing")
    return chosen


def _pause(form: Form, number: int, checks: Checks) -> Pause | None:
    """One row of the form; its two days come together or not at all."""
    names = [f"{side}-{number}" for side in ("from", "to")]
    if not any(form.text(name).strip() for name in names):
        return None
    days = [checks(name, _counted_day, form.text(name), default=None) for name in names]
    if days[0] is None or days[1] is None:
        return None
    if days[1] < days[0]:
        checks.add(names[1], Refused("law_pause_reversed", first=days[0], last=days[1]))
    return Pause(days[0], days[1])


def _counted_day(text: str) -> date:
    day = a_day(text)
    calendar().day(day)
    return day


def _span(form: Form) -> Span | None:
    """A promised length; none where nothing was written."""
    number = form.word("length")
    if not number:
        return None
    if _NUMBER.fullmatch(number) is None:
        raise Refused("number_unusable")
    unit = form.text("unit")
    if unit not in UNITS:
        raise Refused("choice_missing")
    return length_of(f"{number}{unit}")
