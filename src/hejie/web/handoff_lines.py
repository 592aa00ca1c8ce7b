"""What happened on a dispute's way to 12315, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.disputes import events as e
from hejie.disputes import handoff_events as h
from hejie.disputes.handoff import LawDue
from hejie.edge.words import mark, say
from hejie.web.law_lines import missing_words

PLAIN: Mapping[type[e.AnyEvent], str] = {
    h.HandoffConsented: mark("{who} agreed that the shown data go to 12315. Nothing has been sent yet."),
    h.HandoffConsentWithdrawn: mark("{who} took the consent back; nothing was sent to 12315."),
    h.OdrBegun: mark(
        "The merchant is a 12315 ODR enterprise and negotiates first, until {until}. This time counts in no limit of"
        " the authority."
    ),
    h.HandedOff: mark("The dispute is handed to 12315."),
    h.HandoffSending: mark("The package is being sent to 12315."),
    h.HandoffDoubted: mark("Whether 12315 has it is not known yet; it is asked, and nothing is sent twice."),
    h.HandoffReceived: mark("12315 received it under number {number}. It decides until {until}."),
    h.HandoffAccepted: mark("The authority took the complaint up; it mediates until {until}."),
    h.HandoffRefused: mark("The authority did not take the complaint up: {ground}."),
    h.HandoffReturned: mark("12315 gave it back to us; the reason stands beside it."),
}
GROUNDS: Mapping[str, str] = {
    "N1": mark("the authority has no duty or power in this"),
    "N2": mark("a court, arbitration, an agency or a consumer association has dealt with it"),
    "N3": mark("it is not about daily consumption, or no dispute is shown"),
    "N4": mark("more than three years have passed"),
    "N5": mark("materials are missing or not true"),
    "N6": mark("somebody else's name was used, or the identity was not confirmed"),
    "N7": mark("another law says so"),
}
"""Order 121 art. 16."""
_TIME_OVER = mark("The ODR enterprise's time to negotiate is over; the way to 12315 is open.")
_NO_AGREEMENT = mark("{who} said that the negotiation brings no agreement; the way to 12315 is open.")
_SETTLED = mark("12315 tells: it was settled there.")
_UNSETTLED = mark("12315 tells: it was not settled there.")
_PROVISIONAL = mark("{when} (provisional)")


def worded(event: e.AnyEvent) -> str:
    """The sentence of an event that has more than one; empty for all others."""
    match event:
        case h.OdrEnded(because="time"):
            return _TIME_OVER
        case h.OdrEnded():
            return _NO_AGREEMENT
        case h.HandoffConcluded(settled=settled):
            return _SETTLED if settled else _UNSETTLED
        case _:
            return ""


def facts(language: str, event: e.AnyEvent) -> dict[str, str]:
    """What the sentences name."""
    match event:
        case h.OdrBegun(until=due) | h.HandoffAccepted(mediate_by=due):
            return {"until": until(language, due)}
        case h.HandoffReceived(number=number, decide_by=due):
            return {"number": number, "until": until(language, due)}
        case h.HandoffRefused(refusal=code):
            return {"ground": say(language, GROUNDS[code])}
        case _:
            return {}


def until(language: str, due: LawDue) -> str:
    """A due time of the law, with a word where it may still move."""
    last = (due.at - timedelta(seconds=1)).astimezone(SHANGHAI).date()
    when = say(language, mark("{day}, end of the day (24:00)"), day=last)
    return say(language, _PROVISIONAL, when=when) if due.provisional else when


def why_provisional(language: str, due: LawDue) -> list[str]:
    """Which years' holidays are not known yet."""
    return [missing_words(language, year) for year in due.missing_years]


def speaker(event: e.AnyEvent) -> Role | None:
    """Whose step it is; none where it is none on this way."""
    match event:
        case h.HandoffConsented() | h.HandoffConsentWithdrawn():
            return Role.consumer
        case h.OdrEnded(because="merchant"):
            return Role.merchant
        case h.HandedOff(officer=officer) if officer:
            return Role.officer
        case _:
            return None


def is_for(event: e.AnyEvent, reader: Role) -> bool:
    """Consent and doubts are the consumer's and the office's; that it is being sent is the office's alone."""
    if isinstance(event, h.HandoffSending):
        return reader is Role.officer
    inner = h.HandoffConsented | h.HandoffConsentWithdrawn | h.HandoffDoubted
    return not (isinstance(event, inner) and reader is Role.merchant)
