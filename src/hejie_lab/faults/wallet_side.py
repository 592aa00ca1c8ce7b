"""The sandbox's side as a fault run moves it: steps that a kill may cut off are looked up before they are repeated."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from hejie.base.money import yuan
from hejie_lab.faults.passing import PASSING, STEP_SECONDS, until_done

CASE_ENDS = {"confirm": "FINISHED", "cancel": "CANCELLED", "escalate": "PLATFORM_PROCESSING"}


class WalletSide:
    """Payers, merchants' own tools and knobs; `folder` is the sandbox's, read here and never written."""

    def __init__(self, url: str, folder: Path) -> None:
        self._http = httpx.AsyncClient(base_url=f"{url}/admin", trust_env=False, timeout=20)
        self._file = folder / "ledger.sqlite"

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def post(self, path: str, body: object) -> Any:
        """One step that may be taken twice without harm."""

        async def step() -> Any:
            answer = await self._http.post(path, json=body)
            answer.raise_for_status()
            return answer.json()

        return await until_done(step, f"sandbox {path}")

    async def get(self, path: str) -> Any:
        """Look at something."""

        async def step() -> Any:
            answer = await self._http.get(path)
            answer.raise_for_status()
            return answer.json()

        return await until_done(step, f"sandbox {path}")

    async def advance_to(self, offset: float) -> None:
        """Bring the wallet's clock to an offset from real time."""

        async def step() -> None:
            now = (await self._http.get("clock")).json()["offset_seconds"]
            if offset > now:
                await self._http.post("clock", json={"advance_seconds": offset - now})

        await until_done(step, "the sandbox's clock")

    async def complain(self, user: str, trade_no: str) -> str:
        """The payer complains in the wallet; the case's number."""
        body = {"user_id": user, "trade_no": trade_no, "reason": "商品质量问题", "demand": "退款", "content": "坏了"}
        while True:
            try:
                answer = await self._http.post("cases", json=body)
                if answer.is_success:
                    return str(answer.json()["complain_event_id"])
            except PASSING:
                await asyncio.sleep(STEP_SECONDS)
            if found := self.rows("select event_id from cases where trade_no = ?", trade_no):
                return str(found[0]["event_id"])

    async def move(self, event: str, step: str) -> None:
        """The payer's next step: confirm, cancel or escalate."""
        while True:
            try:
                answer = await self._http.post(f"cases/{event}/{step}", json={"content": ""})
                if answer.is_success:
                    return
            except PASSING:
                await asyncio.sleep(STEP_SECONDS)
            status = self.rows("select status from cases where event_id = ?", event)[0]["status"]
            if status == CASE_ENDS[step]:
                return
            await asyncio.sleep(STEP_SECONDS)

    async def refund_by_hand(self, trade_no: str, amount_fen: int) -> str:
        """The merchant refunds in its own tool; the number shown there."""
        known = "select out_request_no from refunds where trade_no = ? and road = 'hand'"
        while True:
            try:
                answer = await self._http.post(
                    "hand-refunds", json={"trade_no": trade_no, "amount": yuan(amount_fen), "reason": ""}
                )
                if answer.is_success:
                    return str(answer.json()["out_request_no"])
            except PASSING:
                await asyncio.sleep(STEP_SECONDS)
            if found := self.rows(known, trade_no):
                return str(found[0]["out_request_no"])

    async def turn(self, knobs: Sequence[Mapping[str, object]]) -> None:
        """Set knobs."""
        await self.post("knobs", list(knobs))

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Read the wallet's own ledger from its file; a kill's half-written page is waited out.

        `query_only` rather than `mode=ro`: what a killed sandbox left in its journal must be taken up by the next who
        reads, and this may be us.
        """
        for _ in range(400):
            try:
                ledger = sqlite3.connect(f"file:{self._file}?mode=rw", uri=True, timeout=5)
                try:
                    ledger.execute("pragma query_only = on")
                    ledger.row_factory = sqlite3.Row
                    return ledger.execute(query, values).fetchall()
                finally:
                    ledger.close()
            except sqlite3.OperationalError as error:
                last = error
                time.sleep(STEP_SECONDS)
        raise last
