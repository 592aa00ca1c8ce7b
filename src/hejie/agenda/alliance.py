"""What events of bulletins and of a city's list of offices bring: letters to other cities."""

from __future__ import annotations

from hejie.agenda.task import Task
from hejie.alliance import bulletin as n
from hejie.alliance import contact_list as k


def for_bulletin(row: n.Bulletin, event: n.AnyEvent) -> list[Task]:
    """One of ours goes out; that we have read another's is told to its city."""
    match event:
        case n.BulletinWritten():
            return [Task(kind="send_bulletin", noun="bulletin", subject=row.id)]
        case n.BulletinSeen() if not row.own:
            return [Task(kind="send_seen", noun="bulletin", subject=row.id)]
        case _:
            return []


def for_contact_list(row: k.ContactList) -> list[Task]:
    """Our own list goes to everybody."""
    return [Task(kind="send_contacts", noun="contact_list", subject=row.id)] if row.id == row.city else []
