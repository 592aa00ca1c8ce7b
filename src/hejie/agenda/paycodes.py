"""What an event of a paycode brings."""

from __future__ import annotations

from typing import assert_never

from hejie.agenda.task import Task
from hejie.payments.paycode import AnyEvent, Paycode, PaycodeAsked, PaycodeEnded, PaycodeGranted, PaycodeRefused


def for_paycode(paycode: Paycode, event: AnyEvent) -> list[Task]:
    """The merchant hears what was decided; the register of promise units, and who shares it, what is in force."""
    match event:
        case PaycodeGranted():
            return [_told(paycode, "granted"), _unit(paycode)]
        case PaycodeRefused():
            return [_told(paycode, "refused")]
        case PaycodeEnded() if paycode.granted_at is not None:
            return [_unit(paycode)]
        case PaycodeAsked() | PaycodeEnded():
            return []
        case _:
            assert_never(event)


def _unit(paycode: Paycode) -> Task:
    return Task(kind="tell_unit", noun="paycode", subject=paycode.id)


def _told(paycode: Paycode, what: str) -> Task:
    to = f"sms:{paycode.city}"
    return Task(kind="tell_paycode", noun="paycode", subject=paycode.id, destination=to, payload={"what": what})
