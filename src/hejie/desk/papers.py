"""The desk's book of documents that were given out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from hejie.access import must_be_allowed
from hejie.agenda import Task
from hejie.desk.book import Situation
from hejie.papers.paper import Issue, Issued, Paper, decide, evolve

_LOAD = "select body::text from paper where city = %s and id = %s"
_AGREED: Mapping[str, str] = MappingProxyType(
    {
        "dispute": "select coalesce(max(l.version), 0) from log l join dispute d on d.city = l.city and d.id = l.id"
        " where l.city = %s and l.noun = 'dispute' and l.id = %s and l.event = 'Agreed'"
        " and d.body->>'agreed' <> ''",
        "mediation": "select coalesce(max(version), 0) from log"
        " where city = %s and noun = 'mediation' and id = %s and event = 'AgreementReached'",
    }
)
"""Noun → the version of its log at which what stands now was agreed, 0 for none."""
_SAVE = """
insert into paper (city, id, version, number, kind, noun, subject, edition, language, json_sha256, pdf_sha256, made_at,
  body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""


class PaperBook:
    """Documents: rows that are added and never change."""

    noun = "paper"

    async def load(self, at: Situation) -> Paper | None:
        """The row; it cannot change, so it needs no lock."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Paper)

    async def decide(self, at: Situation, row: Paper | None, command: Issue) -> list[Issued]:
        """Ask who may, and whether this is what stands agreed."""
        must_be_allowed(at.actor, command)
        agreed = 0
        if command.noun in _AGREED:
            found = await at.connection.execute(_AGREED[command.noun], [at.city, command.subject])
            agreed = int((await found.fetchone() or (0,))[0])
        return decide(row, command, city=at.city, key=at.id, agreed=agreed, now=at.now)

    def evolve(self, row: Paper | None, event: Issued) -> Paper:
        """The row after it was made."""
        return evolve(row, event)

    def version(self, row: Paper) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Paper, before: Paper | None) -> None:
        """The row, once."""
        del before
        about = [row.city, row.id, row.version, row.number, row.kind.value, row.noun, row.subject, row.edition]
        kept = [row.language, row.json_sha256, row.pdf_sha256, row.made_at]
        await at.writes.execute(_SAVE, [*about, *kept, msgspec.json.encode(row).decode()])

    def tasks(self, row: Paper, event: Issued) -> list[Task]:
        """None: who asked for it has it."""
        del row, event
        return []


PAPERS = PaperBook()
