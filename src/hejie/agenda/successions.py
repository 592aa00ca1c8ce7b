"""What an event of a succession brings."""

from __future__ import annotations

from typing import assert_never

from hejie.agenda.task import Task, item
from hejie.merchants.successions import AnyEvent, Succeeded, Succession, SuccessionUndone


def for_succession(succession: Succession, event: AnyEvent) -> list[Task]:
    """Nothing moves by itself: where one was a mistake, a person looks at the numbers of the two."""
    match event:
        case Succeeded():
            return []
        case SuccessionUndone():
            return [item("merchant", succession.later, "succession_undone", succession=succession.id)]
        case _:
            assert_never(event)
