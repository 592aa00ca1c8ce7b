"""The merchant's part in blind bidding: the most it would give."""

from __future__ import annotations

from hejie.access import must_afford
from hejie.base.actor import Role
from hejie.base.errors import HejieError
from hejie.base.money import positive_fen
from hejie.merchants.handling_rules import must_answer
from hejie.web import bidding
from hejie.web.merchant import case, codes
from hejie.web.merchant.answers import again
from hejie.web.merchant.case import BASE
from hejie.web.shell import Answer, Visit, act


@act(f"{BASE}/limit", role=Role.merchant)
async def limit(visit: Visit) -> Answer:
    """Name the most; who names it must be allowed to give it."""
    found = await case.view(visit)
    try:
        fen = positive_fen(visit.form.text("limit").strip())
        must_answer(found.seat.staff, found.answers)
        if found.seat.staff is None:
            await codes.must_be_within(visit, found, fen, await visit.once())
        else:
            must_afford(visit.actor, found.seat.merchant, fen)
        await bidding.name(visit, found.dispute, fen)
    except HejieError as why:
        asked = found if why.code in codes.ASKED and found.seat.staff is None else None
        return await again(visit, why, "limit", "code" if why.code in codes.ASKED else "limit", asked)
    return visit.go(f"/merchant/disputes/{found.dispute.id}?done=limit")


@act(f"{BASE}/compare", role=Role.merchant)
async def compare(visit: Visit) -> Answer:
    """See whether the two meet."""
    found = await case.view(visit)
    try:
        must_answer(found.seat.staff, found.answers)
        met = await bidding.compare(visit, found.dispute)
    except HejieError as why:
        return await again(visit, why, "compare")
    return visit.go(f"/merchant/disputes/{found.dispute.id}?done={'met' if met else 'missed'}")


ROUTES = (limit, compare)
