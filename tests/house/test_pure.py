"""Rules are pure: no clock, database, network, file or chance; instants and identifiers come in."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "hejie"
RULES = (
    "disputes", "handovers", "merchants", "payments", "law", "cities", "papers", "alliance", "transparency",
    "mediations", "agenda.py", "access.py",
)  # fmt: skip
IMPURE = {
    "asyncio", "httpx", "os", "pathlib", "psycopg", "random", "secrets", "socket", "subprocess", "threading", "time",
    "urllib", "uuid",
}  # fmt: skip
ASKS = {"now", "utcnow", "today", "open", "urandom"}


def _modules() -> list[Path]:
    places = [SOURCE / name for name in RULES]
    return [path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))]


def _imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def _asks(tree: ast.Module) -> set[str]:
    """Calls that fetch an instant, a file or chance: `datetime.now()`, `open()`, never `ground.now` or `row.open`."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    return (names | {call.attr for call in calls if isinstance(call, ast.Attribute)}) & ASKS


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_rule_fetches_nothing(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not _imports(tree) & IMPURE
    assert not _asks(tree)
