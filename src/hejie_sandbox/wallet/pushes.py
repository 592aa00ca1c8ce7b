"""Messages to applications: queued with what caused them, signed, sent again until the answer is exactly `success`."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from hejie_sandbox import keys
from hejie_sandbox.clock import beijing
from hejie_sandbox.wallet.wire import signed_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from hejie_sandbox.sandbox import Sandbox

RETRIES = (240, 600, 600, 3600, 7200, 21600, 54000)
"""Seconds of the sandbox's clock between the tries."""
STALE = 86400
AT_ONCE = 8


def put(box: Sandbox, app_id: str, msg_method: str, content: Mapping[str, Any]) -> None:
    """Queue a message inside the caller's transaction, with the faults that the knobs ask for."""
    fires, now = box.knobs.fires, box.clock.now()
    row: dict[str, Any] = {"state": "waiting", "due_at": now}
    if (late := fires("late_callback", msg_method)) is not None:
        row["due_at"] = now + late
    elif (longest := fires("reordered_callback", msg_method)) is not None:
        row = {"state": "held", "due_at": now + longest}
    row["stale"] = fires("stale_timestamp", msg_method) is not None
    row |= {"app_id": app_id, "msg_method": msg_method, "notify_id": uuid4().hex}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for _ in range(1 if fires("duplicate_callback", msg_method) is None else 2):
        box.ledger.insert("pushes", content=text, **row)


def form(box: Sandbox, push: sqlite3.Row, app: sqlite3.Row) -> dict[str, str]:
    """Write the signed notification; its text leaves out sign_type unless the application wants it kept."""
    at = box.clock.now() - (STALE if push["stale"] else 0)
    params = {
        "notify_id": push["notify_id"],
        "notify_time": beijing(at),
        "utc_timestamp": str(int(at * 1000)),
        "msg_method": push["msg_method"],
        "app_id": push["app_id"],
        "version": "1.1",
        "charset": "UTF-8",
        "sign_type": "RSA2",
        "biz_content": push["content"],
    }
    text = signed_text(params) if app["keep_sign_type"] else signed_text(params, "sign_type")
    return params | {"sign": base64.b64encode(keys.sign(box.keys.gateway, text.encode())).decode()}


def due(box: Sandbox) -> list[sqlite3.Row]:
    """Return the messages to be sent now, oldest first."""
    sql = "SELECT * FROM pushes WHERE state IN ('waiting', 'held') AND due_at <= ? ORDER BY due_at, id LIMIT ?"
    return box.ledger.rows(sql, box.clock.now(), AT_ONCE)


async def send(box: Sandbox, client: httpx.AsyncClient, push: sqlite3.Row) -> None:
    """Try one message once and book the answer."""
    app = box.ledger.row("SELECT * FROM apps WHERE app_id = ?", push["app_id"])
    url = "" if app is None else app["notify_url"] or box.callback_url
    if app is None or not url:
        _book(box, push, "given_up", "no callback address")
        return
    try:
        answer = await client.post(url, data=form(box, push, app))
        said = answer.text if answer.status_code == httpx.codes.OK else f"HTTP {answer.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = type(error).__name__
    _book(box, push, "done" if said == "success" else "waiting", said[:200])


def _book(box: Sandbox, push: sqlite3.Row, state: str, said: str) -> None:
    tries, due_at = push["attempts"] + 1, push["due_at"]
    if state == "waiting":
        again = RETRIES[tries - 1] if tries <= len(RETRIES) else None
        state, due_at = ("given_up", due_at) if again is None else (state, box.clock.now() + again)
    with box.ledger.transaction():
        sql = "UPDATE pushes SET state = ?, attempts = ?, due_at = ?, last_answer = ? WHERE id = ?"
        box.ledger.write(sql, state, tries, due_at, said, push["id"])
        freed = "UPDATE pushes SET state = 'waiting', due_at = ? WHERE state = 'held' AND app_id = ? AND id < ?"
        box.ledger.write(freed, box.clock.now(), push["app_id"], push["id"])
