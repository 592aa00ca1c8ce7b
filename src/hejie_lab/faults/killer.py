"""Kills processes at random, starts them again, and aims some kills between the wallet's commit and our receipt."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from hejie.store import embedded, places
from hejie_lab.faults.hands import Hands
from hejie_lab.faults.knobs import AMBIENT
from hejie_lab.faults.passing import STEP_SECONDS
from hejie_lab.platform import Platform

SHARES: Mapping[str, int] = MappingProxyType({"work": 5, "serve": 4, "sandbox": 3, "postgres": 1})
AIM_EVERY = 4
"""Every so manieth kill is aimed, if a refund can be caught."""
AIM_SECONDS = 4.0
HOLD_SECONDS = 1.5
"""How long the wallet holds back its answer to a refund that is aimed at."""
REST_SECONDS = (0.3, 1.3)
MOST_POSTGRES = 3

_UNSEEN = "select id from refund where city = %s and id = any(%s) and state <> 'succeeded'"


class Killer:
    """Kills until it has killed enough; what it has done stands in `kills` and `aimed`."""

    def __init__(self, platform: Platform, hands: Hands, wanted: int, seed: int) -> None:
        self.platform = platform
        self.wanted = wanted
        self.kills: Counter[str] = Counter()
        self.aimed: Counter[str] = Counter()
        """Kills after which a refund stood in the wallet's ledger and our row did not know it yet."""
        self._hands = hands
        self._chance = random.Random(seed)
        self._aims = 0

    @property
    def total(self) -> int:
        """How many processes it has killed."""
        return self.kills.total()

    @property
    def progress(self) -> float:
        """Its share of the kills that are wanted."""
        return self.total / self.wanted if self.wanted else 1.0

    async def run(self, stop: asyncio.Event) -> None:
        """Kill and start again until told to stop and enough are dead."""
        turn = 0
        while not (stop.is_set() and self.progress >= 1):
            await asyncio.sleep(self._chance.uniform(*REST_SECONDS))
            if self.progress >= 1:
                continue
            turn += 1
            aims = turn % AIM_EVERY == 0 or (turn % 2 == 0 and not self.aimed)
            if not (aims and not stop.is_set() and await self._aim()):
                await self._kill(self._choose())
            await self._mend()

    def _choose(self) -> str:
        shares = {kind: share for kind, share in SHARES.items() if kind != "postgres" or self._may_kill_postgres()}
        kind = self._chance.choices([*shares], [*shares.values()])[0]
        names = [name for name in self.platform.children if name.split("-")[0] == kind]
        return self._chance.choice(names) if names else kind

    def _may_kill_postgres(self) -> bool:
        return self.kills["postgres"] < MOST_POSTGRES

    async def _kill(self, name: str, *more: str) -> None:
        """Kill at once, all of them before any is started again; what was dead already does not count."""
        if name == "postgres":
            self.kills[name] += await asyncio.to_thread(kill_postgres, self.platform)
            return
        living = [each for each in (name, *more) if self.platform.children[each].alive]
        for each in living:
            self.platform.children[each].send(signal.SIGKILL)
        for each in living:
            await asyncio.to_thread(self.platform.kill, each)
            self.kills[each.split("-")[0]] += 1

    async def _mend(self) -> None:
        """Start again what lies there, the database first."""
        await asyncio.to_thread(embedded.start, self.platform.folder / "pg")
        await asyncio.to_thread(self.platform.mend)

    async def _aim(self) -> bool:
        """Have the wallet hold back one answer to a refund, and kill before it comes: the workers, or the wallet.

        False where no refund came by.
        """
        wallet = self._hands.place.wallet
        method = "alipay.trade.refund"
        known = {tuple(row) for row in wallet.rows("select trade_no, out_request_no from refunds")}
        hold = {"name": "delay", "remaining": 1, "value": HOLD_SECONDS, "method": method}
        await wallet.turn([hold | {"probability": 0}])
        for _ in range(round(AIM_SECONDS / STEP_SECONDS)):
            rows = wallet.rows("select trade_no, out_request_no from refunds where road = 'api'")
            fresh = [row[1] for row in rows if tuple(row) not in known]
            unseen = await self._hands.look(_UNSEEN, fresh) if fresh else []
            if unseen:
                break
            await asyncio.sleep(STEP_SECONDS)
        else:
            await self._reset()
            return False
        self._aims += 1
        target = "sandbox" if self._aims % 3 == 0 else "work"
        await self._kill(*[name for name in self.platform.children if name.split("-")[0] == target])
        if await self._hands.look(_UNSEEN, [row[0] for row in unseen]):
            self.aimed[target] += 1
        await self._mend()
        await self._reset()
        return True

    async def _reset(self) -> None:
        await self._hands.place.wallet.turn([knob for knob in AMBIENT if knob["name"] == "delay"])


def kill_postgres(platform: Platform) -> bool:
    """Kill the postmaster as by kill -9, if it runs; its backends end by themselves."""
    file = places.data_of(platform.folder / "pg") / "postmaster.pid"
    try:
        pid = int(file.read_text(encoding="ascii").splitlines()[0])
        if pid == os.getpid():  # the launcher's own number, where a start has just failed
            return False
        os.kill(pid, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        return False
    return True
