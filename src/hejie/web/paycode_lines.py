"""Paycodes in words, for merchants, officers and whoever opens the page behind one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from hejie.cities.promises import Promise, Said
from hejie.cities.settings import CitySettings, in_force, owed
from hejie.edge.words import mark
from hejie.payments.emvco import examine
from hejie.payments.emvco_writer import Acquired, Link, said_by
from hejie.payments.paycode import REPLACED, Paycode, State
from hejie.queries.paycodes import Named
from hejie.web import story_labels
from hejie.web.shell import Visit

STATES: Mapping[State, str] = {
    State.applied: mark("waits for the authority"),
    State.granted: mark("in force"),
    State.refused: mark("not granted"),
    State.ended: mark("over"),
}
TAGS: Mapping[State, str] = {State.applied: "warn", State.granted: "good", State.refused: "bad", State.ended: ""}


class Card(Struct, frozen=True, kw_only=True):
    """One paycode, ready to be read."""

    row: Paycode
    merchant: str
    shop: str
    place: str
    state: str
    tag: str
    by: str
    """Whose authority granted it."""
    reason: str
    code: Acquired
    """What the acquirer's own code says."""
    address: str
    """Of the page behind it."""
    promises: tuple[Said, ...]
    both: tuple[Promise, ...]
    """The same in both languages."""


def link_of(visit: Visit, number: str) -> Link:
    """What is written into a code of this number."""
    return Link(number, f"{visit.house.settings.public_url.rstrip('/')}/{visit.city}")


def card(visit: Visit, named: Named, rows: Sequence[CitySettings], at: datetime) -> Card:
    """A paycode with its promises in the city's words of an instant; `rows` are all of its settings."""
    row = named.paycode
    promises = owed(rows, row.promises, at)
    return Card(
        row=row,
        merchant=named.merchant_name,
        shop=named.shop_name,
        place=named.shop_address,
        state=visit.say(STATES[row.state]),
        tag=TAGS[row.state],
        by=story_labels.agency(visit.language, in_force(rows, at), row.granted_by),
        reason=visit.say(mark("A newer one has taken its place.")) if row.reason == REPLACED else row.reason,
        code=said_by(examine(row.payload)),
        address=link_of(visit, row.number).page,
        promises=tuple(each.said(visit.language) for each in promises),
        both=promises,
    )
