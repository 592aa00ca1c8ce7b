"""A probe from another city: it says nothing, and is done at once; by it a link can be tried without a case."""

from __future__ import annotations

from hejie.duties.letter_kinds import Incoming
from hejie.duties.tools import Tools


async def take_probe(_tools: Tools, _city: str, _letter: Incoming) -> None:
    """Nothing is left to do."""
