"""The city's settings in words: those in force, and those to come."""

from __future__ import annotations

from functools import partial

from msgspec.structs import asdict

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.cities.settings import CitySettings, in_force
from hejie.edge.words import mark, say_many
from hejie.queries import officer
from hejie.web import story_labels
from hejie.web.shell import Answer, Visit, page

CLOCKS = (
    ("answer_hours", mark("The merchant answers within")),
    ("confirm_days", mark("The consumer confirms within")),
    ("confirm_reminder_days", mark("The consumer is reminded after")),
    ("settle_hours", mark("What was agreed is performed within")),
    ("offer_days", mark("An offer stands for")),
    ("filing_days", mark("A dispute can be filed after the payment for")),
    ("reopen_days", mark("A lapsed case can be reopened for")),
    ("survey_days", mark("The consumer is asked for an opinion for")),
    ("receipt_minutes", mark("Without a receipt the merchant's next contact is tried after")),
    ("reach_hours", mark("A merchant nobody could reach is told to be unreachable after")),
    ("invite_days", mark("A merchant that has not joined is invited at most once in")),
)


@page("/officer/settings", role=Role.officer)
async def settings(visit: Visit) -> Answer:
    """What is in force, and what comes later."""
    now = visit.house.clock.now()
    async with visit.connection() as connection:
        rows = await officer.all_settings(connection, visit.city)
    if not rows:
        raise Missing("settings_not_in_force", day=now.date().isoformat())
    return visit.render(
        "officer/settings.html",
        present=in_force(rows, now),
        upcoming=[row for row in rows if row.begins > now],
        clocks=partial(_clocks, visit),
        system=partial(story_labels.wallet, visit.language),
    )


def _clocks(visit: Visit, row: CitySettings) -> list[tuple[str, str, bool]]:
    """Each clock as (what it is for, how long, whether the city has yet to confirm it)."""
    values = asdict(row.clocks)
    return [
        (visit.say(label), _length(visit, name, values[name]), name in row.clocks.provisional) for name, label in CLOCKS
    ]


def _length(visit: Visit, name: str, value: int | tuple[int, ...]) -> str:
    if isinstance(value, tuple):
        return visit.say("{days} days", days=", ".join(map(str, value)))
    if name.endswith("_minutes"):
        return say_many(visit.language, "{n} minute", "{n} minutes", value)
    if name.endswith("_hours"):
        return say_many(visit.language, "{n} hour", "{n} hours", value)
    return say_many(visit.language, "{n} day", "{n} days", value)
