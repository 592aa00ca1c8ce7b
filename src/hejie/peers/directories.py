"""A newer version of the directory takes the present one's place, where a keeper of the present one has signed it."""

from __future__ import annotations

from datetime import datetime

from hejie.agenda import Task
from hejie.alliance.directory import Directory, SignedDirectory, successor
from hejie.connectors.exchange_keys import Own
from hejie.store import directories
from hejie.store.letters import ask_relay
from hejie.store.pool import Connection, Pool, city_transaction
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
        if before is not None and now >= before.expires_at:
            await ask_everybody(connection, own.city, found, now)
        if {each.city for each in found.members} - ({each.city for each in before.members} if before else set()):
            task = Task(kind="send_contacts", noun="contact_list", subject=own.city)
            more = [Task(kind=kind, noun="city", subject=own.city) for kind in ("tell_units", "tell_cases")]
            again: dict[str, object] = {"once": True} if before else {}
            more.append(Task(kind="send_figures", noun="city", subject=own.city, payload=again))
            await write_tasks(connection, own.city, now, [task, *more])
    return found


async def ask_everybody(connection: Connection, city: str, known: Directory, now: datetime) -> None:
    """Go to every member: what waited while there was no directory to go by is brought, or a newer one is asked for."""
    for each in known.members:
        if each.city != city:
            await ask_relay(connection, city, each.city, now)


async def look_after(connection: Connection, city: str, now: datetime) -> None:
    """Where the directory has expired, have the members asked for a newer one, also while no letter waits."""
    known = await directories.present(connection, city)
    if known is not None and now >= known.expires_at:
        await ask_everybody(connection, city, known, now)
