"""Who on the merchant's side has a new dispute, and which of its contacts hears of it."""

from __future__ import annotations

from hejie.base.actor import SYSTEM
from hejie.desk.handlings import HANDLINGS
from hejie.disputes.model import Dispute
from hejie.duties.rows import read_dispute, read_merchant
from hejie.duties.tools import Tools
from hejie.merchants.answering import Answers, answering
from hejie.merchants.handling import PassOn, Route, handling_of
from hejie.merchants.handling_rules import desk_of
from hejie.merchants.model import Merchant
from hejie.queries.queue import read_handling
from hejie.store.pool import Connection
from hejie.worker import Work


async def route(tools: Tools, dispute: Dispute, merchant: Merchant) -> None:
    """Give a new dispute to whom the chain's rules name; what a person said before stands."""
    rule = answering(merchant.office.answering, problem=dispute.problem, claim_fen=dispute.claim.amount_fen)
    if rule is None:
        return
    person = rule.person if merchant.member(rule.person) else ""
    command = Route(answers=rule.answers, person=person, rule=rule.id)
    await tools.desk.act(HANDLINGS, dispute.city, handling_of(dispute.id), command, SYSTEM)


async def pass_on(work: Work, tools: Tools) -> None:
    """A dispute has moved: forget how the former merchant's side handled it, and ask the new one's rules."""
    dispute = await read_dispute(tools, work.city, work.subject)
    await tools.desk.act(HANDLINGS, work.city, handling_of(dispute.id), PassOn(), SYSTEM)
    await route(tools, dispute, await read_merchant(tools, work.city, dispute.merchant))


async def told_shop(connection: Connection, dispute: Dispute, merchant: Merchant) -> str:
    """The shop whose contact hears of a dispute; empty where head office answers and its contact hears."""
    handling = await read_handling(connection, dispute.city, dispute.id)
    desk = desk_of(merchant, handling, problem=dispute.problem, claim_fen=dispute.claim.amount_fen)
    return "" if desk is Answers.office else dispute.shop
