"""A mediation beside its dispute, as one reader sees it: its steps, and its due times with all that explains them."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import Role
from hejie.cities.settings import CitySettings
from hejie.desk.mediations import law
from hejie.disputes.model import Dispute
from hejie.edge.words import mark, money, say
from hejie.law.rules import Basis
from hejie.mediations import events as e
from hejie.mediations.ground import SIDES
from hejie.mediations.limits import CONFIRMATION, TERMS, VERIFICATION, last_day
from hejie.mediations.model import ASKED, Limit, Mediation, State, mediation_of
from hejie.queries.mediations import Course, mediation_beside, read_course
from hejie.web import law_asked, law_lines, mediation_words, story_labels
from hejie.web.shell import Visit

_CLOCKS = {
    "A1": mark("The authority decides by"),
    "M1": mark("Mediation ends by"),
    "M4": mark("Both sides are told by"),
    CONFIRMATION: mark("Both may ask a court to confirm it by"),
    VERIFICATION: mark("The suspected violation is looked into by"),
    TERMS: mark("The last thing agreed is to be done by"),
}
_AGREED_DAY = mark("The last day that both sides agreed on; no rule of law sets it.")


class Clock(Struct, frozen=True, kw_only=True):
    """A due time, and why it is then."""

    label: str
    at: datetime
    day: date
    lines: tuple[str, ...]
    law: str
    """The page of the rule with this very answer; empty where both sides set the day."""


class Line(Struct, frozen=True, kw_only=True):
    """One step."""

    version: int
    at: datetime
    sentence: str
    words: str


class Term(Struct, frozen=True, kw_only=True):
    """One thing agreed."""

    who: str
    what: str
    amount: str
    by: date


class Shown(Struct, frozen=True, kw_only=True):
    """Everything a page shows of it; texts are in the reader's language."""

    row: Mediation
    state: str
    tag: str
    authority: str
    competent: tuple[str, ...]
    lines: tuple[Line, ...]
    clocks: tuple[Clock, ...]
    stopped: bool
    """Whether an appraisal holds up its clock."""
    terms: tuple[Term, ...]
    facts: str
    ways: tuple[str, ...]
    missing: tuple[str, ...]
    """What article 10 asks for and is not there."""
    acts: frozenset[str]
    """What this reader, a party, can do now: `identity consent recusal`."""


async def shown(visit: Visit, dispute: Dispute, settings: CitySettings) -> Shown | None:
    """The mediation of a dispute that the reader may see; None where it was never escalated."""
    async with visit.connection() as connection:
        if await mediation_beside(connection, visit.city, dispute.id) is None:
            return None
        vault = visit.house.vaults(visit.city)
        course = await read_course(connection, vault, visit.city, mediation_of(dispute.id))
    told = tell(course, visit.actor.role, visit.language, settings)
    return replace(told, acts=frozenset()) if dispute.away else told


def tell(course: Course, reader: Role, language: str, settings: CitySettings) -> Shown:
    """A mediation as this reader sees it."""
    row, officer = course.row, reader is Role.officer
    state, tag = mediation_words.state(language, row)
    limits = [row.due, row.confirm_due if row.state in {State.agreed, State.performed} else None]
    limits += [row.verify_due if officer else None]
    return Shown(
        row=row,
        state=state,
        tag=tag,
        authority=story_labels.agency(language, settings, row.authority) if row.authority else "",
        competent=tuple(_competent(language, settings, row)),
        lines=tuple(
            Line(
                version=step.version,
                at=step.at,
                sentence=mediation_words.sentence(language, step.event, settings),
                words=_words(course, step.event, reader),
            )
            for step in course.steps
            if officer or not isinstance(step.event, mediation_words.HIDDEN)
        ),
        clocks=tuple(clock_of(language, limit) for limit in limits if limit is not None),
        stopped=row.appraisal is not None,
        terms=tuple(
            Term(
                who=mediation_words.side(language, term.who),
                what=course.texts.get(term.what, ""),
                amount=money(term.amount_fen) if term.amount_fen else "",
                by=term.by,
            )
            for term in row.terms
        ),
        facts=course.texts.get(row.facts, ""),
        ways=tuple(mediation_words.ways(language, row.ways)),
        missing=tuple(
            say(language, mediation_words.MATERIALS[name])
            for name in mediation_words.MATERIALS
            if name not in row.materials
        ),
        acts=_acts(row, reader),
    )


def clock_of(language: str, limit: Limit) -> Clock:
    """A due time in words: rule, article, reading and the days that were passed over, counted anew."""
    day = last_day(limit.at)
    label = say(language, _CLOCKS[limit.rule])
    if limit.rule == TERMS:
        lines: tuple[str, ...] = (say(language, _AGREED_DAY),)
        page = ""
    else:
        lines = tuple(law_lines.deadline_lines(language, law().deadline(limit)))
        page = law_asked.address(limit.rule, limit.start, limit.pauses)
    return Clock(label=label, at=limit.at, day=day, lines=lines, law=page)


def _competent(language: str, settings: CitySettings, row: Mediation) -> list[str]:
    found = []
    for division, bases in zip(row.competent, row.bases, strict=True):
        why = [say(language, law_lines.BASES[Basis(each)]) for each in bases.split()]
        found.append(f"{story_labels.agency(language, settings, division)} ({', '.join(why)})")
    return found


def _words(course: Course, event: e.AnyEvent, reader: Role) -> str:
    """The words of a step; why somebody wishes another mediator is for who wrote it, and the authority."""
    if isinstance(event, e.RecusalAsked) and reader not in {Role.officer, event.by}:
        return ""
    return course.texts.get(getattr(event, "words", ""), "")


def _acts(row: Mediation, reader: Role) -> frozenset[str]:
    if reader not in SIDES:
        return frozenset()
    found = set()
    early = row.state in {State.escalated, State.received}
    if reader is Role.consumer and early and row.checked is None and not set(ASKED) <= set(row.materials):
        found.add("identity")
    if row.state is State.accepted:
        found |= {"consent"} if reader not in row.consents else set()
        found |= {"recusal"} if row.recusal is None else set()
    return frozenset(found)
