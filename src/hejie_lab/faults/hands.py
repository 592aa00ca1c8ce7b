"""Everybody's hands in a fault run: each act has a key of its own and is repeated with it until it is answered."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from msgspec import Struct

from hejie.base.actor import Actor
from hejie.base.errors import Refused
from hejie.desk.act import Content, Once
from hejie.desk.disputes import DISPUTES
from hejie.disputes import commands as c
from hejie.disputes.model import Dispute, Performance
from hejie.disputes.states import State
from hejie.store.pool import city_transaction
from hejie_lab.faults.passing import PATIENCE_SECONDS, GaveUpError, until_done, until_seen
from hejie_lab.faults.place import OFFICER, Place
from hejie_lab.faults.plan import Story, is_visitor
from hejie_lab.faults.time_line import TimeLine

MOST_RETRIES = 4
"""How often a merchant tries a failed refund again."""
ANSWER_SECONDS = 30.0
BILL_FILE_HOURS = 38.0
"""After so long the bill file of any day is in."""


class Filing(Struct, frozen=True, kw_only=True):
    """An acknowledged filing, and all that is needed to ask for it again."""

    key: str
    id: str
    body: bytes
    token: str
    kind: str
    trades: tuple[str, ...]


class Hands:
    """What the stories act through, and what they have been told."""

    def __init__(self, place: Place, time: TimeLine, seed: int) -> None:
        self.place = place
        self.time = time
        self.filings: list[Filing] = []
        self.ends: dict[str, frozenset[str]] = {}
        """Dispute → the ends (`state` or `state/outcome`) that its story may have."""
        self.counts: Counter[str] = Counter()
        """`sent`, `sent_again`, `refused:CODE`, ..."""
        self._chance = random.Random(seed)
        self._http = httpx.AsyncClient(timeout=15, trust_env=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    # The consumer, over HTTP. --------------------------------------------------------------------

    async def file(self, story: Story, **claim: object) -> str:
        """File a dispute; returns once it is acknowledged, and notes the acknowledgement."""
        words = "The noodles were cold." if is_visitor(story.payer) else "面是凉的。"
        said = {"trades": story.trades, "problem": "quality", "remedy": "refund_full", "words": words, **claim}
        body, key = msgspec.json.encode(said), uuid4().hex
        token = self.place.payers[story.payer].token
        told = await self.post(f"/api/{self.place.city}/disputes", body, token, key)
        filing = Filing(key=key, id=told["id"], body=body, token=token, kind=story.kind, trades=story.trades)
        self.filings.append(filing)
        return filing.id

    async def consumer(self, story: Story, dispute: str, verb: str, **body: object) -> None:
        """One of the consumer's acts on a dispute."""
        path = f"/api/{self.place.city}/disputes/{dispute}/{verb}"
        await self.post(path, msgspec.json.encode(body), self.place.payers[story.payer].token, uuid4().hex)

    async def post(self, path: str, body: bytes, token: str, key: str, seconds: float = PATIENCE_SECONDS) -> Any:
        """Send with the key until a server answers; `Refused` with the problem's code where it says no."""
        headers = {"authorization": f"Bearer {token}", "idempotency-key": key, "content-type": "application/json"}
        tries = 0

        async def step() -> httpx.Response:
            nonlocal tries
            tries += 1
            url = self._chance.choice(self.place.platform.urls)
            answer = await self._http.post(url + path, content=body, headers=headers)
            if answer.is_server_error or _code(answer) in {"in_flight", "stale"}:
                raise httpx.ReadError(f"{answer.status_code}")
            return answer

        answer = await until_done(step, path, seconds)
        self.counts["sent"] += 1
        self.counts["sent_again"] += tries > 1
        if not answer.is_success:
            self.counts[f"refused:{_code(answer)}"] += 1
            raise Refused(_code(answer))
        return answer.json()

    # Merchant and officer, through the desk. -----------------------------------------------------

    async def merchant(self, story: Story, dispute: str, command: c.Command, words: str = "") -> None:
        """One of the merchant's acts."""
        await self._act(dispute, command, self.place.owner(story.merchant), words)

    async def officer(self, dispute: str, command: c.Command, words: str = "") -> None:
        """One of the officer's acts."""
        await self._act(dispute, command, OFFICER, words)

    async def _act(self, dispute: str, command: c.Command, actor: Actor, words: str) -> None:
        """Act with the key of this act; `words` becomes sealed content whose identifier the command carries."""
        city, key = self.place.city, uuid4().hex
        contents = [Content(id=_words_of(command), kind="text", plain=words.encode())] if words else []

        async def step() -> None:
            once = Once(key, b"\0" * 32)
            await self.place.app.desk.act(DISPUTES, city, dispute, command, actor, contents=contents, once=once)

        try:
            await until_done(step, f"{actor.role} {type(command).__name__}")
        except Refused as error:
            self.counts[f"refused:{error.code}"] += 1
            raise
        self.counts["sent"] += 1

    def mint(self) -> str:
        """A fresh identifier."""
        return self.place.app.desk.mint(self.place.city)

    # Looking. ------------------------------------------------------------------------------------

    async def look(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the platform's own tables; `%s` takes the city first."""

        async def step() -> list[tuple[Any, ...]]:
            async with city_transaction(self.place.app.pool, self.place.city) as connection:
                rows = await connection.execute(query.encode(), [self.place.city, *values])
                return await rows.fetchall()

        return await until_done(step, "reading")

    async def see(
        self, dispute: str, holds: Callable[[Dispute], bool], what: str, seconds: float = PATIENCE_SECONDS
    ) -> Dispute:
        """Wait until a dispute is as hoped; its row."""

        async def step() -> Dispute | None:
            body = (await self.look("select body::text from dispute where city = %s and id = %s", dispute))[0][0]
            row = msgspec.json.decode(body, type=Dispute)
            return row if holds(row) else None

        return await until_seen(step, f"{dispute} {what}", seconds)

    async def mirrored(self, event: str) -> str:
        """Wait until a case of the wallet is known here; the dispute it is."""

        async def step() -> str | None:
            found = await self.look("select id from dispute where city = %s and wallet_event = %s", event)
            return str(found[0][0]) if found else None

        return await until_seen(step, f"case {event} mirrored")

    async def see_through(self, story: Story, dispute: str) -> None:
        """Wait for agreed money; where the wallet refuses it, the merchant tries again a few times."""
        ended = {State.settled, State.lapsed, State.mediated}
        for _ in range(MOST_RETRIES):
            row = await self._paid_or_refused(dispute, ended)
            if row.performance is not Performance.failed:
                return
            try:
                await self.merchant(story, dispute, c.RetryRefund())
            except Refused:
                return
        self.counts["refund_given_up"] += 1

    async def _paid_or_refused(self, dispute: str, ended: set[State]) -> Dispute:
        """What the wallet says of agreed money; where it stays unknown, the next day's bill file or a person tells."""
        told = {Performance.failed, Performance.seen, Performance.none}
        for _ in range(3):
            try:
                return await self.see(
                    dispute,
                    lambda row: row.state in ended or row.performance in told,
                    "paid or refused",
                    ANSWER_SECONDS,
                )
            except GaveUpError:
                self.counts["waited_for_bill_file"] += 1
                await self.time.after(self.time.hours + BILL_FILE_HOURS)
        raise GaveUpError(f"{dispute}: neither paid nor refused after three bill files")

    def may_end(self, dispute: str, *ends: str) -> None:
        """Note how a dispute may end."""
        self.ends[dispute] = frozenset(ends)


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("code", ""))
    except ValueError:
        return ""


def _words_of(command: c.Command) -> str:
    return str(getattr(command, "words", "") or getattr(command, "memo", ""))
