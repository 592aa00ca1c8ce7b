"""Cities on sockets, each with a database, a key and a process's whole of its own, that cosign one another's logs."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

import msgspec
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.alliance import Keys, dated, directory, member

from hejie.alliance.directory import COSIGN, SignedDirectory
from hejie.api import ROUTES
from hejie.app import build, make_keys
from hejie.peers.signing import go_on
from hejie.settings import Settings
from hejie.store import directories
from hejie.store.pool import city_transaction
from hejie.transparency.keys import Kind, Signer
from hejie.web.asgi import web_app

KEEPER = Ed25519PrivateKey.generate()
AT = datetime(2026, 12, 1, 8, tzinfo=UTC)
_LINES = (
    "insert into log select %s, 'dispute', %s, n, %s, 'consumer', 'P1', 'Said', '{}', %s, sha256(('' || n)::bytea)"
    " from generate_series(1, %s::int) n"
)


class City:
    """One of them."""

    def __init__(self, code, folder, database_url) -> None:
        self.code, self.folder, self.database_url = code, folder, database_url
        self.listening = socket.socket(proto=socket.IPPROTO_TCP)
        self.listening.bind(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True)
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "log.pem").write_bytes(pem)
        self.signer = Signer(f"{code}.example/log", key)
        self.keys = Keys(code)
        self.directory: SignedDirectory | None = None
        make_keys(folder / "keys", code)
        self.written = 0

    @property
    def log_key(self):
        """As the directory lists the key of its log."""
        return {**dated(self.signer.private), "ends": "2036-01-01T00:00:00Z", "name": self.signer.name}

    def goes_by(self, directory, more=()):
        """Write the settings, in which nobody else is named, and the directory to take once it is up."""
        self.directory = directory
        log = {"name": self.signer.name, "private_key": str(self.folder / "log.pem"), **dict(more)}
        (self.folder / "connections.json").write_bytes(msgspec.json.encode({self.code: {"log": log}}))

    def knows(self, others):
        """Write the settings, in which others are peers though they are no members."""
        peers = [
            {
                "log": str(each.signer.verifier(Kind.log)),
                "witness": str(each.signer.verifier(Kind.witness)),
                "url": f"{each.url}/api/{each.code}/witness/",
            }
            for each in others
        ]
        log = {"name": self.signer.name, "private_key": str(self.folder / "log.pem"), "peers": peers}
        (self.folder / "connections.json").write_bytes(msgspec.json.encode({self.code: {"log": log}}))

    @asynccontextmanager
    async def serving(self, clock=None):
        """Up, until the end of the block; then it may be up again. The clock is the system's, or given."""
        folder, url = self.folder, self.database_url
        settings = Settings(
            database_url=url, keys=folder / "keys", connections=folder / "connections.json", pool_size=4
        )
        async with build(settings, clock) as self.app:
            await self._settle()
            config = uvicorn.Config(web_app(self.app.house, ROUTES, ()), log_level="error", lifespan="off")
            server = uvicorn.Server(config)
            running = asyncio.create_task(server.serve([self.listening.dup()]))
            for _ in range(1000):
                if server.started:
                    break
                await asyncio.sleep(0.005)
            try:
                yield self
            finally:
                server.should_exit = True
                await running

    async def write(self, count=3, salt=b"salt"):
        """Something happens here."""
        self.written += 1
        values = [self.code, f"D{self.written}", AT, salt.ljust(16, b"."), count]
        async with city_transaction(self.app.pool, self.code) as connection:
            await connection.execute(_LINES, values)

    async def go_on(self):
        """What the duty does."""
        tools = self.app.tools
        return await go_on(tools.pool, self.code, tools.logs[self.code], tools.cities, tools.clock, tools.desk.mint)

    async def rows(self, query):
        """What is kept."""
        async with city_transaction(self.app.pool, self.code) as connection:
            return await (await connection.execute(query)).fetchall()

    async def _settle(self):
        """The city's row, without which nothing is served."""
        async with city_transaction(self.app.pool, self.code) as connection:
            await connection.execute(
                "insert into city values (%s, 1, '市', 'City', '{}') on conflict do nothing", [self.code]
            )
            if self.directory:
                await directories.keep(connection, self.code, self.directory, AT)


@contextmanager
def cities(folder, databases):
    """Code → a city whose directory lists the others and that is not up yet, each on the database given."""
    made = {code: City(code, folder / code, url) for code, url in databases.items()}
    try:
        file = directory(
            KEEPER, [member(each.keys, each.url, log_keys=[each.log_key], rights=[COSIGN]) for each in made.values()]
        )
        for each in made.values():
            each.goes_by(file)
        yield made
    finally:
        for each in made.values():
            each.listening.close()
