"""Two cities of one alliance in one installation, which write to each other over a real socket; one clock to move."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.support.cut import Road

from hejie.alliance.directory import Directory, SignedDirectory, signed
from hejie.alliance.drafting import agreements_in
from hejie.api import ROUTES
from hejie.app import App, build, make_keys
from hejie.base import curves
from hejie.base.actor import SYSTEM
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import Words
from hejie.desk.cities import CITIES
from hejie.peers.directories import take_directory
from hejie.settings import Settings
from hejie.store.directories import in_force
from hejie.store.letters import put
from hejie.store.pool import Moved, city_transaction
from hejie.web.asgi import web_app
from hejie.web.shell import Route

HERE, THERE = "330100", "510100"
NAMES = {HERE: ("杭州", "Hangzhou"), THERE: ("成都", "Chengdu")}
START = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
GREETING = {"kind": "greeting", "basis": "pact 1", "fields": ["words"], "sealed": ["name"], "begins": "2026-01-01"}
_SHIPPED = resources.files("hejie.alliance").joinpath("data/agreements.toml").read_text(encoding="utf-8")
AGREEMENTS = [GREETING, *(msgspec.to_builtins(each) for each in agreements_in(_SHIPPED))]


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class Keys:
    """One member's private keys."""

    def __init__(self, city: str) -> None:
        self.city = city
        self.signing, self.opening = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()

    @property
    def name(self) -> str:
        return curves.key_name(self.city, curves.public_text(self.signing))


def dated(key: Ed25519PrivateKey | X25519PrivateKey, **more: Any) -> dict[str, Any]:
    same = {"public": curves.public_text(key), "begins": "2026-01-01T00:00:00Z", "ends": "2027-01-01T00:00:00Z"}
    return same | more


def member(keys: Keys, base: str, **more: Any) -> dict[str, Any]:
    zh, en = NAMES.get(keys.city, (keys.city, keys.city))
    same = {
        "city": keys.city,
        "name_zh": zh,
        "name_en": en,
        "base": base,
        "signing": [dated(keys.signing)],
        "sealing": [dated(keys.opening)],
        "rights": [each["kind"] for each in AGREEMENTS],
    }
    return same | more


def directory(keeper: Ed25519PrivateKey, members: list[dict[str, Any]], **more: Any) -> SignedDirectory:
    """A first version, signed."""
    content = {
        "version": 1,
        "issued_at": "2026-11-29T00:00:00Z",
        "expires_at": "2027-11-29T00:00:00Z",
        "keepers": [{"name": "杭州", "key": dated(keeper)}],
        "members": members,
        "agreements": AGREEMENTS,
    }
    return signed(SignedDirectory(directory=content | more), keeper)


_TOGETHER = """
update task set ready_at = '-infinity' where kind = 'relay' and leased_until is null and due_at <= %s
  and ready_at between clock_timestamp() and clock_timestamp() + interval '0.2 seconds' returning id
"""


