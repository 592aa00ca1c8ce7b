"""A newer version of the directory takes the present one's place, where a keeper of the present one has signed it."""

from __future__ import annotations

from datetime import datetime

from hejie.agenda import Task
from hejie.alliance.directory import Directory, SignedDirectory, successor
from hejie.connectors.exchange_keys import Own
from hejie.store import directories
from hejie.store.pool import Pool, city_transaction
from hejie.store.writing import write_tasks

_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 36))"


async def take_directory(pool: Pool, own: Own, file: SignedDirectory, now: datetime) -> Directory:
    """Take a version over for one city; where somebody has joined, what is for all members goes out.

    Errors of `alliance.directory.successor`, and then nothing has changed.
    """
    async with city_transaction(pool, own.city) as connection:
        await connection.execute(_LOCK, [f"{own.city}/directory"])
        before = await directories.present(connection, own.city)
        found = successor(before, own.anchors, file, now)
        await directories.keep(connection, own.city, file, now)
        if {each.city for each in found.members} - ({each.city for each in before.members} if before else set()):
            task = Task(kind="send_contacts", noun="contact_list", subject=own.city)
            more = [Task(kind=kind, noun="city", subject=own.city) for kind in ("tell_units", "tell_cases")]
            again: dict[str, object] = {"once": True} if before else {}
            more.append(Task(kind="send_figures", noun="city", subject=own.city, payload=again))
            await write_tasks(connection, own.city, now, [task, *more])
    return found
