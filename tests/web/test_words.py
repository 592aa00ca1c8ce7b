"""Every sentence a person may meet exists in both languages, with the same facts in it."""

from __future__ import annotations

import ast
import importlib
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from hejie.connectors.alipay import codes as wallet_codes
from hejie.edge import words
from hejie.store import codes as store_codes
from hejie.web.code_sentences import SENTENCES

SOURCE = Path(__file__).parents[2] / "src" / "hejie"
ERRORS = {"Refused", "Missing", "Stale", "Unknown"}
FACT = re.compile(r"\{(\w+)\}")
KEYWORDS = {"_": None, "mark": None, "say": None, "say_many": (2, 3), "ngettext": (1, 2)}


def _raised() -> dict[str, str]:
    """Code → one place where it is raised."""
    found: dict[str, str] = {"missing": "default", "stale": "default"}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS and node.args:
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found.setdefault(part.value, f"{path.relative_to(SOURCE)}:{node.lineno}")
    for code in (*store_codes._CONSTRAINTS.values(), *wallet_codes._WORDS.values(), *wallet_codes._GATEWAY.values()):
        found.setdefault(code, "a table")
    return found


def _sentences() -> dict[str, str]:
    """Every English sentence of code and templates → the file it stands in."""
    found = dict.fromkeys(SENTENCES.values(), "code_sentences.py")
    for path in sorted([*SOURCE.rglob("*.py"), *(SOURCE / "web").rglob("*.html")]):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        file = BytesIO(path.read_bytes())
        for _, message, _, _ in extract(method, file, keywords=KEYWORDS, options={"silent": "false"}):
            sentence = message if isinstance(message, str) else message[0]
            if sentence:
                found.setdefault(sentence, str(path.relative_to(SOURCE)))
    return found


def test_every_code_that_is_raised_has_words():
    wordless = {code: place for code, place in _raised().items() if code not in SENTENCES}
    assert not wordless


def test_every_sentence_is_translated():
    known = words.catalogue("zh")
    untranslated = {sentence: place for sentence, place in _sentences().items() if sentence not in known}
    assert not untranslated


def test_a_translation_names_the_same_facts():
    wrong = {
        english: chinese
        for english, chinese in words.catalogue("zh").items()
        if not set(FACT.findall(chinese)) <= set(FACT.findall(english)) | {"n"}
    }
    assert not wrong


def test_the_catalogues_agree_with_each_other():
    said: dict[str, str] = {}
    for path in sorted((SOURCE / "web" / "locale" / "zh").glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="zh"):
                if isinstance(message.id, str) and message.id:
                    text = str(message.string)
                    assert said.setdefault(message.id, text) == text, f"{path.name}: {message.id}"


@pytest.mark.parametrize(
    ("asked", "kept", "accept", "chosen"),
    [
        ("en", "zh", "zh", "en"),
        ("xx", "en", "zh", "en"),
        ("", "", "en-GB,en;q=0.8", "en"),
        ("", "", "fr, en;q=0.3, zh-TW;q=0.5", "zh"),
        ("", "", "fr", "zh"),
        ("", "", ";;q=x,,en;q=9", "zh"),
        ("", "", "", "zh"),
    ],
)
def test_a_readers_language_is_chosen(asked, kept, accept, chosen):
    assert words.choose(asked, kept, accept) == chosen


def test_no_code_has_two_sentences():
    found: dict[str, str] = {}
    for path in sorted((SOURCE / "web").glob("*_sentences.py")):
        if path.stem in {"code_sentences", "theme_sentences"}:
            continue
        module = importlib.import_module(f"hejie.web.{path.stem}")
        (theme,) = [each for name, each in vars(module).items() if name.isupper() and isinstance(each, dict)]
        twice = {code for code in theme if found.setdefault(code, path.stem) != path.stem}
        assert not twice, f"{path.stem}: {twice}"
