"""Clocks that run out, and answers that a merchant's standing rules give at once."""

from __future__ import annotations

from datetime import datetime

from hejie.base.actor import SYSTEM, Actor, Role
from hejie.base.errors import Missing, Refused
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as d
from hejie.disputes.model import Road
from hejie.disputes.states import State
from hejie.duties.handling import route
from hejie.duties.rows import read_dispute, read_merchant
from hejie.duties.tools import Tools
from hejie.merchants.standing import standing_answer
from hejie.worker import Work

STANDING = "standing_rules"
"""The actor's identifier where the house answers by a merchant's standing rule."""


async def run_out(work: Work, tools: Tools) -> None:
    """Tell a dispute that one of its clocks has run out; it knows whether that still matters."""
    told = work.payload
    command = d.RunOut(rule=told["rule"], at=datetime.fromisoformat(told["at"]), offer=told["offer"])
    await tools.desk.act(DISPUTES, work.city, work.subject, command, SYSTEM)


async def pass_denial(work: Work, tools: Tools) -> None:
    """The party named as the seller has had its time; the dispute knows whether that still matters."""
    command = d.PassDenial(at=datetime.fromisoformat(work.payload["denied_at"]))
    await tools.desk.act(DISPUTES, work.city, work.subject, command, SYSTEM)


async def standing_answer_duty(work: Work, tools: Tools) -> None:
    """Say who answers by the merchant's rules, and accept the claim in its name where a standing one covers it."""
    dispute = await read_dispute(tools, work.city, work.subject)
    claim = dispute.claim
    if dispute.state is not State.awaiting_merchant or dispute.answered:
        return
    try:
        merchant = await read_merchant(tools, work.city, dispute.merchant)
    except Missing:
        return
    await route(tools, dispute, merchant)
    rule = standing_answer(
        merchant.standing_rules,
        problem=dispute.problem,
        shop=dispute.shop,
        claim=claim.remedy.value,
        claim_fen=claim.amount_fen,
    )
    if rule is None:
        return
    actor = Actor(Role.merchant, STANDING, merchant.id)
    try:
        await tools.desk.act(DISPUTES, work.city, dispute.id, d.AcceptOffer(offer="claim", road=Road.api), actor)
    except Refused:
        return  # no authority, no proof, or a person was quicker: the merchant itself answers
