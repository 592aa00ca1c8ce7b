"""The merchant lets an acquirer answer in its name, for a year and up to an amount, and ends it."""

from __future__ import annotations

from datetime import timedelta

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.base.money import fen
from hejie.edge.forms import Checks
from hejie.merchants import commands as m
from hejie.web.merchant import answer_leaves
from hejie.web.merchant.seat import SETTINGS, managing_seat
from hejie.web.merchant.settings import PAGE, context, tell
from hejie.web.shell import Answer, Visit, act

LEAVE = timedelta(days=365)


@act(f"{SETTINGS}/answers", role=Role.merchant)
async def let(visit: Visit) -> Answer:
    """Let one of its acquirers answer."""
    seat, check, acquirer = await managing_seat(visit), Checks(), visit.form.word("acquirer")
    if acquirer not in {each.acquirer for each in answer_leaves.rows(visit, seat.merchant)}:
        raise Missing("acquirer_unknown")
    most = check(f"most_{acquirer}", fen, visit.form.text(f"most_{acquirer}").strip() or "0", default=0)
    if check:
        return visit.refuse(PAGE, check, **await context(visit))
    until = visit.house.clock.now() + LEAVE
    command = m.LetAnswer(acquirer=acquirer, most_fen=most, expires_at=until)
    return await tell(visit, command, "let", f"most_{acquirer}")


@act(f"{SETTINGS}/answers/end", role=Role.merchant)
async def end(visit: Visit) -> Answer:
    """Let it no longer."""
    return await tell(visit, m.StopAnswers(acquirer=visit.form.word("acquirer")), "stopped", "answers")


ROUTES = (let, end)
