"""Files and functions stay small enough to be read at one sitting."""

from __future__ import annotations

import ast
from pathlib import Path

REPO = Path(__file__).parents[2]
KINDS = ("*.py", "*.sql", "*.js", "*.css", "*.html")
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 70


def _files(*kinds: str) -> list[Path]:
    found = [path for top in ("src", "tests") for kind in kinds for path in sorted((REPO / top).rglob(kind))]
    return [*(path for path in found if "vendor" not in path.parts), *sorted(REPO.glob("*.py"))]


def test_no_file_is_long():
    long = {
        str(path.relative_to(REPO)): lines for path in _files(*KINDS) if (lines := _lines(path)) > MOST_LINES_OF_A_FILE
    }
    assert not long, f"lines of the files longer than {MOST_LINES_OF_A_FILE}: {long}"


def test_no_function_is_long():
    long = {
        f"{path.relative_to(REPO)}:{node.lineno} {node.name}": lines
        for path in _files("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    }
    assert not long, f"lines of the functions longer than {MOST_LINES_OF_A_FUNCTION}: {long}"


def test_every_module_says_in_one_paragraph_what_it_is():
    silent = [
        str(path.relative_to(REPO))
        for path in _files("*.py")
        if not (words := ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))) or "\n\n" in words
    ]
    assert not silent, f"modules without a docstring of one paragraph: {silent}"


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
