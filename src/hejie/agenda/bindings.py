"""What an event of a binding brings."""

from __future__ import annotations

from typing import assert_never

from hejie.agenda.task import Task
from hejie.merchants.bindings import AnyEvent, Binding, BindingEnded, BindingUndone, Bound


def for_binding(binding: Binding, event: AnyEvent) -> list[Task]:
    """A new binding names the payee of payments that waited for one; an undone one is held against what followed."""
    match event:
        case Bound():
            return [Task(kind="apply_binding", noun="binding", subject=binding.id)]
        case BindingUndone():
            return [Task(kind="unbind", noun="binding", subject=binding.id)]
        case BindingEnded():
            return []
        case _:
            assert_never(event)
