"""What events of the case library bring: letters to the member cities."""

from __future__ import annotations

from hejie.agenda.task import Task
from hejie.alliance.library import LibraryCase


def for_library_case(row: LibraryCase) -> list[Task]:
    """One of ours is told, and that it is taken back."""
    return [Task(kind="tell_case", noun="library_case", subject=row.id)] if row.own else []
