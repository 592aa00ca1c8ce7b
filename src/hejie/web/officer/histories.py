"""A merchant's history at other member cities: asked with a purpose, answered in counts, written to both trails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hejie.alliance.histories import ASKED, COUNTS, Asked, Purpose
from hejie.alliance.units import readers
from hejie.base.actor import Role
from hejie.base.errors import HejieError
from hejie.edge.forms import Checks, one_of
from hejie.edge.words import mark
from hejie.merchants.uscc import credit_code
from hejie.peers.histories import ask as ask_member
from hejie.store import directories
from hejie.store.histories import Question, questions
from hejie.web.code_words import sentence
from hejie.web.shell import Answer, Visit, act, page
from hejie.web.unit_lines import names_of

PATH, PAGE = "/officer/histories", "officer/histories.html"
PURPOSES: Mapping[Purpose, str] = {
    Purpose.dispute: mark("judging a dispute that is under way"),
    Purpose.paycode: mark("granting a payment code with promises"),
    Purpose.measure: mark("deciding on a measure"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "asked": (mark("asked"), "warn"),
    "answered": (mark("answer received"), "good"),
    "refused": (mark("not answered"), "bad"),
}
COUNTED: Mapping[str, str] = dict(
    zip(
        COUNTS,
        (
            mark("disputes filed"),
            mark("of them settled"),
            mark("of them overdue"),
            mark("of them escalated"),
            mark("of them found to be pressure on the merchant"),
        ),
        strict=True,
    )
)
_FIELDS = {"history_dispute_missing": "dispute", "dispute_unknown": "dispute", "history_peer": "peer"}


@page(PATH, role=Role.officer)
async def listed(visit: Visit) -> Answer:
    """The form, and what was asked before: of one merchant (`code`), or of all."""
    return visit.render(PAGE, **await _context(visit))


@act(PATH, role=Role.officer)
async def ask(visit: Visit) -> Answer:
    """Ask one member city."""
    check, form = Checks(), visit.form
    code = check("code", credit_code, form.text("code"), default="")
    purpose = check("purpose", one_of, Purpose, form.word("purpose"), default=Purpose.dispute)
    if check:
        return visit.refuse(PAGE, check, **await _context(visit))
    asked = Asked(credit_code=code, purpose=purpose, dispute=form.word("dispute"))
    house, identifier = visit.house, visit.desk.mint(visit.city)
    try:
        async with visit.connection() as connection:
            to, now = form.word("peer"), house.clock.now()
            await ask_member(connection, visit.city, to, asked, visit.actor.id, identifier, now, house.chance)
    except HejieError as why:
        return visit.refuse(PAGE, why, _FIELDS.get(why.code, "code"), **await _context(visit))
    return visit.go(f"{PATH}?code={code}&done=asked")


async def _context(visit: Visit) -> dict[str, Any]:
    code = visit.form.text("code") or visit.query("code").strip().upper()
    async with visit.connection() as connection:
        known = await directories.present(connection, visit.city)
        found = await questions(connection, visit.city, code if visit.query("code") else "")
    names = names_of(visit, known)
    to = readers(known, ASKED, visit.city, visit.house.clock.now())
    return {
        "code": code,
        "dispute": visit.form.text("dispute") or visit.query("dispute"),
        "peers": [(each, names[each]) for each in to],
        "purposes": [(each.value, visit.say(words)) for each, words in PURPOSES.items()],
        "asked": [_line(visit, names, each) for each in found],
        "done": visit.say(mark("It is asked. The answer appears here.")) if visit.query("done") else "",
    }


def _line(visit: Visit, names: Mapping[str, str], row: Question) -> dict[str, Any]:
    words, tag = STATES[row.state]
    counts = row.answer.counts if row.answer else {}
    return {
        "row": row,
        "city": names.get(row.peer, row.peer),
        "purpose": visit.say(PURPOSES[row.purpose]),
        "state": visit.say(words),
        "tag": tag,
        "why": sentence(visit.language, row.code, {}) if row.code else "",
        "counts": [(visit.say(COUNTED[name]), counts[name]) for name in COUNTS if name in counts],
    }


ROUTES = (listed, ask)
