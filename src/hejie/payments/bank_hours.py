"""A bank's hours and cut-off: for which business day something counts, and when the bank is open next."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused

_WEEK = frozenset(range(1, 8))
MOST_FREE = 60
"""Days that one range of holidays may have."""


class BankHours(Struct, frozen=True, kw_only=True):
    """Shanghai times; `days` are ISO weekdays, 1 for Monday.

    `holidays` and `workdays` are the calendar's exceptions from them, as the bank or the State Council names them.
    """

    opens: time = time(9)
    closes: time = time(17)
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    cut_off: time = time(23)
    """What comes from this time on counts for the next business day."""
    holidays: tuple[tuple[date, date], ...] = ()
    """Ranges of free days, each with its first and last one."""
    workdays: tuple[date, ...] = ()
    """Days worked in exchange for free ones (调休)."""

    def must_make_sense(self) -> None:
        """`Refused("bank_hours_wrong")` for no days, unknown ones, or a bank that closes before it opens.

        So too for free days that end before they begin or are more than `MOST_FREE` in a row, and for a day that is
        both free and worked.
        """
        if not self.days or not set(self.days) <= _WEEK or self.opens >= self.closes:
            raise Refused("bank_hours_wrong")
        if any(not 0 <= (last - first).days < MOST_FREE for first, last in self.holidays):
            raise Refused("bank_hours_wrong")
        if any(self._free(day) for day in self.workdays):
            raise Refused("bank_hours_wrong")

    def works(self, day: date) -> bool:
        """Whether it is a business day."""
        return day in self.workdays or (day.isoweekday() in self.days and not self._free(day))

    def _free(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.holidays)


def business_day(hours: BankHours, at: datetime) -> date:
    """The business day for which an instant counts."""
    local = at.astimezone(SHANGHAI)
    day = local.date() + timedelta(days=1 if local.time() >= hours.cut_off else 0)
    while not hours.works(day):
        day += timedelta(days=1)
    return day


def next_open(hours: BankHours, at: datetime) -> datetime:
    """The instant itself while the bank is open, else when it opens next."""
    local = at.astimezone(SHANGHAI)
    if hours.works(local.date()) and hours.opens <= local.time() < hours.closes:
        return at
    day = local.date() + timedelta(days=0 if local.time() < hours.opens else 1)
    while not hours.works(day):
        day += timedelta(days=1)
    return datetime.combine(day, hours.opens, SHANGHAI)


def closed_at(hours: BankHours, day: date) -> datetime:
    """When a business day has been cut off and the bank is open again: from then on it can tell of that day."""
    return next_open(hours, datetime.combine(day, hours.cut_off, SHANGHAI))
