"""What the code imports is declared, and what is pinned names no address."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
OURS = {"hejie", "hejie_lab", "hejie_sandbox"}


def _imported() -> dict[str, str]:
    """Each foreign package that a module of the wheel imports, and one file that does."""
    found = {}
    for path in sorted((REPO / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for top in {name.partition(".")[0] for name in names} - OURS - sys.stdlib_module_names:
                found[top] = str(path.relative_to(REPO))
    return found


def test_every_foreign_import_is_a_declared_dependency():
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    declared = {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in asked}
    home = metadata.packages_distributions()
    undeclared = {
        name: where
        for name, where in _imported().items()
        if not declared & {distribution.lower() for distribution in home.get(name, [name])}
    }
    assert not undeclared


@pytest.mark.parametrize(
    "lock",
    [
        *sorted(REPO.glob("requirements*.lock")),
        REPO / "package-lock.json",
        REPO / "tests" / "contract" / "exchange" / "package-lock.json",
    ],
    ids=lambda p: p.name,
)
def test_a_lock_pins_by_hash_and_names_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?:|--index|--find-links|\"resolved\"", text)
    if lock.suffix == ".lock":
        pins = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert pins
        assert all(re.match(r"\S+==\S+ .*--hash=sha256:", pin, re.DOTALL) for pin in pins)
