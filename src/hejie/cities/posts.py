"""An officer's post: functions, authority in the tree city, district, street, and who may do which act where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from hejie.base.errors import Refused


class Function(StrEnum):
    """What an officer is there for."""

    intake = "intake"
    mediator = "mediator"
    head = "head"
    auditor = "auditor"
    system_admin = "system_admin"
    security_admin = "security_admin"
    audit_admin = "audit_admin"


CASE_FUNCTIONS = frozenset({Function.intake, Function.mediator, Function.head})
DEFAULT = CASE_FUNCTIONS
"""Of an officer to whom no function was ever given: what every officer could do before there were any."""


class Act(StrEnum):
    """What an officer does, as far as functions tell it apart."""

    own = "own"
    """One's own sign-in."""
    read = "read"
    """Look at cases and lists."""
    work = "work"
    """Talk, propose, decide and close in a case; give it back, offer it to another authority."""
    items = "items"
    """Work items."""
    register = "register"
    """Merchants, payment codes, agreements, reports of danger, filing for others."""
    receive = "receive"
    """Say yes or no to a case that another authority offers."""
    lead = "lead"
    """Give cases to officers, look at everybody's work."""
    settings = "settings"
    """Read the city's settings."""
    trail = "trail"
    """Read who saw and did what."""


_EVERYBODY = frozenset({Act.own})
ACTS: Mapping[Function, frozenset[Act]] = MappingProxyType(
    {
        Function.intake: _EVERYBODY | {Act.read, Act.items, Act.register, Act.receive, Act.settings},
        Function.mediator: _EVERYBODY | {Act.read, Act.work, Act.items, Act.settings},
        Function.head: _EVERYBODY | {Act.read, Act.work, Act.items, Act.register, Act.receive, Act.lead, Act.settings},
        Function.auditor: _EVERYBODY | {Act.trail},
        Function.system_admin: _EVERYBODY | {Act.settings},
        Function.security_admin: _EVERYBODY,
        Function.audit_admin: _EVERYBODY | {Act.trail},
    }
)
"""Function → acts. Auditors change nothing; administrators see no case."""

PLACED = frozenset({Act.read, Act.work, Act.items, Act.receive, Act.lead})
"""Acts on one case: only within one's own authority and below."""


class Post(Struct, frozen=True, kw_only=True):
    """From where an officer acts, today."""

    functions: frozenset[Function] = DEFAULT
    within: str = ""
    """The division code of the authority, of six digits for a district, nine for a street; empty for the whole city."""
    stands_in: tuple[str, ...] = ()
    """Colleagues who are away today, whose work this officer does under their own name."""
    stands_at: tuple[str, ...] = ()
    """The authorities of those colleagues."""
    beside: tuple[str, ...] = ()
    """From where those colleagues act, written as `within`."""

    def may(self, act: Act) -> bool:
        """Whether one of the functions brings this act."""
        return any(act in ACTS[each] for each in self.functions)

    def covers(self, place: str) -> bool:
        """Whether a place (a district's or street's code, empty for the city itself) lies at this post or below it."""
        return place.startswith(self.within)

    def reaches(self, place: str) -> bool:
        """The same, and what a colleague for whom they stand in covers."""
        return any(place.startswith(within) for within in (self.within, *self.beside))

    def holds(self, person: str, holder: str) -> bool:
        """Whether a case lies with this person, or with a colleague for whom they stand in."""
        return bool(holder) and holder in {person, *self.stands_in}

    def sits_at(self, own: str) -> frozenset[str]:
        """As one of whose officers they act: of their own authority, and of those for whose officers they stand in."""
        return frozenset({own, *self.stands_at})


class Colleague(Struct, frozen=True, kw_only=True):
    """Somebody who is away today."""

    id: str
    authority: str
    functions: frozenset[Function] | None
    """None for whoever was never given one."""


def post_in(city: str, authority: str, functions: Iterable[Function] | None, away: Iterable[Colleague] = ()) -> Post:
    """The post of a member of an authority; `functions` is none for whoever was never given one.

    Such a member keeps what all officers had before: the case functions, over the whole city.
    """
    colleagues = tuple(away)
    return Post(
        functions=DEFAULT if functions is None else frozenset(functions),
        within=_within(city, authority, functions),
        stands_in=tuple(each.id for each in colleagues),
        stands_at=tuple(each.authority for each in colleagues),
        beside=tuple(_within(city, each.authority, each.functions) for each in colleagues),
    )


def _within(city: str, authority: str, functions: Iterable[Function] | None) -> str:
    return "" if functions is None or authority == city else authority


def place_of(city: str, authority: str, district: str) -> str:
    """Where a case lies: at the authority it was passed to, else in its district; empty for the city itself."""
    place = authority or district
    return "" if place == city else place


def must_do(post: Post, act: Act) -> None:
    """`Refused("function_missing")` unless one of the functions brings this act."""
    if not post.may(act):
        raise Refused("function_missing")


def must_reach(post: Post, place: str, person: str, holder: str) -> None:
    """`Refused("outside_authority")` for a case that lies neither at the post nor below, nor with this officer.

    A case lies with whoever holds it. Who stands in for a colleague reaches what the colleague reaches, and may do
    there what their own functions bring.
    """
    if not post.holds(person, holder) and not post.reaches(place):
        raise Refused("outside_authority")


def must_hold(post: Post, person: str, holder: str) -> None:
    """`Refused("not_your_case")` unless this officer holds the case, or stands in for who does."""
    if not post.holds(person, holder):
        raise Refused("not_your_case")


def must_sit_at(post: Post, own: str, *authorities: str) -> None:
    """`Refused("mediation_elsewhere")` unless they act as an officer of one of these authorities."""
    if not post.sits_at(own) & {each for each in authorities if each}:
        raise Refused("mediation_elsewhere", division=authorities[0])


def must_combine(functions: Iterable[Function]) -> None:
    """`Refused("functions_apart")` where one person would hold what must be in several hands.

    The auditor and each of the three administrators stands alone; the case functions go together.
    """
    held = frozenset(functions)
    if len(held) > 1 and held - CASE_FUNCTIONS:
        raise Refused("functions_apart")
