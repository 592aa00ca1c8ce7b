"""Registered successions in words, and a merchant's time line: they stand among its payment identities, by date."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from hejie.base.clock import SHANGHAI
from hejie.edge.words import mark
from hejie.merchants.bindings import Binding
from hejie.merchants.model import Merchant
from hejie.queries.successions import Told
from hejie.web import binding_lines
from hejie.web.shell import Visit


class SuccessionLine(Struct, frozen=True, kw_only=True):
    """One succession as one of its two merchants reads it."""

    id: str
    what: str
    other: str
    """The other merchant's identifier, name of today, and credit code of then."""
    other_name: str
    other_code: str
    begins: str
    note: str
    state: str
    tag: str
    undone: bool
    reason: str


def timeline(
    visit: Visit, merchant: Merchant, bound: Sequence[Binding], told: Sequence[Told]
) -> list[binding_lines.Line | SuccessionLine]:
    """A merchant's bindings and successions, the newest first."""
    found: list[binding_lines.Line | SuccessionLine] = [*binding_lines.lines(visit, merchant, bound)]
    found += [_line(visit, merchant, each) for each in told]
    return sorted(found, key=lambda each: each.begins, reverse=True)


def _line(visit: Visit, merchant: Merchant, told: Told) -> SuccessionLine:
    row, say = told.succession, visit.say
    gone = row.former == merchant.id
    return SuccessionLine(
        id=row.id,
        what=say(mark("Its business is gone on with by")) if gone else say(mark("It goes on with the business of")),
        other=told.other,
        other_name=told.other_name,
        other_code=row.later_code if gone else row.former_code,
        begins=row.begins.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        note=row.note,
        state=say(mark("undone")) if row.undone else say(mark("succession registered")),
        tag="warn" if row.undone else "good",
        undone=row.undone,
        reason=row.reason,
    )
