"""The form of a filing for somebody else: what was typed, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TypeVar

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.base.money import positive_fen
from hejie.cities.settings import CitySettings, Problem
from hejie.disputes.assist import Channel, Proof
from hejie.disputes.filing import checked_claim
from hejie.disputes.model import Claim, Paid
from hejie.edge.forms import Checks, Form, a_day, one_of, plain
from hejie.edge.phones import read_phone
from hejie.edge.texts import clean_text
from hejie.queries.assisted import Mandate
from hejie.web.claims import field_of, read_claim

T = TypeVar("T", Channel, Proof)
FIELDS = [
    "shop",
    "channel",
    "name",
    "phone",
    "relative",
    "mandate_words",
    "until",
    "paid",
    "paid_on",
    "item",
    "proof",
    "problem",
    "right_amount",
    "remedy",
    "amount",
    "words",
]
"""What goes along from the form to the page that is read out."""


class Draft(Struct, frozen=True, kw_only=True):
    """A filing as it will be read out."""

    channel: Channel
    name: str
    phone: str
    mandate: Mandate | None
    until: datetime | None
    """When the mandate ends: the end of its last day."""
    paid_fen: int
    paid_at: datetime
    item: str
    proof: Proof
    problem: str
    claim: Claim
    words: str


def money_problems(settings: CitySettings) -> list[Problem]:
    """What may be filed here: a danger is reported first, on its own page."""
    return [each for each in settings.problems if not each.safety]


def read_draft(form: Form, settings: CitySettings, now: datetime, check: Checks) -> Draft:
    """The form as it stands; faults are kept in `check`, and the draft is of use only without any."""
    paid_fen = check("paid", positive_fen, form.text("paid").strip(), default=0)
    paid_at = check("paid_on", _paid_at, form.text("paid_on"), now, default=now)
    mandate, until = _mandate(form, now, check)
    problems = money_problems(settings)
    claim = read_claim(form, problems, paid_fen, check)
    return Draft(
        channel=check("channel", one_of, Channel, form.text("channel"), default=Channel.counter),
        name=check("name", plain, form.text("name"), 80, default=""),
        phone=check("phone", read_phone, form.text("phone"), default=""),
        mandate=mandate,
        until=until,
        paid_fen=paid_fen,
        paid_at=paid_at,
        item=check("item", plain, form.text("item"), 80, default=""),
        proof=check("proof", one_of, Proof, form.text("proof"), default=Proof.none),
        problem=form.text("problem"),
        claim=claim if check else _checked(claim, problems, form.text("problem"), paid_fen, paid_at, check),
        words=check("words", clean_text, form.text("words"), needed=True, default=""),
    )


def _checked(
    claim: Claim, problems: Sequence[Problem], named: str, paid_fen: int, paid_at: datetime, check: Checks
) -> Claim:
    """The claim as the rules will take it, so that what is read out is what is filed."""
    asks = next((each.asks_right_amount for each in problems if each.id == named), False)
    payment = Paid(trade_no="", paid_fen=paid_fen, paid_at=paid_at, proven=False)
    try:
        return checked_claim(claim, (payment,), asks_right_amount=asks)
    except Refused as why:
        check.add(field_of(why), why)
        return claim


def _mandate(form: Form, now: datetime, check: Checks) -> tuple[Mandate | None, datetime | None]:
    who = check("relative", plain, form.text("relative"), 80, default="")
    covers = check("mandate_words", clean_text, form.text("mandate_words"), 500, default="")
    typed = form.text("until").strip()
    if not (who or covers or typed):
        return None, None
    if not (who and covers and typed):
        check.add("relative", Refused("mandate_unfinished"))
        return None, None
    last = check("until", a_day, typed, default=now.date())
    until = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    if until <= now:
        check.add("until", Refused("mandate_over"))
    return Mandate(who=who, covers=covers), until.astimezone(now.tzinfo)


def _paid_at(typed: str, now: datetime) -> datetime:
    """Noon of the day; nobody remembers the hour. Today it is no later than now."""
    day = a_day(typed)
    if day > now.astimezone(SHANGHAI).date():
        raise Refused("paid_in_future")
    return min(datetime.combine(day, time(12), SHANGHAI).astimezone(now.tzinfo), now)
