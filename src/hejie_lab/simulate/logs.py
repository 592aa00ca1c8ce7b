"""The cities' logs for everybody in a run: tended at its bidding, cosigned by two other cities each, and looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hejie.base import curves
from hejie.base.errors import HejieError
from hejie.duties.tend_log import tend_log
from hejie.transparency.keys import Kind, Signer
from hejie.transparency.parties import OwnLog, Peer
from hejie.transparency.witnessing import read_shown
from hejie.worker import LaterError, Work
from hejie_lab.simulate.world import World

if TYPE_CHECKING:
    from hejie_lab.simulate.hands import Hands
    from hejie_lab.simulate.roads import Answer, Message
    from hejie_lab.simulate.town import Town

EVERY = 5
"""One seed of so many has its logs tended: it costs half a seed more."""
COSIGNERS = 2
_OK = 200


class Logs:
    """One run's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept = world.seed % EVERY == 0
        self._logs = self._made() if self.kept else {}
        self._signed: dict[tuple[str, int], bytes] = {}
        """(log, size) → the root that the log showed."""
        self._cosigned: dict[tuple[int, str], tuple[int, bytes]] = {}
        """(cosigner, log) → the largest tree it has cosigned."""

    def _made(self) -> dict[str, OwnLog]:
        codes = self.world.codes
        signers = [
            Signer(f"{code}.sim/log", Ed25519PrivateKey.from_private_bytes(self.world.product.bytes(curves.RAW)))
            for code in codes
        ]
        found = {}
        for number, code in enumerate(codes):
            asked = [(number + step) % len(codes) for step in range(1, COSIGNERS + 1)]
            watched = [(number - step) % len(codes) for step in range(1, COSIGNERS + 1)]
            peers = [
                Peer(witness=(signers[n].verifier(Kind.witness),), url=f"http://{codes[n]}.sim/api/{codes[n]}/witness")
                for n in asked
            ]
            peers += [Peer(log=(signers[n].verifier(Kind.log),)) for n in watched]
            found[code] = OwnLog(signer=signers[number], peers=tuple(peers))
        return found

    def of(self, city: str) -> Mapping[str, OwnLog]:
        """What a process of the city is given."""
        return {city: self._logs[city]} if self.kept else {}

    def hear(self, message: Message, answer: Answer) -> None:
        """What a cosigner has just put its name to: never a smaller tree than before, nor two roots of one size."""
        if not self.kept or not message.target.endswith(b"/add-checkpoint") or answer.status != _OK:
            return
        told = read_shown(message.body).checkpoint
        where, now = (message.receiver, told.origin), (told.size, told.root)
        before = self._cosigned.get(where, (0, b""))
        self.world.counts["checkpoints cosigned"] += 1
        if told.size < before[0]:
            self.world.violate(f"{told.origin} shrinks from {before[0]} to {told.size}, and is cosigned")
        if self._signed.setdefault((told.origin, told.size), told.root) != told.root:
            self.world.violate(f"{told.origin} has two roots of size {told.size}, both cosigned")
        self._cosigned[where] = max(before, now)

    async def tend(self, hands: Hands, town: Town) -> None:
        """A city's standing work on its log, once; what of it still runs when its process has died ends first."""
        others = asyncio.all_tasks()
        await hands.begin(town, "tend_log", _tended(town), may_stall=False)
        left = asyncio.all_tasks() - others
        if left:
            await asyncio.wait(left)

    async def finish(self, hands: Hands, towns: Sequence[Town]) -> None:
        """Twice round with all roads open: then every line is numbered and cosigned."""
        for _ in range(2):
            for town in towns:
                if not self.world.wrong:
                    await self.tend(hands, town)

    def latest(self, cosigner: int, city: int) -> tuple[int, bytes]:
        """The largest tree of a city's log that another has cosigned: its size and root."""
        return self._cosigned.get((cosigner, f"{self.world.codes[city]}.sim/log"), (0, b""))

    def cosigners(self, city: int) -> list[int]:
        """Who cosigns a city's log."""
        return [(city + step) % len(self.world.codes) for step in range(1, COSIGNERS + 1)]


async def _tended(town: Town) -> str:
    now: datetime = town.clock.now()
    payload: dict[str, Any] = {}
    work = Work(town.code, 0, "tend_log", "city", town.code, payload, 1, now, now)
    try:
        await tend_log(work, town.tools)
    except LaterError as later:
        return f"again in {later.seconds:g} s"
    except (HejieError, psycopg.OperationalError) as error:
        return type(error).__name__
    return "done"
