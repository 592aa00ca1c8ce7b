"""What an event of a question to an acquirer brings."""

from __future__ import annotations

from typing import assert_never

from hejie.agenda.task import Task
from hejie.payments.trace_request import AnyEvent, TraceAnswered, TraceAsked, TraceDoubted, TraceRefused, TraceRequest


def for_trace_request(row: TraceRequest, event: AnyEvent) -> list[Task]:
    """The acquirer is asked; a dead one holds up no other."""
    match event:
        case TraceAsked():
            destination = f"acquirer:{row.acquirer}"
            return [Task(kind="ask_acquirer", noun="trace_request", subject=row.id, destination=destination)]
        case TraceAnswered() | TraceDoubted() | TraceRefused():
            return []
        case _:
            assert_never(event)
