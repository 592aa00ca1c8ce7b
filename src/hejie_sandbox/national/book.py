"""What 12315 has: each hand-off once, by its city and key, and what its desk decides."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hejie_sandbox.acquirer.wire import RefusalError
from hejie_sandbox.clock import BEIJING
from hejie_sandbox.sandbox import dated_number

if TYPE_CHECKING:
    import sqlite3

    from hejie_sandbox.sandbox import Sandbox

FORMAT, VERSION = "hejie-12315", 1
_KEY = re.compile(r"[0-9A-Za-z-]{16,80}", re.ASCII)
_NEEDED = ("name", "phone", "address")
STEPS = {
    "received": ("pending",),
    "accepted": ("received",),
    "refused": ("pending", "received"),
    "returned": ("pending", "received", "accepted"),
    "concluded": ("received", "accepted"),
}
"""What the desk may decide, and from where."""


def submit(box: Sandbox, city: sqlite3.Row, asked: dict[str, Any]) -> dict[str, Any]:
    """Take a hand-off; a known key is told of again, with another package it is refused."""
    key, package = asked.get("key"), asked.get("package")
    if not (isinstance(key, str) and _KEY.fullmatch(key) and isinstance(package, dict)):
        raise RefusalError(400, "body_invalid")
    text = json.dumps(package, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    if asked.get("sha256") != digest:
        raise RefusalError(422, "digest_differs")
    before = _row(box, city["id"], key)
    if before is not None:
        if before["sha256"] != digest:
            raise RefusalError(409, "key_reused")
        return told(before)
    if (package.get("format"), package.get("version")) != (FORMAT, VERSION):
        raise RefusalError(422, "format_unknown")
    person = package.get("complainant")
    if not isinstance(person, dict) or not all(person.get(each) for each in _NEEDED):
        raise RefusalError(422, "materials_missing")
    box.ledger.insert(
        "nat_handoffs", city=city["id"], key=key, sha256=digest, package=text, state="pending", came_at=box.now()
    )
    if not city["holds"]:
        decide(box, city["id"], key, "received")
    return find(box, city["id"], key)


def find(box: Sandbox, city: str, key: str) -> dict[str, Any]:
    """Tell of one hand-off by its key."""
    row = _row(box, city, key)
    if row is None:
        raise RefusalError(404, "handoff_unknown")
    return told(row)


def decide(
    box: Sandbox, city: str, key: str, state: str, code: str = "", words: str = "", *, settled: bool = False
) -> None:
    """Take the desk's next step; ValueError out of order, or for a refusal without its ground."""
    row = _row(box, city, key)
    if row is None:
        raise KeyError(key)
    if state not in STEPS or row["state"] not in STEPS[state]:
        raise ValueError(f"{row['state']} does not become {state}")
    if (state == "refused") != bool(re.fullmatch(r"N[1-7]", code)):
        raise ValueError("a refusal, and nothing else, has a ground: N1 to N7")
    now = box.now()
    number = dated_number(now, "12315", 20) if state == "received" else row["number"]
    box.ledger.write(
        "UPDATE nat_handoffs SET state = ?, number = ?, received_at = ?, accepted_at = ?, code = ?, words = ?,"
        " settled = ? WHERE city = ? AND key = ?",
        *(state, number, now if state == "received" else row["received_at"]),
        *(now if state == "accepted" else row["accepted_at"], code, words, settled, city, key),
    )


def told(row: sqlite3.Row) -> dict[str, Any]:
    """Return a hand-off as it travels."""
    named = {name: row[name] for name in ("key", "state", "number", "code", "words")}
    times = {name: _instant(row[name]) for name in ("received_at", "accepted_at")}
    return {**named, **times, "settled": bool(row["settled"])}


def _instant(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, BEIJING).isoformat()


def _row(box: Sandbox, city: str, key: str) -> sqlite3.Row | None:
    return box.ledger.row("SELECT * FROM nat_handoffs WHERE city = ? AND key = ?", city, key)
