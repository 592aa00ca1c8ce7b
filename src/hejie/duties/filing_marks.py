"""Notes by which words and phone number a dispute was filed, so that the same ones meet; neither can be read back."""

from __future__ import annotations

from hejie.desk.act import subject_of
from hejie.disputes.patterns import plain_words
from hejie.duties.tools import Tools
from hejie.intake.contacts import CONTACT
from hejie.intake.payments import contact_handle
from hejie.queries.record import read_dispute
from hejie.store.contents import read_contents
from hejie.store.pool import city_transaction
from hejie.worker import Work

_MARK = """
insert into filing_mark (city, dispute, filed_at, words, contact) values (%s, %s, %s, %s, %s) on conflict do nothing
"""
_PERSON = "select handle from person where city = %s and id = %s"


async def mark_filing(work: Work, tools: Tools) -> None:
    """Keep keyed look-ups of the words of a filing and of its consumer's number, well after the filing itself.

    A consumer without a number of their own may have come by a confirmed one: then that is their handle.
    """
    city, vault = work.city, tools.vaults(work.city)
    async with city_transaction(tools.pool, city) as connection:
        dispute = await read_dispute(connection, city, work.subject)
        note = dispute.offers[0].note
        told = await read_contents(connection, vault, city, subject_of("dispute", dispute.id), [note] if note else [])
        words = plain_words(told[note][1].decode()) if note in told else ""
        kept = await read_contents(connection, vault, city, subject_of("person", dispute.consumer), [CONTACT])
        person = await (await connection.execute(_PERSON, [city, dispute.consumer])).fetchone()
        contact = (
            contact_handle(vault, kept[CONTACT][1].decode())
            if CONTACT in kept
            else bytes(person[0])
            if person
            else None
        )
        said = vault.handle("filing_words", words) if words else None
        await connection.execute(_MARK, [city, dispute.id, dispute.filed_at, said, contact])
