"""The network between the cities, in memory: requests are lost, doubled, late, garbled; roads are closed either way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import httpx

from hejie_lab.simulate.world import World

if TYPE_CHECKING:
    from hejie_lab.simulate.town import Town

_FATES = {
    "passes": 70.0,
    "request dropped": 6.0,
    "answer dropped": 8.0,
    "request doubled": 5.0,
    "request late": 6.0,
    "slow": 2.0,
    "request garbled": 1.0,
    "answer garbled": 2.0,
}
_WITNESS = b"/witness/"


class Message(NamedTuple):
    """A request on its way."""

    sender: int
    receiver: int
    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Answer(NamedTuple):
    """What the receiver says."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Roads:
    """All roads, and what is under way on them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.towns: list[Town] = []
        self.closed: set[tuple[int, int]] = set()
        """(from, to)."""
        self.under_way: list[tuple[datetime, Message]] = []
        self.watched: Callable[[Message, Answer], None] = lambda _message, _answer: None
        """Told what a city has answered, whether that arrives or not."""
        self._one = asyncio.Lock()

    def from_city(self, sender: int) -> httpx.AsyncBaseTransport:
        """The road out of a city."""
        return _Out(self, sender)

    def receiver(self, host: str) -> int:
        """Whose address it is."""
        return self.world.codes.index(host.removesuffix(".sim"))

    async def travel(self, message: Message, request: httpx.Request) -> Answer:
        """There and back, as fate has it; of witnesses that are asked at once, one by one: a seed is the same twice."""
        if _WITNESS not in message.target:
            return await self._travel(message, request)
        async with self._one:
            return await self._travel(message, request)

    async def _travel(self, message: Message, request: httpx.Request) -> Answer:
        world, out, back = self.world, (message.sender, message.receiver), (message.receiver, message.sender)
        if out in self.closed:
            world.hit("partition")
            raise httpx.ConnectError("no road", request=request)
        fate = world.fate.weighed(_FATES) if world.stormy else "passes"
        if fate not in {"passes", "slow"}:
            world.hit(fate)
        match fate:
            case "request dropped":
                raise httpx.ReadTimeout("lost", request=request)
            case "request late":
                self._later(message, world.fate.pick((60, 7200)))
                raise httpx.ReadTimeout("late", request=request)
            case "request doubled":
                self._later(message, 90)
            case "slow":
                world.hit("slow")
                world.at += timedelta(seconds=world.fate.between(5, 40))
            case "request garbled":
                message = message._replace(body=message.body[:-1] + b"~")
        answer = await self.deliver(message)
        if answer is None:
            raise httpx.ReadError("the other side went away", request=request)
        if back in self.closed or fate == "answer dropped":
            if fate != "answer dropped":
                world.hit("partition of the way back")
            raise httpx.ReadTimeout("no answer", request=request)
        if fate == "answer garbled":
            return answer._replace(body=b"garbage with 200")
        return answer

    def _later(self, message: Message, seconds: float) -> None:
        self.under_way.append((self.world.at + timedelta(seconds=self.world.fate.between(1, seconds)), message))

    async def deliver(self, message: Message) -> Answer | None:
        """At the receiver; None where its process ends over it, or is not there."""
        self.world.counts["messages"] += 1
        answer = await self.towns[message.receiver].answer(message)
        if answer is not None:
            self.watched(message, answer)
        return answer


class _Out(httpx.AsyncBaseTransport):
    def __init__(self, roads: Roads, sender: int) -> None:
        self._roads, self._sender = roads, sender

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        message = Message(
            self._sender,
            self._roads.receiver(request.url.host),
            request.method,
            request.url.raw_path,
            tuple((name.lower(), value) for name, value in request.headers.raw),
            await request.aread(),
        )
        answer = await self._roads.travel(message, request)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)
