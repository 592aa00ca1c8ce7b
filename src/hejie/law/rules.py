"""Rules of law as rows: each is one wording, in force between two days, with its sources."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from hejie.law.words import Words

Id = Annotated[str, Meta(pattern=r"^[A-Z]{1,2}[0-9]{1,2}[a-z]?$")]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Amount = Annotated[int, Meta(ge=1, le=9999)]
Place = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+){0,2}(-[0-9]+)?(, [0-9]+(\.[0-9]+){0,2}(-[0-9]+)?)*$")]


class Rank(StrEnum):
    """How strong a source is, the strongest first; the stronger prevails where two speak on one matter."""

    law = "law"
    interpretation = "interpretation"
    """Of a law, by the Supreme People's Court."""
    regulation = "regulation"
    """Of the State Council."""
    ministry_rule = "ministry_rule"
    provincial = "provincial"
    """A province's own regulation."""
    guidance = "guidance"
    """What an authority or a court has told, without the force of a rule."""


RANKS = tuple(Rank)


class Unit(StrEnum):
    """What a limit is counted in."""

    working_days = "working_days"
    calendar_days = "calendar_days"
    hours = "hours"
    months = "months"
    years = "years"
    none = "none"


class Roll(StrEnum):
    """What moves the end of a period."""

    R121 = "R121"
    """A statutory holiday only (Order 121 art. 45); a plain weekend does not."""
    R203 = "R203"
    """Any day of rest (Civil Code art. 203; Civil Procedure Law art. 85)."""
    none = "none"


class Actor(StrEnum):
    """Whose limit it is."""

    authority = "authority"
    consumer = "consumer"
    merchant = "merchant"
    platform = "platform"
    parties = "parties"
    mediation_body = "mediation_body"


class Kind(StrEnum):
    """How the respondent sells."""

    shop = "shop"
    platform = "platform"
    own_site = "own_site"
    platform_seller = "platform_seller"


class Basis(StrEnum):
    """By which of its places an authority is competent."""

    place = "place"
    """Where business is really done."""
    domicile = "domicile"
    shown = "shown"
    """The address shown on the platform."""
    platform_domicile = "platform_domicile"


class Law(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text of law as it is cited."""

    zh: str
    en: str
    rank: Rank


class Source(NamedTuple):
    """One place in one text: article, paragraph and item with dots between, `23.1.5`; guidance has none."""

    law: Law
    at: str

    def cited(self, language: str) -> str:
        """`《…》第23条第1款第5项`, `Order …, art. 23(1)(5)`."""
        spots = self.at.split(", ") if self.at else []
        if language == "zh":
            return f"《{self.law.zh}》" + "、".join(_zh(spot) for spot in spots)
        if not spots:
            return self.law.en
        many = len(spots) > 1 or "-" in self.at
        return f"{self.law.en}, {'arts.' if many else 'art.'} {', '.join(_en(spot) for spot in spots)}"


class Trigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The event from which a limit runs, as a key for programs and in words."""

    key: Key
    zh: str
    en: str


class Cite(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source as a file writes it: the key of a law of the same file, and the place in it."""

    law: Key
    at: Place | None = None
    """None for guidance, which has no articles."""


class Written(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as its file writes it: one wording, in force between two days."""

    id: Id
    also: str = ""
    """Another id under which this one wording is looked up."""
    title: Words
    sentence: Words
    source: Annotated[tuple[Cite, ...], Meta(min_length=1)]
    valid_from: date
    valid_to: date | None = None
    """The last day."""
    unit: Unit
    amount: Amount | None = None
    extension: Amount | None = None
    """How much longer where it has been allowed."""
    before: bool = False
    """The limit runs back from its event, as a notice does; nothing moves its end."""
    as_promised: bool = False
    """The span is what somebody has promised."""
    roll: Roll = Roll.none
    stopped_by: tuple[Id, ...] = ()
    """Rules under which time is left out of this limit."""
    actor: Actor
    trigger: Trigger
    effect: Words
    confirmed: bool
    """Whether the text itself was read in full."""
    note: Words | None = None
    kinds: tuple[Kind, ...] = ()
    competent: tuple[Basis, ...] = ()


class Rule(Struct, frozen=True, kw_only=True):
    """A wording with its sources looked up, and the province whose it is."""

    text: Written
    sources: tuple[Source, ...]
    rank: Rank
    """That of its strongest source."""
    province: str = ""
    """Empty for the whole country."""

    @property
    def id(self) -> str:
        """The rule's name, the same for all its wordings."""
        return self.text.id

    @property
    def is_right(self) -> bool:
        """Whether it gives somebody time to claim, so that doubt is in their favour; else it is a duty."""
        return self.text.actor in {Actor.consumer, Actor.parties}

    def holds(self, day: date) -> bool:
        """Whether this wording is in force on a day."""
        return self.text.valid_from <= day and (self.text.valid_to is None or day <= self.text.valid_to)


class Pack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one province's own rules."""

    province: Annotated[str, Meta(pattern=r"^[1-9][0-9]0000$")]
    name: Words
    filled: bool
    read: date
    """When somebody last looked."""
    unknown: Words
    """What is not known."""


def _zh(spot: str) -> str:
    first, _, last = spot.partition("-")
    article, *inner = first.split(".")
    text = f"第{article}条" + "".join(f"第{n}{part}" for n, part in zip(inner, "款项", strict=False))
    return f"{text}至第{last}条" if last else text


def _en(spot: str) -> str:
    first, _, last = spot.partition("-")
    article, *inner = first.split(".")
    return article + "".join(f"({n})" for n in inner) + (f"–{last}" if last else "")
