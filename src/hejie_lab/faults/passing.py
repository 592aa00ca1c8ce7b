"""What a kill brings to those who wait for an answer, and how they bear it: once more, with the same key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import psycopg

from hejie.base.errors import Stale

T = TypeVar("T")
PASSING = (psycopg.OperationalError, psycopg.InterfaceError, httpx.TransportError, OSError, Stale)
"""Somebody has just been killed, or another was quicker; that passes."""
PATIENCE_SECONDS = 90.0
STEP_SECONDS = 0.05


class GaveUpError(AssertionError):
    """Something did not come in a time that is ample; the message says what."""


async def until_done(step: Callable[[], Awaitable[T]], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Do a step again and again until it has passed; `GaveUpError` after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        try:
            return await step()
        except PASSING as error:
            if time.monotonic() > until:
                raise GaveUpError(f"{what}: {type(error).__name__} for {seconds:.0f} s") from error
            await asyncio.sleep(STEP_SECONDS * 2)


async def until_seen(look: Callable[[], Awaitable[T | None]], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something to see; `GaveUpError` after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        found = await until_done(look, what, seconds)
        if found is not None:
            return found
        if time.monotonic() > until:
            raise GaveUpError(f"{what}: not seen in {seconds:.0f} s")
        await asyncio.sleep(STEP_SECONDS * 2)
