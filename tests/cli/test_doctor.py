"""The doctor's words: every finding it can make is said in both languages, and wrong settings fail."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path

import pytest
from tests.support.town import town

from hejie.cli import doctor, main
from hejie.connectors.alipay.doctor import Finding

SOURCE = Path(__file__).parents[2] / "src" / "hejie"


def _codes() -> set[str]:
    """Every literal code of a Finding; a certificate's stand for both certificates."""
    found: set[str] = set()
    for file in ("cli/doctor.py", "connectors/alipay/doctor.py"):
        for node in ast.walk(ast.parse((SOURCE / file).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found.add(str(code.value))
                elif isinstance(code, ast.JoinedStr):
                    tail = str(getattr(code.values[-1], "value", ""))
                    found |= {f"{name}_certificate{tail.removeprefix('_certificate')}" for name in ("app", "alipay")}
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_has_words(language: str):
    internal = doctor.words(language, Finding("no_such_code"))
    assert len(_codes()) > 30
    silent = [code for code in sorted(_codes()) if doctor.words(language, Finding(code)) == internal]
    assert not silent


def test_a_healthy_installation_and_a_wrong_key(
    tmp_path: Path, app_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    async def look() -> tuple[int, int]:
        async with town(tmp_path, app_url):
            healthy = await asyncio.to_thread(main, ["doctor", "--lang", "en"])
            file = tmp_path / "connections.json"
            connections = json.loads(file.read_text())
            connections["330100"]["alipay"]["alipay_public_key"] = str(tmp_path / "app.pem")
            file.write_text(json.dumps(connections))
            return healthy, await asyncio.to_thread(main, ["doctor", "--lang", "en"])

    monkeypatch.setenv("HEJIE_DATABASE_URL", app_url)
    monkeypatch.setenv("HEJIE_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("HEJIE_CONNECTIONS", str(tmp_path / "connections.json"))
    assert asyncio.run(look()) == (0, 1)
    said = capsys.readouterr().out
    assert "✓ 330100 keys" in said
    assert "private key stands where Alipay's public key belongs" in said


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.delenv("HEJIE_DATABASE_URL", raising=False)
    assert main(["doctor"]) == 1
    assert "HEJIE_DATABASE_URL" in capsys.readouterr().out
