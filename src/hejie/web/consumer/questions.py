"""The questions of the filing form, each named after its field, as large text asks them: one a page."""

from __future__ import annotations

from collections.abc import Sequence

from hejie.cities.settings import Problem
from hejie.edge.forms import Form
from hejie.web.claims import WITH_AMOUNT

QUESTIONS = ("trade", "problem", "promise", "right_amount", "remedy", "amount", "words", "phone", "escalates")
SEND = "send"
"""The page after the last question: everything is read back, pictures may be added, and it is sent."""


def questions(form: Form, problem: Problem | None, *, several: bool, promises: bool) -> tuple[str, ...]:
    """Those that are asked after the answers given so far.

    `several` where there is a choice of payments; `promises` where some were shown when it was paid.
    """
    right = problem is not None and problem.asks_right_amount
    amount = not right and form.text("remedy") in {each.value for each in WITH_AMOUNT}
    left_out = {
        *(() if several else ("trade",)),
        *(() if promises else ("promise",)),
        *(("remedy",) if right else ("right_amount",)),
        *(() if amount else ("amount",)),
    }
    return tuple(each for each in QUESTIONS if each not in left_out)


def first_open(asked: Sequence[str], form: Form) -> str:
    """The first question that has no answer yet."""
    return next((each for each in asked if not form.texts(each)), SEND)


def after(asked: Sequence[str], question: str) -> str:
    """The one that follows."""
    place = asked.index(question) + 1 if question in asked else 0
    return asked[place] if place < len(asked) else SEND


def before(asked: Sequence[str], question: str) -> str:
    """The one that comes before, empty for the first."""
    place = asked.index(question) if question in asked else len(asked)
    return asked[place - 1] if place else ""


def carried(form: Form, but: str = "") -> list[tuple[str, str]]:
    """What was answered so far, for hidden fields: nothing is typed twice, and nothing is kept on the server."""
    return [(name, text) for name in ("first", *QUESTIONS) if name != but for text in form.texts(name)]
