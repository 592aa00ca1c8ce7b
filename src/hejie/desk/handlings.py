"""The desk's book of handlings: how a merchant's own side handles a dispute, apart from the dispute itself."""

from __future__ import annotations

from typing import Any

import msgspec

from hejie.access import must_be_allowed
from hejie.agenda import Task
from hejie.base.errors import Missing
from hejie.desk.book import Situation
from hejie.disputes.states import OPEN
from hejie.merchants.handling import AnyEvent, Command, Handling, evolve, handling_of
from hejie.merchants.handling_rules import Ground, decide
from hejie.merchants.model import Merchant

_LOAD = "select body::text from handling where city = %s and id = %s for update"
_GROUND = """
select d.id, d.version, d.state, d.shop, d.problem, d.claim_fen, (m.body - 'shops')::text
from dispute d join merchant m on m.city = d.city and m.id = d.merchant
where d.city = %s and d.id = substr(%s, 3)
"""
_SAVE = """
insert into handling (city, id, version, dispute, merchant, answers, assignee, asked_version, changed_at, body)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (city, id) do update set
  version = excluded.version, merchant = excluded.merchant, answers = excluded.answers, assignee = excluded.assignee,
  asked_version = excluded.asked_version, changed_at = excluded.changed_at, body = excluded.body
"""
_BESIDE = "update dispute set assignee = %s where city = %s and id = %s"


class HandlingBook:
    """Handlings: rows and rules; nothing outside follows from them."""

    noun = "handling"

    async def load(self, at: Situation) -> Handling | None:
        """The row, locked."""
        row = await (await at.connection.execute(_LOAD, [at.city, at.id])).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Handling)

    async def decide(self, at: Situation, row: Handling | None, command: Command) -> list[AnyEvent]:
        """Ask who may, then the rules, on the dispute as it stands."""
        found: Any = await (await at.connection.execute(_GROUND, [at.city, at.id])).fetchone()
        if found is None:
            raise Missing("dispute_unknown")
        dispute, version, state, shop, problem, claim_fen, body = found
        if at.id != handling_of(dispute):
            raise Missing("dispute_unknown")
        merchant = msgspec.json.decode(body, type=Merchant)
        must_be_allowed(at.actor, command, merchant)
        ground = Ground(
            now=at.now,
            person=at.actor.id,
            merchant=merchant,
            dispute=dispute,
            shop=shop,
            problem=problem,
            claim_fen=claim_fen,
            dispute_version=version,
            dispute_open=state in {each.value for each in OPEN},
        )
        return decide(row, command, ground)

    def evolve(self, row: Handling | None, event: AnyEvent) -> Handling:
        """The row after one event."""
        return evolve(row, event)

    def version(self, row: Handling) -> int:
        """The row's version."""
        return row.version

    async def save(self, at: Situation, row: Handling, before: Handling | None) -> None:
        """The row, and the assignee beside the dispute for the queue's index."""
        body = msgspec.json.encode(row).decode()
        values = [row.city, at.id, row.version, row.dispute, row.merchant, row.answers.value, row.assignee]
        await at.writes.execute(_SAVE, [*values, row.asked_version, row.changed_at, body])
        if row.assignee != (before.assignee if before else ""):
            await at.writes.execute(_BESIDE, [row.assignee, row.city, row.dispute])

    def tasks(self, row: Handling, event: AnyEvent) -> list[Task]:  # noqa: ARG002  as every book
        """None: the merchant's own people see it in their queue."""
        return []


HANDLINGS = HandlingBook()
