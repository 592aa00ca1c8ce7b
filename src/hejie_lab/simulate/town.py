"""One city's process: the product's own desk, worker, duties and exchange, on a simulated clock, road and database."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from hejie.api import exchange, witness
from hejie.base.actor import SYSTEM
from hejie.base.errors import Refused
from hejie.base.seals import Vault, fresh_keys
from hejie.cities.city import ApplySettings
from hejie.cities.reading import read_city, shipped
from hejie.cities.settings import CitySettings, Words
from hejie.connectors.exchange_keys import Own
from hejie.connectors.sms.protocol import Sms
from hejie.connectors.transport import http_client
from hejie.connectors.wallet import Wallet
from hejie.desk.act import Desk
from hejie.desk.cities import CITIES
from hejie.duties.table import bound
from hejie.duties.tools import Tools
from hejie.edge.house import House
from hejie.edge.live import Live
from hejie.peers.directories import take_directory
from hejie.settings import Settings
from hejie.web.asgi import web_app
from hejie.worker import Work, Worker
from hejie_lab.simulate.keys import Register
from hejie_lab.simulate.line import Line
from hejie_lab.simulate.logs import Logs
from hejie_lab.simulate.purse import Ledger, Purse
from hejie_lab.simulate.roads import Answer, Message, Roads
from hejie_lab.simulate.world import PAST, CityClock, World

MODEL = "330100"


class Front:
    """The exchange's web application, made once: building it takes longer than a run."""

    def __init__(self, settings: CitySettings) -> None:
        self.settings = settings
        self.app: Litestar | None = None

    def serve(self, house: House) -> Litestar:
        """The application for this house."""
        if self.app is None:
            self.app = web_app(house, (*exchange.ROUTES, *witness.ROUTES), ())
        self.app.state.house = house
        return self.app


def fronts(count: int) -> list[Front]:
    """For so many cities."""
    settings = read_city(shipped(MODEL))
    return [Front(settings) for _ in range(count)]


class Town:
    """A city of a run; its process may end and begin anew, its database stays."""

    def __init__(
        self,
        world: World,
        number: int,
        line: Line,
        front: Front,
        roads: Roads,
        register: Register,
        ledger: Ledger,
        logs: Logs,
    ) -> None:
        self.world, self.number, self.code = world, number, world.codes[number]
        self.clock = CityClock(world, timedelta(seconds=world.plan.between(-140, 140)))
        self.register, self._roads, self._front, self._logs = register, roads, front, logs
        self.purse = Purse(world, ledger, number)
        self.line = line.handed_on(world, self.clock.now)
        self._vault = Vault(self.code, fresh_keys(world.product.bytes), world.product.bytes)
        self.exchange: dict[str, Own] = {}
        self.hand: list[Work] = []
        """Tasks that are leased and not begun."""
        self.rests_until = PAST
        """Nothing becomes due there before, unless something happens."""
        self.begin()

    def begin(self) -> None:
        """A process of the city begins."""
        self.line = self.line.handed_on(self.world, self.clock.now)
        self.line.on_death = self._ended
        self.exchange = {self.code: self.register.rings[self.number].own(self.register.anchor)}
        self.hand = []
        self.wake()
        settings = Settings(database_url="", keys=Path(), public_url=f"http://{self.code}.sim")
        chance = self.world.product.bytes
        self.desk = Desk(self.line.pool, self.clock, self._vaults, chance)
        self.tools = Tools(
            pool=self.line.pool,
            desk=self.desk,
            clock=self.clock,
            vaults=self._vaults,
            wallet=self._wallet,
            sms=_no_sms,
            exchange=self.exchange,
            cities=http_client(transport=self._roads.from_city(self.number)),
            logs=self._logs.of(self.code),
            settings=settings,
            jitter=self.world.product.unit,
        )
        self.house = House(
            settings=settings,
            pool=self.line.pool,
            desk=self.desk,
            clock=self.clock,
            vaults=self._vaults,
            chance=chance,
            live=Live(""),
            wallets=self._wallet,
            messengers=_no_sms,
            exchange=self.exchange,
            logs=self._logs.of(self.code),
        )
        self.worker = Worker(self.line.pool, self.clock, bound(self.tools), settings, self.world.product.unit)

    @property
    def rests(self) -> bool:
        """Whether nothing is due there now."""
        return self.world.at < self.rests_until

    def wake(self) -> None:
        """Something has happened: whether anything is due must be looked at."""
        self.rests_until = PAST

    def _ended(self) -> None:
        """The process is gone; whoever runs it begins another."""
        self.world.faults["restart"] += 1
        self.begin()

    def _vaults(self, city: str) -> Vault:
        if city != self.code:
            raise Refused("city_keys_missing", city=city)
        return self._vault

    def _wallet(self, city: str, name: str) -> Wallet:
        if city != self.code or name != self.purse.name:
            raise Refused("wallet_not_connected", wallet=name)
        return self.purse

    async def found(self) -> None:
        """The city begins, and takes part."""
        told = msgspec.structs.replace(self._front.settings, code=self.code, name=Words(zh=self.code, en=self.code))
        await self.desk.act(CITIES, self.code, self.code, ApplySettings(settings=told), SYSTEM)
        await self.learn()

    async def learn(self) -> None:
        """Take the newest directory, and the newest keys of its own."""
        self.exchange[self.code] = self.register.rings[self.number].own(self.register.anchor)
        await take_directory(self.line.pool, self.exchange[self.code], self.register.file, self.clock.now())

    async def answer(self, message: Message) -> Answer | None:
        """A request from another city, through the whole web application; None where this process ends over it."""
        line, told = self.line, _Told()
        app = self._front.serve(self.house)
        try:
            await app(_scope(message), told.receive(message.body), told.send)  # type: ignore[arg-type]
        except BaseException:
            if not line.dead:
                raise
            return None
        return told.answer


def _no_sms(_city: str) -> Sms:
    raise Refused("sms_not_connected")


def _scope(message: Message) -> dict[str, Any]:
    path, _, query = message.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": message.method,
        "scheme": "http",
        "path": path.decode(),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": list(message.headers),
        "client": ("127.0.0.1", message.sender),
        "server": ("127.0.0.1", 80),
    }


@dataclasses.dataclass
class _Told:
    """One exchange of ASGI messages."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = dataclasses.field(default_factory=list)
    body: bytes = b""

    @property
    def answer(self) -> Answer:
        return Answer(self.status, self.headers, self.body)

    def receive(self, body: bytes) -> Any:
        async def once() -> Mapping[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        return once

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
