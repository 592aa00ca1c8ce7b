"""What events of a call afterwards bring."""

from __future__ import annotations

from hejie.agenda.task import Task
from hejie.mediations.follow_ups import AnyEvent, FollowUp, FollowUpDrawn


def for_follow_up(row: FollowUp, event: AnyEvent) -> list[Task]:
    """Once the consumer may be called, the call becomes somebody's duty."""
    if not isinstance(event, FollowUpDrawn):
        return []
    return [Task(kind="give_follow_up", noun="follow_up", subject=row.id, at=row.call_from)]
