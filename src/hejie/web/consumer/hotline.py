"""The 12315 form, filled in with what is known: open at every step, and where this road is not."""

from __future__ import annotations

from hejie.base.actor import Role
from hejie.base.errors import Missing
from hejie.queries import consumer
from hejie.store.settings import settings_at
from hejie.web import story_labels as labels
from hejie.web.consumer.statement import Statement
from hejie.web.shell import Answer, Visit, page


@page("/12315", role=Role.consumer, anyone=True)
async def hotline(visit: Visit) -> Answer:
    """The form for the payments named by `trade`, or an empty one."""
    trades = [visit.query("trade")] if visit.query("trade") else []
    if trades and not visit.known:
        raise Missing("payment_unknown")
    async with visit.connection() as connection:
        settings = await settings_at(connection, visit.city, visit.house.clock.now())
        bought = await consumer.payments(connection, visit.city, visit.viewer.person, trades) if trades else ()
    statements = [
        Statement(
            place=each.place,
            amount_fen=each.paid_fen,
            paid_at=each.paid_at,
            wallet=labels.wallet(visit.language, each.wallet),
            trade_no=each.trade_no,
            order_no=each.order_no,
            item=each.item,
        )
        for each in bought
    ]
    why = visit.query("why")
    return visit.render("consumer/hotline.html", statements=statements, door=settings.door, why=why)


ROUTES = (hotline,)
