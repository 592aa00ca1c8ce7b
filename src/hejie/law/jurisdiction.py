"""Which county-level authorities may act on a complaint, by the respondent's places; the consumer's home is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple, Protocol

from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.law.book import Book
from hejie.law.rules import Basis, Kind, Rule

FIRST = "J4"
"""The rule by which the first receiver keeps a complaint."""


class Divisions(Protocol):
    """Whatever knows the divisions of GB/T 2260 and their days."""

    def county(self, code: str, day: date) -> bool:
        """Whether a code named a division of county level on a day."""
        ...


class Respondent(NamedTuple):
    """Where a merchant is to be found, as six-digit codes; empty where it is not known."""

    kind: Kind
    place: str = ""
    """Where it really does business."""
    domicile: str = ""
    """Where it is registered."""
    shown: str = ""
    """The address it shows on the platform."""
    reachable: bool = True
    """Whether it can be reached at that address."""
    platform_domicile: str = ""


class Competent(NamedTuple):
    """An authority that may act, and why."""

    division: str
    rule: Rule
    bases: tuple[Basis, ...]


def competent(respondent: Respondent, day: date, book: Book, divisions: Divisions) -> tuple[Competent, ...]:
    """Every county-level division whose authority may act on a complaint received on a day, each once.

    The rules of that day say by which places (J1 to J3); on a platform an address at which nobody is reached counts
    as none shown. Errors: `Refused("law_division_unknown")` for a code that names no county-level division that day,
    `Refused("law_place_missing")` where no place that matters is known.
    """
    rule = _rule(respondent.kind, day, book)
    for basis in Basis:
        code = getattr(respondent, basis)
        if code and not divisions.county(code, day):
            raise Refused("law_division_unknown", division=code[:12], day=day)
    found: dict[str, tuple[Basis, ...]] = {}
    for basis in rule.text.competent:
        code = getattr(respondent, basis)
        if code and (basis is not Basis.shown or respondent.reachable):
            found[code] = (*found.get(code, ()), basis)
    if not found:
        raise Refused("law_place_missing")
    return tuple(Competent(code, rule, bases) for code, bases in sorted(found.items()))


def keeper(
    authorities: Iterable[Competent], received: Iterable[tuple[str, datetime]], book: Book
) -> tuple[str, Rule] | None:
    """The competent authority that received a complaint first, and the rule by which it keeps it (J4).

    What an authority without competence received does not count. None as long as no competent one has it.
    """
    may = {each.division for each in authorities}
    first = min(((at, code) for code, at in received if code in may), default=None)
    if first is None:
        return None
    return first[1], book.chosen(FIRST, first[0].astimezone(SHANGHAI).date())


def _rule(kind: Kind, day: date, book: Book) -> Rule:
    ids = {rule.id for rule in book.rules if kind in rule.text.kinds}
    return book.chosen(min(ids), day)
