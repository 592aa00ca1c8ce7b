"""City files: TOML text in, one checked row of settings out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import files

import msgspec

from hejie.base.errors import Missing, Refused
from hejie.cities import divisions
from hejie.cities.ladder import fault_of
from hejie.cities.papers import first_fault
from hejie.cities.promises import first_clash
from hejie.cities.settings import OTHER, REGULATOR, CitySettings, Clocks


def read_city(text: str) -> CitySettings:
    """Settings from a city file.

    Errors: `Refused("city_file_unreadable", why=...)` if it is no TOML, and
    `Refused("city_file_invalid", why=..., where=...)` if a value is missing, unknown, of the
    wrong kind, or at odds with another.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise Refused("city_file_unreadable", why=str(problem)) from None
    try:
        settings = msgspec.convert(table, CitySettings)
    except msgspec.ValidationError as problem:
        why, _, where = str(problem).partition(" - at `$")
        raise Refused("city_file_invalid", why=why, where=where.strip("`.")) from None
    _check_places(settings)
    _check_clocks(settings.clocks)
    _check_problems(settings)
    _check_wallets(settings)
    if (shown := settings.publicity).valid_to and (shown.valid_from is None or shown.valid_to < shown.valid_from):
        raise _invalid("publicity_days", "publicity.valid_to")
    why, where = fault_of(settings.ladder)
    if why:
        raise _invalid(why, where)
    if clash := first_clash(settings.promises):
        raise _invalid("promise_days", f"promises: {clash}")
    if fault := first_fault(settings.papers):
        raise _invalid("paper_days", f"papers: {fault}")
    return settings


def shipped(code: str) -> str:
    """The text of the city file that travels with the house; `Missing("city_unknown")` if there is none."""
    file = files("hejie.cities").joinpath("data", f"{code}.toml")
    if not (code.isdigit() and file.is_file()):
        raise Missing("city_unknown", city=code)
    return file.read_text(encoding="utf-8")


def shipped_codes() -> tuple[str, ...]:
    """Codes of the cities whose files travel with the house, ascending."""
    names = (file.name for file in files("hejie.cities").joinpath("data").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def _check_places(settings: CitySettings) -> None:
    if not divisions.exists(settings.code):
        raise _invalid("division_unknown", settings.code)
    expected = {settings.code, *divisions.children(settings.code)}
    _once((agency.code for agency in settings.agencies), "agencies")
    _once((each.division for each in settings.safety.on_duty), "safety.on_duty")
    _once((street.code for street in settings.streets), "streets")
    for street in settings.streets:
        if street.code[:6] not in expected - {settings.code}:
            raise _invalid("division_outside_city", street.code)
    given = {agency.code for agency in settings.agencies}
    for duty in settings.safety.on_duty:
        if duty.division not in expected:
            raise _invalid("division_outside_city", duty.division)
    for code in sorted(given - expected):
        raise _invalid("division_outside_city", code)
    for code in sorted(expected - given):
        raise _invalid("agency_missing", code)


def _check_clocks(clocks: Clocks) -> None:
    days = clocks.confirm_reminder_days
    if list(days) != sorted(set(days)) or any(day >= clocks.confirm_days for day in days):
        raise _invalid("reminders_out_of_order", "clocks.confirm_reminder_days")
    for field in clocks.provisional:
        if field not in Clocks.__struct_fields__ or field == "provisional":
            raise _invalid("clock_unknown", field)


def _check_problems(settings: CitySettings) -> None:
    _once((problem.id for problem in settings.problems), "problems")
    if all(problem.id != OTHER for problem in settings.problems):
        raise _invalid("problem_missing", OTHER)
    for problem in settings.problems:
        _once((f"{code.system} {code.code}" for code in problem.codes), f"problems.{problem.id}.codes")


def _check_wallets(settings: CitySettings) -> None:
    by_problem = (code for problem in settings.problems for code in problem.codes if code.system != REGULATOR)
    _once((f"{code.system} {code.code}" for code in by_problem), "problems.codes")
    by_demand = (code for demand in settings.demands for code in demand.codes)
    _once((f"{code.system} {code.code}" for code in by_demand), "demands.codes")
    _once((clock.wallet for clock in settings.wallet_clocks), "wallet_clocks")
    for clock in settings.wallet_clocks:
        if not clock.remind_hours < clock.first_answer_hours <= clock.done_hours:
            raise _invalid("wallet_clock_order", f"wallet_clocks: {clock.wallet}")


def _once(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _invalid("repeated", f"{where}: {name}")
        seen.add(name)


def _invalid(why: str, where: str) -> Refused:
    return Refused("city_file_invalid", why=why, where=where)
