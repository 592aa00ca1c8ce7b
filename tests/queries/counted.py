"""Disputes put straight into the tables, with just what statistics look at."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hejie.base.clock import SHANGHAI
from hejie.store.pool import Connection

CITY = "330100"
_NUMBERS = itertools.count(1)
_DISPUTE = """
insert into dispute (city, id, version, home, state, consumer, merchant, shop, district, origin, wallet, problem,
  claim_kind, claim_fen, currency, undue, filed_at, officer, outcome, escalated_at, closed_at, changed_at, helper, body)
values (%(city)s, %(id)s, 1, %(city)s, %(state)s, 'c', %(merchant)s, %(shop)s, %(district)s, %(origin)s, %(wallet)s,
  %(problem)s, 'refund_full', 100, 'CNY', false, %(filed_at)s, '', %(outcome)s, %(escalated_at)s, %(closed_at)s,
  %(filed_at)s, %(helper)s, %(body)s::jsonb)
"""
_LOG = """
insert into log (city, noun, id, version, at, actor_role, actor, event, body, salt, digest)
values (%s, 'dispute', %s, %s, %s, 'system', '', %s, %s::jsonb, decode(repeat('00', 16), 'hex'),
  decode(repeat('00', 32), 'hex'))
"""
_WAITS = """
insert into count_waiting (city, id) values (%s, %s) on conflict (city, id) do update set id = excluded.id
"""


def at(text: str) -> datetime:
    """An instant told in Shanghai's time: `2026-11-03 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


async def put(connection: Connection, filed: str, **more: Any) -> str:
    """One dispute filed then; `steps` are (hours after it, event, body), `ended` (hours after it, outcome)."""
    identifier, filed_at = f"{CITY}-{next(_NUMBERS):06d}", at(filed)
    hours, outcome = more.pop("ended", (None, None))
    escalated = more.pop("escalated", None)
    steps: Sequence[tuple[float, str, Mapping[str, Any]]] = more.pop("steps", ())
    body = {"refunded_fen": 0, "offers": [], "agreed": "", "performance": "none", **more.pop("body", {})}
    values = {
        "city": CITY,
        "id": identifier,
        "state": "settled" if outcome else "awaiting_merchant",
        "merchant": "m-1",
        "shop": "",
        "district": "330102",
        "origin": "here",
        "wallet": "alipay",
        "problem": "quality",
        "filed_at": filed_at,
        "outcome": outcome,
        "escalated_at": None if escalated is None else filed_at + timedelta(hours=escalated),
        "closed_at": None if hours is None else filed_at + timedelta(hours=hours),
        "helper": "",
        "body": msgspec.json.encode(body).decode(),
        **more,
    }
    await connection.execute(_DISPUTE, values)
    for version, (later, event, told) in enumerate(steps, 2):
        line = [CITY, identifier, version, filed_at + timedelta(hours=later), event, msgspec.json.encode(told).decode()]
        await connection.execute(_LOG, line)
    await waits(connection, identifier)
    return identifier


_MEDIATION = """
insert into mediation (city, id, version, dispute, consumer, merchant, state, authority, officer, urgency, opened_at,
  received_at, check_due_at, checked_at, accepted_at, refused, due_rule, ended_at, ended, changed_at, body)
values (%(city)s, %(id)s, 1, %(dispute)s, 'c', 'm-1', %(state)s, '', '', 'normal', %(received_at)s, %(received_at)s,
  %(check_due_at)s, %(checked_at)s, %(accepted_at)s, %(refused)s, '', %(ended_at)s, %(ended)s, %(received_at)s, '{}')
"""


async def mediate(connection: Connection, dispute: str, received: str, check_due: str, **more: Any) -> None:
    """Its complaint at the authority; `limits` are (event, due) of its log."""
    limits = more.pop("limits", ())
    times = {name: at(more.pop(name)) if name in more else None for name in ("checked_at", "accepted_at", "ended_at")}
    values = {
        "city": CITY, "id": f"med-{dispute}", "dispute": dispute, "received_at": at(received),
        "check_due_at": at(check_due), "state": "accepted", "refused": "", "ended": "", **times, **more,
    }  # fmt: skip
    await connection.execute(_MEDIATION, values)
    for version, (event, due) in enumerate(limits, 1):
        body = msgspec.json.encode({"due": {"rule": "M1", "at": at(due)}}).decode()
        line = _LOG.replace("'dispute'", "'mediation'")
        await connection.execute(line, [CITY, values["id"], version, at(received), event, body])
    await waits(connection, dispute)


async def waits(connection: Connection, identifier: str) -> None:
    """It has changed, and waits to be counted."""
    await connection.execute(_WAITS, [CITY, identifier])
