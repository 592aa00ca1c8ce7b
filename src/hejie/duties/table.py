"""Which task's kind is which duty."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from hejie.duties import (
    announced,
    ask_acquirer,
    authority,
    bindings,
    case_pictures,
    clearing,
    deadlines,
    deliver,
    digest,
    enrol_list,
    enrolment,
    filing_marks,
    follow_ups,
    fresh_links,
    hand_off,
    handling,
    invite,
    items,
    measures,
    mediations,
    notify,
    notify_code,
    prove_payment,
    publicity,
    refund,
    safety,
    statements,
    tell_contact,
    tell_paycode,
    tell_wallet,
    tend_wallet,
    translate,
    wallet_cases,
)
from hejie.duties.tools import Tools
from hejie.worker import Duty, Work

DUTIES: dict[str, Callable[[Work, Tools], Awaitable[None]]] = {
    "apply_binding": bindings.apply_binding,
    "ask_acquirer": ask_acquirer.ask_acquirer,
    "ask_enrolment": enrolment.ask_enrolment,
    "await_receipt": deliver.await_receipt,
    "case_pictures": case_pictures.case_pictures,
    "check_reached": deliver.check_reached,
    "check_told": mediations.check_told,
    "close_enrolment": enrolment.close_enrolment,
    "close_mediated": mediations.close_mediated,
    "deliver": deliver.deliver,
    "digest": digest.digest,
    "draw_follow_up": follow_ups.draw_follow_up,
    "end_authority": authority.end_authority,
    "end_odr": hand_off.end_odr,
    "enrol": enrolment.enrol,
    "enrol_list": enrol_list.enrol_list,
    "find_refund": refund.find_refund,
    "follow_case": wallet_cases.follow_case,
    "follow_dispute": mediations.follow_dispute,
    "fresh_links": fresh_links.fresh_links,
    "follow_trade": refund.follow_trade,
    "forget_clearing": clearing.forget_clearing,
    "give_follow_up": follow_ups.give_follow_up,
    "grant_authority": authority.grant_authority,
    "hand_off": hand_off.hand_off,
    "handoff_unclear": hand_off.handoff_unclear,
    "match_clearing": clearing.match_clearing,
    "mark_filing": filing_marks.mark_filing,
    "invite": invite.invite,
    "mediation_due": mediations.mediation_due,
    "notify": notify.notify,
    "notify_code": notify_code.notify_code,
    "open_mediation": mediations.open_mediation,
    "pass_denial": deadlines.pass_denial,
    "pass_on": handling.pass_on,
    "prove_payment": prove_payment.prove_payment,
    "raise_item": items.raise_item,
    "refund": refund.refund,
    "refund_failed": refund.refund_failed,
    "refund_seen": refund.refund_seen,
    "renew_authority": authority.renew_authority,
    "run_out": deadlines.run_out,
    "standing_answer": deadlines.standing_answer_duty,
    "statement": statements.statement,
    "sweep_cases": wallet_cases.sweep_cases,
    "take_announced": announced.take_announced,
    "take_mediated": mediations.take_mediated,
    "take_receipt": deliver.take_receipt,
    "tell_contact": tell_contact.tell_contact,
    "tell_paycode": tell_paycode.tell_paycode,
    "tell_duty": safety.tell_duty,
    "tell_appeal": measures.tell_appeal,
    "tell_measure": measures.tell_measure,
    "inspect": measures.inspect,
    "tell_publicity": publicity.tell_publicity,
    "tell_wallet": tell_wallet.tell_wallet,
    "tell_wallet_mediation": mediations.tell_wallet_mediation,
    "tend_wallet": tend_wallet.tend_wallet,
    "tidy": items.tidy,
    "translate": translate.translate,
    "unbind": bindings.unbind,
    "withdraw_authority": authority.withdraw_authority,
}


def bound(tools: Tools) -> dict[str, Duty]:
    """Every duty with its tools in hand."""
    return {kind: partial(_run, duty, tools) for kind, duty in DUTIES.items()}


async def _run(duty: Callable[[Work, Tools], Awaitable[None]], tools: Tools, work: Work) -> None:
    await duty(work, tools)
