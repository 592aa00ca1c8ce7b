"""Measures against merchants in words: what officers and the merchant read of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct

from hejie.cities.settings import CitySettings
from hejie.edge.words import mark, say
from hejie.merchants.measures import Measure, Phase, State, Step
from hejie.queries.measures import Shown
from hejie.web import story_labels

STEPS: Mapping[Step, str] = MappingProxyType(
    {
        Step.warning: mark("Warning"),
        Step.inspection: mark("Inspection"),
        Step.paycode_suspended: mark("Promises and payment codes suspended"),
        Step.status_withdrawn: mark("Status of a shop with promises withdrawn"),
        Step.publication: mark("Publication of the merchant's figures"),
    }
)
MEANING: Mapping[Step, str] = MappingProxyType(
    {
        Step.warning: mark("Nothing else follows from it than that the next step may be taken."),
        Step.inspection: mark("The authority comes and looks."),
        Step.paycode_suspended: mark("The payment codes' pages say so, and payments are promised nothing meanwhile."),
        Step.status_withdrawn: mark("Payment codes are suspended, and no new one is granted meanwhile."),
        Step.publication: mark("The figures may be published; that is announced apart, and can be objected to."),
    }
)
"""What a step brings, as the merchant and officers read it."""

_PHASES = {
    Phase.announced: mark("announced"),
    Phase.in_effect: mark("in effect"),
    Phase.over: mark("over"),
}
_ENDS = {State.withdrawn: mark("taken back"), State.lifted: mark("lifted"), State.ended: mark("ended")}


class Card(Struct, frozen=True, kw_only=True):
    """One measure, ready to be shown."""

    row: Measure
    name: str
    step: str
    meaning: str
    state: str
    agency: str
    reason: str
    appeal: str
    answer: str
    ending: str
    appealable: bool
    over: bool
    publishes: bool
    """Whether publicity may be announced by it now."""


def cards(language: str, settings: CitySettings, found: Sequence[Shown], now: datetime) -> list[Card]:
    """Each as it stands at an instant."""
    return [_card(language, settings, each, now) for each in found]


def _card(language: str, settings: CitySettings, each: Shown, now: datetime) -> Card:
    row, words = each.row, each.words
    said = (row.appeal.words, row.appeal.answer) if row.appeal else ("", "")
    return Card(
        row=row,
        name=each.name,
        step=say(language, STEPS[row.step]),
        meaning=say(language, MEANING[row.step]),
        state=say(language, _ENDS.get(row.state) or _PHASES[row.phase(now)]),
        agency=story_labels.agency(language, settings, row.agency),
        reason=words.get(row.reason, ""),
        appeal=words.get(said[0], ""),
        answer=words.get(said[1], ""),
        ending=words.get(row.ending, ""),
        appealable=row.appealable(now),
        over=row.phase(now) is Phase.over,
        publishes=row.step is Step.publication and row.phase(now) is Phase.in_effect,
    )
