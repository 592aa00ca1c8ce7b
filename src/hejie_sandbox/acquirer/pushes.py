"""The bank tells the house that a refund is through: by itself, where it was asked to, until it is answered 200."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx

from hejie_sandbox.acquirer import wire

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

AGAIN, MOST_TRIES, AT_ONCE = 60, 100, 8
_METHOD = "acquirer.event"


def due(box: Sandbox) -> list[sqlite3.Row]:
    """Return the refunds to be told of now, oldest first."""
    sql = (
        "SELECT r.* FROM aq_refunds r JOIN aq_banks b ON b.id = r.bank AND b.pushes"
        " WHERE r.told = 0 AND r.tries < ? AND max(r.settles_at, r.due_at) <= ? ORDER BY r.settles_at LIMIT ?"
    )
    return box.ledger.rows(sql, MOST_TRIES, box.clock.now(), AT_ONCE)


async def send(box: Sandbox, client: httpx.AsyncClient, refund: sqlite3.Row) -> None:
    """Try once and book the answer; a forged one is signed rightly from the second try on."""
    bank = box.ledger.row("SELECT * FROM aq_banks WHERE id = ?", refund["bank"])
    if bank is None:
        return
    with box.ledger.transaction():
        fires, first = box.knobs.fires, not refund["tries"]
        lost = first and fires("lost_callback", _METHOD) is not None
        forged = first and fires("forged_callback", _METHOD) is not None
        twice = first and fires("duplicate_callback", _METHOD) is not None
    done = lost
    for _ in range(0 if lost else 1 + twice):
        done = await _post(box, client, bank, refund, forged=forged)
    sql = "UPDATE aq_refunds SET told = ?, tries = tries + 1, due_at = ? WHERE bank = ? AND key = ?"
    with box.ledger.transaction():
        box.ledger.write(sql, int(done), box.now() + AGAIN, refund["bank"], refund["key"])


async def _post(
    box: Sandbox, client: httpx.AsyncClient, bank: sqlite3.Row, refund: sqlite3.Row, *, forged: bool
) -> bool:
    url = f"{bank['house']}/v1/events"
    body = json.dumps({"kind": "refund_changed", "payment": refund["payment"], "key": refund["key"]}).encode()
    headers = wire.request_headers(box, bank, url, body, f"event-{refund['key']}"[:64], forged=forged)
    try:
        answer = await client.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.is_success
