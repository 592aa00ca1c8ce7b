"""What a hand-over between cities is called: states, reasons, and the cities by their names."""

from __future__ import annotations

from collections.abc import Mapping

from hejie.base.actor import Role
from hejie.cities import divisions
from hejie.disputes.model import Dispute, Outcome
from hejie.disputes.states import State
from hejie.edge.words import mark, say
from hejie.handovers.model import State as Step
from hejie.store.directories import present
from hejie.store.pool import Connection
from hejie.web import story_labels

ELSEWHERE = "elsewhere"
"""The state of a dispute in a list that has its home in another city."""
STEPS: Mapping[Step, tuple[str, str]] = {
    Step.offered: (mark("waits for an answer"), "warn"),
    Step.accepted: (mark("accepted, being taken over"), "warn"),
    Step.taken: (mark("taken over"), "good"),
    Step.refused: (mark("not taken over"), "bad"),
    Step.recalled: (mark("taken back before an answer"), ""),
}
"""Step → its words, and the class of its tag."""
LATE = (mark("not answered in time"), "bad")
BECAUSE: Mapping[str, str] = {
    "shop_elsewhere": mark("The shop is in that city"),
    "not_competent": mark("The authority there is the competent one"),
    "given_back": mark("It goes back to where it came from"),
}
REFUSALS: Mapping[str, str] = {
    "not_here": mark("The shop is not in the city that was asked"),
    "merchant_unknown": mark("The city that was asked does not know the merchant"),
    "not_competent": mark("No authority of the city that was asked is competent"),
    "open_here": mark("The same payment is in dispute already in the city that was asked"),
    "record_broken": mark("The record could not be read"),
    "other": mark("Another reason, given in words"),
}
_GONE, _RESTS = mark("In another city"), mark("Being handed to another city")
_NEXT_GONE = mark("Another city decides it now; this page shows how it stands there.")
_NEXT_RESTS = mark("Until the other city has answered, nothing can be done here. No deadline starts again.")


async def city_names(connection: Connection, city: str, language: str) -> dict[str, str]:
    """The alliance's cities by their codes, as the newest directory calls them."""
    found = await present(connection, city)
    members = found.members if found else ()
    return {each.city: each.name_zh if language == "zh" else each.name_en for each in members}


def named(names: Mapping[str, str], city: str) -> str:
    """A city's name; as the list of divisions has it where no directory does, else its code."""
    return names.get(city) or divisions.NAMES.get(city, city)


def state(language: str, dispute: Dispute) -> str:
    """Where a dispute stands on its way between cities; empty while it has its home here and rests for nobody."""
    if dispute.away is None:
        return ""
    return say(language, _GONE if dispute.away.gone else _RESTS)


def next_step(language: str, dispute: Dispute) -> str:
    """What happens next with a dispute that is away; empty for any other."""
    if dispute.away is None:
        return ""
    return say(language, _NEXT_GONE if dispute.away.gone else _NEXT_RESTS)


def row_state(language: str, word: str, reader: Role) -> tuple[str, str]:
    """The state of a list's row in words, and the class of its tag."""
    if word == ELSEWHERE:
        return say(language, _GONE), ""
    found = State(word)
    return story_labels.state(language, found, reader), story_labels.state_tag(found)


def state_there(language: str, word: str, reader: Role) -> str:
    """The state that another city told; a word that nobody here knows stays itself."""
    found = next((each for each in State if each.value == word), None)
    return story_labels.state(language, found, reader) if found else word


def outcome_there(language: str, word: str) -> str:
    """How it ended there; empty where it has not."""
    found = next((each for each in Outcome if each.value == word), None)
    return story_labels.outcome(language, found) if found else word
