"""Which event brings which task: a pure table, read by the desk in the event's own transaction."""

from __future__ import annotations

from typing import assert_never

from hejie.agenda.advances import for_advance
from hejie.agenda.alliance import for_bulletin, for_contact_list
from hejie.agenda.bindings import for_binding
from hejie.agenda.disputes import for_dispute, notices_of
from hejie.agenda.follow_ups import for_follow_up
from hejie.agenda.handovers import for_handover
from hejie.agenda.library import for_library_case
from hejie.agenda.measures import for_measure
from hejie.agenda.mediations import for_mediation
from hejie.agenda.merchants import for_merchant
from hejie.agenda.paycodes import for_paycode
from hejie.agenda.successions import for_succession
from hejie.agenda.task import Task, item
from hejie.agenda.trace_requests import for_trace_request
from hejie.alerts import safety as s
from hejie.cities.city import City
from hejie.merchants import publicity as u
from hejie.payments import refund as r

__all__ = [
    "Task",
    "for_advance",
    "for_binding",
    "for_bulletin",
    "for_city",
    "for_contact_list",
    "for_dispute",
    "for_follow_up",
    "for_handover",
    "for_library_case",
    "for_measure",
    "for_mediation",
    "for_merchant",
    "for_paycode",
    "for_publicity",
    "for_refund",
    "for_safety",
    "for_succession",
    "for_trace_request",
    "notices_of",
]


def for_refund(refund: r.Refund, event: r.AnyEvent) -> list[Task]:
    """What an event of a refund brings: its dispute is told, or a person is asked."""
    tell: dict[str, object] = {"key": refund.id, "trade_no": refund.trade_no, "amount_fen": refund.amount_fen}
    match event:
        case r.Succeeded() | r.Noted():
            return [Task(kind="refund_seen", noun="dispute", subject=refund.dispute, payload=tell)]
        case r.Failed(code=code):
            return [Task(kind="refund_failed", noun="dispute", subject=refund.dispute, payload={**tell, "code": code})]
        case r.HandedOver():
            return [item("refund", refund.id, "refund_unknown", dispute=refund.dispute, code=refund.code)]
        case r.Ordered() | r.Sending() | r.Doubted() | r.Accepted():
            return []
        case _:
            assert_never(event)


def for_publicity(row: u.Publicity, event: u.AnyEvent) -> list[Task]:
    """What an event of publicity brings: the merchant is told before, and an officer of its objection."""
    match event:
        case u.PublicityAnnounced():
            to = f"sms:{row.city}"
            return [Task(kind="tell_publicity", noun="publicity", subject=row.id, destination=to)]
        case u.PublicityObjected():
            return [item("merchant", row.merchant, "publicity_objected", publicity=row.id)]
        case _:
            return []


def for_safety(report: s.SafetyReport, event: s.AnyEvent) -> list[Task]:
    """What an event of a safety report brings: those on duty are told of a new one at once."""
    if not isinstance(event, s.Reported):
        return []
    return [Task(kind="tell_duty", noun="safety_report", subject=report.id, destination=f"sms:{report.city}")]


def for_city(city: City) -> list[Task]:
    """A new city's standing work: wallets' case lists are swept, their connections tended, old memory is tidied.

    Where its settings change, so may the words of promises that others were told of.
    """
    if city.version > 1:
        return [Task(kind="tell_units", noun="city", subject=city.city)]
    each = [
        _standing(city, kind, wallet) for wallet in ("alipay", "wechatpay") for kind in ("sweep_cases", "tend_wallet")
    ]
    log = Task(kind="tend_log", noun="city", subject=city.city, destination="log")
    return [*each, log, Task(kind="tidy", noun="city", subject=city.city)]


def _standing(city: City, kind: str, wallet: str) -> Task:
    destination = f"wallet:{wallet}"
    return Task(kind=kind, noun="city", subject=city.city, destination=destination, payload={"wallet": wallet})
