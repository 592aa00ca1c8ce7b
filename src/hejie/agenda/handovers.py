"""What a dispute's way between cities brings: letters to the other city, its clocks, words to the consumer."""

from __future__ import annotations

from typing import assert_never

from hejie.agenda.task import Task, item
from hejie.base.actor import Role
from hejie.disputes import homing_events as he
from hejie.disputes.events import AnyEvent
from hejie.disputes.model import Dispute
from hejie.handovers import events as e
from hejie.handovers.model import Handover


def for_homing(dispute: Dispute, event: AnyEvent) -> list[Task]:
    """What a step between the cities brings; `dispute` is the row after it. Arriving brings more, as a filing does."""
    match event:
        case he.Leaving(handover=handover):
            payload: dict[str, object] = {"handover": handover}
            return [Task(kind="offer_handover", noun="dispute", subject=dispute.id, payload=payload)]
        case he.Stayed(because=because):
            return [item("dispute", dispute.id, "handover_back", because=because)]
        case he.Left() if dispute.escalated_at is not None:
            return [Task(kind="follow_dispute", noun="dispute", subject=dispute.id)]
        case _:
            return []


def told_of_homing(event: he.HomingEvent) -> list[tuple[Role, str]]:
    """Who is told by a message of their own; templates are named after what happened."""
    match event:
        case he.Leaving():
            return [(Role.consumer, "handed_over")]
        case he.Left():
            return [(Role.consumer, "taken_there")]
        case he.Stayed():
            return [(Role.consumer, "stays_here")]
        case he.Arrived():
            return [(Role.merchant, "filed")]
        case he.Followed(summary=summary):
            return [(Role.consumer, "ended_there")] if summary.is_over else []
        case _:
            assert_never(event)


def tells_home(dispute: Dispute) -> list[Task]:
    """Whoever had it before hears how it stands, whatever happened."""
    if not dispute.arrived:
        return []
    return [Task(kind="tell_home", noun="dispute", subject=dispute.id, payload={"handover": dispute.arrived})]


def for_handover(row: Handover, event: e.AnyEvent) -> list[Task]:  # noqa: C901, PLR0911, PLR0912  one flat table
    """What an event of a hand-over brings; `row` is the row after it."""
    match event:
        case e.Offered(answer_by=by):
            over = Task(kind="handover_due", noun="handover", subject=row.id, at=by, payload={"at": by.isoformat()})
            return [_task(row, "write_offer"), over]
        case e.Received():
            return [_task(row, "consider_handover")]
        case e.Accepted():
            return [_task(row, "take_dispute")]
        case e.Taken(number=0):
            return [_task(row, "let_dispute_go")]
        case e.Refused(number=0) | e.Recalled(number=0):
            return [_task(row, "keep_dispute")]
        case e.Taken(number=number):
            return [_letter(row, "taken", number)]
        case e.Refused(number=number):
            return [_letter(row, "refused", number)]
        case e.RecallAsked(number=number):
            return [_letter(row, "recall", number)]
        case e.Recalled(number=number):
            return [_letter(row, "recalled", number)]
        case e.Told(letter=0):
            return [_task(row, "follow_home")]
        case e.Told(letter=letter, number=number, summary=summary):
            return [_letter(row, "told", letter, told={"number": number, "summary": summary})]
        case e.Noted(ours=True, number=number):
            return [_letter(row, "note", number)]
        case e.Noted():
            return [item("handover", row.id, "handover_note", dispute=row.dispute)]
        case e.Unanswered():
            return [item("handover", row.id, "handover_unanswered", dispute=row.dispute)]


def _task(row: Handover, kind: str, **payload: object) -> Task:
    return Task(kind=kind, noun="handover", subject=row.id, payload=payload)


def _letter(row: Handover, what: str, number: int, **more: object) -> Task:
    return _task(row, "write_letter", what=what, number=number, **more)
