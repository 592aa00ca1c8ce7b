"""Callbacks: queued with what caused them, sealed and signed at each try, sent again until they are answered 2xx."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from hejie_sandbox.wechatpay import wire

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from hejie_sandbox.sandbox import Sandbox

RETRIES = (5, *[60] * 10)
"""Seconds of the sandbox's clock between the first tries; `THEN` between all others, up to `MOST_TRIES`."""
THEN, MOST_TRIES = 300, 1000
STALE = 86400
AT_ONCE = 8


def put(
    box: Sandbox, mchid: str, url: str, event_type: str, content: Mapping[str, Any], due_at: float | None = None
) -> None:
    """Queue a callback inside the caller's transaction, with the faults that the knobs ask for; nothing without url."""
    fires, due = box.knobs.fires, box.clock.now() if due_at is None else due_at
    method = f"wechatpay.{event_type}"
    if not url or fires("lost_callback", method) is not None:
        return
    row: dict[str, Any] = {"state": "waiting", "due_at": due}
    if (late := fires("late_callback", method)) is not None:
        row["due_at"] = due + late
    elif (longest := fires("reordered_callback", method)) is not None:
        row = {"state": "held", "due_at": due + longest}
    row |= {
        "stale": fires("stale_timestamp", method) is not None,
        "forged": fires("forged_callback", method) is not None,
    }
    row |= {"mchid": mchid, "url": url, "event_type": event_type, "push_id": str(uuid4())}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for _ in range(1 if fires("duplicate_callback", method) is None else 2):
        box.ledger.insert("wx_pushes", content=text, **row)


def due(box: Sandbox) -> list[sqlite3.Row]:
    """Return the callbacks to be sent now, oldest first."""
    sql = "SELECT * FROM wx_pushes WHERE state IN ('waiting', 'held') AND due_at <= ? ORDER BY due_at, id LIMIT ?"
    return box.ledger.rows(sql, box.clock.now(), AT_ONCE)


async def send(box: Sandbox, client: httpx.AsyncClient, push: sqlite3.Row) -> None:
    """Try one callback once and book the answer; a forged one is signed rightly from the second try on."""
    forged = bool(push["forged"]) and not push["attempts"]
    at = box.now() - (STALE if push["stale"] and not push["attempts"] else 0)
    content = json.loads(push["content"])
    headers, body = wire.push(
        box, push["mchid"], push["event_type"], content, push_id=push["push_id"], forged=forged, at=at
    )
    try:
        answer = await client.post(push["url"], content=body, headers={**headers, "content-type": "application/json"})
        done, said = answer.is_success, f"HTTP {answer.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        done, said = False, type(error).__name__
    _book(box, push, said, done=done)


def _book(box: Sandbox, push: sqlite3.Row, said: str, *, done: bool) -> None:
    tries, due_at, state = push["attempts"] + 1, push["due_at"], "done"
    if not done:
        again = RETRIES[tries - 1] if tries <= len(RETRIES) else THEN
        state, due_at = ("given_up", due_at) if tries >= MOST_TRIES else ("waiting", box.clock.now() + again)
    with box.ledger.transaction():
        sql = "UPDATE wx_pushes SET state = ?, attempts = ?, due_at = ?, last_answer = ? WHERE id = ?"
        box.ledger.write(sql, state, tries, due_at, said[:200], push["id"])
        freed = "UPDATE wx_pushes SET state = 'waiting', due_at = ? WHERE state = 'held' AND mchid = ? AND id < ?"
        box.ledger.write(freed, box.clock.now(), push["mchid"], push["id"])
