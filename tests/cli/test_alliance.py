"""`hejie alliance`: two cities join by one file each, a keeper signs, one takes it over, a key is revoked."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from tests.support.alliance import HERE, THERE, alliance

from hejie.alliance.directory import SignedDirectory
from hejie.cli import main


async def run(*given: object) -> int:
    return await asyncio.to_thread(main, ["alliance", *map(str, given)])


async def test_a_city_joins_by_one_file(
    tmp_path: Path, app_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    made: dict[tuple[str, str], tuple[Path, str]] = {}
    for owner in ("keeper", HERE, THERE):
        assert await run("keys", tmp_path / "made", "--owner", owner) == 0
        for line in capsys.readouterr().out.splitlines():
            kind, name, public = line.split()
            made[owner, kind] = (Path(name), public)
            assert os.stat(name).st_mode & 0o077 == 0  # noqa: PTH116  a file just made
    keeper, public = made["keeper", "signing"]
    file = tmp_path / "directory.json"
    assert await run("directory", "new", file, "--key", keeper, "--keeper", "杭州") == 0
    for city in (HERE, THERE):
        files = ["--signing", made[city, "signing"][0], "--opening", made[city, "opening"][0]]
        names = ["--name-zh", "市", "--name-en", "City", "--base", "https://x.example/"]
        capsys.readouterr()
        log = [f"x.example/{city}/log", tmp_path / f"{city}-log.pem"]
        assert await asyncio.to_thread(main, ["proof", "key", *map(str, log)]) == 0
        capsys.readouterr()
        assert await run("card", "--city", city, *names, *files, "--log-name", log[0]) == 2
        capsys.readouterr()
        assert await run("card", "--city", city, *names, *files, "--log-name", log[0], "--log-key", log[1]) == 0
        card = tmp_path / f"{city}.json"
        card.write_text(capsys.readouterr().out)
        assert await run("directory", "add", file, card) == 0
    signing = made[HERE, "signing"][0].stem.removesuffix("-signing")
    told = {
        "exchange": {
            "signing_keys": [str(made[HERE, "signing"][0])],
            "opening_keys": [str(made[HERE, "opening"][0])],
            "keepers": [public],
        }
    }
    async with alliance(tmp_path, app_url):
        (tmp_path / "connections.json").write_text(json.dumps({HERE: told}))
        for name, value in (("DATABASE_URL", app_url), ("KEYS", tmp_path / "keys"), ("CONNECTIONS", "")):
            monkeypatch.setenv(f"HEJIE_{name}", str(value or tmp_path / "connections.json"))
        assert await run("directory", "apply", file, "--city", HERE) == 2
        assert "No keeper" in capsys.readouterr().err
        assert await run("directory", "sign", file, "--key", keeper) == 0
        assert "version 1" in capsys.readouterr().out
        assert await run("directory", "apply", file, "--city", HERE) == 0
        assert await run("directory", "apply", file, "--city", HERE) == 2
        assert "is not newer" in capsys.readouterr().err
        assert await run("directory", "apply", file, "--city", THERE) == 2
        assert await run("directory", "revoke", file, signing) == 0
        assert await run("directory", "sign", file, "--key", keeper) == 0
        assert await run("directory", "apply", file, "--city", HERE) == 0
        assert await run("directory", "show", file) == 0
    shown = capsys.readouterr().out
    assert f"member {THERE}" in shown
    assert f" x.example/{THERE}/log\n" in shown
    assert " cosign\n" in shown
    assert "revoked" in shown
    assert "agreed bulletin:" in shown
    assert SignedDirectory(**json.loads(file.read_text())).directory["version"] == 2


async def test_files_that_are_wrong_change_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "directory.json"
    file.write_text('{"directory": {}, "directory": {}}')
    assert await run("directory", "show", file) == 2
    file.write_text('{"directory": {"version": 1}}')
    assert await run("directory", "sign", file, "--key", file) == 2
    assert file.read_text() == '{"directory": {"version": 1}}'
    assert capsys.readouterr().err
