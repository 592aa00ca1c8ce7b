"""What happened to a dispute on its way between cities, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from hejie.base.actor import Role
from hejie.disputes import events as e
from hejie.disputes import homing_events as he
from hejie.edge.words import mark, say
from hejie.web import handover_words as hw

PLAIN: Mapping[type[e.AnyEvent], str] = {
    he.Leaving: mark("{who} asked {city} to take the dispute over: {why}. No deadline starts again."),
    he.Left: mark("{city} has taken the dispute over, and decides from now on."),
    he.Arrived: mark("The dispute came from {city} with its whole record; every deadline is as it was."),
}
_STAYED = mark("{city} has not taken it over ({why}). It goes on here, every deadline as it was.")
_RECALLED = mark("It was taken back before {city} had answered. It goes on here, every deadline as it was.")
_FOLLOWED = mark("{city} tells: {state}.")
_ENDED = mark("{city} tells that it has ended there: {outcome}.")
_CAME_BACK = mark("{city} has given the dispute back, with its whole record; every deadline is as it was.")
_GIVEN_BACK = mark("{who} gave the dispute back to {city}, where it came from. No deadline starts again.")
_ANOTHER = mark("The other city")


def worded(event: e.AnyEvent) -> str:
    """The sentence of an event that has more than one; empty for all others."""
    match event:
        case he.Leaving(because="given_back"):
            return _GIVEN_BACK
        case he.Arrived(city=city, handover=handover) if handover.startswith(f"{city}-"):
            return _CAME_BACK
        case he.Stayed(because="recalled"):
            return _RECALLED
        case he.Stayed():
            return _STAYED
        case he.Followed(summary=summary):
            return _ENDED if summary.is_over and summary.outcome else _FOLLOWED
        case _:
            return ""


def facts(language: str, event: e.AnyEvent, reader: Role, names: Mapping[str, str]) -> dict[str, str]:
    """What the sentences name."""
    match event:
        case he.Leaving(to=to, because=why):
            return {"city": hw.named(names, to), "why": _inside(language, hw.BECAUSE.get(why, why))}
        case he.Left(to=to):
            return {"city": hw.named(names, to)}
        case he.Arrived(sender=sender):
            return {"city": hw.named(names, sender)}
        case he.Stayed(because=why):
            return {"city": say(language, _ANOTHER), "why": _inside(language, hw.REFUSALS.get(why, why))}
        case he.Followed(summary=told):
            return {
                "city": hw.named(names, told.home),
                "state": hw.state_there(language, told.state, reader),
                "outcome": hw.outcome_there(language, told.outcome),
            }
        case _:
            return {}


def _inside(language: str, text: str) -> str:
    """A reason within a sentence."""
    said = say(language, text)
    return said[:1].lower() + said[1:]


def speaker(event: e.AnyEvent) -> Role | None:
    """Whose step it is; none where it is none on this way."""
    if isinstance(event, he.Leaving) and event.officer:
        return Role.officer
    return Role.system if isinstance(event, he.HomingEvent) else None


def words_for(event: e.AnyEvent, reader: Role, words: str) -> str:
    """The words of a step: what officers write to officers of another city is for officers alone."""
    return "" if isinstance(event, he.Leaving) and reader is not Role.officer else words
