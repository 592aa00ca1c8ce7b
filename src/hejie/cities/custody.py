"""With whom among the officers a case lies: given, taken, given back, passed to another authority; no clock moves."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.errors import Missing, Refused
from hejie.cities.posts import Act, Post, must_do, must_hold, must_reach, place_of


class Custody(Struct, frozen=True, kw_only=True):
    """Where a case lies; empty as it begins."""

    officer: str = ""
    authority: str = ""
    """The authority it was passed to; empty for that of its district."""
    offered_to: str = ""
    """The authority that is asked to take it."""
    offered_by: str = ""


# Commands. --------------------------------------------------------------------------------------


class Give(Struct, frozen=True, kw_only=True):
    """The head gives the case to an officer."""

    officer: str


class TakeUp(Struct, frozen=True):
    """An officer takes what nobody has."""


class GiveBack(Struct, frozen=True, kw_only=True):
    """Whoever has it gives it back, with a reason."""

    words: str
    """Content identifier."""


class PassTo(Struct, frozen=True, kw_only=True):
    """Offer it to another authority of the city, with a reason; until it says yes nothing has moved."""

    authority: str
    words: str


class AnswerPass(Struct, frozen=True, kw_only=True):
    """The authority that is asked says yes, or no with a reason."""

    accept: bool
    words: str = ""


Command = Give | TakeUp | GiveBack | PassTo | AnswerPass

# Changes, as they stand in the log of the noun. --------------------------------------------------


class Given(Struct, frozen=True, kw_only=True, tag_field="change", tag=True):
    """The head gave it to an officer."""

    officer: str
    by: str


class TakenUp(Struct, frozen=True, kw_only=True, tag_field="change", tag=True):
    """An officer took it."""

    officer: str


class GivenBack(Struct, frozen=True, kw_only=True, tag_field="change", tag=True):
    """It lies with nobody again."""

    by: str


class PassOffered(Struct, frozen=True, kw_only=True, tag_field="change", tag=True):
    """Another authority is asked to take it."""

    authority: str
    by: str


class PassAccepted(Struct, frozen=True, kw_only=True, tag_field="change", tag=True):
    """It lies with that authority now, and with nobody there yet."""

    by: str


class PassRefused(Struct, frozen=True, kw_only=True, tag_field="change", tag=True):
    """That authority did not take it; it stays where it was."""

    by: str


Change = Given | TakenUp | GivenBack | PassOffered | PassAccepted | PassRefused


class Ground(Struct, frozen=True, kw_only=True):
    """What the rules may know besides the custody."""

    city: str
    district: str
    """The case's own; empty where it has none."""
    person: str
    post: Post
    open: bool
    """Whether the case is one that officers work on now."""
    authorities: frozenset[str]
    """Codes of the city's authorities today."""
    candidate: Post | None = None
    """Of the officer that is named; none where there is no such officer."""


def decide(custody: Custody, command: Command, ground: Ground) -> list[Change]:
    """What changes; nothing where all is so already.

    Errors: `Missing("officer_unknown" | "authority_unknown")`, `Refused` with `function_missing`, `outside_authority`,
    `case_not_open`, `officer_unfit`, `taken_by_other`, `not_your_case`, `words_missing`, `pass_waiting`,
    `pass_to_itself`, `pass_none`.
    """
    place = place_of(ground.city, custody.authority, ground.district)
    must_do(ground.post, _ACTS[type(command)])
    if isinstance(command, AnswerPass):
        return _answer(custody, command, ground)
    must_reach(ground.post, place, ground.person, custody.officer)
    if not ground.open:
        raise Refused("case_not_open")
    match command:
        case Give(officer=officer):
            return _give(custody, officer, place, ground)
        case TakeUp():
            if custody.officer == ground.person:
                return []
            if custody.officer:
                raise Refused("taken_by_other")
            return [TakenUp(officer=ground.person)]
        case GiveBack(words=words):
            must_hold(ground.post, ground.person, custody.officer)
            if not words:
                raise Refused("words_missing")
            return [GivenBack(by=ground.person)]
        case PassTo():
            return _pass(custody, command, place, ground)
        case _:
            assert_never(command)


_ACTS = {Give: Act.lead, TakeUp: Act.items, GiveBack: Act.items, PassTo: Act.items, AnswerPass: Act.receive}


def _give(custody: Custody, officer: str, place: str, ground: Ground) -> list[Change]:
    if ground.candidate is None:
        raise Missing("officer_unknown")
    if not ground.candidate.may(Act.items) or not ground.candidate.covers(place):
        raise Refused("officer_unfit")
    return [] if custody.officer == officer else [Given(officer=officer, by=ground.person)]


def _pass(custody: Custody, command: PassTo, place: str, ground: Ground) -> list[Change]:
    if not ground.post.may(Act.lead):
        must_hold(ground.post, ground.person, custody.officer)
    if command.authority not in ground.authorities:
        raise Missing("authority_unknown")
    if custody.offered_to == command.authority:
        return []
    if custody.offered_to:
        raise Refused("pass_waiting")
    if place_of(ground.city, command.authority, "") == place:
        raise Refused("pass_to_itself")
    if not command.words:
        raise Refused("words_missing")
    return [PassOffered(authority=command.authority, by=ground.person)]


def _answer(custody: Custody, command: AnswerPass, ground: Ground) -> list[Change]:
    if not custody.offered_to:
        raise Refused("pass_none")
    if not ground.post.reaches(place_of(ground.city, custody.offered_to, "")):
        raise Refused("outside_authority")
    if not ground.open:
        raise Refused("case_not_open")
    if command.accept:
        return [PassAccepted(by=ground.person)]
    if not command.words:
        raise Refused("words_missing")
    return [PassRefused(by=ground.person)]


def evolve(custody: Custody, change: Change) -> Custody:
    """Where the case lies after one more change."""
    match change:
        case Given(officer=officer) | TakenUp(officer=officer):
            return replace(custody, officer=officer)
        case GivenBack():
            return replace(custody, officer="")
        case PassOffered(authority=authority, by=by):
            return replace(custody, offered_to=authority, offered_by=by)
        case PassAccepted():
            return Custody(authority=custody.offered_to)
        case PassRefused():
            return replace(custody, offered_to="", offered_by="")
        case _:
            assert_never(change)
