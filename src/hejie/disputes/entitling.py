"""What the law may give in a dispute: an officer opens the question of multiples; facts are what the record knows."""

from __future__ import annotations

from datetime import date, datetime

from hejie.base.actor import Role
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Refused
from hejie.cities.posts import must_hold
from hejie.disputes import commands as c
from hejie.disputes import events as e
from hejie.disputes.ground import Ground, must_be, must_be_in
from hejie.disputes.model import REFUNDS, Dispute, Remedy
from hejie.disputes.states import State
from hejie.law.entitlement_facts import Defect, Facts, More, Prepaid, Promise, Return

_AT_FAULT = frozenset({"quality", "unsafe_goods"})
_PREPAID = "prepaid_card"
"""Problems by the names that cities give them; of others nothing is guessed."""


def open_multiples(dispute: Dispute, command: c.OpenMultiples, ground: Ground) -> list[e.AnyEvent]:
    """The officer who has the case asks whether more than the price is owed; once in a dispute, with a reason.

    Errors: `Refused` with `step_out_of_order`, `not_your_case`, `multiples_opened`, `words_missing`.
    """
    must_be(ground, Role.officer)
    must_be_in(dispute, State.mediating)
    must_hold(ground.post, ground.actor.id, dispute.officer)
    if dispute.multiples is not None:
        raise Refused("multiples_opened")
    if not command.words:
        raise Refused("words_missing")
    return [e.MultiplesOpened(at=ground.now, ground=command.ground, words=command.words)]


def facts_of(dispute: Dispute) -> Facts:
    """What the record knows of the purchase, and nothing more; amounts in fen."""
    bought = {_day(paid.paid_at) for paid in dispute.payments}
    event, asked = min(bought), _day(dispute.filed_at)
    paid = sum(each.paid_fen for each in dispute.payments)
    back = sum(each.before_fen for each in dispute.payments) + dispute.refunded_fen
    prepaid, promise = dispute.problem == _PREPAID, dispute.promise
    at_fault = dispute.problem in _AT_FAULT
    since = asked if asked >= event else None
    return Facts(
        city=dispute.city,
        event_on=event,
        price_fen=paid,
        refunded_fen=min(back, paid),
        asked_on=since,
        refund=dispute.claim.remedy in REFUNDS and not prepaid and not dispute.undue,
        returns=Return() if dispute.claim.remedy is Remedy.goods_return and not at_fault else None,
        defect=Defect() if at_fault else None,
        promise=Promise(zh=promise.zh.sentence, en=promise.en.sentence) if promise else None,
        prepaid=Prepaid(paid_fen=paid, paid_on=event if len(bought) == 1 else None, asked_on=since)
        if prepaid
        else None,
        more=More(ground=dispute.multiples.ground) if dispute.multiples else None,
        opened_by_officer=dispute.multiples is not None,
    )


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
