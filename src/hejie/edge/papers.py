"""A document is made once and kept: whoever asks again gets the very same bytes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from hejie.base.actor import SYSTEM
from hejie.base.clock import SHANGHAI
from hejie.base.errors import Stale
from hejie.desk.act import Content, Desk
from hejie.desk.papers import PAPERS
from hejie.documents.agreement import agreement_paper
from hejie.edge.paper_words import face
from hejie.papers.agreement import Agreement, fresh_number
from hejie.papers.paper import CONTENT, Issue, Paper, paper_of
from hejie.queries.papers import paper_kept
from hejie.store.pool import city_transaction


class Kept(Struct, frozen=True):
    """A document with its bytes."""

    paper: Paper
    raw: bytes


async def kept(desk: Desk, city: str, identifier: str) -> Kept | None:
    """The document with an identifier (`paper_of`) as it was given out; None where it was not made yet."""
    async with city_transaction(desk.pool, city) as connection:
        found = await paper_kept(connection, desk.vaults(city), city, identifier)
    return Kept(*found) if found else None


async def issued(desk: Desk, public_url: str, draft: Agreement) -> Kept:
    """The document of an agreement: made and recorded at the first call, the same bytes at every later one.

    `draft` is without number, `made_at` and `salt`. The caller has looked whether its reader may have it.
    Errors: those of `agreement_paper`; `Refused("agreement_missing")`, `Refused("paper_too_large")`.
    """
    key = paper_of(draft.noun, draft.subject, draft.kind, draft.edition, draft.language)
    before = await kept(desk, draft.city, key)
    if before is not None:
        return before
    now = desk.clock.now()
    number = fresh_number(draft.kind, draft.city, now.astimezone(SHANGHAI).year, desk.chance)
    whole = replace(draft, number=number, made_at=now, salt=desk.chance(16).hex())
    address = check_address(public_url, draft.city, number)
    made = await asyncio.to_thread(agreement_paper, whole, face(whole), address, now)
    command = Issue(
        number=number,
        kind=whole.kind,
        noun=whole.noun,
        subject=whole.subject,
        edition=whole.edition,
        language=whole.language,
        json_sha256=made.json_sha256,
        pdf_sha256=made.pdf_sha256,
        made_at=now,
        size=len(made.raw),
    )
    contents = [Content(id=CONTENT, kind=CONTENT, plain=made.raw)]
    with suppress(Stale):  # somebody asked at the same time and was first
        await desk.act(PAPERS, draft.city, key, command, SYSTEM, contents=contents)
    found = await kept(desk, draft.city, key)
    if found is None:
        raise Stale
    return found


def check_address(public_url: str, city: str, number: str) -> str:
    """Where a document is checked; its number is filled in there."""
    return f"{public_url.rstrip('/')}/{city}/verify?number={number}"
