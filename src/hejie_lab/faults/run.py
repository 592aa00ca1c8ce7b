"""One fault run from its first process to its last question."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg

from hejie.app import build
from hejie.base.errors import Refused
from hejie_lab.faults import checkers, plan
from hejie_lab.faults.fold import fold_city
from hejie_lab.faults.hands import Filing, Hands
from hejie_lab.faults.killer import Killer
from hejie_lab.faults.knobs import AMBIENT, CERTAIN
from hejie_lab.faults.passing import STEP_SECONDS, GaveUpError, until_done
from hejie_lab.faults.place import ENVIRONMENT, settle
from hejie_lab.faults.plan import Story
from hejie_lab.faults.quiet import Hurry, come_to_rest
from hejie_lab.faults.report import Report
from hejie_lab.faults.stories import TELLINGS
from hejie_lab.faults.time_line import TimeLine
from hejie_lab.faults.wallet_side import WalletSide
from hejie_lab.platform import Platform

SERVERS = WORKERS = 2
AT_ONCE = 16
"""Stories told at the same time."""
FIRST_PART = 0.75
"""This share of the kills falls while disputes are filed, the rest while time passes."""
AGAIN_SECONDS = 5.0
"""How long the answer to a filing that was acknowledged before may take."""
Tell = Callable[[str], None]


def run(folder: Path, *, disputes: int, kills: int, seed: int, tell: Tell = lambda _: None) -> Report:
    """Run it on a platform made in `folder`, an empty one; what was found stands in the report."""
    began = time.monotonic()
    platform = Platform(folder, servers=SERVERS, workers=WORKERS, environment=ENVIRONMENT, tell=tell)
    with platform:
        return asyncio.run(_Run(platform, disputes, kills, seed, tell).whole(began))


class _Run:
    def __init__(self, platform: Platform, disputes: int, kills: int, seed: int, tell: Tell) -> None:
        self.platform, self.kills, self.seed, self.tell = platform, kills, seed, tell
        self.stories = plan.plan(disputes, seed)
        self.wallet = WalletSide(platform.sandbox.url, platform.folder / "sandbox")
        self.time = TimeLine(self._move)
        self.troubles: list[str] = []

    async def whole(self, began: float) -> Report:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.wallet.close)
            app = await stack.enter_async_context(build(self.platform.settings))
            place = await settle(self.platform, app, self.wallet, self.stories)
            hands = Hands(place, self.time, self.seed)
            stack.push_async_callback(hands.close)
            killer = Killer(self.platform, hands, self.kills, self.seed)
            self.tell(f"{len(self.stories)} disputes, {self.kills} kills, seed {self.seed}")
            await self.wallet.turn(CERTAIN)
            async with Hurry(hands):
                await self._storm(hands, killer)
                self.tell(f"storm over after {time.monotonic() - began:.0f} s: {dict(killer.kills)}")
                await self.wallet.post("knobs/off", {})
                try:
                    await come_to_rest(hands, self.time)
                except GaveUpError as error:
                    self.troubles.append(str(error))
            again = {filing.key: await self._again(hands, filing) for filing in hands.filings}
            self.tell(f"at rest after {time.monotonic() - began:.0f} s; checking")
            return await self._report(hands, killer, again, began)

    # The storm. ----------------------------------------------------------------------------------

    async def _storm(self, hands: Hands, killer: Killer) -> None:
        stop = asyncio.Event()
        killing = asyncio.create_task(killer.run(stop))
        telling: list[asyncio.Task[None]] = []
        try:
            for place, story in enumerate(self.stories):
                while killer.progress < FIRST_PART * place / len(self.stories) or self.time.busy_now >= AT_ONCE:
                    await self._breathe(killing)
                telling.append(asyncio.create_task(self._tell(hands, story)))
                await asyncio.sleep(0)
            await self._pass_time(killer, killing)
            await asyncio.gather(*telling)
            stop.set()
            while not killing.done():
                await self._breathe(killing)
            await killing
        finally:
            killing.cancel()
            for each in telling:
                each.cancel()

    async def _breathe(self, killing: asyncio.Task[None]) -> None:
        await asyncio.sleep(STEP_SECONDS)
        if killing.done() and (error := killing.exception()):
            raise error

    async def _tell(self, hands: Hands, story: Story) -> None:
        async with self.time.busy():
            try:
                await TELLINGS[story.kind](hands, story)
            except (GaveUpError, Refused) as error:
                self.troubles.append(f"story {story.number} ({story.kind}): {error}")

    async def _pass_time(self, killer: Killer, killing: asyncio.Task[None]) -> None:
        """Move to each hour that stories wait for, with kills before every move."""
        await self.time.settle()
        moves = 0
        while self.time.awaited:
            moves += 1
            while killer.progress < FIRST_PART + (1 - FIRST_PART) * min(moves / 5, 1) and not killing.done():
                await self._breathe(killing)
            self.tell(f"the clock moves on from hour {self.time.hours:.0f}")
            await self.time.step()
            await self.time.settle()

    async def _move(self, seconds: float) -> None:
        """Both clocks to one offset; a kill between the two is made good."""

        async def ours() -> None:
            async with await psycopg.AsyncConnection.connect(self.platform.memory.app_url, autocommit=True) as at:
                await at.execute("update clock_offset set seconds = %s", [int(seconds)])

        await until_done(ours, "the platform's clock")
        await self.wallet.advance_to(seconds)
        await asyncio.sleep(0.4)

    # The end. ------------------------------------------------------------------------------------

    async def _again(self, hands: Hands, filing: Filing) -> str:
        """An acknowledged filing sent once more: the answer must be the same."""
        path = f"/api/{self.platform.city}/disputes"
        try:
            told = await hands.post(path, filing.body, filing.token, filing.key, AGAIN_SECONDS)
        except (Refused, GaveUpError) as error:
            return str(error)
        return str(told["id"])

    async def _report(self, hands: Hands, killer: Killer, again: dict[str, str], began: float) -> Report:
        connection = psycopg.connect(self.platform.memory.app_url, autocommit=True)
        with connection:
            connection.execute("select set_config('hejie.city', %s, false)", [self.platform.city])
            evidence = checkers.Evidence(
                connection=connection,
                ledger=self.wallet.rows,
                now=hands.place.app.clock.now(),
                filings=hands.filings,
                again=again,
                ends=hands.ends,
            )
            found = {checker.__name__: checker(evidence) for checker in checkers.CHECKERS}
            folded = fold_city(connection)
            unknown = connection.execute("select count(*) from log where event = 'Doubted'").fetchone()
            refunds = connection.execute("select state || ' ' || source, count(*) from refund group by 1").fetchall()
            states = connection.execute("select state, count(*) from dispute group by 1").fetchall()
            items = connection.execute("select kind, count(*) from work_item group by 1").fetchall()
        turned = {knob["name"] for knob in AMBIENT}
        rows = self.wallet.rows("select name, injected from knobs")
        injected = {row["name"]: row["injected"] for row in rows if row["name"] in turned}
        found |= {"fold": folded.wrong, "stories": self.troubles, "faults": _too_few(injected, killer)}
        return Report(
            seed=self.seed,
            disputes=len(self.stories),
            kinds=dict(sorted(Counter(story.kind for story in self.stories).items())),
            seconds=round(time.monotonic() - began, 1),
            hours=round(self.time.hours),
            kills=dict(sorted(killer.kills.items())),
            aimed=dict(killer.aimed),
            injected=injected,
            acts=dict(sorted(hands.counts.items())),
            doubts=int(unknown[0]) if unknown else 0,
            refunds=dict(refunds),
            refunded_fen=int(self.wallet.rows("select coalesce(sum(amount), 0) from refunds")[0][0]),
            states=dict(states),
            work_items=dict(items),
            rows_folded=folded.rows,
            events_folded=folded.events,
            messages=int(self.wallet.rows("select count(*) from sms")[0][0]),
            found=found,
        )


def _too_few(injected: dict[str, int], killer: Killer) -> list[str]:
    """A run that did not hurt proves nothing."""
    wrong = [f"{name} was never injected" for name in (knob["name"] for knob in AMBIENT) if not injected.get(name)]
    if killer.total < killer.wanted:
        wrong.append(f"{killer.total} kills instead of {killer.wanted}")
    if killer.wanted and not killer.aimed:
        wrong.append("no kill fell between the wallet's commit and our receipt")
    return wrong
