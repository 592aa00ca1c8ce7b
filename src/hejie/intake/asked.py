"""Every trace is written down: who asked, what for, about which dispute, and how much was found."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from hejie.base.errors import Refused
from hejie.base.seals import Vault
from hejie.store.pool import Connection

MOST_WORDS = 200
LEAST_WORDS = 2
_ASKED = """
insert into trace_asked (city, at, role, person, purpose, dispute, reference, answers)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""


class Asker(Struct, frozen=True, kw_only=True):
    """Who asks, and why; the purpose in words."""

    role: str
    person: str
    purpose: str
    dispute: str = ""

    def must_say_why(self) -> None:
        """`Refused("purpose_missing")` for one that says nothing."""
        if not LEAST_WORDS <= len(self.purpose.strip()) <= MOST_WORDS:
            raise Refused("purpose_missing")


async def note_asked(
    connection: Connection, vault: Vault, city: str, asker: Asker, reference: str, answers: int, now: datetime
) -> None:
    """Write it down; of the reference only its keyed handle, so that equal ones meet."""
    handle = vault.handle("asked", reference)
    told = [asker.role, asker.person, asker.purpose.strip(), asker.dispute]
    await connection.execute(_ASKED, [city, now, *told, handle, answers])
