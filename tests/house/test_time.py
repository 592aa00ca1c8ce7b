"""SQL never asks the time for business: an instant comes in as a parameter, from the one clock."""

from __future__ import annotations

import ast
import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "hejie"
ASKS = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(?:current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
# Leases, back-off and rate limits use real time, and so does the note of when a migration ran: nothing else.
REAL_TIME = {
    "create table task",
    "create function claim_tasks",
    "create or replace function claim_tasks",
    "update task set leased_until",
    "update task set parked = false",
    "insert into migration",
}


def _statements() -> list[tuple[str, str]]:
    """Every piece of SQL in the package: each string of a module, each statement of a migration."""
    found: list[tuple[str, str]] = []
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        found.extend(
            (f"{path.relative_to(SOURCE)}:{node.lineno}", node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
        )
    for path in sorted(SOURCE.rglob("*.sql")):
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
        pieces = re.split(r"(?im)^(?=(?:create|alter|insert|update|delete|grant|revoke|drop)\b)", text)
        found.extend((str(path.relative_to(SOURCE)), piece) for piece in pieces)
    return found


def test_sql_asks_no_time_for_business():
    asking = [
        f"{place}: {' '.join(text.split())[:90]}"
        for place, text in _statements()
        if ASKS.search(text) and not any(text.strip().lower().startswith(name) for name in REAL_TIME)
    ]
    assert not asking, "\n".join(asking)


def test_the_search_finds_what_it_looks_for():
    for words in ("select now()", "default CURRENT_TIMESTAMP", "where at < clock_timestamp( )", "current_date - 1"):
        assert ASKS.search(words)
    assert not ASKS.search("select known(), now_or_later from t")
