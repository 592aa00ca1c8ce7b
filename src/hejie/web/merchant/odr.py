"""An ODR enterprise says that the negotiation before 12315 brings no agreement."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.disputes.handoff_commands import EndOdr
from hejie.web.merchant import case
from hejie.web.merchant.answers import Step, do
from hejie.web.merchant.case import BASE
from hejie.web.shell import Answer, Visit, act


@act(f"{BASE}/odr", role=Role.merchant)
async def end(visit: Visit) -> Answer:
    """Nobody has to wait any longer."""
    found = await case.view(visit)
    return await do(visit, found, Step(command=EndOdr(), form="odr", done="odr_ended"))


ROUTES = (end,)
