"""One mediation on one page: its clocks, a summary of the record, its steps, and the acts of its present state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from hejie.base.actor import Role
from hejie.base.errors import HejieError, Missing
from hejie.desk.act import Content
from hejie.desk.mediations import MEDIATIONS
from hejie.disputes.duplicates import Evidence, Likely
from hejie.edge.forms import Checks
from hejie.edge.words import mark
from hejie.mediations.ground import SIDES
from hejie.mediations.model import Mediation, State
from hejie.queries import officer
from hejie.queries.duplicates import likely_duplicates
from hejie.queries.mediations import joinable, read_course, read_identity
from hejie.web import mediating, mediation_words, story, story_labels
from hejie.web.officer import mediation_forms
from hejie.web.shell import Answer, Visit, act, page

PAGE = "officer/mediation.html"
_DONE = {
    "receive": mark("Received. The time to decide on acceptance runs."),
    "accept": mark("Accepted. Both sides have been told."),
    "refuse": mark("Refused. Both sides are told, with the other ways."),
    "agree": mark("The agreement stands. Both sides have been told."),
    "terminate": mark("Ended. Both sides are told, with the other ways."),
    "performed": mark("Noted. The dispute is being closed."),
    "broken": mark("Noted. The dispute is being closed, and the other ways are named."),
}
_NOTED = mark("Noted.")
_EVIDENCE = {
    Evidence.payment: mark("the same payment"),
    Evidence.contact: mark("the same phone number"),
    Evidence.purchase: mark("the same merchant, amount and day"),
}


class Fact(Struct, frozen=True, kw_only=True):
    """One sentence of the summary, with the entry of the record that it comes from."""

    text: str
    version: int


class Twin(Struct, frozen=True, kw_only=True):
    """A case that may be the same complaint."""

    id: str
    what: str
    filed_at: datetime
    why: tuple[str, ...]
    number: str
    same: bool | None
    """What an officer has decided; none where nobody has."""


@page("/officer/mediations/{id:str}", role=Role.officer)
async def one(visit: Visit) -> Answer:
    """The whole page."""
    return visit.render(PAGE, **await context(visit))


@act("/officer/mediations/{id:str}/{step:str}", role=Role.officer)
async def step(visit: Visit) -> Answer:
    """One step, named in the address, on the version that the officer has read."""
    name, identifier, check = visit.path("step"), visit.path("id"), Checks()
    contents: list[Content] = []
    read = mediation_forms.STEPS.get(name)
    if read is None:
        raise Missing("page_unknown")
    command = read(visit, check, contents)
    if check:
        return visit.refuse(PAGE, check, **{**await context(visit), "tried": name})
    try:
        await visit.desk.act(
            MEDIATIONS,
            visit.city,
            identifier,
            command,
            visit.actor,
            contents=contents,
            once=await visit.once(),
            version=mediation_forms.seen(visit.form.word("version")),
        )
    except Missing:
        raise
    except HejieError as why:
        return visit.refuse(PAGE, why, name, **{**await context(visit), "tried": name})
    return visit.go(f"/officer/mediations/{identifier}?done={name}")


async def context(visit: Visit) -> dict[str, Any]:
    """What the page's template sees."""
    language, city, now = visit.language, visit.city, visit.house.clock.now()
    async with visit.connection() as connection:
        vault = visit.house.vaults(city)
        course = await read_course(connection, vault, city, visit.path("id"))
        row = course.row
        names = await officer.officer_names(connection, city, [row.officer])
        theirs = visit.post.sits_at(visit.actor.organisation)
        ours = bool(row.authority) and row.authority in theirs
        identity = await read_identity(connection, vault, row) if ours else None
        beside = await joinable(connection, row) if row.state is State.accepted else ()
    told = await story.load(visit, row.dispute)
    async with visit.connection() as connection:
        likely = await likely_duplicates(connection, told.dispute)
    shown = mediating.tell(course, Role.officer, language, told.settings)
    done = visit.query("done") if visit.request.method == "GET" else ""
    agencies = {each.code: getattr(each.name, language) for each in told.settings.agencies}
    return {
        "shown": shown,
        "row": row,
        "told": told,
        "holder": names.get(row.officer, row.officer),
        "mine": ours and visit.post.holds(visit.actor.id, row.officer),
        "ours": ours,
        "bureau": city in theirs,
        "may_receive": bool(theirs & {city, *row.competent}),
        "chooses": city in theirs or len(theirs) > 1,
        "receivers": [
            (code, agencies[code]) for code in _receivers(row, city, list(agencies)) if city in theirs or code in theirs
        ],
        "identity": identity,
        "summary": _summary(told),
        "refusals": mediation_words.grounds(language, "N", now),
        "endings": mediation_words.grounds(language, "T", now),
        "ways": [(each.value, visit.say(words)) for each, words in mediation_words.WAYS.items()],
        "faces": [(each.value, visit.say(words)) for each, words in mediation_words.FACES.items()],
        "urgencies": [(each.value, visit.say(words)) for each, words in mediation_words.URGENCIES.items()],
        "lacking": [(each.value, mediation_words.side(language, each)) for each in SIDES if each not in row.consents],
        "likely": [_twin(visit, told, row, each) for each in likely],
        "untold": [(each.value, mediation_words.side(language, each)) for each in _untold(row)],
        "sides": [(each.value, mediation_words.side(language, each)) for each in SIDES],
        "beside": [(each.id, each.dispute) for each in beside if each.id not in row.joined],
        "rows": range(1, mediation_forms.TERM_ROWS + 1),
        "done": visit.say(_DONE.get(done, _NOTED)) if done in mediation_forms.STEPS else "",
        "tried": "",
    }


def _receivers(row: Mediation, city: str, known: list[str]) -> list[str]:
    """Authorities of this city that may receive it."""
    return [code for code in known if code != city and (code in row.competent or not row.competent)]


def _twin(visit: Visit, told: story.Story, row: Mediation, each: Likely) -> Twin:
    decided = {judged.dispute: judged.same for judged in row.duplicates}
    return Twin(
        id=each.dispute.id,
        what=story_labels.problem(visit.language, told.settings, each.dispute.problem),
        filed_at=each.dispute.filed_at,
        why=tuple(visit.say(_EVIDENCE[reason]) for reason in each.evidence),
        number=each.number,
        same=decided.get(each.dispute.id),
    )


def _untold(row: Mediation) -> list[Role]:
    """Sides of which nothing shows yet that they know how it ended."""
    if not row.is_over or row.told_at is not None or not row.authority:
        return []
    return [side for side in SIDES if side not in row.told]


def _summary(told: story.Story) -> list[Fact]:
    """What the record says happened, in its own order; nothing is added to it."""
    return [Fact(text=f"{line.who}: {line.sentence}", version=line.version) for line in told.lines if line.sentence]


ROUTES = (one, step)
