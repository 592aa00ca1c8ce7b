"""What the first page can do without is brought after it: the typesetter and the fonts of documents."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hejie.documents.paper import can_print

REPOSITORY = Path(__file__).parents[2]


async def bring_documents(log: Path, tell: Callable[[str], None]) -> None:
    """`make documents`, where this is a working copy and paper cannot be made yet; its output lies in `log`."""
    make = shutil.which("make")
    if can_print() or make is None or not (REPOSITORY / "Makefile").exists():
        return
    with log.open("wb") as said:
        bringing = await asyncio.create_subprocess_exec(make, "documents", cwd=REPOSITORY, stdout=said, stderr=said)
        try:
            status = await bringing.wait()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                bringing.terminate()
            raise
    tell("PDF files can be made now" if status == 0 else f"PDF files cannot be made here: see {log}")
