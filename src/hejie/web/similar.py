"""What similar disputes settled at, in a sentence that needs no knowledge of figures, and how it was worked out."""

from __future__ import annotations

from msgspec import Struct

from hejie.base.errors import Missing
from hejie.disputes.similar import STEP, Band
from hejie.edge.words import mark, money
from hejie.queries.similar import MOST, Found, similar_to
from hejie.web import story_labels
from hejie.web.shell import Visit
from hejie.web.story import Story

_SPREAD = mark(
    "In {n} similar cases of the last year, half of them were settled for between {low} % and {high} % of what was"
    " paid: here {low_fen} to {high_fen}."
)
_SAME = mark(
    "In {n} similar cases of the last year, at least half of them were settled for {low} % of what was paid:"
    " here {low_fen}."
)


class Shown(Struct, frozen=True, kw_only=True):
    """The sentences, in the reader's language."""

    band: str
    deeds: str
    how: tuple[str, ...]


async def shown(visit: Visit, told: Story) -> Shown | None:
    """What the page says of similar cases; None while nothing is left to settle, or too little is known."""
    dispute, settings = told.dispute, told.settings
    if not dispute.is_open or dispute.agreed:
        return None
    try:
        problem = settings.problem(dispute.problem)
    except Missing:
        return None
    if problem.safety or problem.asks_right_amount:  # a danger has no price, and a wrong amount no share
        return None
    async with visit.connection() as connection:
        found = await similar_to(connection, dispute, settings.similar_least, told.now)
    if found is None:
        return None
    band = found.similar.band
    return Shown(
        band=_band(visit, band) if band else "",
        deeds=_deeds(visit, found),
        how=_how(visit, found),
    )


def _band(visit: Visit, band: Band) -> str:
    low, high = money(band.low_fen), money(band.high_fen)
    if band.low == band.high:
        return visit.say(_SAME, n=band.n, low=band.low, low_fen=low)
    return visit.say(_SPREAD, n=band.n, low=band.low, high=band.high, low_fen=low, high_fen=high)


def _deeds(visit: Visit, found: Found) -> str:
    deeds = found.similar.deeds
    if not deeds:
        return ""
    part = mark("{remedy} ({n})")
    named = [visit.say(part, remedy=story_labels.remedy(visit.language, remedy), n=n) for remedy, n in deeds]
    listed = visit.say(mark(", ")).join(named)
    if found.similar.band:
        return visit.say(mark("In another {n} both agreed on something other than money, most often: {deeds}."),
                         n=found.similar.deeds_n, deeds=listed)  # fmt: skip
    return visit.say(
        mark("In {n} similar cases of the last year both agreed on something other than money, most often: {deeds}."),
        n=found.similar.deeds_n,
        deeds=listed,
    )


def _how(visit: Visit, found: Found) -> tuple[str, ...]:
    facts = {"from_fen": money(found.from_fen), "to_fen": money(found.to_fen), "most": MOST}
    which = (
        mark("We look at disputes of this city that were settled within the last year: the same problem, the same"
             " kind of business, and a payment between {from_fen} and {to_fen}; at most the newest {most}.")
        if found.same_trade
        else mark("We look at disputes of this city that were settled within the last year: the same problem in any"
                  " kind of business, and a payment between {from_fen} and {to_fen}; at most the newest {most}.")
    )  # fmt: skip
    steps = [visit.say(which, **facts)]
    band = found.similar.band
    if band:
        steps.append(
            visit.say(
                mark("We set what was agreed beside what was paid, put the cases in order and leave out the lowest and"
                     " the highest quarter. The one in the middle was {middle} %. Shares are rounded to {step} %."),
                middle=band.middle,
                step=STEP,
            )
        )  # fmt: skip
    steps.append(visit.say(mark("It says nothing about who is right here, and nobody is bound by it.")))
    return tuple(steps)