class Alliance:
    """The cities, the clock and the hands of their duties."""

    def __init__(self, app: App, clock: Hand, keys: Mapping[str, Keys], keeper: Ed25519PrivateKey, url: str) -> None:
        self.app, self.clock, self.keys, self.keeper, self.url = app, clock, keys, keeper, url
        self.worker = app.worker()
        self.members = [member(each, url) for each in keys.values()]

    async def join(self, **more: Any) -> None:
        """Both cities take the directory."""
        file = directory(self.keeper, self.members, **more)
        for city in self.keys:
            await take_directory(self.app.pool, self.app.tools.exchange[city], file, self.clock.now())

    async def work(self) -> int:
        """All that is due now, and what follows from it; a round that waits for another one waits no longer."""
        done = await self.worker.drain()
        while any([await self._go_together(city) for city in self.keys]):
            done += await self.worker.drain()
        return done

    async def _go_together(self, city: str) -> bool:
        try:
            return bool(await self.rows(city, _TOGETHER, self.clock.now()))
        except Moved:
            return False

    async def pass_time(self, **span: float) -> None:
        """Later; held tasks come again."""
        self.clock.at += timedelta(**span)
        await self.work()

    async def put(self, city: str, peer: str, about: str, number: int, data: Mapping[str, Any], **more: Any) -> str:
        """A letter, written as a duty writes it."""
        kind = more.pop("kind", "greeting")
        async with city_transaction(self.app.pool, city) as connection:
            now, chance = self.clock.now(), os.urandom
            return await put(connection, city, peer, about, number, kind, data, now=now, chance=chance, **more)

    async def directory_of(self, city: str) -> Directory:
        """The one a city goes by."""
        async with city_transaction(self.app.pool, city) as connection:
            return await in_force(connection, city, self.clock.now())

    async def rows(self, city: str, query: str, *values: object) -> list[tuple[Any, ...]]:
        async with city_transaction(self.app.pool, city) as connection:
            return await (await connection.execute(query, values)).fetchall()


def _connections(
    folder: Path, keys: Mapping[str, Keys], keeper: Ed25519PrivateKey, more: Mapping[str, dict[str, Any]]
) -> Path:
    told: dict[str, dict[str, Any]] = {}
    for city, each in keys.items():
        signing, opening = folder / f"{city}-signing.pem", folder / f"{city}-opening.pem"
        signing.write_text(curves.private_text(each.signing))
        opening.write_text(curves.private_text(each.opening))
        told[city] = {
            "exchange": {
                "signing_keys": [str(signing)],
                "opening_keys": [str(opening)],
                "keepers": [curves.public_text(keeper)],
            },
            **more.get(city, {}),
        }
    file = folder / "connections.json"
    file.write_bytes(msgspec.json.encode(told))
    return file


@asynccontextmanager
async def alliance(
    folder: Path,
    database_url: str,
    *cities: str,
    keeper: Ed25519PrivateKey | None = None,
    front: Road | None = None,
    clock: Hand | None = None,
    pages: Sequence[Route] = (),
    keys: Mapping[str, Keys] | None = None,
    more: Callable[[str], Mapping[str, dict[str, Any]]] = lambda _: {},
    empty: bool = False,
) -> AsyncIterator[Alliance]:
    """Cities (two, unless named) on one socket, as tenants of one installation; the directory is not taken yet.

    `front` is the road by which they are reached, `pages` what is served there beside the open platform, `more` what
    else stands in the connections by the address. An `empty` installation has its keys and no city yet.
    """
    cities = cities or (HERE, THERE)
    keeper, keys = keeper or Ed25519PrivateKey.generate(), keys or {city: Keys(city) for city in cities}
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        if front is not None:
            front.to, port = port, front.port
        url = f"http://127.0.0.1:{port}"
        settings = Settings(
            database_url=database_url,
            keys=folder / "keys",
            connections=_connections(folder, keys, keeper, more(url)),
            public_url=url,
            retry_seconds=(0, 0, 0),
        )
        clock = clock or Hand()
        for city in cities:
            make_keys(folder / "keys", city)
        async with build(settings, clock) as app:
            for city in () if empty else cities:
                await _found(app, city)
            async with _serving(app, listening, pages):
                yield Alliance(app, clock, keys, keeper, url)


async def _found(app: App, city: str) -> None:
    zh, en = NAMES.get(city, (city, city))
    told = msgspec.structs.replace(read_city(shipped(HERE)), code=city, name=Words(zh=zh, en=en))
    await app.desk.act(CITIES, city, city, ApplySettings(settings=told), SYSTEM)


@asynccontextmanager
async def _serving(app: App, listening: socket.socket, pages: Sequence[Route]) -> AsyncIterator[None]:
    config = uvicorn.Config(web_app(app.house, ROUTES, pages), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    for _ in range(500):
        if server.started:
            break
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving
