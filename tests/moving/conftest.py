"""A city that is a tenant beside another one, and the new, empty place that it moves to; both logs are cosigned."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.conftest import Database
from tests.handovers.conftest import Two
from tests.support.alliance import HERE, THERE, Alliance, alliance

from hejie import cli
from hejie.transparency.keys import Kind, Signer
from hejie.web.asgi import PORTALS

_LOGS = {HERE: "old.example/330100/log", THERE: "old.example/510100/log"}


class Moving:
    """What the tests say to the old place, the new place and the city's hands at each."""

    def __init__(self, folder: Path, old: Alliance, new: Alliance, databases: tuple[Database, Database]) -> None:
        self.folder, self.old, self.new, self.databases = folder, old, new, databases
        self.two = Two(old)
        self.file = folder / "330100.city"

    async def hejie(self, place: Alliance, *words: str) -> int:
        """A command, as whoever runs an installation gives it there."""
        settings = place.app.settings
        base = self.databases[0 if place is self.old else 1]
        environment = {
            "HEJIE_DATABASE_URL": base.app_url,
            "HEJIE_MIGRATE_URL": base.owner_url,
            "HEJIE_KEYS": str(settings.keys),
            "HEJIE_CONNECTIONS": str(settings.connections),
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return await asyncio.to_thread(cli.main, words)

    async def move(self, *more: str) -> None:
        assert await self.hejie(self.old, "city", "move", HERE, "--file", str(self.file), *more) == 0

    async def arrive(self) -> int:
        return await self.hejie(self.new, "city", "arrive", str(self.file), "--lang", "en")

    def go_over(self) -> None:
        """From now on the tests' words to the city go to the new place."""
        self.two = Two(self.old, self.new)
        self.two.at = lambda city: self.new if city == HERE else self.old  # type: ignore[method-assign]


def _more(folder: Path, signers: Mapping[str, Signer], old: list[str]) -> Any:
    def more(url: str) -> dict[str, dict[str, Any]]:
        old.append(url)
        return {city: {"log": _log(folder, signers, city, old[0])} for city in signers}

    return more


def _log(folder: Path, signers: Mapping[str, Signer], city: str, url: str) -> dict[str, Any]:
    """A city's log, which the other one cosigns."""
    other = THERE if city == HERE else HERE
    key = signers[city].private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{city}-log.pem").write_bytes(key)
    verifier = signers[other].verifier
    peer = {
        "log": str(verifier(Kind.log)),
        "witness": str(verifier(Kind.witness)),
        "url": f"{url}/api/{other}/witness/",
    }
    return {"name": _LOGS[city], "private_key": str(folder / f"{city}-log.pem"), "peers": [peer]}


@pytest.fixture
async def moving(tmp_path: Path, database: Database, far_database: Database) -> AsyncIterator[Moving]:
    signers = {city: Signer(name, Ed25519PrivateKey.generate()) for city, name in _LOGS.items()}
    urls: list[str] = []
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    async with AsyncExitStack() as stack:
        more = _more(tmp_path / "old", signers, urls)
        old = await stack.enter_async_context(alliance(tmp_path / "old", database.app_url, pages=PORTALS, more=more))
        await old.join()
        (tmp_path / "new" / "keys").mkdir()
        shutil.copy(tmp_path / "old" / "keys" / f"{HERE}.json", tmp_path / "new" / "keys")
        place = alliance(
            tmp_path / "new",
            far_database.app_url,
            HERE,
            keeper=old.keeper,
            clock=old.clock,
            pages=PORTALS,
            keys={HERE: old.keys[HERE]},
            more=_more(tmp_path / "new", signers, urls),
            empty=True,
        )
        yield Moving(tmp_path, old, await stack.enter_async_context(place), (database, far_database))


@pytest.fixture
async def resting(tmp_path: Path, database: Database) -> AsyncIterator[Moving]:
    """The old place alone."""
    async with alliance(tmp_path, database.app_url, pages=PORTALS) as old:
        await old.join()
        yield Moving(tmp_path, old, old, (database, database))
