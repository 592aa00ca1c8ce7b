"""A safety report: an officer has it at once, and no settlement of money ever closes it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Actor, Role
from hejie.base.errors import Missing, Refused
from hejie.cities.settings import CitySettings


class ReportState(StrEnum):
    """How far a report is."""

    open = "open"
    taken = "taken"
    closed = "closed"


class SafetyReport(Struct, frozen=True, kw_only=True):
    """A report's row; what people told lies sealed under the identifiers in `told`."""

    city: str
    id: str
    version: int
    problem: str
    """One of the city's problems that are marked `safety`."""
    district: str
    """Division code, empty where nobody could say."""
    merchant: str = ""
    shop: str = ""
    told: tuple[str, ...] = ()
    """Content identifiers, in the order they came."""
    state: ReportState = ReportState.open
    officer: str = ""
    memo: str = ""
    reported_at: datetime
    changed_at: datetime


class Report(Struct, frozen=True, kw_only=True):
    """Somebody is hurt, or may be: with a payment's merchant and shop, or without either."""

    problem: str
    district: str
    merchant: str = ""
    shop: str = ""
    told: str


class Add(Struct, frozen=True, kw_only=True):
    """More that the reporter knows."""

    told: str


class Take(Struct, frozen=True):
    """An officer takes it; a colleague may take it over, for a report must not wait for one person."""


class Close(Struct, frozen=True, kw_only=True):
    """The officer who has it closes it; `memo` names the content that says what was done."""

    memo: str


Command = Report | Add | Take | Close


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened to a report."""

    at: datetime


class Reported(Event, frozen=True, kw_only=True, tag="Reported"):
    """It was made."""

    city: str
    id: str
    problem: str
    district: str
    merchant: str
    shop: str
    told: str


class Added(Event, frozen=True, kw_only=True, tag="Added"):
    """More was told."""

    told: str


class Taken(Event, frozen=True, kw_only=True, tag="Taken"):
    """An officer has it."""

    officer: str


class Closed(Event, frozen=True, kw_only=True, tag="Closed"):
    """An officer has closed it."""

    officer: str
    memo: str


AnyEvent = Reported | Added | Taken | Closed
MOST_ADDED = 20
"""Times a reporter may add to one report."""


def decide(
    report: SafetyReport | None, command: Command, *, key: str, settings: CitySettings, actor: Actor, now: datetime
) -> list[AnyEvent]:
    """What follows.

    Errors: `Missing("report_unknown")`, `Refused` with `not_allowed`, `problem_not_safety`, `step_out_of_order`,
    `not_your_case`, `memo_missing`, `words_missing`.
    """
    if isinstance(command, Report):
        return _report(report, command, key, settings, now)
    if report is None:
        raise Missing("report_unknown")
    if report.state is ReportState.closed:
        raise Refused("step_out_of_order", state=report.state.value)
    match command:
        case Add(told=told):
            if not told:
                raise Refused("words_missing")
            if len(report.told) > MOST_ADDED:
                raise Refused("step_out_of_order", state=report.state.value)
            return [Added(at=now, told=told)]
        case Take():
            _must_be_officer(actor)
            return [] if report.officer == actor.id else [Taken(at=now, officer=actor.id)]
        case Close(memo=memo):
            _must_be_officer(actor)
            if report.officer != actor.id:
                raise Refused("not_your_case")
            if not memo:
                raise Refused("memo_missing")
            return [Closed(at=now, officer=actor.id, memo=memo)]
        case _:
            assert_never(command)


def _report(
    report: SafetyReport | None, command: Report, key: str, settings: CitySettings, now: datetime
) -> list[AnyEvent]:
    if report is not None:
        raise Refused("filed_before")
    if not settings.problem(command.problem).safety:
        raise Refused("problem_not_safety")
    return [
        Reported(
            at=now,
            city=settings.code,
            id=key,
            problem=command.problem,
            district=command.district,
            merchant=command.merchant,
            shop=command.shop,
            told=command.told,
        )
    ]


def _must_be_officer(actor: Actor) -> None:
    if actor.role is not Role.officer:
        raise Refused("not_allowed", role=actor.role.value)


def evolve(report: SafetyReport | None, event: AnyEvent) -> SafetyReport:
    """The row after one more event."""
    if isinstance(event, Reported):
        return SafetyReport(
            city=event.city,
            id=event.id,
            version=1,
            problem=event.problem,
            district=event.district,
            merchant=event.merchant,
            shop=event.shop,
            told=(event.told,),
            reported_at=event.at,
            changed_at=event.at,
        )
    if report is None:
        raise AssertionError(f"a report begins with Reported, not {type(event).__name__}")
    now = replace(report, version=report.version + 1, changed_at=event.at)
    match event:
        case Added(told=told):
            return replace(now, told=(*report.told, told))
        case Taken(officer=officer):
            return replace(now, state=ReportState.taken, officer=officer)
        case Closed(memo=memo):
            return replace(now, state=ReportState.closed, memo=memo)
        case _:
            assert_never(event)
